// One layer, chosen anywhere: in the text, the drawing, the table or the advice. It is marked in all of them, and its
// sizes and options stand as controls that write into the text.

import { makeLayerPanel } from "./layer.js";
import { write } from "./table.js";

/** Make the choice of the Write view. Gives {show(sketch), choose(node, from), chooseAt(offset), follow(caret), forget}. */
export function makeChoice(view) {
  const { element, studio, find, ask } = view, byPlace = new Map();
  const panel = makeLayerPanel(find("layer"), { set: setPart });
  let sketch = null, chosen = null, setting = false, wanted = null;

  function show(found) {
    sketch = found;
    byPlace.clear();
    visit(found.nodes, (node) => { if (node.kind === "layer" && !byPlace.has(node.at)) byPlace.set(node.at, node); });
    const caret = document.activeElement === view.box.area && byPlace.get(nearest(view.box.area.selectionStart));
    choose(caret || (chosen && byPlace.get(nearest(chosen.at))) || null, "sketch");
  }
  function choose(node, from) {
    chosen = node;
    view.drawing.choose(node, { reveal: from !== "drawing" && from !== "sketch" });
    view.table.choose(node, { reveal: from !== "table" && from !== "sketch" });
    mark();
    if (from !== "text" && from !== "sketch" && node) view.box.reveal(node.at);
    if (!node || node.kind !== "layer") return node ? panel.tell(node) : panel.clear();
    if (from === "drawing" || from === "table") {
      studio.say(`${node.path}: ${node.text}, ${node.input.join("×")} to ${node.output.join("×")}, ${write(node.parameters)} parameters`);
    }
    showControls(node);
  }
  async function showControls(node) {
    const mine = view.version;
    try {
      const { controls } = await ask("controls", { text: view.box.text, at: node.at });
      if (mine === view.version && chosen === node) panel.show(node, controls, sketch.uses[node.at] ?? 1);
    } catch (error) {
      studio.fail(error);
    }
  }
  const isWrong = () => element.classList.contains("wrong");
  function mark() {
    if (isWrong()) return;
    const end = chosen && (sketch.ends[chosen.at] ?? chosen.at + chosen.word.length);
    view.box.setMarks(chosen && chosen.kind !== "fold" ? [{ start: chosen.at, end, name: "chosen" }] : []);
  }
  function nearest(offset) {
    if (byPlace.has(offset)) return offset;
    for (const [at] of byPlace) if (at <= offset && offset <= (sketch.ends[at] ?? at)) return at;
    return -1;
  }
  function follow(offset) {
    if (!sketch || isWrong() || element.dataset.version !== String(view.version)) return; // else `show` follows
    const node = byPlace.get(nearest(offset));
    if (node && node.at !== chosen?.at) choose(node, "text");
  }
  function chooseAt(at) {
    const node = byPlace.get(at);
    if (node) choose(node, "advice");
  }
  /** Write one part of the chosen layer into the text; of a slider that moves on, only where it is now. */
  async function setPart(option, value) {
    wanted = [option, value];
    if (setting) return;
    setting = true;
    while (wanted && chosen) {
      const [part, number] = wanted;
      wanted = null;
      try {
        const before = view.box.text;
        const found = await ask("change", { text: before, at: chosen.at, option: part, value: number });
        if (view.box.text !== before) { // what was typed meanwhile stays
          wanted ??= [part, number];
          await view.idle();
        } else if (found.problem) studio.say(found.problem);
        else if (found.text !== before) view.box.change(found.text, `set ${part}`);
      } catch (error) {
        studio.fail(error);
      }
    }
    setting = false;
  }
  return { show, choose, chooseAt, follow, forget() { chosen = null; } };
}

function visit(row, hear) {
  for (const node of row) {
    hear(node);
    node.rows.forEach((inner) => visit(inner, hear));
  }
}
