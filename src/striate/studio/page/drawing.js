// The network as a drawing that can be zoomed and moved; choosing a part here chooses it everywhere.

import { layOut, makeIndex } from "./layout.js";
import { paint, readColours } from "./painting.js";

const LEAST = 0.002, MOST = 12, MARGIN = 40;

/** Make the drawing inside `element`. `on` = {choose(node), near(node)}. Gives {show, choose, near, fit}. */
export function makeDrawing(element, on) {
  const canvas = document.createElement("canvas");
  canvas.tabIndex = 0;
  canvas.setAttribute("role", "application");
  canvas.setAttribute("aria-label", "Drawing of the network");
  canvas.setAttribute("aria-describedby", "drawing-keys");
  const tip = document.createElement("div");
  tip.className = "tip";
  tip.hidden = true;
  element.classList.add("drawing");
  element.append(canvas, tip);
  const context = canvas.getContext("2d");
  let plan = { shapes: [], width: 1, top: 0, bottom: 1 }, index = makeIndex([]), nodes = [], flat = [], input = null;
  let view = { x: 0, y: 0, zoom: 1 }, colours = null, size = { w: 0, h: 0 }, waiting = 0, logarithmic = false;
  let isFresh = true, isStale = false;
  let chosen = new Set(), near = new Set(), wrong = new Set();

  function show(sketch, { anew = false } = {}) {
    ({ nodes, input } = sketch);
    lay();
    if (anew || isFresh) fit();
    isFresh = false;
    canvas.setAttribute("aria-label", `Drawing of the network: ${sketch.layers} layers`);
    ask();
  }
  function lay() {
    plan = layOut(nodes, input, logarithmic);
    index = makeIndex(plan.shapes);
    flat = plan.shapes.filter((shape) => shape.kind === "volume" && shape.node.id >= 0);
  }
  /** As much as fits with room to read; a long network begins at its left end. */
  function fit(whole = false) {
    if (!size.w) return;
    const height = plan.bottom - plan.top;
    const across = (size.w - 2 * MARGIN) / plan.width, upright = (size.h - 32) / height;
    const zoom = clamp(whole ? Math.min(across, upright, 2.5) : Math.max(Math.min(across, upright, 2.5), Math.min(upright, 1)));
    const rest = size.w - plan.width * zoom;
    view = { zoom, x: rest > 2 * MARGIN ? rest / 2 : MARGIN, y: size.h / 2 - ((plan.top + plan.bottom) / 2) * zoom };
    ask();
  }
  const clamp = (zoom) => Math.min(MOST, Math.max(LEAST, zoom));

  function ask() {
    if (!waiting) waiting = requestAnimationFrame(draw);
  }
  function draw() {
    waiting = 0;
    const start = performance.now();
    if (!size.w) return;
    colours ??= readColours(canvas);
    const ratio = devicePixelRatio || 1;
    if (canvas.width !== Math.round(size.w * ratio) || canvas.height !== Math.round(size.h * ratio)) {
      canvas.width = Math.round(size.w * ratio);
      canvas.height = Math.round(size.h * ratio);
    }
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, size.w, size.h);
    context.globalAlpha = 1;
    const seen = index.find(-view.x / view.zoom, (size.w - view.x) / view.zoom);
    paint(context, seen, view, colours, { chosen, near, wrong });
    canvas.dataset.shapes = String(seen.length);
    canvas.dataset.milliseconds = (performance.now() - start).toFixed(2);
  }
  function zoomAt(factor, x = size.w / 2, y = size.h / 2) {
    const zoom = clamp(view.zoom * factor), real = zoom / view.zoom;
    view = { zoom, x: x - (x - view.x) * real, y: y - (y - view.y) * real };
    hold();
    ask();
  }
  function move(dx, dy) {
    view = { ...view, x: view.x + dx, y: view.y + dy };
    hold();
    ask();
  }
  /** A part of the drawing stays in sight. */
  function hold() {
    const edge = 60;
    view.x = Math.min(size.w - edge, Math.max(edge - plan.width * view.zoom, view.x));
    view.y = Math.min(size.h - edge - plan.top * view.zoom, Math.max(edge - plan.bottom * view.zoom, view.y));
  }
  function choose(node, { reveal = false } = {}) {
    chosen = new Set(node ? [node.id] : []);
    const shape = reveal && node && plan.shapes.find((each) => each.node === node && each.kind !== "join");
    if (shape) {
      const left = view.x + shape.x * view.zoom, right = left + shape.w * view.zoom;
      if (left < 20 || right > size.w - 20) view.x += size.w / 2 - (left + right) / 2;
    }
    ask();
  }
  function locate(event) {
    const box = canvas.getBoundingClientRect();
    return { px: event.clientX - box.left, py: event.clientY - box.top };
  }
  const find = ({ px, py }) => index.hit((px - view.x) / view.zoom, (py - view.y) / view.zoom);

  // Pointers: one drags, two pinch, none hovers.
  const held = new Map();
  let dragged = 0, spread = 0;
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    held.set(event.pointerId, locate(event));
    dragged = 0;
    spread = 0;
  });
  canvas.addEventListener("pointermove", (event) => {
    const here = locate(event), before = held.get(event.pointerId);
    if (!before) return hover(here);
    held.set(event.pointerId, here);
    if (held.size === 1) {
      dragged += Math.hypot(here.px - before.px, here.py - before.py);
      if (dragged > 3) move(here.px - before.px, here.py - before.py);
      canvas.classList.toggle("dragged", dragged > 3);
    } else {
      const [a, b] = [...held.values()], now = Math.hypot(a.px - b.px, a.py - b.py);
      if (spread) zoomAt(now / spread, (a.px + b.px) / 2, (a.py + b.py) / 2);
      spread = now;
      dragged = 9;
    }
  });
  for (const name of ["pointerup", "pointercancel"]) canvas.addEventListener(name, (event) => {
    held.delete(event.pointerId);
    canvas.classList.remove("dragged");
    const node = name === "pointerup" && dragged <= 3 && find(locate(event));
    if (node && node.id >= 0) on.choose(node);
  });
  canvas.addEventListener("pointerleave", () => hover(null));
  canvas.addEventListener("wheel", (event) => {
    const { px, py } = locate(event);
    if (event.ctrlKey || event.metaKey) zoomAt(Math.exp(-event.deltaY * 0.0025), px, py);
    else if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) move(-(event.deltaX || event.deltaY), 0);
    else return; // the page scrolls
    event.preventDefault();
  }, { passive: false });
  canvas.addEventListener("dblclick", (event) => {
    const { px, py } = locate(event);
    zoomAt(1.8, px, py);
  });
  canvas.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const far = 60, moves = { ArrowLeft: [far, 0], ArrowRight: [-far, 0], ArrowUp: [0, far], ArrowDown: [0, -far] }[event.key];
    if (event.shiftKey && moves) move(...moves);
    else if (event.key === "ArrowRight" || event.key === "ArrowDown") step(1);
    else if (event.key === "ArrowLeft" || event.key === "ArrowUp") step(-1);
    else if (event.key === "Home") step(-flat.length);
    else if (event.key === "End") step(flat.length);
    else if (event.key === "+" || event.key === "=") zoomAt(1.3);
    else if (event.key === "-") zoomAt(1 / 1.3);
    else if (event.key === "0") fit(true);
    else return;
    event.preventDefault();
  });
  function step(by) {
    const at = flat.findIndex((shape) => chosen.has(shape.node.id));
    const shape = flat[Math.min(flat.length - 1, Math.max(0, at < 0 ? 0 : at + by))];
    if (shape) on.choose(shape.node);
  }
  function hover(here) {
    const node = here ? find(here) : null;
    on.near(node && node.id >= 0 ? node : null);
    tip.hidden = !node;
    if (!node) return;
    const times = node.kind === "fold" ? `${node.times} times` : node.count > 1 ? `${node.count} of these` : "";
    tip.textContent = [
      node.kind === "fold" ? "" : node.path, node.kind === "layer" ? node.text : "",
      `${node.input.join("×")} → ${node.output.join("×")}`, times,
    ].filter(Boolean).join("\n");
    tip.style.left = `${Math.max(4, Math.min(here.px + 14, size.w - tip.offsetWidth - 6))}px`;
    tip.style.top = `${here.py + 18 + tip.offsetHeight > size.h ? here.py - tip.offsetHeight - 8 : here.py + 18}px`;
  }
  new ResizeObserver(([entry]) => {
    const first = !size.w;
    size = { w: entry.contentRect.width, h: entry.contentRect.height };
    if (first) fit();
    ask();
  }).observe(canvas);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { colours = null; ask(); });

  return {
    canvas, show, choose, zoomAt, fit,
    setNear(node) { near = new Set(node ? [node.id] : []); ask(); },
    setWrong(ids) { wrong = new Set(ids); ask(); },
    setStale(stale) { isStale = stale; element.classList.toggle("stale", isStale); },
    setLogarithmic(on) { logarithmic = on; lay(); fit(); },
  };
}
