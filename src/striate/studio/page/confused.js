// Outcomes: what the run answers on what it held out. A grid of counts whose cells open the samples behind them.

import { makeCards } from "./cards.js";
import { makeGrid } from "./grid.js";
import { make } from "./wording.js";
import { count, sayPart } from "./portrait.js";

const STAGES = { data: "Reading the data", score: "Asking the network" };

export async function mount(element, studio, run) {
  const place = make("p", "", "quiet"), bar = document.createElement("progress"), body = make("div", "");
  place.setAttribute("role", "status");
  bar.setAttribute("aria-label", "how far the answers are");
  element.append(make("h3", "Outcomes"), place, bar, body);
  const off = studio.on("outcomes", ({ run: name, stage, done, total }) => {
    if (name !== run.name || bar.hidden) return;
    place.textContent = `${STAGES[stage] ?? stage}: ${count(done)} of ${count(total)} …`;
    Object.assign(bar, { max: total, value: done });
  });
  place.textContent = "Asking the run about what it held out …";
  try {
    const found = await studio.call("outcomes", { run: run.handle }, run.signal);
    if (found.problem) return fail(found.problem);
    place.hidden = true;
    show(found);
  } catch (error) {
    place.textContent = "";
    studio.fail(error);
  } finally {
    off();
    bar.hidden = true;
  }

  function fail(problem) {
    place.hidden = true;
    body.append(make("p", run.missing ?? problem, "note"));
    if (run.missing) body.append(make("p", "The report, if it was written, still shows what the training found.", "quiet"));
  }
  function show({ result, grid }) {
    const where = `${count(result.total)} samples of the ${sayPart(result.part)} part of ${run.data.name}`;
    const cards = makeCards(studio, run, where, Boolean(grid) && run.task !== "segment"), sides = make("div", "", "outcomes");
    element.dataset.total = String(result.total);
    if (grid) {
      const counts = makeGrid(grid, (cell, words) => { cards.show(cell, words); cards.title.scrollIntoView({ block: "nearest" }); });
      cards.on.clear = counts.clear;
      sides.append(counts.element);
    }
    sides.append(cards.element);
    body.append(sides);
    cards.show();
  }
}
