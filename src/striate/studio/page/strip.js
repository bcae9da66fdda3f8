// Held-out examples side by side: each with what the network says of it now and how surely, and the truth where that is another.

import { make } from "./wording.js";
import { unpackArray } from "./packed.js";
import { makeTiles } from "./tiles.js";

const SIDE = 56;
const percent = (share) => (
  share === null || share === undefined
    ? ""
    : `${(100 * share).toFixed(share > .995 || share < .005 ? 1 : 0)} %`
);

/** The strip. `onChoose(number)` hears which example is chosen. Gives {element, load(examples), tell(told, answers), choose(number)}. */
export function makeStrip(onChoose) {
  const element = make("div", "", "strip"), list = make("div", "", "held"), score = make("p", "", "caption");
  list.setAttribute("role", "group");
  list.setAttribute("aria-label", "held-out examples");
  element.append(list, score);
  let held = null, cards = [], chosen = 0;

  function load(examples) {
    held = examples;
    const inputs = unpackArray(examples.inputs), size = inputs.values.length / inputs.shape[0], truths = unpackArray(examples.truths);
    cards = examples.names.map((name, number) => {
      const button = make("button", "", "one"), picture = makeTiles(), answer = makeTiles(), truth = makeTiles();
      const said = make("span", "", "says"), bar = make("span", "", "sure");
      button.type = "button";
      button.setAttribute("aria-pressed", String(number === chosen));
      for (const each of [picture, answer, truth]) each.element.setAttribute("aria-hidden", "true");
      const words = examples.words?.[number];
      if (words) button.append(make("span", words.join(" "), "wording"));
      picture.element.hidden = Boolean(words);
      button.append(picture.element, answer.element, truth.element, said, bar);
      answer.element.hidden = truth.element.hidden = true;
      button.addEventListener("click", () => onChoose(number));
      return { button, name, picture, answer, truth, said, bar, values: inputs.values.subarray(number * size, (number + 1) * size) };
    });
    list.classList.toggle("texts", Boolean(examples.words?.length));
    list.classList.toggle("curved", inputs.shape.length === 3 && !examples.words?.length); // a curve is wider than a picture
    list.replaceChildren(...cards.map(({ button }) => button));
    if (inputs.shape.length === 3) showCurves(inputs);
    else for (const { picture, values } of cards) picture.show({ shape: [1, ...inputs.shape.slice(1)], values }, { pixels: true, tile: SIDE });
    if (truths) cards.forEach(({ truth }, number) => pictureOf(truth, truths, number));
  }
  /** Sounds as they are; of series, which lie anywhere, the first channel about its own middle. All on one scale. */
  function showCurves({ shape, values }) {
    const length = shape[2], isSeries = shape[1] > 1 || !values.some((each) => each < 0);
    const curves = cards.map((card) => (isSeries ? centre(card.values.subarray(0, length)) : card.values));
    const most = curves.reduce((most, curve) => curve.reduce((most, each) => Math.max(most, Math.abs(each)), most), 0) || 1;
    cards.forEach(({ picture }, at) => picture.show({ shape: [1, length], values: curves[at] }, { curves: true, scale: most, tile: SIDE }));
  }
  /** Of a task whose answers are as large as its inputs: one of them, in grey or by class number. */
  function pictureOf(tiles, array, number) {
    const size = array.values.length / array.shape[0];
    const values = array.values.subarray(number * size, (number + 1) * size), isMask = held.task === "segment";
    tiles.element.hidden = false;
    const shape = [1, ...array.shape.slice(1)], isCurve = !isMask && shape.length === 3;
    if (isMask) tiles.show({ shape, values }, { tile: SIDE, scale: Math.max(1, held.classes.length - 1) });
    else tiles.show({ shape, values }, isCurve ? { curves: true, tile: SIDE } : { pixels: true, tile: SIDE });
  }
  function tell(told, packed) {
    const answers = unpackArray(packed);
    cards.forEach((card, number) => {
      const one = told[number];
      card.button.dataset.right = String(one?.right ?? "");
      if (answers) pictureOf(card.answer, answers, number);
      card.said.textContent = one ? sayShort(one) : "";
      card.bar.style.setProperty("--share", String(one?.share ?? 0));
      card.bar.hidden = one?.share === null || one?.share === undefined;
      card.button.setAttribute("aria-label", `${card.name}: ${one ? sayLong(one) : "no answer yet"}. Show its maps`);
      card.button.title = `${card.name}\n${one ? [sayLong(one), ...one.shares.map(([name, share]) => `${name} ${percent(share)}`)].join("\n") : ""}`;
    });
    const judged = told.filter(({ right }) => right !== null), right = judged.filter((each) => each.right).length;
    score.textContent = judged.length
      ? `${right} of these ${judged.length} are right at this moment; the bar is how sure the network is. Samples of the ${held.part} part, never trained on.`
      : `Samples of the ${held.part} part, never trained on.`;
  }
  function choose(number) {
    chosen = number;
    cards.forEach(({ button }, at) => button.setAttribute("aria-pressed", String(at === number)));
  }
  return { element, load, tell, choose, name: (number) => held?.names[number] ?? "" };
}

function centre(values) {
  const middle = (values.reduce((least, each) => Math.min(least, each), Infinity) + values.reduce((most, each) => Math.max(most, each), -Infinity)) / 2;
  return values.map((each) => each - middle);
}
const sayShort = ({ said, truth, right, share }) => (
  right === false
    ? `${said}, not ${truth}`
    : right
    ? said
    : truth && truth !== said
    ? `${said}\ntruth ${truth}`
    : said || percent(share)
);
function sayLong({ said, truth, right, share }) {
  if (!said) return share === null ? "" : `${percent(share)} of the cells are right`;
  return `says ${said}${share === null ? "" : ` (${percent(share)})`}${right === null ? `, truth ${truth}` : right ? ", which is right" : `, but it is ${truth}`}`;
}
