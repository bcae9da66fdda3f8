// What moves while a network trains: answers to held-out examples, kernels, and the maps of one example; now, and as it was at
// each moment that the studio saw. The numbers come from the run's own checkpoints; a few moments are held here, no more.

import { makeLayer } from "./inside.js";
import { makeStrip } from "./strip.js";
import { make } from "./wording.js";

const KEPT = 24, BEAT = 450; // moments; milliseconds
const GOING = "Kernels, feature maps and answers come from the run's checkpoints: the first is written with the first epoch, or after half a minute.";
/** Why no moment is there yet. */
function sayNone({ has_checkpoint: kept = true, why = null }, state) {
  if (why) return `The run's checkpoints can't be read: ${why}`;
  if (state === "running" || state === "stopping") return GOING;
  return kept ? "Reading the run's last checkpoint …" : "This run left no checkpoint, so what it has learned can't be shown here.";
}
const sayMoment = ({ step, epoch, whole }) => (
  step === 0
    ? "before the first step"
    : whole
    ? `after epoch ${epoch}`
    : `in epoch ${epoch + 1}, step ${step}`
);

/** The section. `onSample(number)` hears which example's maps are wanted. Gives {element, follow(run), refresh(), sample}. */
export function makeMoments(studio, onSample) {
  const element = make("section", "", "moments"), title = make("h3", "What it has learned");
  const row = make("div", "", "scrub"), play = make("button", "Play");
  const range = Object.assign(document.createElement("input"), { type: "range", min: "0", step: "1" });
  const place = make("output", "", "place"), newest = make("button", "Newest"), why = make("p", "", "quiet");
  const none = make("p", "", "caption");
  const body = make("div", ""), strip = makeStrip(chooseSample);
  const kernels = makeLayer("Kernels", "kernels", () => show()), maps = makeLayer("Feature maps", "maps", () => show());
  play.type = newest.type = "button";
  place.setAttribute("aria-live", "off"); // it moves with every epoch; the slider says it when it is asked
  range.setAttribute("aria-label", "moment of the training");
  row.append(play, range, newest, place);
  body.append(strip.element, kernels.element, maps.element);
  element.append(title, none, row, why, body);
  let run = null, moments = [], at = -1, atEnd = true, sample = 0, held = "", timer = 0, asking = false, again = false;
  let waiting = false, anew = false;
  const known = new Map();
  clear();

  function clear() {
    stop();
    moments = [];
    at = -1;
    atEnd = true;
    held = "";
    known.clear();
    row.hidden = body.hidden = strip.element.hidden = kernels.element.hidden = maps.element.hidden = why.hidden = true;
    none.hidden = false;
    for (const key of ["step", "moments", "told", "sample"]) delete element.dataset[key];
  }
  function follow(next) {
    if (run?.name === next?.name) return void (run = next);
    run = next;
    none.textContent = run ? sayNone({}, run.state) : "";
    sample = 0;
    clear();
    refresh();
  }
  /** Ask which moments there are; of questions that come meanwhile one is asked. */
  async function refresh() {
    if (!run) return;
    if (asking) return void (anew = true);
    asking = true;
    const mine = run;
    try {
      const found = await studio.call("moments", { run: mine.run });
      if (mine.name === run.name && !found.problem) take(found);
    } catch (error) {
      if (error.status !== 0) studio.fail(error);
    }
    asking = false;
    if (anew) {
      anew = false;
      refresh();
    }
  }
  function take(found) {
    const step = moments[at]?.step;
    moments = found.moments;
    known.clear(); // a moment may have gained answers
    at = atEnd ? moments.length - 1 : Math.max(0, moments.findIndex((each) => each.step >= step));
    const problem = found.examples?.problem, key = found.examples ? `${run.name} ${found.examples.names?.join()}` : "";
    why.hidden = !problem;
    why.textContent = problem ? `No examples: ${problem}` : "";
    if (found.examples && !problem && key !== held) {
      strip.element.hidden = false;
      body.hidden = false;
      strip.load(found.examples);
      strip.choose(sample);
      held = key;
    }
    row.hidden = moments.length < 1;
    body.hidden = !moments.length;
    none.textContent = sayNone(found, run.state);
    none.hidden = moments.length > 0;
    range.max = String(Math.max(0, moments.length - 1));
    element.dataset.moments = String(moments.length);
    show();
  }
  async function show() {
    const moment = moments[at];
    if (!moment) return;
    range.value = String(at);
    place.textContent = `${sayMoment(moment)}${at === moments.length - 1 ? "" : `, of ${sayMoment(moments.at(-1)).replace("after ", "")}`}`;
    range.setAttribute("aria-valuetext", sayMoment(moment));
    newest.disabled = atEnd;
    play.disabled = moments.length < 2;
    if (waiting) return void (again = true);
    waiting = true;
    try {
      const found = await fetch(moment.step);
      if (found) draw(found);
    } catch (error) {
      if (error.status !== 0) studio.fail(error);
    }
    waiting = false;
    if (again) {
      again = false;
      show();
    }
  }
  async function fetch(step) {
    const body = { run: run.run, step, sample, kernels: kernels.at, maps: maps.at }, key = JSON.stringify(body);
    let found = known.get(key);
    if (!found) {
      found = await studio.call("moment", body);
      if (found.problem) return null;
      known.set(key, found);
      if (known.size > KEPT) known.delete(known.keys().next().value);
    }
    return found;
  }
  function draw(found) {
    if (held) strip.tell(found.told, found.answers);
    kernels.show(found.kernels, found.layers.kernels, "");
    maps.show(found.maps, found.layers.maps, strip.name(sample), held && !found.maps ? "Not kept for this example at this moment." : "");
    Object.assign(
      element.dataset,
      { step: String(found.step), sample: String(found.sample), told: JSON.stringify(found.told.map(({ said }) => said)) }
    );
  }
  function chooseSample(number) {
    sample = number;
    strip.choose(number);
    onSample(number);
    show();
  }
  function stop() {
    clearInterval(timer);
    timer = 0;
    play.textContent = "Play";
  }
  function move(next) {
    at = Math.max(0, Math.min(moments.length - 1, next));
    atEnd = at === moments.length - 1;
    show();
  }
  play.addEventListener("click", () => {
    if (timer) return stop();
    play.textContent = "Stop";
    if (at >= moments.length - 1) move(0);
    timer = setInterval(() => {
      if (waiting) return;
      move(at + 1);
      if (atEnd) stop();
    }, BEAT);
  });
  range.addEventListener("input", () => { stop(); move(Number(range.value)); });
  newest.addEventListener("click", () => { stop(); move(moments.length - 1); });
  return { element, follow, refresh, clear, stop, get sample() { return sample; } };
}
