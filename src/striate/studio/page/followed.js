// The run that is followed: how it stands, what can be done, its figures with their meaning, its curves, what it said.

import { makeCurves } from "./curves.js";
import { makeFigures } from "./figures.js";
import { sayState } from "./runs.js";
import { make } from "./wording.js";

const TELLS = {
  running: "", stopping: "Saving its state; then it ends.", finished: "", failed: "",
  stopped: "Paused. It goes on from its last checkpoint, and ends with the same bits as without the pause.",
};

/**
 * The section. `on` = {pause(atOnce), resume(), question(name)}; `inside` stands below the curves. Gives {element,
 * on, show(found, records), expect(name), clear(some), needsReport(name)}.
 */
export function makeFollowed(inside) {
  const element = make("section", "", "followed"), head = make("div", "", "head"), title = make("h2", "No run yet");
  const badge = make("span", "", "badge");
  const state = make("p", "Choose data and a network above, then press Start.", "quiet");
  const bar = document.createElement("progress"), actions = make("div", "", "row");
  const pause = make("button", "Pause"), kill = make("button", "Stop at once"), go = make("button", "Go on", "main");
  const ask = make("button", "Question it"), report = make("a", "Open the report"), why = make("p", "", "note");
  const figures = makeFigures(), loss = makeCurves("Loss", { meaning: "how wrong the answers are; lower is better" });
  const accuracy = makeCurves("Accuracy", { meaning: "the share that is right; higher is better" });
  const curves = make("div", "", "pair"), log = document.createElement("details"), said = make("pre", "", "said");
  const on = { pause() {}, resume() {}, question() {} };
  let shown = "", hasReport = "";
  for (const button of [pause, kill, go, ask]) button.type = "button";
  Object.assign(report, { target: "_blank", rel: "noopener" });
  bar.setAttribute("aria-label", "how far the training is");
  badge.setAttribute("role", "status");
  said.tabIndex = 0;
  said.setAttribute("role", "region");
  said.setAttribute("aria-label", "what the training said");
  log.append(make("summary", "What the training said"), said);
  pause.addEventListener("click", () => on.pause(false));
  kill.addEventListener("click", () => on.pause(true));
  go.addEventListener("click", () => on.resume());
  ask.addEventListener("click", () => on.question(shown));
  head.append(title, badge, actions);
  actions.append(pause, kill, go, ask, report);
  curves.append(loss.element, accuracy.element);
  element.append(head, state, bar, why, figures.element, curves, inside, log);

  /** Nothing is followed: of several runs one can be chosen. */
  function clear(some = false) {
    shown = "";
    title.textContent = some ? "Choose a run" : "No run yet";
    state.textContent = some ? "Press its name in the list, or start another above." : "Choose data and a network above, then press Start.";
    state.hidden = false;
    for (const each of [badge, bar, pause, kill, go, ask, report, why, figures.element, curves, inside, log]) each.hidden = true;
  }
  clear();
  /** A run whose standing is asked for, and which isn't the one that is shown. */
  function expect(name) {
    if (shown === name) return;
    clear();
    title.textContent = shown = name;
    hasReport = "";
    state.textContent = "Looking at it …";
  }

  function show(found, records) {
    const alive = found.state === "running" || found.state === "stopping";
    const word = records.some((each) => "train_merit" in each) ? "merit" : "accuracy";
    shown = found.name;
    title.textContent = found.name;
    badge.hidden = false;
    if (badge.textContent !== sayState(found.state)) badge.textContent = sayState(found.state);
    badge.dataset.state = found.state;
    state.textContent = alive && !found.pace && found.state === "running" ? (
      found.said.at(-1)
        ? `Starting: ${found.said.at(-1).replace(/\s+/g, " ")}`
        : "Starting: PyTorch and the data are being read …"
    ) : TELLS[found.state] ?? "";
    state.hidden = !state.textContent;
    bar.hidden = !alive;
    if (found.total) Object.assign(bar, { max: found.total, value: found.done });
    else bar.removeAttribute("value");
    pause.hidden = found.state !== "running";
    kill.hidden = found.state !== "stopping";
    go.hidden = !found.can_resume || found.state === "finished";
    if (found.report) report.href = `/view/${found.report}`;
    if (found.report) hasReport = found.name;
    report.hidden = hasReport !== found.name || found.state !== "finished";
    ask.hidden = found.state !== "finished";
    actions.hidden = [pause, kill, go, ask, report].every((each) => each.hidden);
    why.hidden = !found.problem;
    why.textContent = found.problem ? `It ended early: ${found.problem}` : "";
    figures.show(found, records, word, alive);
    curves.hidden = !alive && !records.length;
    inside.hidden = curves.hidden && !Number(inside.dataset.moments);
    const pick = (name, key, look) => ({ name, look, dashed: look === "b", points: records.map((record) => [record.epoch, record[key]]) });
    loss.show([pick("training", "train_loss", "a"), pick("validation", "validation_loss", "b")], { waiting: alive });
    const { name: merit, unit, meaning } = found.judged ?? { name: word, unit: word === "accuracy" ? "%" : "", meaning: "" };
    accuracy.rename(`${merit[0].toUpperCase()}${merit.slice(1)}${unit && unit !== "%" ? ` (${unit})` : ""}`, meaning);
    accuracy.element.hidden = found.judged?.name === "bits per sample"; // it is the loss, in other words
    accuracy.show(
      [pick("training", `train_${word}`, "a"), pick("validation", `validation_${word}`, "b")],
      { percent: unit === "%", waiting: alive }
    );
    log.hidden = !found.said.length;
    log.open ||= found.state === "failed";
    const text = found.said.join("\n");
    if (said.textContent !== text) said.textContent = text;
    Object.assign(
      element.dataset,
      { state: found.state, name: found.name, epochs: String(records.length), merit: String(records.at(-1)?.[`validation_${word}`] ?? "") }
    );
  }
  return { element, on, show, clear, expect, needsReport: (name) => hasReport !== name };
}
