// The tiles of one layer, which is chosen of those that there are: its kernels, or what it makes of one example.

import { make } from "./wording.js";
import { unpackArray } from "./packed.js";
import { makeTiles } from "./tiles.js";

const say = (value) => Number(value.toPrecision(3)).toString();

/**
 * The tiles; `kind` is kernels or maps, `onChoose()` hears that another layer is wanted. Gives {element, show(layer,
 * layers, of, missing), at}.
 */
export function makeLayer(title, kind, onChoose) {
  const element = make("div", "", "inside"), head = make("div", "", "row"), name = make("h4", title);
  const select = document.createElement("select"), box = make("div", "", "box"), caption = make("p", "", "caption");
  const value = make("span", "", "value");
  const tiles = makeTiles((found) => {
    value.textContent = found
      ? `${found.tile < shownUnits ? `unit ${found.tile}, ` : ""}row ${found.row}, column ${found.column}: ${say(found.value)}`
      : "";
  });
  let at = 0, shownUnits = 0, names = "";
  element.dataset.kind = kind;
  select.setAttribute("aria-label", `${title}: layer`);
  select.addEventListener("change", () => { at = Number(select.value); onChoose(); });
  head.append(name, select, value);
  box.append(tiles.element);
  element.append(head, box, caption);

  function show(layer, layers, of, missing) {
    element.hidden = !layer && !missing;
    box.hidden = select.hidden = !layer;
    if (!layer) return void (caption.textContent = missing);
    if (names !== layers.join("|")) {
      names = layers.join("|");
      select.replaceChildren(
        ...layers.map((text, number) => Object.assign(document.createElement("option"), { textContent: text, value: String(number) }))
      );
    }
    at = layer.at;
    select.value = String(at);
    const array = unpackArray(layer.values), scale = array.values.reduce((most, each) => Math.max(most, Math.abs(each)), 0) || 1;
    tiles.element.setAttribute("aria-label", `${title} of ${layer.path || layer.kind}`);
    caption.textContent = kind === "kernels" ? showKernels(layer, array, scale) : showMaps(layer, array, scale, of);
  }
  function showKernels(layer, { shape, values }, scale) {
    const [units, seen, ...size] = shape, some = units < layer.count ? `the first ${units} of ${layer.count} units` : `${units} units`;
    const colours = `blue below 0, orange above; the deepest is ${say(scale)}`;
    shownUnits = seen === 1 ? units : 0;
    if (layer.coloured) {
      tiles.show({ shape, values: values.map((each) => .5 + each / scale / 2) }, { pixels: true, tile: 48 });
      tiles.element.shown = { shape, values };
      return `${some}, in the colours that they answer to; grey is 0.`;
    }
    if (seen === 1) {
      tiles.show({ shape: [units, ...size], values }, { tile: 48, curves: true, scale });
      return `${some}: ${colours}.`;
    }
    const cells = size.reduce((product, each) => product * each, 1), turned = new Float32Array(values.length);
    for (let unit = 0; unit < units; unit++) {
      for (let channel = 0; channel < seen; channel++) {
        turned.set(values.subarray((unit * seen + channel) * cells, (unit * seen + channel + 1) * cells), (channel * units + unit) * cells);
      }
    }
    tiles.show({ shape: [seen * units, ...size], values: turned }, { tile: 32, columns: units, scale });
    tiles.element.shown = { shape, values };
    return `A column for each unit (${some}), a row for each input channel${seen < layer.channels ? ` (the first ${seen} of ${layer.channels})` : ""}: ${colours}.`;
  }
  function showMaps(layer, array, scale, of) {
    const [units] = array.shape;
    const shrunk = layer.shrunk.some((each) => each > 1) ? ` Each cell is the mean of ${layer.shrunk.join(" by ")}.` : "";
    shownUnits = units;
    tiles.show(array, { tile: 64, curves: true, scale });
    return `What the layer makes of ${of}: ${units < layer.count ? `the first ${units} of ${layer.count} maps` : `${units} maps`}, blue below 0, orange above; the deepest is ${say(scale)}.${shrunk}`;
  }
  return { element, show, get at() { return at; } };
}
