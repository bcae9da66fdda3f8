// Each layer as a folded section: its figures, its maps on one scale, one map enlarged.
const AT_ONCE = 64;
const write = (value) => (Number.isFinite(value) ? (value === 0 ? "0" : Math.abs(value) >= 1e-3 && Math.abs(value) < 1e5 ? String(Number(value.toPrecision(4))) : value.toExponential(2)).replace("-", "−") : "not a number");
const writeShape = (shape) => shape.join(" × ");
const writeTime = (ms) => (ms < 1000 ? `${ms < 10 ? ms.toFixed(1) : ms.toFixed(0)} ms` : `${(ms / 1000).toFixed(1)} s`);

function summarise(values) {
  let low = Infinity, high = -Infinity, sum = 0, zeros = 0;
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
    sum += value;
    zeros += value === 0;
  }
  return { low, high, mean: sum / values.length, zeros: zeros / values.length };
}

class LayerView {
  constructor(layer) {
    this.layer = layer;
    [this.channels, this.inner] = [layer.shape[1], layer.shape.slice(2)];
    if (volume(this.inner) === 1) this.inner = [];
    this.time = build("span", { className: "time quiet" });
    this.body = build("div", { className: "maps" });
    this.shown = AT_ONCE;
    this.plane = 0;
    this.element = build("details", { className: "layer" },
      build("summary", {}, build("span", { className: "label" }, build("b", {}, layer.name), " ", build("code", {}, layer.text)),
        build("span", { className: "shape" }, writeShape(layer.shape.slice(1))), this.time), this.body);
    this.element.addEventListener("toggle", () => this.draw());
  }

  show(tensor, ms) {
    this.values = tensor.data;
    this.time.textContent = writeTime(ms);
    this.draw();
  }

  draw() {
    if (!this.element.open) return;
    if (!this.values) return this.body.replaceChildren(build("p", { className: "quiet" }, "Give an input first."));
    const { low, high, mean, zeros } = summarise(this.values), figures = { least: low, largest: high, mean };
    this.most = Math.max(Math.abs(low), Math.abs(high));
    const list = build("dl", { className: "figures" }, ...Object.entries({ ...figures, zeros: null }).map(([name, value]) =>
      build("div", {}, build("dt", {}, name), build("dd", {}, value === null ? `${(100 * zeros).toFixed(0)} %` : write(value)))));
    this.body.replaceChildren(list, this.drawScale(low), ...(this.inner.length ? this.drawMaps() : [this.drawVector()]));
  }

  drawScale(low) {
    const canvas = build("canvas", { className: "scale", role: "img", "aria-label": `Colours from ${write(low < 0 ? -this.most : 0)} to ${write(this.most)}` });
    const steps = Array.from({ length: 128 }, (_, i) => (low < 0 ? (i / 63.5 - 1) : i / 127) * this.most);
    paintValues(canvas, steps, 128, 1, this.most);
    return build("div", { className: "scaled quiet" }, write(low < 0 ? -this.most : 0), canvas, write(this.most));
  }

  drawVector() {
    const width = Math.min(this.channels, 32), canvas = build("canvas", { className: "pixels vector", role: "img", "aria-label": `${this.channels} values` });
    paintValues(canvas, this.values, width, Math.ceil(this.channels / width), this.most);
    canvas.style.width = `${width * 18}px`;
    return build("div", { className: "box" }, canvas);
  }

  // Extents before the last two are leafed through.
  get planes() { return volume(this.inner.slice(0, -2)); }

  take(channel) {
    const cells = volume(this.inner), [height, width] = this.inner.length > 1 ? this.inner.slice(-2) : [1, this.inner[0]];
    const start = channel * cells + this.plane * height * width;
    return { values: this.values.subarray(start, start + height * width), width, height };
  }

  drawMaps() {
    const thin = this.inner.length === 1, count = Math.min(this.shown, this.channels);
    const grid = build("div", { className: thin ? "strips" : "grid" });
    for (let channel = 0; channel < count; channel++) {
      const { values, width, height } = this.take(channel), canvas = build("canvas", { className: "pixels" });
      paintValues(canvas, values, width, height, this.most);
      grid.append(build("button", { type: "button", className: "map", title: `map ${channel}`, "aria-label": `Enlarge map ${channel}`,
        onclick: () => this.enlarge(channel) }, canvas));
    }
    const parts = [grid];
    if (this.planes > 1) {
      const slider = build("input", { type: "range", min: 0, max: this.planes - 1, value: this.plane, id: `plane-${this.layer.tensor}`,
        oninput: () => { this.plane = Number(slider.value); name.textContent = `plane ${this.plane}`; this.repaint(grid); } });
      const name = build("label", { htmlFor: slider.id }, `plane ${this.plane}`);
      parts.unshift(build("div", { className: "row" }, name, slider));
    }
    if (count < this.channels)
      parts.push(build("button", { type: "button", onclick: () => { this.shown *= 4; this.draw(); } }, `Show more of the ${this.channels.toLocaleString("en")} maps`));
    return parts;
  }

  repaint(grid) {
    [...grid.querySelectorAll("canvas")].forEach((canvas, channel) => {
      const { values, width, height } = this.take(channel);
      paintValues(canvas, values, width, height, this.most);
    });
  }

  enlarge(channel) {
    const { values, width, height } = this.take(channel), { low, high, mean } = summarise(values);
    const canvas = build("canvas", { className: "pixels large", role: "img", "aria-label": `Map ${channel} of ${this.layer.name}` });
    const told = build("p", { className: "caption", role: "status" }, `least ${write(low)}, largest ${write(high)}, mean ${write(mean)}`);
    if (height === 1) paintLine(canvas, values, Math.min(low, 0), Math.max(high, 0));
    else paintValues(canvas, values, width, height, this.most);
    canvas.addEventListener("pointermove", (event) => {
      const box = canvas.getBoundingClientRect(), at = (share, cells) => clamp(Math.floor(share * cells), 0, cells - 1);
      const x = at((event.clientX - box.left) / box.width, width), y = at((event.clientY - box.top) / box.height, height);
      told.textContent = `${height > 1 ? `row ${y}, column ${x}` : `cell ${x}`}: ${write(values[y * width + x])}`;
    });
    const step = (by) => { dialog.close(); this.enlarge((channel + by + this.channels) % this.channels); };
    const close = () => dialog.close();
    const dialog = build("dialog", { "aria-label": `Map ${channel} of ${this.layer.name}` },
      build("h3", {}, `${this.layer.name}, map ${channel}`), canvas, told,
      build("div", { className: "row" }, build("button", { type: "button", onclick: () => step(-1) }, "Previous"),
        build("button", { type: "button", onclick: () => step(1) }, "Next"), build("button", { type: "button", onclick: close }, "Close")));
    dialog.addEventListener("close", () => dialog.remove());
    dialog.addEventListener("click", (event) => { if (event.target === dialog) close(); });
    dialog.addEventListener("keydown", (event) => { const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key]; if (by) step(by); });
    if (height > 1) Object.assign(canvas.style, { width: `min(100%, ${Math.max(160, Math.min(512, width * 24))}px)`, aspectRatio: `${width} / ${height}` });
    document.body.append(dialog);
    dialog.showModal();
  }
}
