// A heat along a series: the curve in its colours, bars or a band below, of a sound its spectrogram and what can be heard of it;
// and a heat over words.

import { layOver, place, sayHeat, write } from "./heatmap.js";
import { unpack } from "./packed.js";
import { make } from "./wording.js";

const WIDTH = 1200, LANE = 180, BAND = 26, BARS = 120, SPECTRUM = 200, GAP = 10, MOST_BARS = 160;

/** A curve and its heat. Gives {element, canvas, frames, setShare}. */
export function makeCurve(pane, colours, label, on = {}) {
  const [lanes, length] = pane.ground.shape, curves = unpack(pane.ground.values), values = unpack(pane.values), heard = pane.spectrogram;
  const bars = length <= MOST_BARS && !pane.rate, foot = bars ? BARS : BAND, height = lanes * LANE + foot + (heard ? GAP + SPECTRUM : 0);
  const element = make("div", "", "curve-over"), canvas = document.createElement("canvas");
  const head = make("span", "", "playhead"), pen = canvas.getContext("2d");
  let share = 1, at = null;
  Object.assign(canvas, { width: WIDTH, height, tabIndex: 0 });
  canvas.setAttribute("role", "application");
  canvas.setAttribute("aria-label", label);
  head.hidden = true;
  const holder = make("div", "", "over-holder");
  holder.append(canvas, head);
  element.append(holder, makeTicks(length, pane.rate));
  const colour = (heat, grey = 1) => `rgb(${layOver({ signed: pane.signed, at: heat * share }, grey, colours).map(Math.round).join(" ")})`;
  const cellAt = (x) => Math.min(length - 1, Math.floor((x / WIDTH) * length));
  /** The strongest heat of the cells behind a column of pixels. */
  function heatAt(x) {
    const first = cellAt(x), last = Math.max(first + 1, cellAt(x + 1));
    let most = 0;
    for (let cell = first; cell < last; cell++) {
      const heat = place(values[cell], pane);
      if (Math.abs(heat) >= Math.abs(most)) most = heat;
    }
    return most;
  }
  function draw() {
    pen.fillStyle = "#101214";
    pen.fillRect(0, 0, WIDTH, lanes * LANE + foot);
    for (let lane = 0; lane < lanes; lane++) drawLane(lane);
    if (bars) drawBars();
    else for (let x = 0; x < WIDTH; x++) {
      pen.fillStyle = colour(heatAt(x), 0);
      pen.fillRect(x, lanes * LANE, 1, BAND);
    }
    if (heard) drawSpectrum();
  }
  function drawLane(lane) {
    const middle = lane * LANE + LANE / 2, y = (cell) => middle - 0.45 * LANE * curves[lane * length + cell];
    pen.lineWidth = 2.5;
    pen.lineCap = "round";
    if (length <= 2 * WIDTH) {
      for (let cell = 0; cell < Math.max(1, length - 1); cell++) {
        pen.strokeStyle = colour(place(values[cell], pane));
        pen.beginPath();
        pen.moveTo(((cell + 0.5) / length) * WIDTH, y(cell));
        pen.lineTo(((Math.min(length - 1, cell + 1) + 0.5) / length) * WIDTH, y(Math.min(length - 1, cell + 1)));
        pen.stroke();
      }
      return;
    }
    for (let x = 0; x < WIDTH; x++) {
      const first = cellAt(x), last = Math.max(first + 1, cellAt(x + 1));
      let low = Infinity, high = -Infinity;
      for (let cell = first; cell <= Math.min(last, length - 1); cell++) {
        low = Math.min(low, y(cell));
        high = Math.max(high, y(cell));
      }
      pen.fillStyle = colour(heatAt(x));
      pen.fillRect(x, low - 1, 1.2, Math.max(2, high - low + 2));
    }
  }
  /** One bar for each cell: up where it speaks for the answer, down where it speaks against. */
  function drawBars() {
    const top = lanes * LANE, zero = pane.signed ? top + BARS / 2 : top + BARS - 6;
    const reach = pane.signed ? BARS / 2 - 6 : BARS - 12, wide = WIDTH / length;
    for (let cell = 0; cell < length; cell++) {
      const heat = place(values[cell], pane);
      pen.fillStyle = colour(heat, 0);
      pen.fillRect(cell * wide + 1, zero - Math.max(0, heat * reach), Math.max(1, wide - 2), Math.max(2, Math.abs(heat * reach)));
    }
  }
  function drawSpectrum() {
    const [rows, moments] = heard.shape, levels = unpack(heard.values), heats = unpack(heard.moments);
    const picture = pen.createImageData(moments, rows);
    for (let row = 0; row < rows; row++) for (let moment = 0; moment < moments; moment++) {
      const part = layOver({ signed: pane.signed, at: heats[moment] * share }, levels[row * moments + moment], colours);
      picture.data.set([...part, 255], 4 * ((rows - 1 - row) * moments + moment));
    }
    const small = new OffscreenCanvas(moments, rows);
    small.getContext("2d").putImageData(picture, 0, 0);
    pen.drawImage(small, 0, height - SPECTRUM, WIDTH, SPECTRUM);
    pen.fillStyle = "#d8d8d0";
    pen.font = "20px system-ui, sans-serif";
    pen.fillText(`${write(heard.hertz / 1000)} kHz`, 8, height - SPECTRUM + 24);
    pen.fillText("0", 8, height - 8);
  }
  function read(cell) {
    at = Math.max(0, Math.min(length - 1, cell));
    head.hidden = false;
    head.style.left = `${(100 * (at + 0.5)) / length}%`;
    on.read?.(`${pane.rate ? `${(at / pane.rate).toFixed(3)} s` : `cell ${at}`}: ${sayHeat(values[at], pane)}`);
  }
  canvas.addEventListener("pointermove", (event) => {
    const box = canvas.getBoundingClientRect();
    read(Math.floor(((event.clientX - box.left) / box.width) * length));
  });
  canvas.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1, PageDown: Math.ceil(length / 20), PageUp: -Math.ceil(length / 20) }[event.key];
    if (!step || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    read(at === null ? pane.peak[0] : at + step);
  });
  for (const event of ["pointerleave", "blur"]) canvas.addEventListener(event, () => { head.hidden = true; });
  if (pane.sounds) element.append(makePlayers(pane.sounds, head, length / pane.rate));
  draw();
  return { element, canvas, frames: 1, setShare(next) { share = next; draw(); }, setFrame() {} };
}

function makeTicks(length, rate) {
  const line = make("div", "", "ticks"), last = rate ? length / rate : length;
  line.append(...[0, 0.5, 1].map((part) => make("span", rate ? `${write(last * part)} s` : `${Math.round(last * part)}`)));
  return line;
}

/** Players of the whole, and of what mattered to the method alone; a line runs along. */
function makePlayers([whole, mattered], head, seconds) {
  const element = make("div", "", "players");
  for (const [said, source] of [["The whole recording", whole], ["Only what mattered", mattered]]) {
    const label = make("label", said), player = document.createElement("audio");
    Object.assign(player, { controls: true, preload: "metadata", src: source });
    player.setAttribute("aria-label", said);
    player.addEventListener("timeupdate", () => {
      head.hidden = player.paused;
      head.style.left = `${Math.min(100, (100 * player.currentTime) / seconds)}%`;
    });
    label.append(player);
    element.append(label);
  }
  return element;
}

/** Words on their colours: orange for, blue against, the deeper the more. */
export function makeWords(pane, on = {}) {
  const element = make("p", "", "words-over"), values = unpack(pane.values);
  pane.words.forEach((word, at) => {
    const heat = place(values[at], pane), part = make("span", word, heat < 0 ? "against" : "for");
    part.style.setProperty("--share", Math.abs(heat).toFixed(3));
    part.title = sayHeat(values[at], pane);
    part.addEventListener("pointerenter", () => on.read?.(`“${word}”: ${part.title}`));
    element.append(part, " ");
  });
  return {
    element, canvas: null, frames: 1, setFrame() {},
    setShare(next) { element.style.setProperty("--over", String(next)); },
  };
}
