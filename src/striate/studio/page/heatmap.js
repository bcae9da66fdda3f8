// A map over the input it is about, painted here from plain numbers, so that one can be laid over the other as far as one likes.
// At full share the pixels are the report's own: the input dimmed and grey, the heat the more opaque the hotter it is.

import { unpack, unpackBytes } from "./packed.js";
import { make } from "./wording.js";

const DARK = 0.06, LIGHT_GREY = 0.4; // of the dimmed input, as in the report
const TALLEST = 27; // rem
const ENLARGED = 96; // cells a side; up to so many a cell is a square

/** A heat on its scale: 0 to 1, from -1 where it has a sign. */
export function place(value, { signed, low, high }) {
  if (!(high > low)) return 0;
  return signed ? Math.max(-1, Math.min(1, value / high)) : Math.max(0, Math.min(1, (value - low) / (high - low)));
}

/** The colour of a placed heat over a dimmed grey from 0 to 1: three numbers from 0 to 255. */
export function layOver(heat, grey, colours) {
  const table = heat.signed ? colours.signed : colours.unsigned;
  const at = Math.round((heat.signed ? (heat.at + 1) / 2 : heat.at) * (table.length - 1)), [red, green, blue, opacity] = table[at];
  const ground = DARK + (LIGHT_GREY - DARK) * Math.pow(grey, 0.8);
  return [red, green, blue].map((part) => 255 * (opacity * part + (1 - opacity) * ground));
}

/**
 * Planes: a picture, or the slices of a clip or volume. Gives {element, canvas, frames, setShare, setFrame, read};
 * `on.read(text)` hears what is under the pointer.
 */
export function makePlanes(pane, colours, label, on = {}) {
  const [frames, rows, columns] = pane.shape, channels = pane.ground.shape[3], values = unpack(pane.values);
  const ground = unpackBytes(pane.ground.values), grey = unpack(pane.grey);
  const element = make("div", "", "planes-over"), canvas = document.createElement("canvas");
  const cursor = make("span", "", "cursor"), pen = canvas.getContext("2d");
  let share = 1, frame = 0, at = null;
  canvas.width = columns;
  canvas.height = rows;
  canvas.tabIndex = 0;
  canvas.setAttribute("role", "application");
  canvas.setAttribute("aria-label", label);
  if (Math.max(rows, columns) <= ENLARGED) canvas.className = "pixels";
  if (rows > columns) element.style.maxWidth = `${((TALLEST * columns) / rows).toFixed(2)}rem`;
  cursor.hidden = true;
  element.append(canvas, cursor);

  function draw() {
    const picture = pen.createImageData(columns, rows), count = rows * columns, first = frame * count;
    for (let i = 0; i < count; i++) {
      const over = share ? layOver({ signed: pane.signed, at: place(values[first + i], pane) }, grey[first + i], colours) : null;
      for (let part = 0; part < 3; part++) {
        const own = ground[(first + i) * channels + (channels === 3 ? part : 0)];
        picture.data[4 * i + part] = Math.round(over ? share * over[part] + (1 - share) * own : own);
      }
      picture.data[4 * i + 3] = 255;
    }
    pen.putImageData(picture, 0, 0);
  }
  function read(row, column) {
    at = [Math.max(0, Math.min(rows - 1, row)), Math.max(0, Math.min(columns - 1, column))];
    const value = values[frame * rows * columns + at[0] * columns + at[1]];
    cursor.hidden = false;
    Object.assign(
      cursor.style,
      { left: `${(100 * at[1]) / columns}%`, top: `${(100 * at[0]) / rows}%`, width: `${100 / columns}%`, height: `${100 / rows}%` }
    );
    on.read?.(`${frames > 1 ? `slice ${frame}, ` : ""}row ${at[0]}, column ${at[1]}: ${sayHeat(value, pane)}`);
  }
  canvas.addEventListener("pointermove", (event) => {
    const box = canvas.getBoundingClientRect();
    read(Math.floor(((event.clientY - box.top) / box.height) * rows), Math.floor(((event.clientX - box.left) / box.width) * columns));
  });
  canvas.addEventListener("pointerleave", () => { cursor.hidden = true; });
  canvas.addEventListener("blur", () => { cursor.hidden = true; });
  canvas.addEventListener("keydown", (event) => {
    const [down, right] = { ArrowDown: [1, 0], ArrowUp: [-1, 0], ArrowRight: [0, 1], ArrowLeft: [0, -1] }[event.key] ?? [];
    if (down === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    read((at?.[0] ?? pane.peak.at(-2) - down) + down, (at?.[1] ?? pane.peak.at(-1) - right) + right);
  });
  draw();
  return {
    element, canvas, frames,
    setShare(next) { share = next; draw(); },
    setFrame(next) { frame = next; at = null; cursor.hidden = true; draw(); },
  };
}

/** What a heat says, in words. */
export function sayHeat(value, pane) {
  const at = place(value, pane), much = `${Math.round(100 * Math.abs(at))} % of the most`;
  if (!pane.signed) return `heat ${write(value)}, ${much}`;
  return Math.abs(at) < 0.005
    ? "says nothing either way"
    : `${at > 0 ? "speaks for it" : "speaks against it"} by ${write(Math.abs(value))}, ${much}`;
}

/** A figure in three digits. */
export function write(number) {
  const size = Math.abs(number);
  return (size && (size < 1e-3 || size >= 1e5) ? number.toExponential(1) : String(Number(number.toPrecision(3)))).replaceAll("-", "−");
}

/** The bar of colours with what its ends mean; `about` is the class, or with `isNumber` what is told. */
export function makeLegend(pane, colours, about, isNumber = false) {
  const [against, pro] = isNumber ? ["lowers", "raises"] : ["speaks against", "speaks for"];
  const element = make("div", "", "legend"), canvas = document.createElement("canvas"), pen = canvas.getContext("2d");
  const width = 128, height = 8, picture = pen.createImageData(width, height);
  Object.assign(canvas, { width, height });
  canvas.setAttribute("aria-hidden", "true");
  for (let column = 0; column < width; column++) {
    const at = pane.signed ? (2 * column) / (width - 1) - 1 : column / (width - 1);
    for (let row = 0; row < height; row++) {
      const colour = layOver({ signed: pane.signed, at }, 0.35, colours);
      picture.data.set([...colour, 255], 4 * (row * width + column));
    }
  }
  pen.putImageData(picture, 0, 0);
  const ends = make("div", "", "ends"), low = make("span", ""), high = make("span", "");
  low.append(make("b", write(pane.low)), pane.signed ? ` ${against} ${about}` : " doesn't matter");
  high.append(make("b", write(pane.high)), pane.signed ? ` ${pro} ${about}` : " matters most: the answer comes from here");
  ends.append(low, high);
  element.append(pane.form === "words" ? make("div", "", pane.signed ? "wordbar signed" : "wordbar") : canvas, ends);
  return element;
}
