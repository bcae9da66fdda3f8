// The drawing's shapes put on a canvas; what is too small to see costs nothing.

/** The colours that the page's style says, for this scheme. */
export function readColours(element) {
  const style = getComputedStyle(element), found = {};
  for (const name of ["conv", "fc", "pool", "norm", "act", "shape", "wire", "frame", "ink", "quiet", "paper", "mark", "blue"]) {
    found[name] = style.getPropertyValue(`--${name}`).trim();
  }
  found.font = `11px ${style.fontFamily}`;
  found.bold = `600 11px ${style.fontFamily}`;
  return found;
}

/** Paint shapes; `view` = {x, y, zoom} is where the drawing's (0, 0) stands. `chosen` and `near` are sets of nodes' ids. */
export function paint(context, shapes, view, colours, { chosen, near, wrong }) {
  let lastColumn = -1e9;
  const labels = [];
  for (const shape of shapes) {
    if (shape.w * view.zoom < 0.6 && shape.kind === "volume") { // many to one column of the screen: one is enough
      const column = Math.round(shape.x * view.zoom * 2);
      if (column === lastColumn && !chosen.has(shape.node.id)) continue;
      lastColumn = column;
    }
    if (shape.kind === "wire") paintWire(context, shape, view, colours);
    else if (shape.kind === "frame") paintFrame(context, shape, view, colours, chosen.has(shape.node.id), near.has(shape.node.id));
    else if (shape.kind === "volume") {
      const marked = chosen.has(shape.node.id);
      paintVolume(context, shape, view, colours, marked, near.has(shape.node.id), wrong.has(shape.node.id));
      if (!shape.thin) labels.push(shape);
    } else if (shape.kind === "join") paintJoin(context, shape, view, colours, chosen.has(shape.node.id) || near.has(shape.node.id));
  }
  paintLabels(context, labels, view, colours);
}

function paintWire(context, { points }, view, colours) {
  context.strokeStyle = colours.wire;
  context.lineWidth = Math.max(0.5, Math.min(1.4, 1.2 * view.zoom));
  context.beginPath();
  context.moveTo(view.x + points[0] * view.zoom, view.y + points[1] * view.zoom);
  const turn = points.length > 4 ? Math.min(6, Math.abs(points[7] - points[1]) / 2) : 0, radius = turn * view.zoom;
  for (let at = 2; at < points.length; at += 2) {
    const [x, y] = [view.x + points[at] * view.zoom, view.y + points[at + 1] * view.zoom];
    if (at + 2 < points.length) context.arcTo(x, y, view.x + points[at + 2] * view.zoom, view.y + points[at + 3] * view.zoom, radius);
    else context.lineTo(x, y);
  }
  context.stroke();
}

function paintFrame(context, { x, y, w, h, fold, node }, view, colours, chosen, near) {
  const [left, top, width, height] = [view.x + x * view.zoom, view.y + y * view.zoom, w * view.zoom, h * view.zoom];
  if (width < 4) return;
  context.strokeStyle = chosen || near ? colours.blue : colours.frame;
  context.lineWidth = chosen ? 2 : 1;
  context.setLineDash(fold ? [4, 3] : []);
  context.beginPath();
  context.roundRect(left, top, width, height, Math.min(7, 7 * view.zoom));
  context.stroke();
  context.setLineDash([]);
  const text = fold ? `×${node.times}` : node.word;
  context.font = fold ? colours.bold : colours.font;
  if (view.zoom > 0.55 && context.measureText(text).width < width - 6) {
    context.fillStyle = fold ? colours.ink : colours.quiet;
    context.textAlign = "left";
    context.textBaseline = "alphabetic";
    context.fillText(text, left + 6, top + 12 * Math.min(1.3, Math.max(1, view.zoom)));
  }
}

function paintVolume(context, shape, view, colours, chosen, near, wrong) {
  const zoom = view.zoom, { size } = shape, slant = shape.slant * zoom;
  const x = view.x + shape.x * zoom, w = Math.max(0.7, size.w * zoom), h = size.h * zoom;
  const top = view.y + shape.middle * zoom - h / 2 + slant / 2;
  const colour = colours[shape.family];
  context.fillStyle = colour;
  context.globalAlpha = shape.node.kind === "input" ? 0.35 : 0.85;
  context.fillRect(x, top, w, h);
  if (slant > 0.8) {
    context.globalAlpha *= 0.55;
    context.beginPath();
    context.moveTo(x, top); context.lineTo(x + slant, top - slant); context.lineTo(x + w + slant, top - slant); context.lineTo(x + w, top);
    context.fill();
    context.globalAlpha *= 0.7;
    context.beginPath();
    context.moveTo(x + w, top); context.lineTo(x + w + slant, top - slant); context.lineTo(
      x + w + slant, top + h - slant
    ); context.lineTo(x + w, top + h);
    context.fill();
  }
  context.globalAlpha = 1;
  if (w > 2 || chosen || near) {
    context.strokeStyle = chosen || near ? colours.ink : colour;
    context.lineWidth = chosen ? 2 : near ? 1.4 : 0.8;
    context.beginPath();
    context.moveTo(x, top); context.lineTo(x + slant, top - slant); context.lineTo(x + w + slant, top - slant);
    context.lineTo(x + w + slant, top + h - slant); context.lineTo(x + w, top + h); context.lineTo(x, top + h); context.closePath();
    context.stroke();
  }
  if (wrong) {
    context.fillStyle = colours.mark;
    context.beginPath();
    context.arc(x + (w + slant) / 2, top - slant - 7, 3.2, 0, 7);
    context.fill();
  }
}

const SIGN = { add: "+", mul: "×", cat: "‖", tap: "▾", aux: "▾" };
function paintJoin(context, { x, y, w, word }, view, colours, marked) {
  const radius = (w / 2) * view.zoom, [cx, cy] = [view.x + (x + w / 2) * view.zoom, view.y + (y + w / 2) * view.zoom];
  if (radius < 1) return;
  context.fillStyle = colours.paper;
  context.strokeStyle = marked ? colours.blue : colours.quiet;
  context.lineWidth = marked ? 2 : 1;
  context.beginPath();
  context.arc(cx, cy, radius, 0, 7);
  context.fill();
  context.stroke();
  if (radius < 4) return;
  context.fillStyle = colours.ink;
  context.font = colours.bold;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillText(SIGN[word] ?? "", cx, cy + 0.5);
}

/** What leaves each volume, below it: as far as there is room, the channels before the extents. */
function paintLabels(context, labels, view, colours) {
  if (view.zoom < 0.8) return;
  context.font = colours.font;
  context.textAlign = "center";
  context.textBaseline = "top";
  const ends = [];
  for (const shape of labels) {
    const { output } = shape.node, middle = view.x + (shape.x + shape.size.w / 2) * view.zoom;
    const foot = view.y + (shape.middle + shape.size.h / 2 + shape.slant / 2) * view.zoom + 4;
    const rows = output.length > 1 ? [String(output[0]), output.slice(1).join("×")] : [String(output[0])];
    const width = Math.max(...rows.map((row) => context.measureText(row).width));
    const clash = ends.some((end) => middle - width / 2 < end.right + 5 && Math.abs(foot - end.foot) < 14 * rows.length + 6);
    if (clash) continue;
    ends.push({ right: middle + width / 2, foot });
    if (ends.length > 12) ends.shift();
    rows.forEach((row, number) => {
      context.fillStyle = number ? colours.quiet : colours.ink;
      context.fillText(row, middle, foot + 13 * number);
    });
  }
}
