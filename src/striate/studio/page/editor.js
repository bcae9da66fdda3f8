// The Write view: the network's text, its drawing and its table, each of which follows every change of the text.
// What is drawn and counted comes from the studio's verbs; this file only says who hears of what.

import { makeAdvice } from "./advice.js";
import { makeBeside } from "./beside.js";
import { makeChoice } from "./choosing.js";
import { makeCode } from "./code.js";
import { makeColouring } from "./colouring.js";
import { makeCompletion } from "./completing.js";
import { makeDrawing } from "./drawing.js";
import { makeHeading } from "./heading.js";
import { showLegend } from "./legend.js";
import { buildPanes } from "./panes.js";
import { makeTable } from "./table.js";
import { makeTextbox } from "./textbox.js";
import { showTotals } from "./totals.js";

const CALM = 100, LONG_CALM = 1200, LONG = 400; // milliseconds without a keystroke before a trace; longer for so many layers
const KEEP = "striate-write";

export async function mount(element, studio) {
  element.classList.add("write");
  element.append(buildPanes());
  const find = (name) => element.querySelector(`[data-part="${name}"]`);
  const ask = (verb, body, signal) => studio.call(verb, body, signal);
  const network = () => ({ text: box.text, classes: Number(find("classes").value) || undefined, folds: find("folds").checked });
  const view = { element, studio, find, ask, network, idle, version: 0 }; // what the parts of the view have in common
  let sketch = null, asking = null, again = false, calm = 0;

  const choice = makeChoice(view);
  const box = (view.box = makeTextbox(find("text"), { text: onText, caret: choice.follow, key: (event) => completion.onKey(event) }));
  const drawing = (view.drawing = makeDrawing(find("drawing"), { choose: (node) => choice.choose(node, "drawing"), near: setNear }));
  const table = (view.table = makeTable(find("table"), { choose: (node) => choice.choose(node, "table"), near: setNear }));
  const advice = makeAdvice(find("advice"), { fix: (each) => box.change(each.text), choose: (each) => choice.chooseAt(each.at) });
  const beside = makeBeside(view), code = makeCode(view);
  const heading = makeHeading(view, { forget: choice.forget }), completion = makeCompletion(view, heading.load);

  function setNear(node) {
    drawing.setNear(node);
    table.setNear(node);
  }

  // ---- the text and what follows it

  /** A text of its own number: what is drawn, traced and advised carries the number of the text that it is of. */
  function turn() {
    element.dataset.edited = String(++view.version);
  }
  function onText(text, kind) {
    turn();
    clearTimeout(calm);
    heading.follow(text);
    sessionStorage.setItem(KEEP, JSON.stringify({ text, classes: find("classes").value }));
    if (kind === "typing") completion.offer();
    else completion.hide();
    draw();
  }
  /** One sketch at a time; what is typed meanwhile is drawn next. */
  async function draw({ anew = false } = {}) {
    if (asking) return void (again = true);
    asking = new AbortController();
    const mine = view.version, start = performance.now();
    try {
      const found = await ask("sketch", network(), asking.signal);
      if (found.problem) showProblem(found);
      else showSketch(found, anew);
      element.dataset.version = String(mine);
      element.dataset.milliseconds = (performance.now() - start).toFixed(1);
    } catch (error) {
      studio.fail(error);
    } finally {
      asking = null;
      if (again || mine !== view.version) {
        again = false;
        draw();
      }
    }
  }
  async function idle() {
    while (asking) await new Promise((resolve) => setTimeout(resolve, 5));
  }
  function showSketch(found, anew) {
    sketch = found;
    element.classList.remove("wrong");
    box.area.removeAttribute("aria-invalid");
    find("problem").hidden = true;
    heading.showInput(found.given);
    drawing.setStale(false);
    drawing.show(found, { anew });
    showLegend(find("legend"), found);
    drawing.setWrong([]);
    table.show(found);
    showTotals(find("totals"), found, null);
    choice.show(found);
    clearTimeout(calm);
    calm = setTimeout(settle, found.layers > LONG ? LONG_CALM : CALM);
  }
  function showProblem(found) {
    const { problem } = found;
    clearTimeout(calm);
    calm = setTimeout(beside.lay, CALM);
    element.classList.add("wrong");
    drawing.setStale(true);
    find("state").textContent = sketch ? "The drawing and the table show the last text that could be read." : "";
    heading.showInput(found.given);
    box.area.setAttribute("aria-invalid", "true");
    find("problem").hidden = false;
    find("problem-place").textContent = `line ${problem.line}, column ${problem.column}`;
    find("problem-text").textContent = problem.message;
    find("problem").dataset.at = problem.at;
    box.setMarks([{ start: problem.at, end: problem.at + Math.max(1, problem.length), name: "wrong" }]);
  }

  // ---- what is worked out once the text stands still

  function settle() {
    trace();
    beside.lay();
    code.write();
  }
  /** The traced figures, then the advice: later, and only for a text that stood still. */
  async function trace() {
    const mine = view.version, body = { ...network(), batch: Number(find("batch").value) || 1 };
    advice.wait();
    find("state").textContent = "Counted by shape; tracing …";
    try {
      await studio.engine;
      if (mine !== view.version) return;
      const found = await ask("measure", body);
      if (mine !== view.version) return;
      showTrace(found);
      element.dataset.traced = String(mine);
      const advised = await ask("advise", body);
      if (mine !== view.version) return;
      advice.show(advised.advice, advised.problem);
      drawing.setWrong(advised.advice.map((each) => each.node).filter((id) => id !== null));
      element.dataset.advised = String(mine);
    } catch (error) {
      studio.fail(error);
    } finally {
      if (mine === view.version) advice.ready();
    }
  }
  function showTrace(found) {
    const differing = found.disagreements ?? [];
    find("disagreements").hidden = !differing.length;
    find("disagreements").textContent = differing.length ? `The shape pass and the trace differ: ${differing.slice(0, 5).join("; ")}` : "";
    if (found.problem) return void (find("state").textContent = `Counted by shape. The trace says: ${found.problem}`);
    table.measured(found);
    showTotals(find("totals"), sketch, found.totals);
    find("state").textContent = differing.length ? "" : `Traced: ${found.totals.status}.`;
  }

  // ---- the buttons

  for (const name of ["classes", "batch"]) find(name).addEventListener("change", () => onText(box.text, ""));
  find("folds").addEventListener("change", () => { turn(); draw({ anew: true }); });
  find("logarithmic").addEventListener("change", () => drawing.setLogarithmic(find("logarithmic").checked));
  find("closer").addEventListener("click", () => drawing.zoomAt(1.35));
  find("farther").addEventListener("click", () => drawing.zoomAt(1 / 1.35));
  find("whole").addEventListener("click", () => drawing.fit(true));
  find("undo").addEventListener("click", () => box.turn("undo"));
  find("redo").addEventListener("click", () => box.turn("redo"));
  find("problem-place").addEventListener("click", () => {
    const at = Number(find("problem").dataset.at);
    box.area.focus();
    box.area.setSelectionRange(at, at);
    box.reveal(at);
  });

  // ---- the beginning

  const words = await ask("vocabulary");
  box.setColouring(makeColouring(words));
  heading.listNetworks(words.zoo);
  const kept = JSON.parse(sessionStorage.getItem(KEEP) ?? "null");
  if (kept?.classes) find("classes").value = kept.classes;
  box.begin(kept?.text ?? (await heading.read("lenet5")));
  turn();
  await draw({ anew: true });
  return { shown: (detail) => detail?.text && box.change(detail.text) };
}
