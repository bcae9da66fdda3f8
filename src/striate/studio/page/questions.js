// The Question view: one finished run is chosen, and asked in sections, each a module of its own that mounts when it is first opened.

import { make } from "./wording.js";
import { makeTabs } from "./tabs.js";
import { describe } from "./portrait.js";

/** The sections in their order; `mount(element, studio, run)` of the module may give {shown(detail), hidden()}. */
const SECTIONS = [
  { id: "outcomes", name: "Outcomes", module: "confused.js" },
  { id: "predict", name: "Predict", module: "predicted.js" },
  { id: "explanations", name: "Explain", module: "explanations.js" },
  { id: "explored", name: "Explore", module: "explored.js" },
  { id: "measured", name: "Table", module: "measured.js" },
  { id: "report", name: "Report", module: "reported.js" },
  { id: "taken", name: "Take away", module: "taken.js" },
];
const KEEP = "striate-question";

export async function mount(element, studio) {
  element.classList.add("questions");
  const select = document.createElement("select"), label = make("label", "Run ", "chosen");
  const told = make("div", "", "portrait");
  const none = make("p", "No finished run yet. Train one: it can be asked here when it is done.", "quiet");
  const list = make("div", ""), content = make("div", "", "sections"), go = make("button", "Open the Train view");
  const sections = SECTIONS.filter(({ module }) => studio.about.assets.includes(module));
  go.type = "button";
  go.addEventListener("click", () => studio.open("train"));
  list.setAttribute("role", "tablist");
  list.setAttribute("aria-label", "What to ask");
  list.className = "asks";
  label.append(select);
  element.append(make("h2", "Question a run", "unseen"), label, none, go, told, list, content);
  let runs = [], run = null, mounted = new Map(), given = new Map();

  const tabs = makeTabs(list, content, sections.map(({ id, name }) => ({ id: `question-${id}`, name })), onShow);
  const idOf = (tab) => tab?.replace("question-", "");

  function onShow(tab, panel, before) {
    remember();
    mounted.get(idOf(before))?.then((part) => part?.hidden?.());
    open(idOf(tab), panel);
  }
  /** Mount a section for the run that is chosen, or show it again; `detail` reaches its `shown(detail)`. */
  function open(id, panel = document.getElementById(`panel-question-${id}`)) {
    if (!run) return;
    const detail = given.get(id);
    given.delete(id);
    if (mounted.has(id)) return void mounted.get(id).then((part) => part?.shown?.(detail));
    const mine = run, { module } = sections.find((each) => each.id === id);
    panel.setAttribute("aria-busy", "true");
    const made = import(`/assets/${module}`).then(({ mount }) => mine === run ? mount(panel, studio, mine) : null);
    mounted.set(id, made.catch((error) => studio.fail(error)).finally(() => panel.removeAttribute("aria-busy")));
    if (detail !== undefined) mounted.get(id).then((part) => part?.shown?.(detail));
  }
  /** Choose a run: whatever the sections of another one show goes. */
  async function choose(handle) {
    const found = await studio.call("run", { run: handle });
    run?.leave();
    if (found.problem) return void studio.fail(new Error(found.problem));
    const leaving = new AbortController();
    run = {
      ...found, signal: leaving.signal, leave: () => leaving.abort(), open: show,
      has: (id) => sections.some((each) => each.id === id),
    };
    mounted = new Map();
    for (const panel of content.children) panel.replaceChildren();
    told.replaceChildren(...describe(run));
    element.dataset.run = run.name;
    remember();
    if (tabs.shown()) open(idOf(tabs.shown()));
    else tabs.show(`question-${kept().section ?? sections[0]?.id}`);
    if (!tabs.shown() && sections.length) tabs.show(`question-${sections[0].id}`);
  }
  /** Show a section of the run that is chosen; `detail` is what it is to show. */
  function show(id, detail) {
    given.set(id, detail);
    if (tabs.shown() === `question-${id}`) open(id);
    else tabs.show(`question-${id}`);
  }
  const kept = () => { try { return JSON.parse(sessionStorage.getItem(KEEP)) ?? {}; } catch { return {}; } };
  const remember = () => sessionStorage.setItem(KEEP, JSON.stringify({ name: run?.name, section: idOf(tabs.shown()) ?? kept().section }));

  async function refresh(wanted) {
    ({ runs } = await studio.call("finished"));
    select.replaceChildren(...runs.map((each) => new Option(each.name, each.run)));
    for (const part of [label, told, list, content]) part.hidden = !runs.length;
    none.hidden = go.hidden = runs.length > 0;
    const name = wanted ?? run?.name ?? kept().name, next = runs.find((each) => each.name === name) ?? runs[0];
    if (!next) return;
    select.value = next.run;
    if (next.name !== run?.name || next.run !== run?.handle) await choose(next.run);
    else if (tabs.shown()) open(idOf(tabs.shown()));
  }
  select.addEventListener("change", () => choose(select.value).catch(studio.fail));
  const off = studio.on("missed", () => refresh().catch(studio.fail));
  await refresh();
  return {
    shown: (detail) => refresh(detail?.run).then(() => detail?.section && show(detail.section, detail)).catch(studio.fail),
    hidden: () => mounted.get(idOf(tabs.shown()))?.then((part) => part?.hidden?.()),
    off,
  };
}
