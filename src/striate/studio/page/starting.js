// The form of the Train view: what to train, on what, how long. What is wrong with a field is said beside it, before anything starts.

import { makePreview } from "./preview.js";
import { make } from "./wording.js";

const WRITE = "striate-write";
const TEXT = "the text of the Write view";
const LENGTHS = [["as the data ask for", ""], ["epochs", "epochs"], ["steps", "steps"], ["minutes", "minutes"]];
const DOES = {
  "": "", default: "SGD with momentum: for most networks", fast: "for small pictures, in little time",
  muon: "orthogonal steps: fewer epochs", quick: "a first look",
};

/** What the tab keeps under a name; null where that is nothing. */
export function read(key) {
  try {
    return JSON.parse(sessionStorage.getItem(key));
  } catch {
    return null;
  }
}

function fill(select, options) {
  const before = select.selectedOptions[0]?.textContent;
  select.replaceChildren(...options.map(([text, value]) => Object.assign(document.createElement("option"), { textContent: text, value })));
  const same = [...select.options].find((each) => each.textContent === before);
  if (same) same.selected = true;
}

/** A control with its name above and, where something is wrong, one line below. */
function makeField(text, control, hint = "") {
  const element = make("div", "", "field"), label = make("label", text), wrong = make("p", "", "wrong");
  control.id = `train-${control.name}`;
  label.htmlFor = control.id;
  wrong.id = `${control.id}-wrong`;
  wrong.setAttribute("role", "alert");
  wrong.hidden = true;
  element.append(label, control);
  if (hint) element.append(make("p", hint, "hint"));
  element.append(wrong);
  function blame(problem) {
    wrong.textContent = problem ?? "";
    wrong.hidden = !problem;
    if (problem) control.setAttribute("aria-describedby", wrong.id);
    else control.removeAttribute("aria-describedby");
    control.toggleAttribute("aria-invalid", Boolean(problem));
    if (problem) control.setAttribute("aria-invalid", "true");
  }
  control.addEventListener("input", () => blame(""));
  return { element, control, blame };
}
const number = (name, attributes) => Object.assign(
  document.createElement("input"), { type: "text", inputMode: "decimal", autocomplete: "off", name, ...attributes }
);
const choice = (name) => Object.assign(document.createElement("select"), { name });

/** What is wrong with a number as it was typed; "" where nothing is. */
function findFault(text, { whole = false, least = 0, above = false, most = Infinity }) {
  if (!text.trim()) return "";
  const value = Number(text);
  const fits = Number.isFinite(value) && (above ? value > least : value >= least) && value <= most && (!whole || Number.isInteger(value));
  return fits
    ? ""
    : `found ${text.trim().slice(0, 20)}, needed ${whole ? "a whole number" : "a number"} ${above ? "above" : "from"} ${least}${most < Infinity ? ` to ${most}` : ""}`;
}

/** The form. `read()` gives the body of `train`, null where a field is wrong, which it then says. */
export function makeForm(studio) {
  const element = document.createElement("form"), length = number("length", { value: "10" });
  const fields = {
    data: makeField("Data", choice("data")), net: makeField(
      "Network", choice("net")
    ), unit: makeField("Length", choice("unit")), length: makeField("How many", length),
    until: makeField(
      "Until accuracy", number("until", { placeholder: "0.95" }), "ends early once it is reached"
    ), recipe: makeField("Recipe", choice("recipe")), task: makeField("Task", choice("task")),
    batch: makeField(
      "Batch", number("batch", { placeholder: "chosen" }), "samples per step"
    ), seed: makeField("Seed", number("seed", { placeholder: "0" }), "same seed, same run"),
  };
  const { data, net, unit, recipe, task } = Object.fromEntries(Object.entries(fields).map(([name, { control }]) => [name, control]));
  const start = make("button", "Start", "main"), again = make("button", "Look for data again");
  const probe = Object.assign(document.createElement("input"), { type: "checkbox", checked: true, name: "probe" });
  const tick = make("label", "", "tick");
  const more = document.createElement("details"), options = make("div", "", "fields");
  const first = make("div", "", "fields"), last = make("div", "", "row"), preview = makePreview(studio);
  element.noValidate = true;
  start.type = "submit";
  again.type = "button";
  tick.append(probe, "find the fastest engine first");
  fill(unit, LENGTHS);
  const showAmount = () => { fields.length.element.hidden = !unit.value; };
  unit.addEventListener("change", showAmount);
  showAmount();
  first.append(...["data", "net", "unit", "length"].map((name) => fields[name].element));
  options.append(...["until", "recipe", "task", "batch", "seed"].map((name) => fields[name].element), tick);
  more.append(make("summary", "More options"), options);
  last.append(start, again);
  element.append(first, preview.element, more, last);
  data.addEventListener("change", () => preview.show(data.value));
  again.addEventListener("click", () => offer());

  async function offer() {
    try {
      const found = await studio.call("data");
      fill(data, found.data.map((each) => [each.name, each.data]));
      fill(net, [[TEXT, ""], ...found.networks.map((name) => [name, name])]);
      fill(recipe, [["chosen from the data", ""], ...found.recipes.map((name) => [DOES[name] ? `${name} · ${DOES[name]}` : name, name])]);
      fill(task, [["as the data say", ""], ...found.tasks.map((name) => [name, name])]);
      if (!read(WRITE)?.text && !net.value) net.value = "auto";
      preview.show(data.value);
    } catch (error) {
      studio.fail(error);
    }
  }
  const rules = () => ({
    ...(unit.value ? { length: { whole: unit.value !== "minutes", above: true } } : {}),
    until: { above: true, most: 1e9 }, batch: { whole: true, least: 1, most: 1 << 20 }, seed: { whole: true },
  });
  /** Say what is wrong beside its field; whether there is such a field. */
  function blame(name, problem) {
    const field = fields[["epochs", "steps", "minutes"].includes(name) ? "length" : name];
    if (!field) return false;
    if (options.contains(field.element)) more.open = true;
    if (field.element.hidden) return false;
    field.blame(problem);
    field.control.focus();
    return true;
  }
  function give() {
    const text = net.value || read(WRITE)?.text, faults = [];
    for (const field of Object.values(fields)) field.blame("");
    if (!data.value) faults.push(["data", "found none, needed one"]);
    if (!text) faults.push(["net", "The Write view holds no text yet: write one there, or choose a network"]);
    for (const [name, rule] of Object.entries(rules())) {
      const fault = findFault(fields[name].control.value, rule);
      if (fault) faults.push([name, fault]);
    }
    if (unit.value && !length.value.trim()) faults.push(["length", `found nothing, needed a number of ${unit.value}`]);
    for (const [name, fault] of faults.reverse()) blame(name, fault);
    if (faults.length) return null;
    const body = { data: data.value, net: text, probe: probe.checked };
    if (unit.value) body[unit.value] = Number(length.value);
    for (const name of ["recipe", "task"]) if (fields[name].control.value) body[name] = fields[name].control.value;
    for (const name of ["until", "batch", "seed"]) if (fields[name].control.value.trim()) body[name] = Number(fields[name].control.value);
    return body;
  }
  return { element, start, offer, read: give, blame };
}
