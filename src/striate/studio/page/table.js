// The measured table: counts from the sketch at once, the traced figures when they come. Only the rows in sight are there.

import { make, writeBytes } from "./wording.js";

const ROW = 28, MARGIN = 8;
const COLUMNS = [
  ["layer", "Layer", "The layer as the text says it; ×n stands for n of them"],
  ["output", "Output", "What leaves it: channels and extents, without the batch"],
  ["parameters", "Parameters", "Numbers that training sets"],
  ["multiplies", "Multiplies", "Multiply-accumulates of a forward pass"],
  ["field", "Field", "Receptive field: the extents of the input that a cell of the output sees"],
  ["step", "Step", "Cells of the input between the fields of neighbours"],
  ["output_bytes", "Output bytes", "Memory of what leaves it"],
  ["saved_bytes", "Kept for backward", "Memory that waits for the backward pass"],
];
export const write = (number) => (number === null || number === undefined ? "" : number.toLocaleString("en"));

/** Make the table inside `element`. `on` = {choose(node), near(node)}. Gives {show, measured, choose, setNear}. */
export function makeTable(element, on) {
  element.classList.add("measured");
  const box = make("div", "", "box"), table = document.createElement("table");
  const head = document.createElement("thead"), body = document.createElement("tbody");
  const foot = document.createElement("tfoot");
  const caption = make("caption", "Layer by layer", "unseen"), line = document.createElement("tr");
  box.tabIndex = 0;
  box.setAttribute("role", "region");
  box.setAttribute("aria-label", "The measured table");
  for (const [name, title, meaning] of COLUMNS) {
    const cell = make("th", title);
    cell.scope = "col";
    cell.title = meaning;
    if (name !== "layer" && name !== "output") cell.className = "n";
    line.append(cell);
  }
  head.append(line);
  table.append(caption, head, body, foot);
  box.append(table);
  element.append(box);
  let rows = [], places = new Map(), traced = {}, totals = null, sketch = null, chosen = null, near = null, most = 1;
  let waiting = 0, shown = "";

  function show(found) {
    sketch = found;
    rows = [];
    const visit = (row, depth) => row.forEach((node) => {
      rows.push({ node, depth });
      node.rows.forEach((inner, number) => {
        if (node.kind === "branches" && node.rows.length > 1) {
          rows.push({ node, depth: depth + 1, branch: number + 1, isEmpty: !inner.length });
        }
        visit(inner, depth + (node.kind === "branches" && node.rows.length > 1 ? 2 : 1));
      });
    });
    visit(found.nodes, 0);
    places = new Map();
    rows.forEach(({ node, branch }, place) => { if (!branch) places.set(node.id, place); });
    most = Math.max(
      1,
      ...rows.filter(({ node }) => node.kind === "layer").map(({ node }) => (node.multiplies ?? 0) * node.count).slice(0, 20000)
    );
    traced = {};
    totals = null;
    table.setAttribute("aria-rowcount", String(rows.length + 2));
    shown = "";
    draw();
    drawFoot();
  }
  function measured(found) {
    traced = found.rows ?? {};
    totals = found.totals ?? null;
    shown = "";
    draw();
    drawFoot();
  }
  const ask = () => { waiting ||= requestAnimationFrame(draw); };
  function draw() {
    waiting = 0;
    const start = performance.now();
    const first = Math.max(0, Math.floor(box.scrollTop / ROW) - MARGIN);
    const last = Math.min(rows.length, first + Math.ceil((box.clientHeight || 400) / ROW) + 2 * MARGIN);
    const wanted = `${first} ${last} ${chosen} ${near}`;
    if (wanted === shown) return;
    if (shown.startsWith(`${first} ${last} `)) [...body.querySelectorAll("tr[data-node]")].forEach(markRow);
    else body.replaceChildren(
      space(first * ROW), ...rows.slice(first, last).map((row, place) => drawRow(row, first + place)),
      space((rows.length - last) * ROW)
    );
    shown = wanted;
    element.dataset.milliseconds = (performance.now() - start).toFixed(2);
  }
  function space(height) {
    const line = document.createElement("tr"), cell = document.createElement("td");
    line.setAttribute("aria-hidden", "true");
    line.className = "space";
    cell.colSpan = COLUMNS.length;
    cell.style.height = `${height}px`;
    line.hidden = !height;
    line.append(cell);
    return line;
  }
  function markRow(line) {
    const id = Number(line.dataset.node);
    line.classList.toggle("chosen", id === chosen && !line.dataset.branch);
    line.classList.toggle("near", id === near);
    line.setAttribute("aria-selected", String(id === chosen));
  }
  function drawRow({ node, depth, branch, isEmpty }, place) {
    const line = document.createElement("tr"), name = document.createElement("th"), label = document.createElement("span");
    line.dataset.node = node.id;
    if (branch) line.dataset.branch = branch;
    line.setAttribute("aria-rowindex", String(place + 2));
    line.className = node.kind === "layer" ? "" : "group";
    name.scope = "row";
    label.className = "name";
    label.style.paddingLeft = `${Math.min(depth, 8) * 0.75}rem`;
    label.textContent = branch
      ? `branch ${branch}${isEmpty ? ": the input itself" : ""}`
      : node.kind === "fold"
      ? `×${node.times}`
      : node.kind === "layer"
      ? node.text
      : node.word;
    label.title = branch ? "" : node.path;
    name.append(label);
    if (!branch && node.kind === "layer" && node.count > 1) {
      const times = document.createElement("span");
      times.className = "times";
      times.textContent = ` ×${node.count}`;
      name.append(times);
    }
    const row = traced[node.id], isLayer = node.kind === "layer" && !branch;
    line.append(name, cell(branch ? "" : node.output.join("×")));
    if (isLayer) {
      const parameters = row?.parameters ?? node.parameters * node.count;
      const multiplies = row?.multiplies ?? (node.multiplies === null ? null : node.multiplies * node.count);
      line.append(
        cell(parameters ? write(parameters) : "", "n"), bar(multiplies), cell(row?.field ?? "", "n"),
        cell(row?.step ?? "", "n"), cell(row ? writeBytes(row.output_bytes) : "", "n"),
        cell(row?.saved_bytes ? writeBytes(row.saved_bytes) : "", "n")
      );
      if (row && row.status !== "exact") line.title = row.status;
      line.classList.toggle("partial", Boolean(row && row.status !== "exact"));
    } else line.append(...Array.from({ length: COLUMNS.length - 2 }, () => cell("", "n")));
    markRow(line);
    return line;
  }
  function bar(number) {
    const made = cell(number ? write(number) : "", "n");
    if (!number) return made;
    made.classList.add("share");
    made.style.setProperty("--share", `${Math.max(1, (100 * number) / Math.max(most, number)).toFixed(1)}%`);
    return made;
  }
  function cell(text, kind) {
    const made = document.createElement("td");
    made.textContent = text;
    if (kind) made.className = kind;
    return made;
  }
  function drawFoot() {
    const line = document.createElement("tr"), name = document.createElement("th");
    name.scope = "row";
    name.textContent = `${write(sketch?.layers)} layers`;
    line.append(
      name, cell(""), cell(write(totals?.parameters ?? sketch?.parameters), "n"),
      cell(write(totals?.multiplies ?? sketch?.multiplies), "n"), cell("", "n"), cell("", "n"), cell("", "n"),
      cell("", "n")
    );
    foot.replaceChildren(line);
  }
  const nodeAt = (event) => {
    const line = event.target.closest?.("tr[data-node]");
    return line ? rows[places.get(Number(line.dataset.node))]?.node : null;
  };
  box.addEventListener("scroll", ask);
  body.addEventListener("click", (event) => { const node = nodeAt(event); if (node) on.choose(node); });
  body.addEventListener("pointerover", (event) => on.near(nodeAt(event)));
  body.addEventListener("pointerleave", () => on.near(null));
  box.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    let at = chosen === null ? (step > 0 ? -1 : rows.length) : places.get(chosen) ?? -1;
    do at += step; while (rows[at]?.branch);
    if (rows[at]) on.choose(rows[at].node);
  });
  new ResizeObserver(ask).observe(box);
  return {
    show, measured,
    choose(node, { reveal = false } = {}) {
      chosen = node?.id ?? null;
      const top = (places.get(chosen) ?? 0) * ROW;
      if (reveal && node && (top < box.scrollTop || top > box.scrollTop + box.clientHeight - 4 * ROW)) {
        box.scrollTop = Math.max(0, top - box.clientHeight / 3);
      }
      ask();
    },
    setNear(node) { near = node?.id ?? null; ask(); },
  };
}
