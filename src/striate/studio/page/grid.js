// A grid of counts as a table with heads: each cell a button with its count and its share of the row. Arrow keys walk it.

import { make } from "./wording.js";
import { count, percent } from "./portrait.js";

const MOST = 24, MOST_PAIRS = 60;

/** Make the grid; `choose({row, column}, words)` hears which cell was opened. Gives {element, clear}. */
export function makeGrid(grid, choose) {
  const element = make("section", "", "counts"), pressed = { button: null };
  const totals = grid.counts.map((row) => row.reduce((sum, each) => sum + each, 0));
  const open = (row, column, button, words) => {
    pressed.button?.removeAttribute("aria-pressed");
    button.setAttribute("aria-pressed", "true");
    pressed.button = button;
    choose({ row, column }, words);
  };
  element.append(grid.diagonal && grid.rows.length > MOST ? makePairs(grid, totals, open) : makeTable(grid, totals, open));
  return {
    element,
    clear() {
      pressed.button?.removeAttribute("aria-pressed");
      pressed.button = null;
    },
  };
}

/** How a cell is said: "5 taken for 9", "cat: missed". */
const say = (grid, row, column) => (
  !grid.diagonal
    ? `${grid.rows[row]}: ${grid.columns[column]}`
    : row === column
    ? `${grid.rows[row]}, answered right`
    : `${grid.rows[row]}, taken for ${grid.columns[column]}`
);
const isFine = (grid, row, column) => (grid.diagonal ? row === column : grid.fine.includes(column));

function makeTable(grid, totals, open) {
  const whole = make("div", ""), box = make("div", "", "box"), about = make("p", "", "caption");
  const table = make("table", "", grid.columns.length > 6 ? "grid" : "grid few");
  const body = document.createElement("tbody"), buttons = [];
  about.id = `grid-${crypto.randomUUID()}`;
  table.setAttribute("aria-describedby", about.id);
  table.setAttribute("aria-label", `Counts of ${grid.of}`);
  about.textContent = grid.diagonal
    ? `Counts of ${grid.of}, and shares of the row: a row for each true class, a column for each answer. ` +
      "A cell opens the samples behind it."
    : `Counts of ${grid.of}: a row for each label. A cell opens the samples behind it.`;
  table.append(makeHead(grid), body);
  grid.counts.forEach((counts, row) => {
    const line = body.insertRow(), head = make("th", "");
    head.scope = "row";
    head.append(make("bdi", grid.rows[row]));
    head.title = grid.rows[row];
    line.append(head);
    buttons.push(counts.map((number, column) => {
      const cell = line.insertCell(), share = totals[row] ? number / totals[row] : 0;
      if (!number) {
        cell.append(make("span", "·", "none"));
        return null;
      }
      const button = make("button", ""), words = say(grid, row, column);
      button.type = "button";
      button.append(make("b", count(number)), make("small", percent(share, share > 0.9995 || share < 0.1 ? (share >= 1 ? 0 : 1) : 0)));
      button.setAttribute("aria-label", `${words}: ${count(number)} of ${count(totals[row])}, ${percent(share)}`);
      button.title = button.getAttribute("aria-label");
      button.tabIndex = -1;
      button.dataset.at = `${row} ${column}`;
      cell.className = isFine(grid, row, column) ? "right" : "wrong";
      cell.style.setProperty("--share", `${(100 * Math.sqrt(share)).toFixed(1)}%`);
      button.addEventListener("click", () => open(row, column, button, words));
      cell.append(button);
      return button;
    }));
    line.append(Object.assign(make("td", count(totals[row]), "total")));
  });
  walk(table, buttons);
  box.append(table);
  whole.append(about, box);
  return whole;
}

function makeHead(grid) {
  const head = document.createElement("thead"), row = head.insertRow(), first = make("th", grid.diagonal ? "true" : "label");
  first.scope = "col";
  row.append(first);
  for (const name of [...grid.columns, "all"]) {
    const cell = make("th", "");
    cell.scope = "col";
    cell.append(make("bdi", name));
    cell.title = name;
    row.append(cell);
  }
  return head;
}

/** One tab stop; arrows go to the next cell in their direction that has a count. */
function walk(table, buttons) {
  const all = buttons.flat().filter(Boolean);
  const focus = (button) => {
    for (const each of all) each.tabIndex = -1;
    button.tabIndex = 0;
    button.focus();
  };
  if (all.length) all[0].tabIndex = 0;
  table.addEventListener("click", (event) => { const button = event.target.closest("button"); if (button) focus(button); });
  table.addEventListener("keydown", (event) => {
    const by = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
    const at = event.target.dataset?.at?.split(" ").map(Number);
    if (!by || !at || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    for (let [row, column] = [at[0] + by[0], at[1] + by[1]]; buttons[row] && column >= 0 && column < buttons[row].length; row += by[0], column += by[1]) {
      if (buttons[row][column]) return focus(buttons[row][column]);
    }
  });
}

/** Of many classes no grid can be read: the confusions as a list, the most frequent first. */
function makePairs(grid, totals, open) {
  const box = make("div", "", "box tall"), table = make("table", "", "pairs"), body = document.createElement("tbody");
  const head = table.createTHead().insertRow(), pairs = [];
  grid.counts.forEach(
    (counts, row) => counts.forEach((number, column) => { if (number && row !== column) pairs.push({ row, column, number }); })
  );
  pairs.sort((one, other) => other.number - one.number);
  table.createCaption(
  ).textContent = `Which of the ${count(grid.rows.length)} classes is taken for which, the most frequent first${pairs.length > MOST_PAIRS
    ? `: ${MOST_PAIRS} of ${count(pairs.length)}`
    : ""}. A count opens the samples behind it.`;
  for (const name of ["True", "Taken for", "Count", "Of its class"]) head.append(Object.assign(make("th", name), { scope: "col" }));
  for (const { row, column, number } of pairs.slice(0, MOST_PAIRS)) {
    const line = body.insertRow(), button = make("button", count(number)), words = say(grid, row, column);
    button.type = "button";
    button.setAttribute("aria-label", `${words}: ${count(number)}`);
    button.addEventListener("click", () => open(row, column, button, words));
    line.insertCell().append(make("bdi", grid.rows[row]));
    line.insertCell().append(make("bdi", grid.columns[column]));
    line.insertCell().append(button);
    line.insertCell().textContent = percent(number / totals[row]);
  }
  table.append(body);
  box.append(table);
  return box;
}
