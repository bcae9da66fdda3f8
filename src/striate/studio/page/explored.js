// Explore: views of the whole network, as `striate explore` draws them: kernels, maps, what units like, and more; each drawn once.

import { makeProgress } from "./progress.js";
import { makeSamples } from "./sampled.js";
import { openSection } from "./section.js";
import { make } from "./wording.js";
import { sayTime } from "./trusted.js";

const CONVOLUTION = /Conv/;

export async function mount(element, studio, run) {
  const caption = "Views of its weights, of its layers at work, and of what its units answer to. " +
    "A view is drawn once and kept while the studio runs.";
  const title = "What is inside this network?";
  const known = await openSection(element, studio, run, { name: "explore", title, caption, verb: "views" });
  if (!known) return;
  const views = new Map(known.views.map((each) => [each.name, each])), list = make("div", "", "viewlist");
  const asked = makeAsked(known.layers), go = make("button", "Draw it", "main"), seen = make("section", "", "drawn");
  const progress = makeProgress(studio, run, () => asking?.abort()), samples = makeSamples(studio, run, { choose: () => draw() });
  let asking = null, chosen = null, begun = false;
  go.type = "button";
  list.setAttribute("role", "group");
  list.setAttribute("aria-label", "Views");
  seen.setAttribute("aria-label", "The view");
  seen.hidden = samples.element.hidden = true;
  for (const view of views.values()) list.append(makeButton(view));
  element.append(list, samples.element, asked.element, go, progress.element, seen);
  go.addEventListener("click", () => draw());

  function makeButton(view) {
    const button = make("button", "", "viewcard");
    Object.assign(button, { type: "button", disabled: Boolean(view.problem) });
    button.dataset.view = view.name;
    button.setAttribute("aria-pressed", "false");
    button.append(make("strong", view.title), make("span", view.problem ?? view.reading, "caption"));
    button.addEventListener("click", () => choose(view));
    return button;
  }
  async function choose(view) {
    chosen = view;
    for (const button of list.children) button.setAttribute("aria-pressed", String(button.dataset.view === view.name));
    asked.show(view);
    go.hidden = false;
    const needs = view.needs.includes("inputs");
    samples.element.hidden = !needs;
    if (needs && !samples.chosen()) {
      if (!begun) begun = samples.begin(); // which draws, as soon as a sample is there
      await begun;
    } else draw();
  }
  async function draw() {
    if (!chosen) return;
    asking?.abort();
    const mine = (asking = new AbortController()), view = chosen, sample = view.needs.includes("inputs") ? samples.chosen() : null;
    run.signal.addEventListener("abort", () => mine.abort(), { once: true });
    element.dataset.state = "asking";
    seen.setAttribute("aria-busy", "true");
    try {
      const found = await studio.call(
        "explore", { run: run.handle, view: view.name, sample, ...asked.read(), ask: progress.begin() }, mine.signal
      );
      if (mine !== asking) return;
      show(view, found);
      element.dataset.state = found.problem ? "problem" : "shown";
    } catch (error) {
      if (mine === asking && studio.isMoot(error)) element.dataset.state = "stopped";
      studio.fail(error);
    } finally {
      if (mine === asking) {
        progress.end();
        seen.removeAttribute("aria-busy");
      }
    }
  }
  function show(view, found) {
    seen.hidden = false;
    seen.dataset.view = view.name;
    if (found.problem) return seen.replaceChildren(make("p", found.problem, "note"));
    const title = make("h4", `${view.title}${found.sample ? `: ${found.sample}` : ""}`);
    const save = make("a", "Save the picture"), box = make("div", "", "box sheet-of-view");
    const picture = document.createElement("img"), tools = make("div", "", "row");
    Object.assign(
      picture,
      {
        src: found.picture, alt: `${view.title}. ${view.reading}`, width: Math.round(found.width / 1.5),
        height: Math.round(found.height / 1.5),
      }
    );
    Object.assign(save, { href: found.picture, download: `${run.name}-${view.name}.png` });
    box.append(picture);
    box.tabIndex = 0;
    box.setAttribute("role", "region");
    box.setAttribute("aria-label", view.title);
    tools.append(save, make("span", found.new ? `drawn in ${sayTime(found.seconds)}` : "drawn before", "quiet"));
    seen.replaceChildren(
      title, make("p", view.reading), tools, ...found.notes.map((note) => make("p", note, "caption")),
      found.page ? makeFrame(view, found.page) : box
    );
  }
  return { hidden() { asking?.abort(); } };
}

function makeFrame(view, page) {
  const frame = document.createElement("iframe");
  Object.assign(frame, { src: `/view/${page}`, title: view.title, className: "scroll" });
  return frame;
}

/** The layer, the unit, the seed, and the view's own options as texts. */
function makeAsked(layers) {
  const element = make("details", "", "asked"), fields = make("div", "", "fields");
  const layer = document.createElement("select"), unit = makeInput("number", { min: 0, placeholder: "all" });
  const seed = makeInput("number", { min: 0, value: 0 });
  const own = new Map(), options = make("div", "", "fields");
  layer.append(
    new Option("chosen by the view", ""),
    ...[...layers].sort(
      (one, other) => CONVOLUTION.test(other.kind) - CONVOLUTION.test(one.kind)
    ).map(({ path, kind }) => new Option(`${path} (${kind})`, path))
  );
  for (const [title, control] of [["Layer", layer], ["Unit", unit], ["Seed", seed]]) fields.append(label(title, control));
  element.append(
    make("summary", "Layer, unit and options"),
    make(
      "p",
      "What is left empty the view decides. A list is written 0,4,9, yes or no is yes or no; docs/explain.md says what each option does.",
      "caption"
    ),
    fields, options
  );
  element.hidden = true;
  return {
    element,
    show(view) {
      element.hidden = false;
      own.clear();
      for (const [name, value] of Object.entries(view.options)) {
        own.set(name, makeInput("text", { placeholder: value || "left to the view", size: 12 }));
      }
      options.replaceChildren(...[...own].map(([name, control]) => label(name, control)));
    },
    read: () => ({
      layer: layer.value || null, unit: unit.value === "" ? null : Number(unit.value), seed: Number(seed.value) || 0,
      options: Object.fromEntries([...own].filter(([, { value }]) => value.trim()).map(([name, { value }]) => [name, value.trim()])),
    }),
  };
}

function label(title, control) {
  const made = make("label", `${title} `);
  made.append(control);
  return made;
}
const makeInput = (type, more) => Object.assign(document.createElement("input"), { type, ...more });
