// The whole network's figures in one line: by shape as one types, by the trace as soon as it is there.

import { write } from "./table.js";
import { writeBytes } from "./wording.js";

/** Show the totals of a sketch in `element`; `totals` are the trace's, or null while there are none. */
export function showTotals(element, sketch, totals) {
  const facts = [
    ["parameters", write(totals?.parameters ?? sketch.parameters), "Numbers that training sets"],
    [
      "multiplies", write(totals?.multiplies ?? sketch.multiplies) || "known by trace alone",
      totals?.rule ?? "Multiply-accumulates of a forward pass",
    ],
    ["layers", write(sketch.layers), "Every word of the text, as often as it stands for a layer"],
    ["depth", totals ? write(totals.depth) : "", "Layers with weights on the longest way through"],
    ["memory, one pass", totals ? writeBytes(totals.inference_bytes) : "", "The most that is taken at once in a forward pass"],
    [
      "memory, one step", totals ? writeBytes(totals.training_bytes) : "",
      "The most that is taken at once in a step of training: fp32, SGD with momentum",
    ],
  ];
  element.replaceChildren(...facts.map((fact) => makeFact(...fact)));
}

function makeFact(name, value, meaning) {
  const group = document.createElement("div"), term = document.createElement("dt"), said = document.createElement("dd");
  term.textContent = name;
  group.title = meaning;
  said.textContent = value || "…";
  said.dataset.total = name;
  group.append(term, said);
  return group;
}
