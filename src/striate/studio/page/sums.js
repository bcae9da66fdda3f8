// A sum spelled out: what each channel adds, the bias, what all comes to; beneath it every product, or a formula.

import { readColours, shade } from "./shades.js";
import { findChannel, showTerms } from "./terms.js";
import { make, write } from "./wording.js";

const MOST_PARTS = 12;

/** Show a spelled sum in `element`; `on.weight(index, button)` hears which weight was chosen, `on.all` asks for all digits. */
export function showSum(element, spelled, on) {
  element.replaceChildren();
  const heading = make("h3", spelled.layer), digits = on.all ? 9 : 4;
  heading.append(make("span", ` ${spelled.kind}, ${nameCell(spelled.cell)}`, "quiet"));
  element.append(heading, writeEquation(element, spelled, digits));
  element.dataset.total = String(spelled.total);
  element.dataset.value = String(spelled.value);
  element.dataset.error = String(spelled.error);
  element.dataset.cell = spelled.cell.join(",");
  element.dataset.layer = spelled.layer;
  element.dataset.source = spelled.terms?.sources[spelled.terms.source[0]] ?? "";
  if (spelled.terms) showTerms(element, spelled.terms, on);
  const steps = spelled.steps.filter((step) => !(spelled.terms && spelled.steps.length === 1));
  if (steps.length) element.append(listSteps(steps));
  for (const note of spelled.notes) element.append(make("p", note, "note"));
  element.append(make("p", `The network's own number: ${write(spelled.value, digits)}`, "caption"));
}

/** Say why there is no sum. */
export function showProblem(element, problem) {
  element.replaceChildren(make("p", problem, "note"));
  for (const name of ["total", "value", "error", "cell", "layer"]) delete element.dataset[name];
}

/** A cell as people say it: its channel, then where it stands. */
export function nameCell(cell) {
  const [channel, ...place] = cell;
  if (!place.length) return `unit ${channel}`;
  const names = place.length === 1
    ? ["at "]
    : place.length === 2
    ? ["row ", "column "]
    : [...place.slice(2).map((_, i) => (i ? "axis " : "slice ")), "row ", "column "];
  return `channel ${channel}, ${place.map((index, axis) => `${names[axis]}${index}`).join(", ")}`;
}

/** The sum in one line: what each channel adds, the bias, the total; each in its sign's colour. */
function writeEquation(element, { terms, bias, total, steps }, digits) {
  const line = make("div", "", "equation"), parts = listParts(terms, bias, steps), colours = readColours(element);
  const most = Math.max(...parts.map(({ amount }) => Math.abs(amount)), Math.abs(total)) || 1;
  const add = (amount, label, sign, name = "") => {
    if (sign) line.append(make("span", sign, "sign"));
    const part = make("span", "", `part ${name}`), number = make(name ? "output" : "b", write(amount, digits));
    number.title = String(amount);
    Object.assign(number.style, shade(colours, amount / most));
    part.append(number, make("span", label, "label"));
    line.append(part);
  };
  parts.forEach(({ amount, label }, i) => add(amount, label, i ? "+" : ""));
  add(total, "this cell", parts.length ? "=" : "", "total");
  return line;
}

function listParts(terms, bias, steps) {
  if (!terms || (bias === null && steps.length > 1)) return [];
  const many = terms.partial.length > MOST_PARTS, products = terms.states.filter((state) => state !== 2).length;
  const whole = { amount: terms.total, label: `${products.toLocaleString("en")} products` };
  const places = terms.grid.slice(1).reduce((product, each) => product * each, 1);
  const alone = terms.partial.length === 1 || many || places === 1;
  const parts = alone ? [whole] : terms.partial.map((amount, i) => ({ amount, label: `channel ${findChannel(terms, i, places)}` }));
  return bias === null ? parts : [...parts, { amount: bias, label: "bias" }];
}

function listSteps(steps) {
  const list = make(steps.length > 1 ? "ol" : "ul", "", "steps");
  const signs = [[" - ", " − "], [" * ", " × "], ["sqrt(", "√("], ["(-", "(−"], [", -", ", −"], ["= -", "= −"]];
  for (const step of steps) {
    const line = make("li", "");
    if (steps.length > 1) line.append(make("span", `${step.name.replaceAll("_", " ")} `, "quiet"));
    line.append(make("code", signs.reduce((text, [from, to]) => text.replaceAll(from, to), step.formula)));
    list.append(line);
  }
  return list;
}
