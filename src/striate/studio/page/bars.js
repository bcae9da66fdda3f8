// Scores as bars with their numbers: a list, the largest first, of which a few are shown until all are asked for.

import { make, write } from "./wording.js";

const FIRST = 10;

/** Make bars of [[name, value]]; `shares` are from 0 to 1, written as per cent; else numbers as they are. `mark` names the true ones. */
export function makeBars(scores, { shares = true, label = "scores", mark = [] } = {}) {
  const element = make("div", "", "bars"), list = make("ol", ""), more = make("button", "");
  const sorted = shares ? [...scores].sort((one, other) => other[1] - one[1]) : scores;
  const most = shares ? 1 : Math.max(...scores.map(([, value]) => Math.abs(value)), 1e-30);
  list.setAttribute("aria-label", label);
  more.type = "button";
  const fill = (count) => {
    list.replaceChildren(...sorted.slice(0, count).map((score) => makeRow(score, most, shares, mark)));
    more.hidden = count >= sorted.length;
    more.textContent = `Show all ${sorted.length}`;
  };
  more.addEventListener("click", () => fill(sorted.length));
  fill(sorted.length <= FIRST + 2 ? sorted.length : FIRST);
  element.append(list, more);
  return element;
}

function makeRow([name, value], most, shares, mark) {
  const row = document.createElement("li"), bar = make("span", "", "level"), full = make("span", "");
  bar.setAttribute("aria-hidden", "true");
  full.style.width = `${(100 * Math.min(1, Math.abs(value) / most)).toFixed(2)}%`;
  bar.append(full);
  const title = make("bdi", name, "who");
  title.title = name;
  const number = make("span", shares ? `${(100 * value).toFixed(1)} %` : write(value), "value");
  number.title = String(value);
  row.append(title, bar, number);
  if (mark.includes(name)) {
    row.className = "true";
    title.append(make("span", " (true)", "quiet"));
  }
  return row;
}
