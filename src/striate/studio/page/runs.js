// The list of runs, from which one is followed and some are compared; and the comparison: curves, figures, what differs.

import { makeCurves } from "./curves.js";
import { make } from "./wording.js";

const LOOKS = ["a", "b", "c", "d"], MOST = 4;
const WORDS = { running: "running", stopping: "pausing", finished: "finished", stopped: "paused", failed: "ended early" };
/** A merit as people say it; `judged` has its unit. */
export const sayMerit = (value, judged) => (
  !Number.isFinite(value)
    ? ""
    : judged?.unit === "%"
    ? `${(100 * value).toFixed(1)} %`
    : `${Number(value.toPrecision(4))}${judged?.unit ? ` ${judged.unit}` : ""}`
);
const isShare = (name) => /accuracy/.test(name);
const write = (name, value) => (
  value === null || value === undefined
    ? "none"
    : typeof value === "number"
    ? (isShare(name) ? `${(100 * value).toFixed(2)} %` : Number(value.toPrecision(5)).toLocaleString("en", { maximumSignificantDigits: 5 }))
    : typeof value === "object"
    ? JSON.stringify(value)
    : String(value)
);

/** How a run's state is said. */
export const sayState = (state) => WORDS[state] ?? state;

/** The list. `on` = {choose(run), compare(runs)}. Gives {element, show(runs, chosenName)}. */
export function makeList(on) {
  const element = make("section", "", "runs"), box = make("div", "", "box"), table = document.createElement("table");
  const body = document.createElement("tbody");
  const button = make("button", "Compare"), head = table.createTHead().insertRow(), marked = new Set();
  button.type = "button";
  button.disabled = true;
  table.createCaption().textContent = "Runs";
  for (const [text, hidden] of [["compare", true], ["Run", false], ["State", false], ["Epoch", false], ["Validation", false]]) {
    const cell = make("th", hidden ? "" : text);
    cell.scope = "col";
    if (hidden) cell.append(make("span", text, "unseen"));
    head.append(cell);
  }
  table.append(body);
  box.append(table);
  element.append(box, button);
  element.hidden = true;
  let runs = [], last = "";
  button.addEventListener("click", () => on.compare(runs.filter((each) => marked.has(each.name))));

  function mark(name, on) {
    if (on) marked.add(name);
    else marked.delete(name);
    button.disabled = marked.size < 2 || marked.size > MOST;
  }
  function makeRow(run, chosen) {
    const row = document.createElement("tr"), box = document.createElement("input"), open = make("button", run.name, "open");
    Object.assign(box, { type: "checkbox", checked: marked.has(run.name) });
    box.setAttribute("aria-label", `compare ${run.name}`);
    box.addEventListener("change", () => mark(run.name, box.checked));
    open.type = "button";
    if (chosen) open.setAttribute("aria-current", "true");
    open.addEventListener("click", () => on.choose(run));
    row.dataset.state = run.state;
    row.dataset.name = run.name;
    row.insertCell().append(box);
    row.insertCell().append(open);
    row.insertCell().textContent = sayState(run.state);
    row.insertCell().textContent = run.epoch ?? "";
    row.insertCell().textContent = sayMerit(run.merit, run.judged);
    return row;
  }
  function show(found, chosenName) {
    runs = found;
    const key = JSON.stringify([found.map(({ name, state, epoch }) => [name, state, epoch]), chosenName]);
    if (key === last) return;
    last = key;
    const focused = document.activeElement?.closest?.("tr[data-name]")?.dataset.name, kind = document.activeElement?.type;
    body.replaceChildren(...found.map((run) => makeRow(run, run.name === chosenName)));
    if (focused) body.querySelector(`tr[data-name="${CSS.escape(focused)}"] ${kind === "checkbox" ? "input" : "button"}`)?.focus();
    element.hidden = !found.length;
    table.hidden = button.hidden = !found.length;
  }
  return { element, show };
}

/** The comparison. Gives {element, show(found)}; it is hidden until then. */
export function makeComparison() {
  const element = make("section", "", "comparison"), title = make("h3", "");
  const close = make("button", "Close the comparison"), loss = makeCurves("Validation loss");
  const accuracy = makeCurves("Validation accuracy"), tables = make("div", "", "pair");
  const curves = make("div", "", "pair");
  element.hidden = true;
  close.type = "button";
  close.addEventListener("click", () => { element.hidden = true; });
  curves.append(loss.element, accuracy.element);
  element.append(title, curves, tables, close);

  function show({ names, histories, figures, settings, judged = [] }) {
    const pick = (...keys) => names.map((name, at) => ({
      name, look: LOOKS[at], dashed: at % 2 === 1,
      points: histories[at].map((record) => [record.epoch, keys.map((key) => record[key]).find((value) => value !== undefined)]),
    }));
    element.hidden = false;
    title.textContent = `Compared: ${names.join(", ")}`;
    loss.show(pick("validation_loss"));
    const [first] = judged, isOne = judged.every((each) => each?.name === first?.name);
    accuracy.rename(isOne ? `Validation ${first?.name ?? "accuracy"}` : "Validation merit", isOne ? first?.meaning ?? "" : "of each its own task's");
    accuracy.show(pick("validation_accuracy", "validation_merit"), { percent: first ? isOne && first.unit === "%" : histories.every((records) => records.every((record) => "validation_accuracy" in record)) });
    tables.replaceChildren(makeTable("Figures", names, figures), makeTable("What they were told differently", names, settings));
    element.scrollIntoView({ block: "nearest" });
  }
  return { element, show };
}

function makeTable(title, names, rows) {
  const box = make("div", "", "box"), table = document.createElement("table"), head = table.createTHead().insertRow();
  const body = table.createTBody();
  box.tabIndex = 0;
  box.setAttribute("role", "region");
  box.setAttribute("aria-label", title);
  table.createCaption().textContent = rows.length ? title : `${title}: nothing`;
  for (const text of ["", ...names]) {
    const cell = make(text ? "th" : "td", text);
    if (text) cell.scope = "col";
    head.append(cell);
  }
  for (const [name, values] of rows) {
    const row = body.insertRow(), cell = make("th", name.replaceAll("_", " "));
    cell.scope = "row";
    row.append(cell);
    for (const value of values) row.insertCell().textContent = write(name, value);
  }
  box.append(table);
  return box;
}
