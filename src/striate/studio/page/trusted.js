// How far one map can be trusted: its figures against those of controls that never saw the network, each in words, and the verdict.

import { make } from "./wording.js";

const NAMES = {
  deletion: "Taking its hot cells away", insertion: "Putting its hot cells back",
  controls: "Against an edge detector", randomisation: "With the weights shuffled",
};
const TERMS = {
  deletion: "deletion, less is better", insertion: "insertion, more is better",
  controls: "insertion less deletion, more is better", randomisation: "likeness to itself, below 0.45 is asked",
};
const round = (number) => number.toFixed(2).replace("-", "−");
const CONTROLS = { chance: "an order by chance", edges: "the input's edges" };

/** The place of one map's figures. Gives {element, wait, show(found), fail(text)}. */
export function makeTrust(title) {
  const element = make("section", "", "trust"), heading = make("h4", "Can this map be trusted?"), body = make("div", "");
  element.setAttribute("aria-label", `How far ${title} can be trusted`);
  element.append(heading, body);
  return {
    element,
    wait() { body.replaceChildren(make("p", "Taking the map and the network apart …", "quiet")); },
    fail(text) { body.replaceChildren(make("p", text, "note")); },
    show(found) {
      element.dataset.trustworthy = String(found.trustworthy);
      body.replaceChildren(
        sayVerdict(found), ...found.figures.map(showFigure),
        make("p", `Worked out in ${sayTime(found.seconds)}, on this one map.`, "caption")
      );
    },
  };
}

function sayVerdict({ trustworthy, figures }) {
  const failed = figures.filter(({ passed }) => !passed).length, line = make("p", "", trustworthy ? "verdict good" : "verdict bad");
  const because = failed
    ? `${failed} of ${figures.length} tests speak against it.`
    : trustworthy
    ? `All ${figures.length} tests were passed.`
    : "It is the same everywhere, so it shows nothing.";
  line.append(make("strong", trustworthy ? "Yes, as far as one map can tell. " : "Better not. "), because);
  return line;
}

function showFigure(figure) {
  const part = make("details", "", "figure-of-trust"), head = make("summary", "");
  const mark = make("span", figure.passed ? "passed" : "failed", figure.passed ? "mark good" : "mark bad");
  part.dataset.name = figure.name;
  part.dataset.value = String(figure.value);
  const beside = figure.name === "randomisation"
    ? ""
    : `; by chance ${round(figure.controls[0][1])}, by edges ${round(figure.controls[1][1])}`;
  const what = make("span", "", "what");
  what.append(make("span", NAMES[figure.name]), make("small", `${TERMS[figure.name]}${beside}`));
  head.append(what, make("b", round(figure.value)), mark);
  part.append(head, makeBars(figure), make("p", figure.words), make("p", figure.exact, "caption"));
  part.open = !figure.passed;
  return part;
}

/** The map's own figure above those that it is held against, on one scale from 0 to 1. */
function makeBars({ name, value, controls }) {
  const list = make("dl", "", "controls");
  const rows = name === "randomisation"
    ? controls.map(([text, each]) => [`shuffled ${text}`, each])
    : [["this map", value], ...controls.map(([text, each]) => [CONTROLS[text] ?? text, each])];
  rows.forEach(([text, each], place) => {
    const bar = make("dd", ""), fill = make("span", "", !place && name !== "randomisation" ? "own" : "other");
    const number = make("span", round(each), "n");
    fill.style.width = `${100 * Math.max(0, Math.min(1, each))}%`;
    bar.append(fill, number);
    list.append(make("dt", text), bar);
  });
  return list;
}

/** Seconds as people say them. */
export function sayTime(seconds) {
  return seconds < 1
    ? `${Math.max(1, Math.round(1000 * seconds))} ms`
    : seconds < 60
    ? `${seconds.toFixed(1)} s`
    : `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}
