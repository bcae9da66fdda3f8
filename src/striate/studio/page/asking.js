// Which network, on which input: a run or a text with fresh weights; a digit, a file, typed numbers or noise.

import { unpack } from "./packed.js";
import { FRESH } from "./sides.js";
import { makeTyped } from "./typed.js";

const START = "conv3-4, relu, maxpool2\nadd[conv3-4 | ], relu\ngap, flatten, fc-classes", KEEP = "striate-write";

/** Make the head of the Understand view; `open()` makes the pass that it asks for. Gives {describe, begin, shown}. */
export function makeAsking(view, open) {
  const { element, ui, studio } = view;
  let uploaded = null, typed = null, known = new Map();

  /** What is asked for, or null while something is wanting: a file, typed numbers. */
  function describe() {
    const source = describeSource(), seed = Number(ui.seed.value) || 0;
    if (!source) return null;
    if (ui.network.value !== FRESH) return { subject: ui.network.value, source };
    const shape = ui.shape.value.trim() ? ui.shape.value.trim().split(/[x×,\s]+/).map(Number) : null;
    return { text: ui.text.value, input: shape, classes: Number(ui.classes.value) || null, seed, source };
  }
  function describeSource() {
    const kind = ui.source.value;
    if (kind === "digit") return { kind, index: Number(ui.digit.value) || 0 };
    if (kind === "noise") return { kind, seed: Number(ui.seed.value) || 0 };
    if (kind === "text") return ui.words.value.trim() ? { kind, text: ui.words.value } : void ui.words.focus();
    if (kind === "numbers") return typed ? { kind, values: typed.values() } : void beginTyping();
    return uploaded ? { kind, input: uploaded } : void ui.file.focus();
  }

  /** Fields that begin with the numbers of the input that is there now. */
  async function beginTyping() {
    if (!view.play) return;
    const { play, input } = view.play;
    try {
      const found = await studio.call("maps", { play, layer: null, first: 0, count: input.shape[0] });
      typed = makeTyped(input.shape, unpack(found.values), open);
      ui.typing.replaceChildren(typed.element);
      ui.typing.hidden = false;
      open(); // with the numbers as they stand there
    } catch (error) {
      studio.fail(error);
    }
  }
  async function onFile() {
    const file = ui.file.files[0];
    if (!file) return;
    try {
      ui.problem.hidden = true; // the file that was wanted is there
      studio.say(`Reading ${file.name} …`);
      uploaded = (await studio.upload(file)).input;
      open();
    } catch (error) {
      studio.fail(error);
    } finally {
      studio.say("");
    }
  }
  async function listRuns() {
    try {
      const { runs } = await studio.call("subjects");
      const kept = ui.network.selectedOptions[0]?.textContent;
      ui.network.replaceChildren(
        new Option("This text, fresh weights", FRESH),
        ...runs.map(({ name, subject }) => new Option(`Run ${name}`, subject))
      );
      known = new Map(runs.map((run) => [run.subject, run]));
      const again = [...ui.network.options].find((option) => option.textContent === kept);
      if (again) again.selected = true;
    } catch (error) {
      studio.fail(error);
    }
  }
  /** Offer only what the network takes: digits go into pictures, words into runs of words. */
  function offer() {
    const run = known.get(ui.network.value), written = /^\s*input\s+([\dx×]+)/m.exec(ui.text.value)?.[1] ?? ui.shape.value;
    const shape = run ? run.input : written.trim().split(/[x×,\s]+/).filter(Boolean).map(Number), words = run?.takes === "words";
    const picture = !shape.length || (shape.length === 3 && (shape[0] === 1 || shape[0] === 3));
    const fits = { digit: picture && !words && run?.takes !== "sound", upload: true, numbers: !words, text: words, noise: !words };
    for (const option of ui.source.options) option.hidden = option.disabled = !fits[option.value];
    if (!fits[ui.source.value]) ui.source.value = words ? "text" : "noise";
  }
  function arrange() {
    offer();
    const kind = ui.source.value;
    for (const part of element.querySelectorAll("[data-for]")) part.hidden = !part.dataset.for.split(" ").includes(kind);
    for (const part of element.querySelectorAll("[data-fresh]")) part.hidden = ui.network.value !== FRESH;
    ui.typing.hidden = kind !== "numbers" || !typed;
    if (kind !== "numbers") typed = null;
  }

  // ---- the text of the Write view

  function takeText() {
    const kept = readKept();
    if (!kept?.text || kept.text === ui.text.dataset.from) return false;
    ui.text.value = ui.text.dataset.from = kept.text;
    ui.classes.value = kept.classes || ui.classes.value;
    ui.shape.value = /^\s*input\s/m.test(kept.text) ? "" : ui.shape.value || "1x8x8";
    return true;
  }
  function readKept() {
    try {
      return JSON.parse(sessionStorage.getItem(KEEP));
    } catch {
      return null; // what another page left there
    }
  }
  function showText({ text, classes }) {
    ui.text.value = text;
    if (classes) ui.classes.value = classes;
    ui.network.value = FRESH;
    onOther();
  }
  function shown(detail) {
    if (detail?.text) showText(detail);
    else if (takeText() && ui.network.value === FRESH) open();
    listRuns();
  }
  function begin() {
    if (!takeText()) [ui.text.value, ui.shape.value] = [START, "1x8x8"];
    arrange();
    return listRuns();
  }

  // ---- what changes

  function onChange() {
    arrange();
    open();
  }
  function onOther() {
    typed = null; // numbers for another shape
    onChange();
  }
  for (const part of [ui.seed, ui.digit, ui.words]) part.addEventListener("change", onChange);
  for (const part of [ui.text, ui.shape, ui.classes, ui.network, ui.source]) part.addEventListener("change", onOther);
  ui.file.addEventListener("change", onFile);
  ui.another.addEventListener("click", () => { ui.digit.value = String(Math.floor(Math.random() * 1797)); open(); });
  ui.anew.addEventListener("click", () => { ui.seed.value = String((Number(ui.seed.value) || 0) + 1); open(); });
  return { describe, begin, shown };
}
