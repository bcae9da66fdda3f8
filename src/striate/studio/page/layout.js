// Where each part of a network stands in the drawing: rows from left to right, branches below each other, frames around
// what a definition or a repetition holds. Sizes are in the drawing's own units; nothing is painted here.

const GAP = 16, LANE = 8, PAD = 8, TITLE = 13, WIRE = 20, LABEL = 30;
const THIN = new Set(["bn", "gn", "ln", "lrn", "relu", "relu6", "gelu", "silu", "tanh", "sigmoid", "softmax", "dropout", "scale"]);
const FAMILY = {
  conv: "conv", depthwise: "conv", local: "conv", deconv: "conv", timm: "conv", torchvision: "conv", embed: "fc", fc: "fc",
  maxpool: "pool", avgpool: "pool", gap: "pool", gmp: "pool", kmaxpool: "pool", unpool: "pool", upsample: "pool", maxout: "pool",
  bn: "norm", gn: "norm", ln: "norm", lrn: "norm", scale: "norm", dropout: "norm",
};
/** The colour of a word: conv, fc, pool, norm, act or shape. */
export const familyOf = (word) => FAMILY[word] ?? (THIN.has(word) ? "act" : "shape");
const isThin = (word) => THIN.has(word);

/** Lay out a sketch's nodes. Gives {shapes, width, top, bottom, inputBox}: shapes in the order in which they are painted. */
export function layOut(nodes, input, logarithmic) {
  const scale = makeScale(nodes, input, logarithmic);
  const shapes = [];
  const source = input ? {
    kind: "input", word: "input", text: `input ${input.join("x")}`, output: input, input, id: -1, path: "input",
    times: 1, rows: [],
  } : null;
  const row = measureRow(source ? [source, ...nodes] : nodes, scale);
  placeRow(row, 0, 0, shapes);
  return { shapes, width: row.width, top: -row.up, bottom: row.down };
}

/** How large a shape is drawn: along the flow its channels, upright and slanted its extents. */
function makeScale(nodes, input, logarithmic) {
  let extent = 1, channels = 1;
  const look = (shape) => {
    channels = Math.max(channels, shape.length > 1 ? shape[0] : 1);
    for (const n of shape.slice(1)) extent = Math.max(extent, n);
  };
  if (input) look(input);
  const visit = (row) => row.forEach((node) => { look(node.output); node.rows.forEach(visit); });
  visit(nodes);
  const across = logarithmic ? (n) => (120 * Math.log2(1 + n)) / Math.log2(1 + extent) : (n) => (120 * n) / extent;
  const along = logarithmic ? (n) => (34 * Math.log2(1 + n)) / Math.log2(1 + channels) : (n) => (44 * n) / channels;
  return (shape) => {
    if (shape.length === 1) return { w: 7, h: Math.min(150, Math.max(10, 10 * Math.log2(1 + shape[0]))), d: 0 };
    const sides = shape.slice(1);
    const [h, d] = sides.length === 1 ? [sides[0], 0] : sides.slice(-2);
    return { w: Math.max(3, along(shape[0])), h: Math.max(3, across(h)), d: d ? Math.max(1.5, 0.42 * across(d)) : 0 };
  };
}

function measureRow(nodes, scale) {
  const parts = nodes.map((node) => measure(node, scale));
  let width = 0, up = 0, down = 0;
  parts.forEach((part, number) => {
    part.gap = number === 0 ? 0 : part.thin && (parts[number - 1].thin || parts[number - 1].solid) ? 2 : GAP;
    width += part.gap + part.width;
    up = Math.max(up, part.up);
    down = Math.max(down, part.down);
  });
  return { parts, width, up, down };
}

function measure(node, scale) {
  if (node.kind === "layer" || node.kind === "input") return measureLayer(node, scale);
  const rows = node.rows.map((row) => measureRow(row, scale));
  if (node.kind !== "branches") {
    const [row] = rows, title = Math.max(node.kind === "fold" ? 26 : 6.2 * node.word.length, 20);
    return { node, row, width: Math.max(row.width, title) + 2 * PAD, up: row.up + PAD + TITLE, down: row.down + PAD };
  }
  const side = node.word === "tap" || node.word === "aux";
  const inner = Math.max(24, ...rows.map((row) => row.width));
  const height = rows.reduce((sum, row) => sum + Math.max(row.up + row.down, 6), 0) + LANE * (rows.length - 1);
  const width = inner + 2 * WIRE + (side ? 0 : 16);
  if (side) return { node, rows, side, inner, width, up: 4, down: LANE + height };
  return { node, rows, inner, width, up: height / 2, down: height / 2 };
}

function measureLayer(node, scale) {
  const size = scale(node.output), thin = THIN.has(node.word);
  const w = thin ? 3.5 : size.w;
  const slant = size.d * 0.7;
  return {
    node, thin, solid: true, size: { ...size, w }, slant, width: w + slant, up: size.h / 2 + slant / 2,
    down: size.h / 2 + slant / 2 + (thin ? 0 : LABEL),
  };
}

function placeRow(row, x, y, shapes) {
  let end = null;
  for (const part of row.parts) {
    if (part.gap > 2 && end !== null) {
      shapes.push({ kind: "wire", points: [end, y, x + part.gap, y], x: end, y: y - 1, w: x + part.gap - end, h: 2 });
    }
    // A thin part stands in the slant of the one before it, as a plate on its face.
    x += part.gap;
    place(part, x, y, shapes);
    x += part.width;
    end = x;
  }
  return x;
}

function place(part, x, y, shapes) {
  const { node } = part, box = { x, y: y - part.up, w: part.width, h: part.up + part.down, node };
  if (part.solid) {
    shapes.push({ kind: "volume", family: familyOf(node.word), thin: part.thin, size: part.size, slant: part.slant, middle: y, ...box });
    return;
  }
  if (part.row) {
    shapes.push({ kind: "frame", fold: node.kind === "fold", ...box });
    const inside = x + (part.width - part.row.width) / 2;
    if (inside > x) shapes.push(wire([x, y, inside, y]));
    placeRow(part.row, inside, y, shapes);
    if (inside > x) shapes.push(wire([inside + part.row.width, y, x + part.width, y]));
    return;
  }
  shapes.push({ kind: "area", ...box });
  const right = x + WIRE + part.inner;
  let top = part.side ? y + LANE : y - part.up;
  if (part.side) shapes.push(wire([x, y, x + part.width, y]));
  part.rows.forEach((row, number) => {
    const height = Math.max(row.up + row.down, 6), lane = top + (row.up + row.down ? row.up : 3);
    const start = x + WIRE + (part.inner - row.width) / 2;
    shapes.push(bend(x, y, start, lane, part.side ? x + 5 : x + WIRE / 2));
    placeRow(row, start, lane, shapes);
    const end = start + row.width;
    if (!part.side) shapes.push(bend(end, lane, right + WIRE - 6, y, right + WIRE / 2));
    top += height + LANE;
  });
  if (!part.side) {
    shapes.push({ kind: "join", word: node.word, x: right + WIRE - 7, y: y - 7, w: 14, h: 14, node });
    shapes.push(wire([right + WIRE + 7, y, x + part.width, y]));
  } else shapes.push({ kind: "join", word: node.word, x: x - 2, y: y - 7, w: 14, h: 14, node });
}

function wire(points) {
  const [x, y, x2, y2] = points;
  return { kind: "wire", points, x: Math.min(x, x2), y: Math.min(y, y2) - 1, w: Math.abs(x2 - x), h: Math.abs(y2 - y) + 2 };
}

/** From one height to another, upright at `turn`. */
function bend(x, y, x2, y2, turn) {
  return {
    kind: "wire", points: [x, y, turn, y, turn, y2, x2, y2], x: Math.min(x, x2), y: Math.min(y, y2) - 1,
    w: Math.abs(x2 - x), h: Math.abs(y2 - y) + 2,
  };
}

const BIN = 256, MOST = 1200;
/** Shapes by where they are along the flow, so that a glance at a place looks at few of them. */
export function makeIndex(shapes) {
  const bins = new Map(), wide = [];
  shapes.forEach((shape, order) => {
    shape.order = order;
    const first = Math.floor(shape.x / BIN), last = Math.floor((shape.x + shape.w) / BIN);
    if (last - first > 3) return void wide.push(shape);
    for (let bin = first; bin <= last; bin++) {
      if (!bins.has(bin)) bins.set(bin, []);
      bins.get(bin).push(shape);
    }
  });
  const last = Math.max(0, ...bins.keys());
  /** The shapes that [left, right] touches, in the order in which they are painted; of more than MOST every so many. */
  function find(left, right) {
    const found = new Set(wide.filter((shape) => shape.x <= right && shape.x + shape.w >= left));
    const from = Math.max(0, Math.floor(left / BIN)), to = Math.min(last, Math.floor(right / BIN));
    let count = 0;
    for (let bin = from; bin <= to; bin++) count += bins.get(bin)?.length ?? 0;
    const step = Math.ceil(count / MOST);
    for (let bin = from, at = 0; bin <= to; bin++) {
      const here = bins.get(bin) ?? [];
      for (; at < here.length; at += step) found.add(here[at]);
      at -= here.length;
    }
    return [...found].sort((a, b) => a.order - b.order);
  }
  /** The smallest part at a point. */
  function hit(x, y) {
    let best = null;
    for (const shape of find(x, x)) {
      const margin = shape.thin ? 1.5 : 0;
      const inside = shape.node && x >= shape.x - margin && x <= shape.x + shape.w + margin && y >= shape.y && y <= shape.y + shape.h;
      if (inside && (!best || shape.w * shape.h <= best.w * best.h)) best = shape;
    }
    return best?.node ?? null;
  }
  return { find, hit };
}
