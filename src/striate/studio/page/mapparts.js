// What the maps of a layer are put together from: two canvases, sliders for slices, numbers within cells, the ways of the keys.

import { pickInk } from "./shades.js";
import { make, write } from "./wording.js";

/** The canvas of a layer's maps, that the keyboard reaches, and the one over it for what lights up: {box, base, over}. */
export function makeCanvases(layer) {
  const box = make("div", "", "maps"), base = make("canvas", "", "pixels"), over = make("canvas", "", "over");
  const keys = "arrow keys choose a cell, Page Up and Page Down a channel, Enter spells it out";
  over.setAttribute("aria-hidden", "true");
  base.tabIndex = 0;
  base.setAttribute("role", "application");
  base.setAttribute("aria-label", `${layer.name}, ${layer.kind}, ${layer.shape.join(" by ")}: ${keys}`);
  box.append(base, over);
  return { box, base, over };
}

/** Give canvases a size on the page, and pixels as the screen has them, twice as many at most. */
export function sizeCanvas(width, height, ...canvases) {
  const ratio = Math.min(2, devicePixelRatio || 1);
  for (const canvas of canvases) {
    canvas.width = Math.max(1, Math.round(width * ratio));
    canvas.height = Math.max(1, Math.round(height * ratio));
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
    canvas.getContext("2d").setTransform(ratio, 0, 0, ratio, 0, 0);
  }
}

/** A layer's heading, maps and tools: {section, slices, more}; `more` is the button for the channels that aren't shown. */
export function makeSection(layer, maps) {
  const section = make("section", "", "layer"), head = make("header", ""), tools = make("div", "", "row tools");
  const slices = addSlices(tools, maps), more = make("button", "");
  head.append(make("h3", layer.name), make("span", `${layer.kind} · ${layer.shape.join("×")}`, "quiet"));
  section.dataset.layer = String(layer.index);
  Object.assign(more, { type: "button", hidden: true });
  tools.append(more);
  section.append(head, maps.element, tools);
  return { section, slices, more };
}

/** Put a slider into `tools` for each axis that a picture can't show: which slice it is of. Gives the sliders. */
function addSlices(tools, maps) {
  const sliders = [];
  for (let axis = 0; axis < maps.axes - 2; axis++) {
    const label = make("label", `slice of ${maps.extents[axis]} `), slider = document.createElement("input");
    Object.assign(slider, { type: "range", min: 0, max: maps.extents[axis] - 1, value: maps.slice[axis] });
    slider.addEventListener("input", () => { maps.slice = sliders.map((each) => Number(each.value)); });
    label.append(slider);
    sliders.push(slider);
    tools.append(label);
  }
  return sliders;
}

/** Write a plane's numbers into its cells, `across` in a row, the first at `cell`; none where they couldn't be read. */
export function writeNumbers(pen, values, scale, cell, across, colours) {
  const texts = Array.from(values, (value) => write(value, 2));
  const longest = Math.max(4, ...texts.map((text) => text.length));
  const size = Math.min(15, (cell.width * 1.5) / longest, cell.height * .6);
  if (size < 8) return;
  Object.assign(pen, { font: `${size}px ${colours.mono}`, textAlign: "center", textBaseline: "middle" });
  texts.forEach((text, i) => {
    pen.fillStyle = pickInk(values[i] / scale, colours);
    pen.fillText(text, cell.x + (i % across + .5) * cell.width, cell.y + (Math.floor(i / across) + .5) * cell.height);
  });
}

/** Where a key leads: the axis, of which `last` is the columns', and by how many cells; undefined for any other key. */
export function findMove(key, last) {
  const moves = {
    ArrowRight: [last, 1], ArrowLeft: [last, -1], ArrowDown: [last - 1, 1], ArrowUp: [last - 1, -1],
    PageDown: [0, 1], PageUp: [0, -1], Home: [last, -1e9], End: [last, 1e9],
  };
  return moves[key];
}
