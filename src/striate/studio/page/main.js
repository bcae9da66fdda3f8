// The frame: its views as tabs, one line for how things stand, one for what went wrong. It computes nothing.

import { call, isMoot, upload } from "./call.js";
import { follow } from "./stream.js";
import { makeTabs } from "./tabs.js";

/** The views in their order. One whose module the studio hasn't got isn't listed; its styles are loaded with it. */
const VIEWS = [
  { id: "write", name: "Write", module: "editor.js" },
  { id: "understand", name: "Understand", module: "cells.js" },
  { id: "train", name: "Train", module: "training.js" },
  { id: "question", name: "Question", module: "questions.js" },
];
const find = (id) => document.getElementById(id);
const listeners = new Map(), mounted = new Map();
let tabs, engineReady, heardFirst;
const engine = new Promise((resolve) => (engineReady = resolve));
const connected = new Promise((resolve) => (heardFirst = resolve));

/** What every view gets beside its element. */
const studio = {
  call, upload, isMoot,
  about: {},
  engine, // a promise: torch is loaded, and heavy verbs answer at once
  say(text) { find("status").textContent = text; },
  fail(error) { if (!isMoot(error)) showFailure(error?.message ?? String(error)); },
  clear() { find("failure").replaceChildren(); },
  styles: loadStyles, // of a part that isn't a view: once, by the file's name
  /** Hear of news of one kind, and of `missed`: ask for the state anew. Gives what ends it. */
  on(kind, listener) {
    if (!listeners.has(kind)) listeners.set(kind, new Set());
    listeners.get(kind).add(listener);
    return () => listeners.get(kind).delete(listener);
  },
  /** Show a view; `detail` reaches its `shown(detail)`. */
  open(id, detail) {
    if (tabs.shown() !== id) tabs.show(id);
    mounted.get(id)?.then((view) => view?.shown?.(detail));
  },
};

function showFailure(text) {
  const close = document.createElement("button");
  Object.assign(close, { type: "button", textContent: "Close" });
  close.addEventListener("click", studio.clear);
  const line = document.createElement("p");
  line.textContent = text;
  find("failure").replaceChildren(line, close);
}

async function mount(id, panel) {
  const { module } = VIEWS.find((view) => view.id === id), styles = module.replace(/js$/, "css");
  if (studio.about.assets.includes(styles)) await loadStyles(styles);
  const { mount } = await import(`/assets/${module}`);
  return mount(panel, studio);
}

function loadStyles(name) {
  if (document.querySelector(`link[href="/assets/${name}"]`)) return Promise.resolve();
  return new Promise((resolve) => {
    const link = Object.assign(document.createElement("link"), { rel: "stylesheet", href: `/assets/${name}` });
    link.onload = link.onerror = resolve;
    document.head.append(link);
  });
}

function onShow(id, panel, before) {
  document.title = `${VIEWS.find((view) => view.id === id).name} · ${studio.about.folder} · Striate`;
  if (location.hash !== `#${id}`) history.replaceState(null, "", `#${id}`);
  if (before) mounted.get(before)?.then((view) => view?.hidden?.());
  if (mounted.has(id)) return void mounted.get(id).then((view) => view?.shown?.());
  panel.setAttribute("aria-busy", "true");
  mounted.set(id, mount(id, panel).catch((error) => studio.fail(error)).finally(() => panel.removeAttribute("aria-busy")));
}

function hear(kind, data) {
  if (kind === "hello" || kind === "missed") heardFirst();
  if (kind === "engine") tellEngine(data);
  for (const listener of listeners.get(kind) ?? []) listener(data);
}

function tellEngine({ ready, problem }) {
  if (problem) showFailure(`PyTorch can't be loaded: ${problem}`);
  if (ready) engineReady();
  studio.say(ready ? "Ready." : problem ? "" : "Loading PyTorch …");
}

function onConnection(isThere, isOver) {
  document.body.classList.toggle("alone", !isThere);
  if (isOver) showFailure("The studio was started anew: open the new link that its terminal shows.");
  else if (!isThere) studio.say("The studio doesn't answer; trying again …");
  else if (studio.about.version) refresh();
}

async function refresh() {
  try {
    Object.assign(studio.about, await call("about"));
    tellEngine(studio.about);
  } catch (error) {
    studio.fail(error);
  }
}

async function begin() {
  addEventListener("unhandledrejection", (event) => studio.fail(event.reason));
  addEventListener("error", (event) => showFailure(event.message));
  follow(hear, onConnection);
  await Promise.race([connected, new Promise((resolve) => setTimeout(resolve, 1000))]); // first, so that no news is lost
  await refresh();
  if (!studio.about.version) return;
  find("folder").textContent = studio.about.folder;
  document.title = `${studio.about.folder} · Striate`;
  const views = VIEWS.filter((view) => studio.about.assets.includes(view.module));
  tabs = makeTabs(find("tabs"), find("content"), views, onShow);
  find("tabs").hidden = !views.length;
  const wanted = () => views.find((view) => `#${view.id}` === location.hash);
  addEventListener("hashchange", () => wanted() && tabs.show(wanted().id));
  if (views.length) tabs.show((wanted() ?? views[0]).id);
}

begin();
