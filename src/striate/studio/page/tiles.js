// Small arrays as tiles on one canvas: planes and curves, in colour where they are a picture's. The value under the pointer is told.

import { sizeCanvas } from "./mapparts.js";
import { drawByScheme, paint, readColours } from "./shades.js";
import { drawWave } from "./waves.js";

const GAP = 4;

const count = (shape) => shape.reduce((product, each) => product * each, 1);

/** Cut an array [tiles, *extents] into planes (or curves): {rows, columns, at(tile, row, column)}; of volumes the middle slice. */
function cut(extents) {
  const [rows, columns] = extents.length > 1 ? extents.slice(-2) : [1, extents[0] ?? 1];
  const depth = extents.slice(0, -2).reduce((sum, extent) => sum * extent + (extent >> 1), 0);
  return { rows, columns, size: count(extents), start: depth * rows * columns };
}

/**
 * A canvas of tiles. `show({shape, values}, {tile, columns, pixels, curves, scale})`: `shape` is [tiles, *extents], with
 * `pixels` [tiles, channels, *extents] of 0 to 1; `columns` of tiles side by side, else as many as fit. Gives {element, show, tell}.
 */
export function makeTiles(onHover = () => {}) {
  const element = document.createElement("canvas");
  element.className = "tiles";
  element.setAttribute("role", "img");
  let shown = null, layout = null;
  new ResizeObserver(() => shown && draw()).observe(element.parentElement ?? element);
  drawByScheme(element, () => shown && draw());

  function show(array, options) {
    shown = { ...array, options };
    element.shown = array; // whoever inspects the page finds the very numbers
    draw();
  }
  function place() {
    const { shape, options } = shown, channels = options.pixels ? shape[1] : 1;
    const extents = shape.slice(options.pixels ? 2 : 1), plane = cut(extents);
    const room = Math.max(60, (element.parentElement?.clientWidth || 320));
    const longest = Math.max(plane.rows, plane.columns);
    const isCurve = plane.rows === 1 && plane.columns > 1 && options.curves;
    const wanted = options.tile ?? 48;
    const fit = options.columns ? Math.max(4, Math.floor((room + GAP) / options.columns) - GAP) : Math.min(wanted, room);
    const side = Math.min(wanted, fit);
    const width = isCurve ? Math.min(room, Math.max(side, 120)) : Math.max(3, (plane.columns / longest) * side);
    const height = isCurve ? 36 : Math.max(3, (plane.rows / longest) * side);
    const columns = options.columns ?? Math.max(1, Math.min(shape[0], Math.floor((room + GAP) / (width + GAP))));
    return { channels, plane, isCurve, width, height, columns, lines: Math.ceil(shape[0] / columns) };
  }
  function draw() {
    layout = place();
    const { columns, lines, width, height } = layout, pen = element.getContext("2d");
    sizeCanvas(columns * (width + GAP) - GAP, lines * (height + GAP) - GAP, element);
    const colours = readColours(element);
    for (let tile = 0; tile < shown.shape[0]; tile++) (layout.isCurve ? drawCurve : drawPlane)(pen, tile, colours);
  }
  const corner = (tile) => [(tile % layout.columns) * (layout.width + GAP), Math.floor(tile / layout.columns) * (layout.height + GAP)];
  function drawPlane(pen, tile, colours) {
    const { plane: { rows, columns, size, start }, channels, width, height } = layout, { values, options } = shown, [x, y] = corner(tile);
    const picture = new ImageData(columns, rows), data = picture.data, first = tile * channels * size + start, scale = options.scale || 1;
    for (let i = 0; i < rows * columns; i++) {
      if (options.pixels) for (let k = 0; k < 3; k++) data[i * 4 + k] = 255 * values[first + (channels === 3 ? k : 0) * size + i];
      else paint(data, i * 4, values[first + i] / scale, colours);
      data[i * 4 + 3] = 255;
    }
    const small = new OffscreenCanvas(columns, rows);
    small.getContext("2d").putImageData(picture, 0, 0);
    pen.imageSmoothingEnabled = columns > width;
    pen.drawImage(small, x, y, width, height);
    pen.strokeStyle = colours.rule;
    pen.lineWidth = 1;
    if (width > 8) pen.strokeRect(x + .5, y + .5, width - 1, height - 1);
  }
  function drawCurve(pen, tile, colours) {
    const { plane: { columns, size }, channels, width, height } = layout, { values, options } = shown;
    const [x, y] = corner(tile), start = tile * channels * size;
    drawWave(pen, { x, y, width, height }, values.subarray(start, start + columns), options.scale || 1, colours);
  }
  /** What lies under a place of the canvas: {tile, row, column, value}; null between tiles. */
  function find(event) {
    if (!shown || !layout) return null;
    const { width, height, columns, plane, channels } = layout, x = event.offsetX, y = event.offsetY;
    const across = Math.floor(x / (width + GAP)), down = Math.floor(y / (height + GAP)), tile = down * columns + across;
    const column = Math.floor(((x - across * (width + GAP)) / width) * plane.columns);
    const row = Math.floor(((y - down * (height + GAP)) / height) * plane.rows);
    if (across >= columns || tile >= shown.shape[0] || column >= plane.columns || row >= plane.rows || x < 0 || y < 0) return null;
    return { tile, row, column, value: shown.values[tile * channels * plane.size + plane.start + row * plane.columns + column] };
  }
  element.addEventListener("pointermove", (event) => onHover(find(event)));
  element.addEventListener("pointerleave", () => onHover(null));
  return { element, show };
}
