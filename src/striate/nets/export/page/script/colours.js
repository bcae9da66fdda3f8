// Values as colours: 0 is the paper's, what is negative turns blue, what is positive orange; light and dark pages alike.
const SCHEMES = { light: [[247, 247, 244], [178, 62, 16], [24, 84, 146]], dark: [[32, 35, 39], [255, 176, 124], [134, 190, 245]] };
const isDark = matchMedia("(prefers-color-scheme: dark)");

function makeTable() {
  const [zero, plus, minus] = SCHEMES[isDark.matches ? "dark" : "light"], table = new Uint8ClampedArray(513 * 3);
  for (let i = 0; i <= 512; i++) {
    const share = Math.abs(i - 256) / 256, end = i < 256 ? minus : plus;
    for (let part = 0; part < 3; part++) table[i * 3 + part] = zero[part] + (end[part] - zero[part]) * share ** 0.8;
  }
  return table;
}

// Values [height, width] into a canvas of as many pixels; `most` is what has the full colour.
function paintValues(canvas, values, width, height, most) {
  [canvas.width, canvas.height] = [width, height];
  const context = canvas.getContext("2d"), image = context.createImageData(width, height), table = makeTable();
  for (let i = 0; i < width * height; i++) {
    const at = i < values.length && !Number.isNaN(values[i]) ? (256 + Math.round(clamp(values[i] / (most || 1), -1, 1) * 256)) * 3 : 768;
    image.data.set([table[at], table[at + 1], table[at + 2], i < values.length ? 255 : 0], i * 4);
  }
  context.putImageData(image, 0, 0);
}

// Bytes [channels, height, width] as they are seen: grey or in colour.
function paintPicture(canvas, values, channels, height, width, full = 255) {
  [canvas.width, canvas.height] = [width, height];
  const context = canvas.getContext("2d"), image = context.createImageData(width, height), plane = width * height;
  for (let i = 0; i < plane; i++) {
    for (let part = 0; part < 3; part++) image.data[i * 4 + part] = (values[i + (channels === 3 ? part : 0) * plane] * 255) / full;
    image.data[i * 4 + 3] = 255;
  }
  context.putImageData(image, 0, 0);
}

// A line through values, from `low` to `high`.
function paintLine(canvas, values, low, high) {
  const ratio = 2, [width, height] = [(canvas.width = 640 * ratio), (canvas.height = 160 * ratio)];
  const context = canvas.getContext("2d"), range = high - low || 1, style = getComputedStyle(document.documentElement);
  const x = (i) => (i / Math.max(1, values.length - 1)) * (width - 4) + 2, y = (v) => height - 6 - ((v - low) / range) * (height - 12);
  context.strokeStyle = style.getPropertyValue("--rule");
  context.lineWidth = ratio;
  if (low <= 0 && high >= 0) context.strokeRect(-5, y(0), width + 10, height * 2);
  context.strokeStyle = style.getPropertyValue("--blue");
  context.lineWidth = 1.5 * ratio;
  context.beginPath();
  values.forEach((value, i) => (i ? context.lineTo(x(i), y(value)) : context.moveTo(x(i), y(value))));
  context.stroke();
}
