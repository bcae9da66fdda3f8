// The run's network as the measured table of the Write view: counts by shape at once, the traced figures a moment later.

import { make } from "./wording.js";
import { makeTable } from "./table.js";
import { showTotals } from "./totals.js";

export async function mount(element, studio, run) {
  element.classList.add("measured-run");
  await Promise.all(["editor.css", "explanations.css"].map(studio.styles)); // the table's are the Write view's
  const state = make("p", "counted by shape; tracing …", "caption"), totals = make("dl", "", "totals");
  const holder = make("div", ""), tools = make("div", "", "row"), open = make("button", "Open in the Write view");
  open.type = "button";
  tools.append(state, open);
  element.append(
    make("h3", "Layer by layer"),
    make(
      "p",
      "What each layer puts out, costs and sees of the input: multiplies are those of one input's forward pass, " +
        "the field is how many input cells one cell sees, the step how far apart the fields of neighbours lie.",
      "caption"
    ),
    totals, tools, holder
  );
  const network = await studio.call("measurable", { run: run.handle }, run.signal);
  if (network.problem) return void (state.textContent = network.problem);
  open.addEventListener("click", () => studio.open("write", { text: network.text }));
  const table = makeTable(holder, { choose: (node) => table.choose(node), near: (node) => table.setNear(node) });
  const sketch = await studio.call("sketch", network, run.signal);
  if (sketch.problem) return void (state.textContent = sketch.problem.message ?? String(sketch.problem));
  table.show(sketch);
  showTotals(totals, sketch, null);
  const found = await studio.call("measure", { ...network, batch: 1 }, run.signal);
  if (found.problem) return void (state.textContent = `counted by shape; the trace says: ${found.problem}`);
  table.measured(found);
  showTotals(totals, sketch, found.totals);
  state.textContent = `traced: ${found.totals.status}`;
  element.dataset.state = "traced";
}
