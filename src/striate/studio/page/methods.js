// Which method explains, in the words of the catalogue: what it shows, when that doesn't hold; a second one beside it; the class.

import { make } from "./wording.js";

const FIRST = "gradcam", MOST_CLASSES = 1000;

/** Make the choice; `on.change()` hears of another. Gives {element, read(), asks(), mark(unfit)}. */
export function makeMethods(run, { methods, layers }, on) {
  const element = make("fieldset", "", "methods"), row = make("div", "", "row"), told = make("div", "", "told");
  const more = make("details", ""), fields = make("div", "", "row");
  const symbols = run.medium === "words", first = makeSelect("Method", "first");
  const second = makeSelect("Beside it", "second"), target = makeSelect("Explain", "target");
  const layer = makeSelect("Layer", "layer");
  const unit = Object.assign(document.createElement("input"), { type: "number", min: 0, name: "unit", placeholder: "all" });
  let unfit = null;
  for (const { name, title } of methods) for (const { select } of [first, second]) select.append(new Option(title, name));
  second.select.prepend(new Option("no second one", ""));
  second.select.value = "";
  first.select.value = symbols ? "occlusion" : FIRST;
  target.select.append(
    new Option("the network's own answer", ""),
    ...run.classes.slice(0, MOST_CLASSES).map((name, place) => new Option(name, place))
  );
  layer.select.append(new Option("chosen by the method", ""), ...layers.map(({ path, kind }) => new Option(`${path} (${kind})`, path)));
  const number = make("label", "Unit ");
  number.append(unit);
  fields.append(layer.label, number);
  more.append(
    make("summary", "Look at another layer or unit"),
    make(
      "p",
      "For methods that read a layer. A unit is one channel of it, asked about in the class's place; deconvnet takes one.",
      "caption"
    ),
    fields
  );
  row.append(target.label, first.label, second.label);
  told.setAttribute("aria-live", "polite");
  element.append(make("legend", "The question"), row, told, more);
  for (const control of [first.select, second.select, target.select, layer.select, unit]) {
    control.addEventListener("change", () => { tell(); on.change(); });
  }

  const chosen = () => [
    ...new Set([first.select.value, second.select.value].filter(Boolean))
  ].map((name) => methods.find((each) => each.name === name));
  function tell() {
    const layered = chosen().some((each) => each.layered), unitary = chosen().some((each) => each.unitary);
    more.hidden = !layered;
    number.hidden = !unitary;
    told.replaceChildren(...chosen().map((method) => {
      const line = make("p", "", "caption"), problem = unfit?.[method.name];
      line.append(
        make("strong", method.title), ` shows ${method.shows}. `,
        make("b", problem ? "Not for this network: " : "When it misleads: "),
        make("span", problem ?? method.limits, problem ? "cannot" : ""), make("span", ` ${method.source}.`, "quiet")
      );
      return line;
    }));
  }
  tell();
  return {
    element,
    read() {
      const asked = chosen(), layered = asked.some((each) => each.layered), unitary = asked.some((each) => each.unitary);
      return {
        methods: asked.map(({ name }) => name),
        target: target.select.value === "" ? null : Number(target.select.value),
        layer: (layered && layer.select.value) || null,
        unit: unitary && unit.value !== "" ? Number(unit.value) : null,
      };
    },
    /** Whether it isn't known yet which methods fit this network. */
    asks: () => unfit === null,
    mark(found) {
      if (!found) return;
      unfit = found;
      for (const { select } of [first, second]) {
        for (const option of select.options) {
          if (unfit[option.value]) option.textContent = `${methods.find(({ name }) => name === option.value).title}: not for this network`;
        }
      }
      tell();
    },
  };
}

function makeSelect(title, name) {
  const label = make("label", `${title} `), select = document.createElement("select");
  select.name = name;
  label.append(select);
  return { label, select };
}
