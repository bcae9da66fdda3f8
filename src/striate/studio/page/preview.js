// What a data set holds, told before anything starts: how many samples, of which classes, how large, and a few of them to look at.

import { make } from "./wording.js";
import { unpackArray } from "./packed.js";
import { makeTiles } from "./tiles.js";


/** The preview. `show(handle)` asks for it; of several that are asked for, the last counts. Gives {element, show}. */
export function makePreview(studio) {
  const element = make("div", "", "preview"), line = make("p", "", "caption"), pictures = make("div", "", "row");
  element.setAttribute("aria-live", "polite");
  element.append(line, pictures);
  const known = new Map();
  let wanted = null;

  async function show(data) {
    wanted = data;
    element.hidden = !data;
    if (!data) return;
    if (!known.has(data)) line.textContent = "Looking …";
    try {
      const found = known.get(data) ?? (await studio.call("preview", { data }));
      known.set(data, found);
      if (wanted === data) tell(found);
    } catch (error) {
      studio.fail(error);
    }
  }
  function tell({ problem, facts, samples }) {
    line.textContent = problem ?? facts.join(" · ");
    pictures.replaceChildren(...(samples ?? []).map(({ label, picture }) => {
      const figure = document.createElement("figure"), tiles = makeTiles(), array = unpackArray(picture);
      figure.append(tiles.element, make("figcaption", label));
      tiles.element.setAttribute("aria-label", `a sample: ${label}`);
      tiles.show({ shape: [1, ...array.shape], values: array.values }, { pixels: true, tile: 44 });
      return figure;
    }));
    pictures.hidden = !samples?.length;
    element.dataset.facts = (facts ?? []).join(" · ");
  }
  return { element, show };
}
