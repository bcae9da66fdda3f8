// A sheet to draw a small picture on: pointer or arrow keys; what is drawn goes out as a picture file, as any other would.

import { make } from "./wording.js";

const SIDE = 280, WAIT = 250; // pixels; milliseconds after the last stroke

/** Make the sheet for a run with small grey inputs; `ask(file)` gets what is drawn, a moment after each stroke. */
export function makeCanvas(run, ask) {
  const element = make("div", "", "sheet"), canvas = document.createElement("canvas"), clear = make("button", "Clear");
  const tools = make("div", "", "row");
  const [, tall, wide] = run.input, dark = run.dark, ink = dark ? "#fff" : "#000", paper = dark ? "#000" : "#fff";
  Object.assign(canvas, { width: SIDE, height: Math.round((SIDE * tall) / wide), tabIndex: 0 });
  canvas.setAttribute("role", "application");
  canvas.setAttribute("aria-label", "Draw here: arrow keys move the pen, Space lowers or lifts it, Delete clears the sheet");
  clear.type = "button";
  const pen = canvas.getContext("2d", { willReadFrequently: false }), width = Math.max(SIDE / 11, (1.5 * SIDE) / wide);
  let at = null, down = false, timer = 0, cursor = { x: SIDE / 2, y: canvas.height / 2 };

  function wipe() {
    clearTimeout(timer);
    pen.fillStyle = paper;
    pen.fillRect(0, 0, canvas.width, canvas.height);
  }
  function stroke(from, to) {
    Object.assign(pen, { strokeStyle: ink, lineWidth: width, lineCap: "round", lineJoin: "round" });
    pen.beginPath();
    pen.moveTo(from.x, from.y);
    pen.lineTo(to.x + 0.01, to.y);
    pen.stroke();
    clearTimeout(timer);
    timer = setTimeout(send, WAIT);
  }
  const send = () => canvas.toBlob((blob) => ask(new File([blob], "drawing.png", { type: "image/png" })));
  const place = (event) => {
    const box = canvas.getBoundingClientRect();
    return { x: ((event.clientX - box.left) * canvas.width) / box.width, y: ((event.clientY - box.top) * canvas.height) / box.height };
  };
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    at = place(event);
    stroke(at, at);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!at) return;
    const next = place(event);
    stroke(at, next);
    at = next;
  });
  for (const name of ["pointerup", "pointercancel"]) canvas.addEventListener(name, () => { at = null; });
  canvas.addEventListener("keydown", (event) => {
    const by = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key], step = SIDE / 20;
    if (!by && event.key !== " " && event.key !== "Delete") return;
    event.preventDefault();
    if (event.key === "Delete") return wipe();
    if (event.key === " ") down = !down;
    const next = by ? {
      x: Math.min(SIDE, Math.max(0, cursor.x + by[0] * step)),
      y: Math.min(canvas.height, Math.max(0, cursor.y + by[1] * step)),
    } : cursor;
    if (down) stroke(cursor, next);
    cursor = next;
  });
  clear.addEventListener("click", wipe);
  wipe();
  tools.append(clear, make("span", `drawn as the run's data are: ${dark ? "light on dark" : "dark on light"}`, "caption"));
  element.append(make("p", "Draw one", "caption"), canvas, tools);
  return element;
}
