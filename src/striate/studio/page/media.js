// One array as the studio tells it: a picture, frames that play, curves, a sound, words; each with a name that is read aloud.

import { make } from "./wording.js";

const SVG = "http://www.w3.org/2000/svg", WIDE = 320, TALL = 110, RATE = 8;

/** Show `media` (see report/media.py); `label` says what it is; `small` is one of a list. Gives a <figure>. */
export function showMedia(media, { label = "", small = false } = {}) {
  const figure = make("figure", "", `media${small ? " small" : ""}`), said = [label, media.title].filter(Boolean).join(", ");
  if (media.words.length) figure.append(make("p", media.words.join(" "), "wording"));
  if (media.curves.length) figure.append(drawCurves(media, said));
  if (media.frames.length) figure.append(...showFrames(media, said, small));
  if (media.sound) {
    const player = Object.assign(document.createElement("audio"), { controls: true, preload: "none", src: media.sound });
    player.setAttribute("aria-label", said || "the sound");
    figure.append(player);
  }
  if (media.title && !small) figure.append(make("figcaption", media.title));
  return figure;
}

function showFrames({ frames, pixels }, label, small) {
  const picture = Object.assign(document.createElement("img"), { src: frames[0], alt: label || "the sample", decoding: "async" });
  if (pixels) picture.className = "pixels";
  if (frames.length === 1 || small) return [picture];
  const tools = make("div", "", "row"), play = make("button", "Play"), slider = document.createElement("input");
  let timer = 0;
  play.type = "button";
  Object.assign(slider, { type: "range", min: 0, max: frames.length - 1, value: 0 });
  slider.setAttribute("aria-label", `${label || "sample"}: which of ${frames.length} frames or slices`);
  const show = () => { picture.src = frames[Number(slider.value)]; };
  const stop = () => { clearInterval(timer); timer = 0; play.textContent = "Play"; };
  slider.addEventListener("input", () => { stop(); show(); });
  play.addEventListener("click", () => {
    if (timer) return stop();
    play.textContent = "Pause";
    timer = setInterval(() => {
      if (!picture.isConnected) return stop();
      slider.value = String((Number(slider.value) + 1) % frames.length);
      show();
    }, 1000 / RATE);
  });
  tools.append(play, slider);
  return [picture, tools];
}

/** Curves over one another, each from its lowest to its highest value in every column. */
function drawCurves({ curves, low, high }, label) {
  const svg = document.createElementNS(SVG, "svg"), place = (value) => (4 + ((high - value) / (high - low)) * (TALL - 8)).toFixed(1);
  svg.setAttribute("viewBox", `0 0 ${WIDE} ${TALL}`);
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", label || "a curve");
  svg.setAttribute("preserveAspectRatio", "none");
  if (low < 0 && high > 0) svg.append(draw("path", { d: `M0 ${place(0)}H${WIDE}`, class: "zero" }));
  curves.forEach((curve, at) => {
    const step = WIDE / Math.max(1, curve.length - 1), across = (index) => (index * step).toFixed(1);
    const points = curve.flatMap(([least, most], index) => (
      least === most
        ? [`${across(index)} ${place(most)}`]
        : [`${across(index)} ${place(most)}`, `${across(index)} ${place(least)}`]
    ));
    svg.append(draw("path", { d: `M${points.join("L")}`, class: `curve curve${at % 3}` }));
  });
  return svg;
}

function draw(name, attributes) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}
