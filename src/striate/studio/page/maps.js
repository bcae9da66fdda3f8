// One layer as maps on a canvas: curves, planes or slices of volumes, channel beside channel; cells under the pointer, cells lit.

import { findMove, makeCanvases, sizeCanvas, writeNumbers } from "./mapparts.js";
import { unpack } from "./packed.js";
import { drawByScheme, paint, readColours } from "./shades.js";
import { drawWave } from "./waves.js";

const TILE = 104, GAP = 6, CURVE = { width: 230, height: 56 }, MOST = 16, LEGIBLE = 30; // pixels; LEGIBLE: of a cell with its number in it

/**
 * Maps of one layer: `layer` {index, name, kind, shape}; `on` {hover(cell), leave(), choose(cell), key(event),
 * laidOut(tile)}. Gives the view.
 */
export function makeMaps(layer, on) {
  const flat = layer.shape.length === 1;
  const channels = flat ? 1 : layer.shape[0], extents = flat ? [layer.shape[0]] : layer.shape.slice(1);
  const axes = extents.length, { box, base, over } = makeCanvases(layer);
  let values = null, shown = 0, scale = 1, lit = null, mark = null, at = null;
  let slice = axes > 2 ? extents.slice(0, -2).map((n) => n >> 1) : [];
  let columns = 1, colours = null, zoom = 1, room = 0, size = { width: 1, height: 1 };
  const large = layer.index < 0 && channels <= 4 ? 2 : 1; // the input is what people look at first

  const rows = () => (axes === 1 ? 1 : extents[axes - 2]), wide = () => extents[axes - 1];
  /** How large one channel is drawn, where there is so much room. */
  function measure(room) {
    const side = Math.min(room, TILE * zoom * large);
    if (flat) {
      return {
        width: Math.min(room, Math.max(48, wide() * Math.min(44 * zoom, Math.max(14, 420 / wide())))),
        height: 28 * Math.sqrt(zoom),
      };
    }
    if (axes === 1) {
      return { width: Math.min(room, CURVE.width * zoom * (large > 1 ? 2.6 : 1)), height: CURVE.height * Math.sqrt(zoom * large) };
    }
    const longest = Math.max(rows(), wide()), each = longest > side ? side / longest : Math.max(1, Math.floor(side / longest));
    return { width: Math.max(6, wide() * each), height: Math.max(6, rows() * each) };
  }
  function layOut() {
    room = box.clientWidth;
    const inside = Math.max(120, room || 600);
    size = measure(inside);
    columns = Math.max(1, Math.min(shown, Math.floor((inside + GAP) / (size.width + GAP))));
    const lines = Math.ceil(shown / columns);
    on.laidOut?.({ columns, gap: GAP, ...size });
    sizeCanvas(columns * (size.width + GAP) - GAP, lines * (size.height + GAP) - GAP, base, over);
  }
  const place = (number) => (
    { x: (number % columns) * (size.width + GAP), y: Math.floor(number / columns) * (size.height + GAP), ...size }
  );
  const depth = () => slice.reduce((sum, index, axis) => sum * extents[axis] + index, 0);
  const offset = (number) => (axes < 3 ? number * count() : number * count() + depth() * rows() * wide());
  const count = () => extents.reduce((product, each) => product * each, 1);

  function show(answer) {
    values = unpack(answer.values);
    shown = flat ? 1 : answer.shape[0];
    const histogram = answer.histogram;
    scale = Math.max(Math.abs(histogram.low ?? 0), Math.abs(histogram.high ?? 0)) || 1;
    layOut();
    draw();
  }
  function draw() {
    if (!values) return;
    colours = readColours(box);
    const pen = base.getContext("2d");
    pen.clearRect(0, 0, base.width, base.height);
    for (let number = 0; number < shown; number++) (axes === 1 && !flat ? drawCurve : drawPlane)(pen, number);
    drawOver();
  }
  function drawPlane(pen, number) {
    const { x, y, width, height } = place(number), start = offset(number), tall = rows(), across = wide();
    const picture = new ImageData(across, tall), data = picture.data;
    for (let i = 0; i < tall * across; i++) paint(data, i * 4, values[start + i] / scale, colours);
    const small = new OffscreenCanvas(across, tall);
    small.getContext("2d").putImageData(picture, 0, 0);
    pen.imageSmoothingEnabled = across > width;
    pen.drawImage(small, x, y, width, height);
    pen.strokeStyle = colours.rule;
    pen.lineWidth = 1;
    pen.strokeRect(x + .5, y + .5, width - 1, height - 1);
    if (width / across >= LEGIBLE && tall * across <= 2500) {
      const cell = { x, y, width: width / across, height: height / tall };
      writeNumbers(pen, values.subarray(start, start + tall * across), scale, cell, across, colours);
    }
  }
  function drawCurve(pen, number) {
    const start = offset(number);
    drawWave(pen, place(number), values.subarray(start, start + wide()), scale, colours);
  }
  /** Rectangles of one block of runs within a tile; none where another slice is shown. */
  function* listBoxes(block, { x, y, width, height }) {
    const runs = block;
    for (let axis = 0; axis < axes - 2; axis++) if (!runs[axis].some(([from, to]) => slice[axis] >= from && slice[axis] < to)) return;
    const lines = axes === 1 ? [[0, 1]] : runs[axes - 2], tall = rows(), across = wide();
    for (const [top, bottom] of lines) for (const [left, right] of runs[axes - 1]) {
      yield [x + (left / across) * width, y + (top / tall) * height, ((right - left) / across) * width, ((bottom - top) / tall) * height];
    }
  }
  function drawOver() {
    const pen = over.getContext("2d");
    pen.clearRect(0, 0, over.width, over.height);
    if (!values) return;
    colours ??= readColours(box);
    for (let number = 0; number < shown; number++) {
      const tileBox = place(number);
      if (lit) {
        pen.beginPath();
        const boxes = lit.blocks.filter(
          (block) => flat || block[0].some(([from, to]) => number >= from && number < to)
        ).flatMap((block) => [...listBoxes(flat ? block : block.slice(1), tileBox)]);
        pen.fillStyle = colours.veil;
        pen.rect(tileBox.x, tileBox.y, tileBox.width, tileBox.height);
        for (const each of boxes) pen.rect(...each);
        pen.fill("evenodd");
        pen.strokeStyle = colours.light;
        pen.lineWidth = 1.5;
        if (lit.framed && boxes.length <= 24) {
          for (const [x, y, width, height] of boxes) pen.strokeRect(x + .75, y + .75, Math.max(1, width - 1.5), Math.max(1, height - 1.5));
        }
      }
      if (mark && (flat || mark[0] === number)) {
        const cell = flat ? mark : mark.slice(1);
        pen.strokeStyle = colours.mark;
        pen.lineWidth = 2.5;
        for (const [x, y, width, height] of listBoxes(cell.map((index) => [[index, index + 1]]), tileBox)) {
          const grow = Math.max(0, (5 - Math.min(width, height)) / 2);
          pen.strokeRect(x - grow, y - grow, width + 2 * grow, height + 2 * grow);
        }
      }
    }
  }
  function cellAt(event) {
    const bounds = base.getBoundingClientRect(), x = event.clientX - bounds.left, y = event.clientY - bounds.top;
    const column = Math.floor(x / (size.width + GAP)), line = Math.floor(y / (size.height + GAP)), number = line * columns + column;
    const inX = x - column * (size.width + GAP), inY = y - line * (size.height + GAP);
    if (column >= columns || number >= shown || number < 0 || inX < 0 || inY < 0 || inX >= size.width || inY >= size.height) return null;
    const across = Math.min(wide() - 1, Math.floor((inX / size.width) * wide()));
    const down = Math.min(rows() - 1, Math.floor((inY / size.height) * rows()));
    if (flat) return [across];
    return axes === 1 ? [number, across] : [number, ...slice, down, across];
  }
  const same = (one, other) => one && other && one.length === other.length && one.every((each, i) => each === other[i]);
  function hover(event) {
    const cell = cellAt(event);
    if (!cell || same(cell, at)) return;
    at = cell;
    on.hover(cell);
  }
  base.addEventListener("pointermove", hover);
  base.addEventListener("pointerleave", () => { at = null; on.leave(); });
  base.addEventListener("click", (event) => { const cell = cellAt(event); if (cell) on.choose(cell); });
  base.addEventListener("focus", () => { if (!mark) on.hover((at = first())); });
  base.addEventListener("keydown", (event) => {
    const from = at ?? mark ?? first(), cell = [...from];
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Enter") { event.preventDefault(); return on.choose(from); }
    const move = findMove(event.key, cell.length - 1);
    if (!move) return on.key(event);
    event.preventDefault();
    const axis = Math.max(0, move[0]);
    if (axis === 0 && !flat && axes === 1 && move[0] === 0 && event.key.startsWith("Arrow")) return;
    const limit = axis === 0 && !flat ? shown : layer.shape[axis];
    cell[axis] = Math.min(limit - 1, Math.max(0, cell[axis] + move[1]));
    at = cell;
    on.hover(cell);
  });
  const first = () => (flat ? [0] : [0, ...slice, ...(axes > 1 ? [rows() >> 1] : []), wide() >> 1]);
  new ResizeObserver(() => { if (values && box.clientWidth && box.clientWidth !== room) { layOut(); draw(); } }).observe(box);
  drawByScheme(base, draw);
  return {
    element: box, canvas: base, show, flat, axes, extents,
    get loaded() { return values !== null; },
    get shown() { return shown; },
    most: MOST,
    /** The value of a cell that is shown. */
    read(cell) {
      const number = flat ? 0 : cell[0], rest = flat ? cell : cell.slice(1);
      return values && number < shown ? values[
        number * count() + rest.reduce((sum, index, axis) => sum * extents[axis] + index, 0)
      ] : undefined;
    },
    /** Light blocks: for each axis, channels first, runs from an index to before another. */
    light(blocks, framed = true) { lit = blocks ? { blocks, framed } : null; drawOver(); },
    /** So many times as large. */
    set zoom(to) { zoom = to; if (values) { layOut(); draw(); } },
    mark(cell) { mark = cell; drawOver(); },
    /** Turn to the slice that a cell lies in. */
    turnTo(cell) {
      if (!cell.slice(1, -2).some((index, axis) => slice[axis] !== index)) return;
      slice = cell.slice(1, -2);
      draw();
      on.sliced?.(slice);
    },
    set slice(to) { slice = to; draw(); },
    get slice() { return slice; },
  };
}
