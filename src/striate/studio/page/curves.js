// Curves over epochs as SVG: axes with round numbers and names, a line for each series. Under the pointer, or with the arrow keys, all
// values of one epoch. No figure is made here.

const NS = "http://www.w3.org/2000/svg", HEIGHT = 230, LEFT = 52, RIGHT = 12, TOP = 12, BOTTOM = 40;
let made = 0;

function draw(name, attributes, text) {
  const element = document.createElementNS(NS, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  if (text !== undefined) element.textContent = text;
  return element;
}
const part = (kind, name, text = "") => Object.assign(document.createElement(kind), { className: name, textContent: text });

/** Round numbers that span from `low` to `high`, about `count` of them. */
function chooseTicks(low, high, count = 4) {
  const span = high - low || Math.abs(high) || 1, rough = span / count, power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((each) => each * power).find((each) => each >= rough * 0.999);
  const ticks = [];
  for (let at = Math.ceil(low / step - 1e-9); at * step <= high + step * 1e-9; at++) ticks.push(Number((at * step).toPrecision(12)));
  return ticks;
}

const plain = (value) => (
  value === null || value === undefined
    ? "none"
    : Number(value.toPrecision(4)).toLocaleString("en", { maximumSignificantDigits: 4 })
);

/**
 * A figure of curves. `show(series, {percent, waiting})` with [{name, look: "a" to "d", dashed, points: [[x, y or null], ...]}] draws
 * it anew; `rename(title, meaning)` gives it another name.
 */
export function makeCurves(title, { meaning = "" } = {}) {
  const element = document.createElement("figure"), caption = document.createElement("figcaption");
  const name = part("b", "", title), sense = part("span", "meaning", meaning), names = part("div", "names");
  const svg = draw("svg", { tabindex: "0" });
  const marks = draw("g", { class: "marks", "aria-hidden": "true" }), base = draw("g", {}), number = ++made;
  element.className = "curves";
  name.id = `curves-${number}`;
  caption.append(name, sense, names);
  svg.append(base, marks);
  element.append(caption, svg);
  svg.setAttribute("aria-labelledby", name.id);
  let shown = [], options = {}, frame = null, at = null;
  new ResizeObserver(() => paint()).observe(element);
  const say = (value) => (options.percent && Number.isFinite(value) ? `${(100 * value).toFixed(2)} %` : plain(value));

  function rename(text, other) {
    if (name.textContent !== text) name.textContent = text;
    if (sense.textContent !== other) sense.textContent = other;
  }
  function show(series, asked = {}) {
    options = asked;
    shown = series.map(
      (each) => ({ ...each, points: each.points.filter(([, y]) => Number.isFinite(y)) })
    ).filter((each) => each.points.length);
    element.dataset.points = String(Math.max(0, ...shown.map(({ points }) => points.length)));
    paint();
  }
  function paint() {
    const width = Math.max(200, element.clientWidth), all = shown.flatMap(({ points }) => points);
    svg.setAttribute("viewBox", `0 0 ${width} ${HEIGHT}`);
    svg.setAttribute("height", String(HEIGHT));
    base.replaceChildren();
    frame = null;
    svg.setAttribute("role", all.length ? "slider" : "img");
    if (!all.length) {
      base.append(draw(
        "text", { x: width / 2, y: HEIGHT / 2, "text-anchor": "middle", class: "faint" },
        options.waiting === false ? "No epoch was finished." : "The first epoch isn't over yet."
      ));
    }
    else paintAll(width, all);
    tell();
  }
  function paintAll(width, all) {
    const xs = all.map(([x]) => x), ys = all.map(([, y]) => y), first = Math.min(...xs, 1), last = Math.max(...xs, first + 1);
    let low = Math.min(...ys), high = Math.max(...ys);
    const spare = (high - low || Math.abs(high) || 1) * 0.06;
    low -= spare;
    high += spare;
    const placeX = (x) => LEFT + ((x - first) / (last - first)) * (width - LEFT - RIGHT);
    const placeY = (y) => TOP + ((high - y) / (high - low)) * (HEIGHT - TOP - BOTTOM);
    frame = { placeX, placeY, xs: [...new Set(xs)].sort((a, b) => a - b) };
    const bottom = HEIGHT - BOTTOM;
    for (const tick of chooseTicks(low, high, 5)) {
      base.append(
        draw("line", { x1: LEFT, x2: width - RIGHT, y1: placeY(tick), y2: placeY(tick), class: "grid" }),
        draw(
          "text", { x: LEFT - 8, y: placeY(tick) + 4, "text-anchor": "end", class: "faint" },
          options.percent ? `${plain(100 * tick)} %` : plain(tick)
        )
      );
    }
    base.append(draw("line", { x1: LEFT, x2: width - RIGHT, y1: bottom, y2: bottom, class: "axis" }));
    for (const tick of chooseTicks(first, last, Math.min(8, width / 80)).filter(Number.isInteger)) {
      base.append(
        draw("line", { x1: placeX(tick), x2: placeX(tick), y1: bottom, y2: bottom + 4, class: "axis" }),
        draw("text", { x: placeX(tick), y: bottom + 17, "text-anchor": "middle", class: "faint" }, String(tick))
      );
    }
    base.append(draw("text", { x: (LEFT + width - RIGHT) / 2, y: HEIGHT - 6, "text-anchor": "middle", class: "faint" }, "epoch"));
    for (const { look, dashed, points } of shown) {
      const path = points.map(([x, y]) => `${placeX(x).toFixed(1)},${placeY(y).toFixed(1)}`);
      if (path.length > 1) base.append(draw("polyline", { points: path.join(" "), class: `line ${look}${dashed ? " dashed" : ""}` }));
      const [x, y] = path.at(-1).split(",");
      base.append(draw("circle", { cx: x, cy: y, r: 3, class: `dot ${look}` }));
    }
  }
  /** Say the values of the epoch that is pointed at, of the last one where none is. */
  function tell() {
    marks.replaceChildren();
    const x = at !== null && frame?.xs.includes(at) ? at : null, last = frame?.xs.at(-1);
    const values = shown.map(({ name, look, dashed, points }) => (
      { name, look, dashed, value: x === null ? points.at(-1)[1] : points.find((point) => point[0] === x)?.[1] }
    ));
    names.replaceChildren(
      ...(x === null ? [] : [part("span", "at", `epoch ${x}`)]),
      ...values.map(({ name, look, dashed, value }) => part("span", `name ${look}${dashed ? " dashed" : ""}`, `${name} ${say(value)}`))
    );
    if (!frame) return;
    const told = values.map(({ name, value }) => `${name} ${say(value)}`).join(", ");
    const spoken = { valuemin: frame.xs[0], valuemax: last, valuenow: x ?? last, valuetext: `epoch ${x ?? last}: ${told}` };
    for (const [key, value] of Object.entries(spoken)) {
      svg.setAttribute(`aria-${key}`, String(value));
    }
    if (x === null) return;
    marks.append(draw("line", { x1: frame.placeX(x), x2: frame.placeX(x), y1: TOP, y2: HEIGHT - BOTTOM, class: "rule" }));
    for (const { look, value } of values) {
      if (Number.isFinite(value)) {
        marks.append(draw("circle", { cx: frame.placeX(x), cy: frame.placeY(value), r: 4.5, class: `dot ${look}` }));
      }
    }
  }
  function point(x) {
    if (x === at) return;
    at = x;
    tell();
  }
  svg.addEventListener("pointermove", (event) => {
    if (!frame) return;
    const x = event.clientX - svg.getBoundingClientRect().left;
    point(frame.xs.reduce((best, each) => (Math.abs(frame.placeX(each) - x) < Math.abs(frame.placeX(best) - x) ? each : best)));
  });
  svg.addEventListener("pointerleave", () => point(null));
  svg.addEventListener("blur", () => point(null));
  svg.addEventListener("keydown", (event) => {
    if (!frame) return;
    const place = frame.xs.indexOf(at ?? frame.xs.at(-1)), end = frame.xs.length - 1;
    const next = {
      ArrowLeft: place - 1, ArrowDown: place - 1, ArrowRight: place + 1, ArrowUp: place + 1, Home: 0, End: end,
      PageUp: place + 10, PageDown: place - 10,
    }[event.key];
    if (next === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    point(frame.xs[Math.max(0, Math.min(end, next))]);
  });
  return { element, show, rename };
}
