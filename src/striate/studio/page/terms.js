// Every product of a sum: for each channel the input under the kernel, the kernel, their products; or one line for each.

import { readColours, shade } from "./shades.js";
import { chooseWriting, make, write } from "./wording.js";

const FIRST = 6, LONGEST = 60, KINDS = ["inputs", "weights", "products"];
const NAMES = { inputs: "input", weights: "kernel", products: "products" }, SIGNS = { inputs: "", weights: "×", products: "=" };

/** The channel that one part of a sum reads, where any of its terms reads a cell. */
export function findChannel(terms, number, size) {
  const place = terms.places.slice(number * size, (number + 1) * size).find((each) => each[0] >= 0);
  return place ? place[0] : number;
}

/** Show the terms of a sum in `element`, the first channels at once, more on demand; `on` as of `showSum`. */
export function showTerms(element, terms, on) {
  const [channels, ...taps] = terms.grid, size = taps.reduce((product, each) => product * each, 1), single = size === 1;
  const largest = (numbers) => numbers.reduce((most, each) => Math.max(most, Math.abs(each)), 0) || 1;
  const scales = Object.fromEntries(KINDS.map((kind) => [kind, largest(terms[kind])]));
  const writing = Object.fromEntries(KINDS.map((kind) => [kind, chooseWriting(terms[kind], on.all)]));
  const holder = make("div", "", single ? "box" : "channels"), more = make("button", "");
  const colours = readColours(element);
  let next = 0, target = holder;
  more.type = "button";
  more.addEventListener("click", () => add(next + (single ? 200 : 24)));
  function add(until) {
    for (; next < Math.min(channels, until); next++) target.append(single ? row(next) : channel(next));
    more.hidden = next >= channels;
    more.textContent = `Show more (${(channels - next).toLocaleString("en")} left)`;
  }

  // ---- a channel as grids

  function channel(number) {
    const figure = make("figure", ""), start = number * size, caption = make("figcaption", "", "caption");
    caption.append(
      `${terms.sources[terms.source[start]]} channel ${findChannel(terms, number, size)} adds `,
      make("b", write(terms.partial[number], on.all ? 9 : 4))
    );
    figure.append(caption);
    const planes = taps.slice(0, -2).reduce((product, each) => product * each, 1), per = size / planes;
    for (let plane = 0; plane < planes; plane++) figure.append(grids(start + plane * per, plane));
    return figure;
  }
  /** One plane of the kernel: three grids side by side; of one axis, one above the other. */
  function grids(start, plane) {
    const across = taps.at(-1), rows = taps.length > 1 ? taps.at(-2) : 1;
    const line = make("div", "", `grids${taps.length > 1 ? "" : " stacked"}${on.all ? " whole" : ""}`);
    let longest = 4;
    for (const kind of KINDS) {
      const unit = make("div", "", "unit"), table = make("table", "", "cells");
      table.setAttribute("aria-label", NAMES[kind]);
      if (plane === 0) table.createCaption().textContent = `${NAMES[kind]}${writing[kind].unit ? `, ${writing[kind].unit}` : ""}`;
      for (let y = 0; y < rows; y++) {
        const cells = table.insertRow();
        for (let x = 0; x < across; x++) longest = Math.max(longest, fill(cells.insertCell(), kind, start + y * across + x));
      }
      unit.append(make("span", SIGNS[kind], "sign"), table);
      line.append(unit);
    }
    line.style.setProperty("--across", across * (taps.length > 1 ? 3 : 1));
    line.style.setProperty("--digits", longest);
    return line;
  }
  /** Write one number; gives how long it is. */
  function fill(cell, kind, number) {
    const state = terms.states[number], gap = state === 2, amount = terms[kind][number], dim = kind !== "weights" && state !== 0;
    const text = gap && kind !== "weights" ? "·" : writing[kind].write(amount), where = terms.places[number];
    cell.title = `${amount}${kind === "inputs" ? (state === 0 ? ` at ${where.join(", ")}` : gap ? ", no input here" : ", padding") : ""}`;
    if (!dim && !gap) Object.assign(cell.style, shade(colours, amount / scales[kind]));
    cell.classList.toggle("dim", dim && !gap);
    cell.classList.toggle("gap", gap);
    cell.append(kind === "weights" && terms.weight_places ? weight(number, text) : text);
    return text.length;
  }
  /** A weight is a button: it shows where it is used. */
  function weight(number, text, name) {
    const button = make("button", text, name), index = terms.weight_places[number];
    button.type = "button";
    button.title = `${terms.weights[number]}, ${terms.parameter}[${index.join(", ")}]: show where it is used`;
    button.addEventListener("click", () => on.weight(index, button));
    return button;
  }

  // ---- a term as a row, where the kernel has one cell

  function row(number) {
    const line = document.createElement("tr"), state = terms.states[number], digits = on.all ? 9 : 4;
    line.append(make("td", state === 0 ? `${terms.sources[terms.source[number]]} ${terms.places[number].join(", ")}` : "padding", "quiet"));
    for (const kind of KINDS) {
      const cell = make("td", "", "n"), text = write(terms[kind][number], digits);
      cell.title = String(terms[kind][number]);
      const chip = kind === "weights" && terms.weight_places ? weight(number, text, "plain chip") : make("span", text, "chip");
      Object.assign(chip.style, shade(colours, terms[kind][number] / scales[kind]));
      cell.append(chip);
      line.append(cell);
    }
    return line;
  }
  function heading() {
    const table = make("table", ""), head = table.createTHead().insertRow();
    table.setAttribute("aria-label", "terms");
    for (const [text, name] of [["reads", ""], ["input", "n"], ["× weight", "n"], ["= product", "n"]]) {
      const cell = make("th", text, name);
      cell.scope = "col";
      head.append(cell);
    }
    return table;
  }

  if (single) {
    const table = heading();
    holder.append(table);
    target = table.createTBody();
  }
  add(single ? LONGEST : FIRST);
  element.append(holder, more);
  const told = [[1, "Hatched: padding, beyond the input's border."], [2, "· a gap: no input meets this place of the kernel."]];
  const said = single ? [] : told.filter(([state]) => terms.states.includes(state)).map(([, text]) => text);
  if (said.length) element.append(make("p", said.join(" "), "caption"));
}
