// Numbers and elements as every view writes them.

/** A number as people read it, to so many digits; the element's title has all of them. */
export function write(number, digits = 4) {
  if (number === null || number === undefined) return "not a number";
  const size = Math.abs(number);
  if (size !== 0 && (size < 1e-3 || size >= 1e5)) return number.toExponential(digits - 2).replaceAll("-", "−");
  return String(Number(number.toPrecision(digits))).replace("-", "−");
}

const UNITS = [[1e-5, 1e6, "in millionths"], [1e-2, 1e3, "in thousandths"], [1e4, 1, ""], [1e7, 1e-3, "in thousands"]];

/** How the numbers of one grid are written: alike, the largest with three digits; or with `all` digits. Gives {write, unit}. */
export function chooseWriting(numbers, all) {
  const most = numbers.reduce((largest, each) => Math.max(largest, Math.abs(each) || 0), 0);
  const [, factor, unit] = UNITS.find(([limit]) => most < limit) ?? [0, 0, ""];
  if (all || !most) return { write: (number) => write(number, 9), unit: "" };
  if (!factor || most < 1e-8) return { write: (number) => (number ? number.toExponential(1).replaceAll("-", "−") : "0"), unit: "" };
  const decimals = Math.min(3, Math.max(0, 2 - Math.floor(Math.log10(most * factor))));
  const round = (number) => Number((number * factor).toFixed(decimals));
  return { write: (number) => (number && !round(number) ? "≈0" : String(round(number)).replace("-", "−")), unit };
}

/** Bytes as a person says them. */
export function writeBytes(bytes) {
  if (bytes === null || bytes === undefined) return "";
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let at = 0;
  while (bytes >= 1024 && at < units.length - 1) { bytes /= 1024; at++; }
  return `${bytes < 10 && at ? bytes.toFixed(1) : Math.round(bytes)} ${units[at]}`;
}

/** An element with a text and a class. */
export function make(kind, text, name) {
  const element = document.createElement(kind);
  if (text) element.textContent = text;
  if (name) element.className = name;
  return element;
}
