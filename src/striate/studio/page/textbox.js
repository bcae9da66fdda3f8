// A text field for the notation: colours below the letters, what is wrong underlined, undo over every kind of change.
// Only the lines in sight are coloured, so that a long text costs no more than a short one.

import { mark } from "./colouring.js";
import { makeHistory } from "./undo.js";

/** Make the field inside `element`. `on` = {text(text, kind), caret(offset), key(event) -> bool}. */
export function makeTextbox(element, on) {
  const area = document.createElement("textarea"), below = document.createElement("pre"), numbers = document.createElement("pre");
  Object.assign(area, { id: "network-text", spellcheck: false, autocomplete: "off", wrap: "off" });
  const attributes = {
    autocapitalize: "off", autocorrect: "off", "aria-label": "The network's text", "aria-describedby": "network-problem",
  };
  for (const [name, value] of Object.entries(attributes)) area.setAttribute(name, value);
  below.className = "colours";
  numbers.className = "numbers";
  below.setAttribute("aria-hidden", "true");
  numbers.setAttribute("aria-hidden", "true");
  element.classList.add("textbox");
  const frame = document.createElement("div");
  frame.className = "window";
  frame.append(numbers, below);
  element.append(frame, area);
  let history = null, lines = [""], offsets = [0], marks = [], colour = (line, from) => [["", line, from]], drawn = "";
  let lineHeight = 0, letter = 0;

  function read(kind) {
    lines = area.value.split("\n");
    offsets = new Array(lines.length);
    for (let number = 0, at = 0; number < lines.length; at += lines[number++].length + 1) offsets[number] = at;
    marks = [];
    history?.note(state(), kind);
    draw();
  }
  const state = () => ({ text: area.value, start: area.selectionStart, end: area.selectionEnd });

  function measure() {
    const style = getComputedStyle(area), probe = document.createElement("span");
    lineHeight = parseFloat(style.lineHeight);
    probe.textContent = "0".repeat(100);
    below.append(probe);
    letter = probe.getBoundingClientRect().width / 100;
    probe.remove();
    drawn = "";
  }
  function draw() {
    if (!lineHeight) measure();
    if (!lineHeight) return;
    const first = Math.max(0, Math.floor(area.scrollTop / lineHeight) - 4);
    const last = Math.min(lines.length, first + Math.ceil(area.clientHeight / lineHeight) + 8);
    const wanted = `${first} ${last} ${JSON.stringify(marks)} ${lines.slice(first, last).join("\n")}`;
    if (wanted !== drawn) {
      drawn = wanted;
      below.replaceChildren(...lines.slice(first, last).flatMap((line, place) => drawLine(line, offsets[first + place])));
      numbers.textContent = lines.slice(first, last).map((_, place) => first + place + 1).join("\n");
    }
    const y = first * lineHeight - area.scrollTop;
    below.style.transform = `translate(${-area.scrollLeft}px, ${y}px)`;
    numbers.style.transform = `translateY(${y}px)`;
  }
  function drawLine(line, from) {
    const here = marks.filter(({ start, end }) => start <= from + line.length && end >= from);
    const pieces = mark(colour(line, from), here);
    if (here.some(({ start, name }) => name === "wrong" && start >= from + line.length)) pieces.push(["wrong", " ", from + line.length]);
    return [...pieces.map(([kind, text]) => {
      if (!kind) return document.createTextNode(text);
      const span = document.createElement("span");
      span.className = kind;
      span.textContent = text;
      return span;
    }), "\n"];
  }
  function put({ text, start, end }, kind, { noting = true } = {}) {
    const top = area.scrollTop;
    if (area.value !== text) area.value = text;
    area.setSelectionRange(start, end);
    area.scrollTop = top;
    const kept = history;
    if (!noting) history = null;
    read(kind);
    history = kept;
    on.text(text, kind);
  }
  /** Where the caret is, in pixels from the field's corner: below its line. */
  function locate(offset) {
    const line = findLine(offset), style = getComputedStyle(area);
    return {
      x: parseFloat(style.paddingLeft) + (offset - offsets[line]) * letter - area.scrollLeft,
      y: parseFloat(style.paddingTop) + (line + 1) * lineHeight - area.scrollTop + 3,
    };
  }
  function findLine(offset) {
    let low = 0, high = lines.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (offsets[middle] <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  }
  area.addEventListener("input", (event) => {
    read(event.inputType?.startsWith("insertFrom") ? "" : "typing");
    on.text(area.value, "typing");
  });
  area.addEventListener("scroll", () => requestAnimationFrame(draw));
  area.addEventListener("keydown", (event) => {
    if (on.key(event)) return;
    const command = (event.ctrlKey || event.metaKey) && !event.altKey, key = event.key.toLowerCase();
    if (command && (key === "z" || key === "y")) {
      event.preventDefault();
      turn(key === "y" || event.shiftKey ? "redo" : "undo");
    }
  });
  area.addEventListener("beforeinput", (event) => {
    if (event.inputType === "historyUndo" || event.inputType === "historyRedo") {
      event.preventDefault();
      turn(event.inputType === "historyUndo" ? "undo" : "redo");
    }
  });
  function turn(way) {
    const found = history[way]();
    if (found) put(found, "", { noting: false });
  }
  for (const event of ["keyup", "click", "focus"]) area.addEventListener(event, () => on.caret(area.selectionStart));
  new ResizeObserver(() => { lineHeight = 0; draw(); }).observe(element);

  return {
    area, locate, turn,
    get text() { return area.value; },
    setColouring(made) { colour = made; drawn = ""; draw(); },
    /** The first text; nothing comes before it. */
    begin(text) { area.value = text; history = makeHistory(state()); read(""); },
    /** Another text; the caret stays where it was, counted from the nearer end of what changed. */
    change(text, kind = "") {
      const old = area.value;
      let head = 0, tail = 0;
      while (head < Math.min(old.length, text.length) && old[head] === text[head]) head++;
      while (tail < Math.min(old.length, text.length) - head && old.at(-1 - tail) === text.at(-1 - tail)) tail++;
      const move = (offset) => offset <= head
        ? offset
        : offset >= old.length - tail
        ? offset + text.length - old.length
        : text.length - tail;
      put({ text, start: move(area.selectionStart), end: move(area.selectionEnd) }, kind);
    },
    /** Write in place of [start, end); the caret comes behind it. */
    write(start, end, text) {
      const at = start + text.length;
      put({ text: area.value.slice(0, start) + text + area.value.slice(end), start: at, end: at }, "");
    },
    setMarks(made) { marks = made; draw(); },
    reveal(offset) {
      const top = findLine(offset) * lineHeight;
      if (top < area.scrollTop || top > area.scrollTop + area.clientHeight - 2 * lineHeight) area.scrollTop = top - area.clientHeight / 3;
    },
  };
}
