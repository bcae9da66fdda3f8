// What lights up: the cells that one cell sees, or those that it reaches, on every layer's maps at once.

import { listUntil } from "./stepping.js";

/** Make the light of the Understand view. Gives {light(target), lightUses(uses), clear, redraw}. */
export function makeFields(view) {
  const { element, ui, studio, views } = view;
  let fields = null, waiting = null, asking = false, frame = 0;
  const reaches = (layer) => layer < 0 || ui.reaches.checked;

  /** One question at a time; of what is hovered meanwhile, the last one counts. */
  async function light(target) {
    waiting = target;
    if (asking) return;
    asking = true;
    while (waiting) {
      const { layer, cell } = waiting, verb = reaches(layer) ? "touched" : "field", handle = view.play.play;
      waiting = null;
      try {
        const found = await studio.call(verb, { play: handle, layer: layer < 0 ? null : layer, cell });
        if (found.problem || view.play.play !== handle) continue;
        fields = { layer, cell, found: found.fields };
        element.dataset.boxes = JSON.stringify(found.boxes);
        redraw();
      } catch (error) {
        studio.fail(error);
      }
    }
    asking = false;
  }
  /** Light a weight's uses: every cell of `layer` that it makes, and of the layer before whatever it is multiplied with. */
  function lightUses(layer, found, source) {
    const runs = (cells) => cells.map((cell) => cell.map((index) => [[index, index + 1]]));
    const before = view.play.layers.findLast((each) => each.index < layer && each.name === source)?.index ?? -1;
    const real = found.inputs.filter((cell) => cell[0] >= 0), fits = real[0]?.length === views.get(before).layer.shape.length;
    fields = {
      layer, cell: view.pinned.cell, whole: true,
      found: { [layer]: runs(found.outputs), ...(fits ? { [before]: runs(real) } : {}) },
    };
    element.dataset.uses = String(found.count);
    redraw();
  }
  function clear() {
    fields = waiting = null;
    redraw();
  }
  /** Draw anew in the next frame, once for all that asked. */
  function redraw() {
    frame ||= requestAnimationFrame(() => {
      frame = 0;
      draw();
      if (!fields || fields.whole) return;
      element.dataset.lit = `${fields.layer} ${fields.cell.join(",")}`;
      element.dataset.milliseconds = (performance.now() - view.hovering).toFixed(1);
    });
  }
  /** The maps that are in sight; the others follow when they come into it. */
  function draw() {
    const { pinned } = view;
    for (const [index, { maps, section, inSight }] of views) {
      const blocks = fields?.found[index];
      section.classList.toggle("lit", Boolean(blocks));
      if (!maps.loaded || !inSight) continue;
      const own = fields && fields.layer === index;
      // what is worked out so far
      if (own && view.isPlaying?.()) maps.light(listUntil(view.views.get(index).layer.shape, fields.cell), false);
      else maps.light(own && !fields.whole ? null : blocks ?? null);
      maps.mark(own && !fields.whole ? fields.cell : pinned && pinned.layer === index && !fields?.whole ? pinned.cell : null);
    }
  }
  return { light, lightUses, clear, redraw };
}
