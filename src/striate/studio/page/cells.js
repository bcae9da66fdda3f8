// The Understand view: every layer's maps on one input; a cell's field, its whole sum, the kernel that steps over the input.
// All numbers come from the studio's verbs; this file says who hears of what.

import { makeAsking } from "./asking.js";
import { makeFields } from "./fields.js";
import { showHistogram } from "./histogram.js";
import { makeSection } from "./mapparts.js";
import { makeMaps } from "./maps.js";
import { HINT, build } from "./sides.js";
import { findFirst, findNext, makeStepping } from "./stepping.js";
import { nameCell, showProblem, showSum } from "./sums.js";
import { write } from "./wording.js";

export async function mount(element, studio) {
  element.classList.add("understand");
  const ui = build(element), views = new Map(), loading = new Map();
  const view = { element, studio, ui, views, play: null, pinned: null, hovering: 0 }; // what the parts of the view have in common
  const asking = makeAsking(view, open), stepping = makeStepping(ui, step, () => fields.redraw()), fields = makeFields(view);
  let at = null, opening = null, watching = 0, spelled = null, counted = null;
  view.isPlaying = stepping.isRunning;

  // ---- the network and its input

  async function open() {
    stepping.stop();
    const asked = asking.describe();
    if (!asked) return say({ upload: "Choose a file of yours.", text: "Type some words." }[ui.source.value] ?? "");
    if (asked.source.values?.some((each) => !Number.isFinite(each))) return say("Some fields hold no number.");
    opening?.abort();
    opening = new AbortController();
    const mine = ++watching;
    element.setAttribute("aria-busy", "true");
    try {
      const found = await studio.call("watch", asked, opening.signal);
      if (mine !== watching) return;
      if (found.problem) say(found.problem);
      else await show(found);
    } catch (error) {
      studio.fail(error);
    } finally {
      if (mine === watching) element.removeAttribute("aria-busy");
    }
  }
  function say(problem) {
    ui.problem.textContent = problem;
    ui.problem.hidden = !problem;
  }
  async function show(found) {
    say("");
    const before = view.play && JSON.stringify(view.play.layers) === JSON.stringify(found.layers) ? view.pinned : null;
    view.play = found;
    ui.told.textContent = `: ${found.name}, on ${found.told}`;
    ui.told.title = "Change the network or its input";
    seen.disconnect(); // from the layers of a network before
    ui.stack.replaceChildren();
    for (const kept of [views, loading]) kept.clear();
    view.pinned = at = null;
    fields.clear();
    const input = { index: -1, name: "input", kind: found.told, shape: found.input.shape };
    for (const layer of [input, ...found.layers]) addLayer(layer);
    element.dataset.play = found.play;
    await load(-1);
    const last = before ?? findFirst(found.layers);
    if (last) await choose(last.layer, last.cell);
  }

  // ---- a layer and its maps

  function addLayer(layer) {
    const maps = makeMaps(layer, {
      hover: (cell) => onHover(layer.index, cell), leave: onLeave, choose: (cell) => choose(layer.index, cell, true), key: stepping.onKey,
      laidOut: (tile) => { section.dataset.tile = JSON.stringify(tile); },
      sliced: () => slices.forEach((slider, axis) => { slider.value = maps.slice[axis]; }),
    });
    const { section, slices, more } = makeSection(layer, maps);
    more.addEventListener("click", () => load(layer.index, layer.shape[0]));
    maps.zoom = Number(ui.zoom.value);
    ui.stack.append(section);
    views.set(layer.index, { layer, maps, section, more });
    seen.observe(section);
  }
  const seen = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      const one = views.get(Number(entry.target.dataset.layer));
      if (one?.section !== entry.target) continue; // of a network before
      one.inSight = entry.isIntersecting;
      if (one.inSight) load(one.layer.index);
    }
    fields.redraw();
  }, { rootMargin: "300px" });

  function load(index, count) {
    const one = views.get(index), handle = view.play.play, key = `${handle} ${index} ${count ?? ""}`;
    if (!one || (one.maps.loaded && !count)) return loading.get(key);
    if (!loading.has(key)) loading.set(key, fetchMaps(one, handle, count).catch((error) => { loading.delete(key); studio.fail(error); }));
    return loading.get(key);
  }
  async function fetchMaps(one, handle, count) {
    const { layer, maps, more } = one, flat = layer.shape.length === 1;
    const ask = { play: handle, layer: layer.index < 0 ? null : layer.index, first: 0, count: flat ? layer.shape[0] : count ?? maps.most };
    const found = await studio.call("maps", ask);
    if (view.play.play !== handle) return;
    if (found.problem) throw new Error(found.problem);
    maps.show(found);
    one.histogram = found.histogram;
    more.hidden = flat || found.shape[0] >= found.whole[0] || Boolean(count);
    more.textContent = `Show all ${found.whole[0]} channels`;
    if ((at ?? view.pinned)?.layer === layer.index) showHistogram(ui.histogram, layer.name, (counted = found.histogram));
    fields.redraw();
  }

  // ---- the pointer

  const isPinned = () => ui.pin.getAttribute("aria-pressed") === "true";
  function onHover(layer, cell) {
    if (stepping.isRunning()) return;
    if (isPinned()) return tell({ layer, cell });
    at = { layer, cell };
    tell(at);
    view.hovering = performance.now();
    fields.light(at);
  }
  function onLeave() {
    if (view.pinned && !stepping.isRunning()) tell(view.pinned);
    if (!at || stepping.isRunning()) return;
    at = null;
    if (view.pinned) fields.light(view.pinned);
    else fields.clear();
  }
  function tell({ layer, cell }) {
    const { layer: { name }, maps } = views.get(layer), value = maps.read(cell);
    const told = `${name}, ${nameCell(cell)}${value === undefined ? "" : ` is ${write(value)}`}`, { pinned } = view;
    ui.said.textContent = told;
    const isHint = pinned && layer === pinned.layer && String(cell) === String(pinned.cell) && layer >= 0;
    ui.where.classList.toggle("hint", Boolean(isHint));
    ui.where.textContent = isHint ? HINT : told;
  }

  // ---- a cell's sum

  async function choose(layer, cell, byHand = false) {
    view.hovering = performance.now();
    if (byHand && layer >= 0) stepping.stop();
    const pinned = (view.pinned = { layer, cell });
    views.get(layer).maps.turnTo(cell); // the slice that was chosen by hand stays while the pointer moves
    if (layer < 0) {
      showProblem(ui.sum, `An input cell: what lights up below are the cells that see it.`);
      describe(pinned);
      return fields.light(pinned);
    }
    at = null;
    const asked = Promise.all([studio.call("cell", { play: view.play.play, layer, cell }), fields.light(pinned), load(layer)]);
    try {
      const [found] = await asked;
      if (view.pinned !== pinned) return; // another cell, or another pass, meanwhile
      if (found.problem) showProblem(ui.sum, found.problem);
      else tellSum(found, layer);
      describe(pinned);
    } catch (error) {
      studio.fail(error);
    }
  }
  function tellSum(found, layer) {
    spelled = { found, layer };
    showSum(ui.sum, found, { all: ui.all.checked, weight: (index, button) => showUses(layer, index, button) });
  }
  function describe(pinned) {
    const { layer, histogram } = views.get(pinned.layer);
    if (histogram && histogram !== counted) showHistogram(ui.histogram, layer.name, (counted = histogram));
    tell(pinned);
    ui.steps.disabled = pinned.layer < 0;
  }
  async function showUses(layer, index, button) {
    stepping.stop();
    try {
      const found = await studio.call("uses", { play: view.play.play, layer, index });
      if (found.problem) return showProblem(ui.sum, found.problem);
      for (const each of ui.sum.querySelectorAll("[aria-pressed]")) each.removeAttribute("aria-pressed");
      button.setAttribute("aria-pressed", "true");
      fields.lightUses(layer, found, ui.sum.dataset.source);
      ui.where.classList.remove("hint");
      const used = `used at ${found.count.toLocaleString("en")} cells`;
      ui.where.textContent = ui.said.textContent = `${found.parameter} ${index.join(", ")} is ${write(found.value)}, ${used}`;
    } catch (error) {
      studio.fail(error);
    }
  }
  function step(by) {
    const { pinned } = view;
    if (!pinned || pinned.layer < 0) return;
    return choose(pinned.layer, findNext(views.get(pinned.layer).layer.shape, pinned.cell, by));
  }

  ui.all.addEventListener("change", () => spelled && ui.sum.dataset.layer === spelled.found.layer && tellSum(spelled.found, spelled.layer));
  ui.pin.addEventListener("click", () => ui.pin.setAttribute("aria-pressed", String(!isPinned())));
  ui.zoom.addEventListener("input", () => { for (const { maps } of views.values()) maps.zoom = Number(ui.zoom.value); });
  for (const way of [ui.sees, ui.reaches]) way.addEventListener("change", () => view.pinned && fields.light(view.pinned));
  await asking.begin();
  await open();
  return { shown: asking.shown, hidden: stepping.stop };
}
