// The parts of the Understand view: what is asked above, the layers' maps on one side, the chosen cell's sum on the other.

import { make } from "./wording.js";

/** The network as typed, not a run's. */
export const FRESH = "fresh";
export const HINT = "Move over a map: what that cell sees lights up. Click it: its sum is spelled out here.";

/** Build the view inside `element`. Gives its parts by name. */
export function build(element) {
  const ui = {}, fold = document.createElement("details"), told = make("summary", "");
  fold.className = "fold";
  fold.open = matchMedia("(min-width: 60rem)").matches; // on a phone the maps come first
  ui.told = make("span", "");
  told.append("Network and input", ui.told);
  ui.typing = make("div", "", "box");
  ui.typing.hidden = true;
  fold.append(told, buildSetting(ui), ui.typing);
  ui.problem = make("p", "", "note");
  ui.problem.setAttribute("role", "alert");
  ui.problem.hidden = true;
  ui.stack = make("div", "", "stack");
  const both = make("div", "", "cellsides"), maps = make("div", "");
  maps.append(buildLegend(ui), ui.stack);
  both.append(maps, buildSide(ui));
  element.append(make("h2", "Every number of a network", "unseen"), fold, ui.problem, both);
  return ui;
}

function buildSetting(ui) {
  const setting = make("div", "", "setting"), field = makeField(ui), anew = makeButton(ui, "anew", "Draw anew");
  const another = makeButton(ui, "another", "Another");
  anew.dataset.fresh = "";
  another.dataset.for = "digit";
  setting.append(
    field("network", "Network", makeSelect([FRESH, "This text, fresh weights"])),
    field("text", "Its text", Object.assign(document.createElement("textarea"), { rows: 2, spellcheck: false }), { fresh: "" }),
    field("shape", "Input", makeInput("text", "", { placeholder: "1x8x8", size: 9 }), { fresh: "" }),
    field("classes", "Classes", makeInput("number", "10", { min: 1, max: 100000 }), { fresh: "" }),
    field("seed", "Seed", makeInput("number", "0", { min: 0 }), { fresh: "" }),
    anew,
    field(
      "source", "On",
      makeSelect(
        ["digit", "a bundled digit"], ["upload", "a file of yours"], ["numbers", "numbers you type"],
        ["text", "words you type"], ["noise", "noise"]
      )
    ),
    field("digit", "Number", makeInput("number", "0", { min: 0, max: 1796 }), { for: "digit" }),
    another,
    field("file", "File", makeInput("file", ""), { for: "upload" }),
    field("words", "Words", makeInput("text", "a few words of your own", { size: 32 }), { for: "text" }),
  );
  return setting;
}

/** What the colours say, and how large the maps are. */
function buildLegend(ui) {
  const legend = make("div", "", "legend row");
  const entry = (name, text) => {
    const part = make("span", "", "entry"), sign = make("span", "", name);
    part.append(sign, text);
    return part;
  };
  const scale = make("span", "", "entry");
  scale.append("below 0", make("span", "", "ramp"), "above 0");
  legend.append(scale, entry("frame cell", "the cell"), entry("frame field", "what it sees"));
  legend.append(makeField(ui)("zoom", "Size", makeInput("range", "1", { min: 0.5, max: 4, step: 0.25 })));
  return legend;
}

function buildSide(ui) {
  const side = make("div", "", "side");
  ui.where = make("p", HINT, "where");
  ui.said = make("p", "", "unseen");
  ui.said.setAttribute("aria-live", "polite");
  ui.sum = make("div", "", "spelled");
  ui.sum.id = "sum";
  ui.histogram = make("div", "", "histogram");
  side.append(buildSteps(ui), buildWays(ui), ui.where, ui.said, ui.sum, ui.histogram);
  return side;
}

function buildSteps(ui) {
  ui.steps = document.createElement("fieldset");
  ui.steps.className = "row stepping";
  const speed = makeField(ui)("speed", "Speed", makeInput("range", "1", { min: -1, max: 5, step: 0.5 }));
  const pin = makeButton(ui, "pin", "Pin");
  pin.title = "Keep this cell lit, wherever the pointer goes";
  pin.setAttribute("aria-pressed", "false");
  ui.steps.append(
    make("legend", "Step the kernel over the input", "unseen"), makeButton(ui, "back", "Back"),
    makeButton(ui, "play", "Play"), makeButton(ui, "next", "Step"), speed, pin
  );
  ui.play.classList.add("main");
  return ui.steps;
}

function buildWays(ui) {
  const ways = document.createElement("fieldset");
  ways.className = "row ways";
  ways.append(make("legend", "What lights up, and how numbers are written", "unseen"));
  const add = (name, text, type, more) => {
    const label = make("label", "");
    ui[name] = makeInput(type, name, more);
    label.append(ui[name], document.createTextNode(` ${text}`));
    ways.append(label);
  };
  add("sees", "what the cell sees", "radio", { name: "way", checked: true });
  add("reaches", "what it reaches", "radio", { name: "way" });
  add("all", "all digits", "checkbox", {});
  return ways;
}

const makeField = (ui) => (name, text, control, data = {}) => {
  const label = make("label", "", "field");
  Object.assign(label.dataset, data);
  label.append(make("span", text), control);
  ui[name] = control;
  return label;
};
// the value after its limits
const makeInput = (type, value, more = {}) => Object.assign(document.createElement("input"), { type, ...more, value });
const makeButton = (ui, name, text) => (ui[name] = Object.assign(make("button", text), { type: "button" }));
function makeSelect(...options) {
  const made = document.createElement("select");
  for (const [value, text] of options) made.append(new Option(text, value));
  return made;
}
