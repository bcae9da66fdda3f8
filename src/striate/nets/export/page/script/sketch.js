// A surface to draw on, by mouse, finger, pen or keyboard.
const SURFACE = 280, SMALL = 16; // pictures as small as that show, as a rule, one thing that fills them

function mountSketch(extents, bright, give) {
  const scale = Math.max(1, Math.ceil(SURFACE / Math.max(...extents))), [height, width] = extents.map((cells) => cells * scale);
  const canvas = build("canvas", { width, height, tabIndex: 0, className: "sketch", role: "img", "aria-describedby": "keys",
    "aria-label": "Drawing surface" });
  const context = canvas.getContext("2d", { willReadFrequently: true });
  const light = build("input", { type: "checkbox", id: "bright", checked: bright });
  const filling = build("input", { type: "checkbox", id: "fill", checked: Math.max(...extents) <= SMALL });
  const cell = Math.min(width, height) / 28, at = { x: width / 2, y: height / 2, down: false };
  let timer = 0, pointer = null, marks = [];
  const ink = () => (light.checked ? "white" : "black");
  const paint = () => {
    context.fillStyle = light.checked ? "black" : "white";
    context.fillRect(0, 0, width, height);
    context.strokeStyle = ink();
    Object.assign(context, { lineWidth: 2.4 * cell, lineCap: "round", lineJoin: "round" });
    for (const mark of marks) {
      context.beginPath();
      context.moveTo(mark[0][0], mark[0][1]);
      for (const [x, y] of mark.length > 1 ? mark.slice(1) : mark) context.lineTo(x, y);
      context.stroke();
    }
  };
  const read = () => {
    timer = 0;
    const source = filling.checked ? fillFrame(canvas, findInk(marks, 1.2 * cell), light.checked) : canvas;
    give({ values: fitPixels(takePixels(source), 1, extents), full: 255 });
  };
  const changed = () => { paint(); timer ||= setTimeout(read, 60); };
  const spot = (event) => {
    const box = canvas.getBoundingClientRect();
    return [((event.clientX - box.left) * width) / box.width, ((event.clientY - box.top) * height) / box.height];
  };
  canvas.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    pointer = event.pointerId;
    canvas.setPointerCapture(pointer);
    marks.push([spot(event)]);
    changed();
  });
  canvas.addEventListener("pointermove", (event) => {
    if (event.pointerId !== pointer) return;
    for (const each of event.getCoalescedEvents?.() ?? [event]) marks.at(-1).push(spot(each));
    changed();
  });
  for (const name of ["pointerup", "pointercancel"]) canvas.addEventListener(name, () => (pointer = null));
  canvas.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (!step && event.key !== " ") return;
    event.preventDefault();
    if (event.key === " ") at.down = !at.down;
    if (event.key === " " && at.down) marks.push([[at.x, at.y]]);
    if (step) {
      at.x = clamp(at.x + step[0] * cell, 0, width);
      at.y = clamp(at.y + step[1] * cell, 0, height);
      if (at.down) marks.at(-1).push([at.x, at.y]);
    }
    changed();
    pen.textContent = `Pen ${at.down ? "down" : "up"} at ${Math.round(at.x / scale)}, ${Math.round(at.y / scale)}`;
    context.strokeStyle = at.down ? "#d65e0a" : "#8a8f95";
    context.lineWidth = Math.max(1, cell / 4);
    clearTimeout(timer);
    read();
    context.strokeRect(at.x - cell, at.y - cell, 2 * cell, 2 * cell);
  });
  const pen = build("span", { className: "quiet", role: "status" });
  const clear = () => { marks = []; at.down = false; changed(); };
  for (const box of [light, filling]) box.addEventListener("change", changed);
  paint();
  return build("div", { className: "drawing" }, canvas,
    build("div", { className: "row" }, build("button", { type: "button", onclick: clear, id: "clear" }, "Clear"),
      build("button", { type: "button", onclick: () => { marks.pop(); changed(); } }, "Undo"),
      build("label", {}, light, " light on dark"), build("label", {}, filling, " fill the frame"), pen),
    build("p", { className: "caption", id: "keys" }, "Draw large and in the middle. Keys: arrows move, space sets the pen down or lifts it."));
}

// Where there is ink: [left, top, width, height]; null where there is none.
function findInk(marks, reach) {
  const spots = marks.flat();
  if (!spots.length) return null;
  const ends = [0, 1].map((axis) => spots.reduce(([low, high], spot) => [Math.min(low, spot[axis]), Math.max(high, spot[axis])], [Infinity, -Infinity]));
  return [...ends.map(([low]) => low - reach), ...ends.map(([low, high]) => high - low + 2 * reach)];
}

// What was drawn, as large as the frame takes it and in the middle.
function fillFrame(canvas, ink, isLight) {
  if (!ink) return canvas;
  const { width, height } = canvas, made = build("canvas", { width, height }), context = made.getContext("2d");
  const [left, top, wide, tall] = ink, scale = Math.min(width / wide, height / tall);
  context.fillStyle = isLight ? "black" : "white";
  context.fillRect(0, 0, width, height);
  context.drawImage(canvas, left, top, wide, tall, (width - wide * scale) / 2, (height - tall * scale) / 2, wide * scale, tall * scale);
  return made;
}
