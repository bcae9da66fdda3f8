// What the drawing's colours mean: the families of layers that stand in it.

import { familyOf } from "./layout.js";

const NAMES = {
  conv: "convolution", pool: "pooling", norm: "norm or dropout", act: "activation", fc: "fully connected",
  shape: "shape alone",
};

/** Show in `element` the families that a sketch's layers belong to. */
export function showLegend(element, sketch) {
  const found = new Set();
  const visit = (row) => row.forEach((node) => {
    if (node.kind === "layer") found.add(familyOf(node.word));
    node.rows.forEach(visit);
  });
  visit(sketch.nodes);
  const wanted = Object.keys(NAMES).filter((family) => found.has(family));
  if (element.dataset.families === wanted.join(" ")) return;
  element.dataset.families = wanted.join(" ");
  element.replaceChildren(...wanted.map((family) => {
    const item = document.createElement("li");
    item.className = family;
    item.textContent = NAMES[family];
    return item;
  }));
}
