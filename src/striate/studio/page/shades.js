// A number's colour: blue below 0, orange above, as strong as its share of the largest; and ink that reads well upon it.

const drawings = new WeakMap(); // by canvas: what is gone takes its drawing along
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
  for (const canvas of document.querySelectorAll("canvas")) drawings.get(canvas)?.();
});

/** Have a canvas drawn anew whenever the system turns dark or light. */
export function drawByScheme(canvas, draw) {
  drawings.set(canvas, draw);
}

/** The colours that the view's styles name. */
export function readColours(element) {
  const style = getComputedStyle(element), read = (name) => style.getPropertyValue(name).trim();
  return {
    paper: parse(read("--cell-zero")), below: parse(read("--cell-below")), above: parse(read("--cell-above")),
    rule: read("--rule"), wash: read("--wash"), blue: read("--blue"), mono: read("--mono"),
    light: read("--cell-light"), mark: read("--cell-mark"), veil: read("--cell-veil"),
  };
}
function parse(text) {
  return [1, 3, 5].map((start) => parseInt(text.slice(start, start + 2), 16));
}
/** Put a share's colour, from -1 to 1, into four bytes. */
export function paint(data, i, share, { paper, below, above }) {
  const to = share < 0 ? below : above, part = Number.isFinite(share) ? Math.min(1, Math.abs(share)) ** .75 : 0;
  for (let k = 0; k < 3; k++) data[i + k] = paper[k] + (to[k] - paper[k]) * part;
  data[i + 3] = 255;
}

/** Relative luminance (WCAG 2): above .179 black reads better than white. */
function measureLight(data) {
  const [red, green, blue] = data.slice(0, 3).map(
    (each) => (each / 255 <= .04045 ? each / 255 / 12.92 : ((each / 255 + .055) / 1.055) ** 2.4)
  );
  return .2126 * red + .7152 * green + .0722 * blue;
}

/** Black or white, whichever reads better upon the colour of a share. */
export function pickInk(share, colours) {
  const data = [0, 0, 0, 0];
  paint(data, 0, share, colours);
  return measureLight(data) > .179 ? "#0d0e10" : "#ffffff";
}

/** The background of a share from -1 to 1, and the colour of the text upon it. */
export function shade(colours, share) {
  const data = [0, 0, 0, 0];
  paint(data, 0, share, colours);
  return { background: `rgb(${data.slice(0, 3).map(Math.round).join(" ")})`, color: measureLight(data) > .179 ? "#0d0e10" : "#ffffff" };
}
