// The page at work: unpack, check itself, wait for inputs, answer.
const find = (id) => document.getElementById(id);
const read = (name) => JSON.parse(document.querySelector(`[data-holds="${name}"]`).textContent);

function unpackPieces(length) {
  const held = [...document.querySelectorAll('[data-holds="weights"]')], bytes = decodePieces(held.map((each) => each.textContent), length);
  held.forEach((each) => each.remove());
  return bytes;
}

// The input that Python checked with: nothing of it need be in the file.
function scatterValues(count, symbols) {
  return Float32Array.from({ length: count }, (_, i) => {
    const mixed = (Math.imul(i, 2654435761) + 0x9e3779b9) >>> 0;
    return symbols ? (mixed >>> 8) % symbols : mixed / 2 ** 31 - 1;
  });
}

class Page {
  constructor() {
    [this.program, this.facts] = [read("program"), read("facts")];
    this.shape = this.program.input.shape.slice(1);
    this.machine = new Machine(this.program, unpackPieces(this.facts.weights));
    this.layers = this.program.layers.map((layer) => new LayerView(layer));
    this.turn = 0;
    find("layers").append(...this.layers.map((view) => view.element));
    if (this.layers.length) this.layers[0].element.open = true;
    mountIntake(find("intake"), this.facts, this.shape, (sample) => this.answer(sample), (text) => this.fail(text));
    isDark.addEventListener("change", () => this.layers.forEach((view) => view.draw()));
    find("unfold").addEventListener("click", () => this.unfold());
  }

  unfold() {
    const open = !this.layers.every((view) => view.element.open);
    this.layers.forEach((view) => (view.element.open = open));
    find("unfold").textContent = open ? "Fold all" : "Unfold all";
  }

  // Run, with a breath every 50 ms so that the page stays awake; given up where a newer input has come. Turn 0 is the check.
  async run(values, times, turn) {
    let last = performance.now(), breath = last;
    const rest = async (place) => {
      const now = performance.now();
      times[place] = now - last;
      if (now - breath > 50) {
        if (turn) this.say(`Working: step ${place + 1} of ${this.program.steps.length}`);
        await new Promise((resume) => setTimeout(resume));
        if (turn && turn !== this.turn) throw new Superseded();
        breath = performance.now();
      }
      last = performance.now();
    };
    return this.machine.run(values, rest);
  }

  async answer(sample) {
    const turn = ++this.turn, times = new Array(this.program.steps.length).fill(0), start = performance.now();
    let values = null;
    const ask = async (given) => {
      const made = await this.run(given, values ? [] : times, turn);
      values ??= made;
      return this.program.outputs.map((id) => made.get(id));
    };
    find("problem").textContent = "";
    try {
      const found = await answerTask(sample, this.facts, this.shape, ask);
      if (turn === this.turn) this.show(sample, values, found, times, performance.now() - start);
    } catch (problem) {
      if (!(problem instanceof Superseded)) throw problem;
    }
  }

  show(sample, values, found, times, ms) {
    dropPlayers();
    const said = showAnswer(find("answer"), sample, found, this.facts, this.shape);
    this.layers.forEach((view) => {
      const [first, last] = view.layer.steps, tensor = values.get(view.layer.tensor);
      view.show(tensor, times.slice(first, last + 1).reduce((a, b) => a + b, 0));
    });
    this.showSeen(sample);
    find("answered").hidden = false;
    find("timing").textContent = `Answered in ${writeTime(ms)}.${this.tellWords(sample)}`;
    this.say(`Answer: ${said}`);
    find("status").classList.add("said");
    this.outputs = found.tensors.map((tensor) => [...tensor.data]);
    this.answered = [...found.values];
  }

  tellWords({ unknown = [], cut = 0 }) {
    const words = unknown.length ? ` Not in its vocabulary: ${[...new Set(unknown)].slice(0, 12).join(", ")}.` : "";
    return words + (cut ? ` The last ${cut} words and marks were left out.` : "");
  }

  // The input as it went in, where the answer doesn't show it already.
  showSeen(sample) {
    const { kind, task, reading } = this.facts, [, ...inner] = this.shape, isShown = ["segment", "restore"].includes(task.name);
    find("saw").hidden = !inner.length || kind === "words" || isShown;
    if (find("saw").hidden) return;
    const canvas = build("canvas", { id: "seen", className: inner.length > 1 ? "pixels" : "wave", role: "img", "aria-label": "What the network sees" });
    const [count, name] = inner.length > 1 ? [countPlanes(inner), namePlanes(this.facts)] : [this.shape[0], kind === "series" ? "column" : "channel"];
    const slider = leaf(count, name, (plane) => paintSample(canvas, sample, this.shape, plane));
    if (kind === "sound" && inner.length > 1) canvas.style.width = `${Math.max(224, inner.at(-1) * 4)}px`;
    const player = sample.heard ? makePlayer(sample.heard, reading.rate, "The recording") : "";
    find("saw").replaceChildren(canvas, slider ?? "", player, build("figcaption", { className: "caption" }, sample.heard ? "What the network sees, and what was heard" : "What the network sees"));
  }

  // The outputs for the check's input against torch's: the largest difference over the largest value.
  async check() {
    const { symbols, outputs } = this.facts.check, values = await this.run(scatterValues(volume(this.program.input.shape), symbols), [], 0);
    let worst = 0;
    outputs.forEach((expected, i) => {
      const { data } = values.get(this.program.outputs[i]), most = Math.max(...expected.map(Math.abs)) || 1;
      expected.forEach((value, k) => { const far = Math.abs(value - data[k]) / most; worst = far > worst || Number.isNaN(far) ? far : worst; });
    });
    find("check").textContent = worst <= 1e-4 ? `This browser gives what PyTorch gave: relative error ${worst.toExponential(1)}.`
      : `This browser gives something else than PyTorch: relative error ${worst.toExponential(1)}.`;
    find("check").classList.toggle("note", !(worst <= 1e-4));
    return worst;
  }

  say(text) { find("status").textContent = text; }
  fail(text) { find("problem").textContent = text; }
}

class Superseded extends Error {}

const page = new Page();
page.say("It answers as soon as there is an input.");
page.checked = page.check();
window.striate = page;
