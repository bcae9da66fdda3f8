// Numbers typed into a grid, one table for each channel (and each slice of a volume); too many of them into one text.

import { make } from "./wording.js";

const MOST = 400;

/** A grid for an input of `shape`; `changed()` hears of every change. Gives {element, values()}. */
export function makeTyped(shape, numbers, changed) {
  const count = shape.reduce((product, each) => product * each, 1), element = make("div", "", "typed");
  let later = 0;
  const soon = () => { clearTimeout(later); later = setTimeout(changed, 350); };
  if (count > MOST) {
    const label = make("label", `${count.toLocaleString("en")} numbers, row by row`), area = document.createElement("textarea");
    area.rows = 5;
    area.value = [...numbers].map((each) => Number(each.toPrecision(5))).join(" ");
    area.addEventListener("change", soon);
    label.append(area);
    element.append(label);
    return { element, values: () => area.value.trim().split(/[\s,;]+/).map(Number) };
  }
  const [channels, ...extents] = shape, across = extents.at(-1) ?? 1, rows = extents.length > 1 ? extents.at(-2) : 1;
  const planes = count / across / rows / channels;
  const fields = [];
  for (let plane = 0; plane < channels * planes; plane++) {
    const table = make("table", "", "cells");
    const name = `channel ${Math.floor(plane / planes)}${planes > 1 ? `, slice ${plane % planes}` : ""}`;
    table.createCaption().textContent = name;
    for (let y = 0; y < rows; y++) {
      const line = table.insertRow();
      for (let x = 0; x < across; x++) {
        const field = document.createElement("input");
        Object.assign(field, { type: "text", inputMode: "decimal", value: String(Number((numbers[fields.length] ?? 0).toPrecision(4))) });
        field.setAttribute("aria-label", `${name}, row ${y}, column ${x}`);
        field.addEventListener("input", soon);
        field.addEventListener("keydown", (event) => move(event, fields.indexOf(field)));
        fields.push(field);
        line.insertCell().append(field);
      }
    }
    element.append(table);
  }
  function move(event, at) {
    const to = { ArrowUp: at - across, ArrowDown: at + across }[event.key] ?? (event.key === "Enter" ? at + across : undefined);
    if (to === undefined || !fields[to]) return;
    event.preventDefault();
    fields[to].focus();
    fields[to].select();
  }
  return {
    element,
    values: () => fields.map((field) => (field.value.trim() === "" ? NaN : Number(field.value.replace(",", ".").replace("−", "-")))),
  };
}
