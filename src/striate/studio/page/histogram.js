// How often which value occurs in a layer: an SVG, with its figures beneath.

import { make, write } from "./wording.js";

/** A histogram of a layer's values; a bar's height is the root of its count. */
export function showHistogram(element, name, histogram) {
  const space = "http://www.w3.org/2000/svg", svg = document.createElementNS(space, "svg");
  const { counts, edges } = histogram, most = Math.max(...counts, 1), width = 320, height = 90;
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", `${name}: values from ${write(histogram.low)} to ${write(histogram.high)}, mean ${write(histogram.mean)}`);
  counts.forEach((count, i) => {
    const bar = document.createElementNS(space, "rect"), tall = count ? Math.max(1, Math.sqrt(count / most) * (height - 4)) : 0;
    const values = { x: (i * width) / counts.length, y: height - tall, width: Math.max(1, width / counts.length - 1), height: tall };
    for (const [key, number] of Object.entries(values)) bar.setAttribute(key, number.toFixed(2));
    bar.setAttribute("class", edges[i + 1] <= 0 ? "under" : "above");
    const told = document.createElementNS(space, "title");
    told.textContent = `${write(edges[i], 3)} to ${write(edges[i + 1], 3)}: ${count.toLocaleString("en")}`;
    bar.append(told);
    svg.append(bar);
  });
  const zeros = histogram.zeros ? `; ${histogram.zeros.toLocaleString("en")} are 0` : "";
  const [low, high, mean, deviation] = ["low", "high", "mean", "deviation"].map((name) => write(histogram[name]));
  const line = `${low} to ${high}, mean ${mean}, deviation ${deviation}${zeros}`;
  element.replaceChildren(make("h3", `All values of ${name}`), svg, make("p", line, "caption"));
}
