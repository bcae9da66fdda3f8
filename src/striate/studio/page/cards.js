// Held-out samples as cards: a small picture, the truth, the answer, how certain it was, and the file's name. A card opens the sample.

import { showMedia } from "./media.js";
import { makeOpened } from "./opened.js";
import { count, percent } from "./portrait.js";
import { make } from "./wording.js";

const FIRST = 24, FILTERS = [["wrong", "Wrong"], ["right", "Right"], ["all", "All"]];

/**
 * Make the list; `where` says of which part the samples are; `judged`: they are right or wrong. Gives {element,
 * title, on, show(cell, words)}.
 */
export function makeCards(studio, run, where, judged) {
  const element = make("section", "", "samples"), title = make("h4", ""), tools = make("fieldset", "", "row filter");
  const chip = make("button", ""), told = make("p", "", "caption"), list = make("ol", "", "cards");
  const more = make("button", "Show more");
  const on = { clear() {} }, opened = makeOpened(studio, run, where);
  let cell = null, only = judged ? "wrong" : "all", shown = [], total = 0, round = 0;
  tools.append(make("legend", "Which samples", "unseen"));
  const radios = FILTERS.map(([value, text]) => {
    const label = make("label", "");
    const radio = Object.assign(document.createElement("input"), { type: "radio", name: "only", value, checked: value === only });
    radio.addEventListener("change", () => { only = value; leave(); });
    label.append(radio, document.createTextNode(` ${text}`));
    tools.append(label);
    return radio;
  });
  tools.hidden = !judged;
  Object.assign(chip, { type: "button", className: "chip", hidden: true });
  chip.addEventListener("click", () => { leave(); title.focus(); });
  Object.assign(more, { type: "button", hidden: true });
  more.addEventListener("click", () => load(shown.length));
  title.tabIndex = -1;
  told.setAttribute("role", "status");
  element.append(title, tools, chip, told, list, more, opened.element);

  function leave() {
    cell = null;
    on.clear();
    show();
  }
  function show(next = null, words = "") {
    cell = next;
    chip.hidden = !cell;
    chip.replaceChildren(make("span", words), make("span", " ×"));
    chip.setAttribute("aria-label", `${words}: show all again`);
    for (const radio of radios) radio.checked = !cell && radio.value === only;
    title.textContent = words || (
      !judged
        ? "The samples"
        : { wrong: "What it got wrong", right: "What it got right", all: "All samples" }[only]
    );
    return load(0);
  }
  async function load(first) {
    const mine = ++round;
    list.setAttribute("aria-busy", "true");
    try {
      const asked = { run: run.handle, first, count: FIRST, ...(cell ?? { only }) };
      const found = await studio.call("examples", asked, run.signal);
      if (mine !== round) return;
      if (found.problem) return void (told.textContent = found.problem);
      shown = first ? [...shown, ...found.samples] : found.samples;
      total = found.total;
      if (!first) list.replaceChildren();
      list.append(...found.samples.map((sample, at) => makeCard(sample, () => opened.show(shown, first + at))));
      const none = only === "wrong" && !cell ? "None: every one of them is right." : "None.";
      const hasWrong = shown.some(({ right, answer }) => answer && !right);
      const order = `${found.order}${hasWrong ? "; the truth → the answer" : ""}`;
      told.textContent = total ? `${count(shown.length)} of ${count(total)}, the ${order}` : none;
      more.hidden = shown.length >= total;
    } catch (error) {
      studio.fail(error);
    } finally {
      if (mine === round) list.removeAttribute("aria-busy");
    }
  }
  return { element, title, on, show };
}

function makeCard(sample, open) {
  const item = document.createElement("li"), button = make("button", "", "card"), words = make("span", "", "words");
  button.type = "button";
  button.dataset.number = String(sample.number);
  if (sample.right === false) button.classList.add("wrong");
  button.append(showMedia(sample.media, { label: sample.name, small: true }), words);
  if (sample.truth || sample.answer) {
    const line = make("span", "", "verdict");
    line.append(make("bdi", sample.truth));
    if (!sample.right) line.append(make("span", " → ", "quiet"), make("bdi", sample.answer, "answered"));
    words.append(line);
  }
  const sure = [sample.note ?? "", sample.certainty === null ? "" : percent(sample.certainty)].filter(Boolean).join(" ");
  if (sure) words.append(make("span", sure, "quiet"));
  const name = make("bdi", sample.name, "file");
  name.title = sample.name;
  words.append(name);
  button.addEventListener("click", open);
  item.append(button);
  return item;
}
