// Explain: where in an input the answer comes from, by one method or two side by side, and how far each map can be trusted.
// Maps come first, the figures of trust after them; whatever is asked anew ends what was asked before.

import { makeCurve, makeWords } from "./heatcurve.js";
import { makeLegend, makePlanes } from "./heatmap.js";
import { makeTools } from "./maptools.js";
import { makeMethods } from "./methods.js";
import { makeProgress } from "./progress.js";
import { makeSamples } from "./sampled.js";
import { openSection } from "./section.js";
import { make } from "./wording.js";
import { makeTrust, sayTime } from "./trusted.js";

export async function mount(element, studio, run) {
  const caption = "A map colours the places that the network's answer hangs on. Choose an input and a method; " +
    "below each map stands how far it can be trusted.";
  const title = "Where in the input does the answer come from?";
  const known = await openSection(element, studio, run, { name: "explain", title, caption, verb: "methods" });
  if (!known) return;
  const samples = makeSamples(studio, run, { choose: () => ask() }), methods = makeMethods(run, known, { change: ask });
  const progress = makeProgress(studio, run, () => asking?.abort()), result = make("section", "", "result-of-explaining");
  const answer = make("p", "", "says"), tools = makeTools(), maps = make("div", "", "explained");
  const read = make("p", "", "where");
  result.setAttribute("aria-label", "The maps");
  answer.setAttribute("aria-live", "polite");
  read.setAttribute("aria-live", "polite");
  result.hidden = true;
  result.append(answer, tools.element, read, maps);
  element.append(samples.element, methods.element, progress.element, result);
  let asking = null, drawn = [], handles = [];

  /** Ask for the maps, then for the trust of each; the last asked counts. */
  async function ask() {
    const sample = samples.chosen();
    if (!sample) return;
    asking?.abort();
    const mine = (asking = new AbortController());
    run.signal.addEventListener("abort", () => mine.abort(), { once: true });
    const body = { run: run.handle, sample, ...methods.read(), ask: progress.begin() };
    result.setAttribute("aria-busy", "true");
    element.dataset.state = "asking";
    try {
      const found = await studio.call("explain", body, mine.signal);
      if (mine !== asking) return;
      if (found.problem) return show({ answers: [], maps: [{ problem: found.problem, title: "" }] });
      const trusts = show(found);
      element.dataset.state = "shown";
      result.removeAttribute("aria-busy");
      for (const [map, trust] of trusts) {
        if (mine.signal.aborted) break;
        const judged = await studio.call("judge", { explained: map.explained, ask: body.ask }, mine.signal);
        if (mine !== asking) return;
        if (judged.problem) trust.fail(`It can't be judged: ${judged.problem}`);
        else trust.show(judged);
        handles = handles.map((each) => (each === map.explained ? judged.explained ?? each : each));
      }
      progress.end();
      element.dataset.state = "judged";
      if (handles.length) await bind(mine);
      if (methods.asks()) methods.mark((await studio.call("unfit", { run: run.handle, sample }, mine.signal)).unfit);
    } catch (error) {
      if (mine === asking && studio.isMoot(error)) element.dataset.state = "stopped";
      studio.fail(error);
    } finally {
      if (mine === asking) {
        result.removeAttribute("aria-busy");
        progress.end();
      }
    }
  }

  /** The page that `striate explain` would have written of these maps. */
  async function bind(mine) {
    const found = await studio.call("explanation", { explained: handles }, mine.signal);
    if (mine === asking && found.view) tools.offer(found.view);
  }

  function show(found) {
    result.hidden = false;
    read.textContent = "";
    sayAnswer(answer, found, run);
    const trusts = [], shown = found.maps.filter(({ pane }) => pane);
    drawn = [];
    handles = shown.map(({ explained }) => explained);
    maps.replaceChildren();
    const first = shown[0];
    if (first && first.pane.form === "plane") maps.append(figureOf(first, "The input", ", as the network gets it", 0));
    for (const map of found.maps) {
      const side = make("article", "", "map");
      side.dataset.method = map.method;
      maps.append(side);
      if (map.problem) {
        side.append(make("h4", map.title), make("p", map.problem, "note"));
        continue;
      }
      const trust = makeTrust(map.title), about = nameTarget(map, run);
      side.append(
        figureOf(map, map.title, describe(map, about), 1),
        makeLegend(map.pane, known.colours, about, run.task === "regress" && map.unit === null)
      );
      for (const note of [...map.pane.notes, ...map.notes]) side.append(make("p", note, "caption"));
      side.append(trust.element);
      trust.wait();
      trusts.push([map, trust]);
    }
    maps.dataset.count = String(maps.children.length);
    maps.classList.toggle("curves", Boolean(first && first.pane.form !== "plane"));
    tools.show(Math.max(1, ...drawn.map(({ frames }) => frames)), first?.pane.form === "plane" ? first.pane : null, shown.length > 0);
    return trusts;
  }
  function figureOf(map, title, said, share) {
    const figure = make("figure", "", "heat"), caption = make("figcaption", "");
    const kind = { plane: makePlanes, curve: makeCurve }[map.pane.form];
    const under = share ? ` over ${samples.chosen()?.name ?? "the input"}, hottest at ${map.pane.peak_words}` : "";
    const label = `${title}${under}: arrow keys read its cells`;
    const made = kind
      ? kind(map.pane, known.colours, label, { read: (text) => { read.textContent = `${title}: ${text}`; } })
      : makeWords(map.pane, { read: (text) => { read.textContent = text; } });
    caption.append(make("strong", title), make("span", said, "quiet"));
    figure.append(made.element, caption);
    made.isInput = !share;
    if (!share) made.setShare(0);
    else made.setShare(tools.share());
    drawn.push(made);
    return figure;
  }
  tools.on.share = (share) => drawn.forEach((each) => each.isInput || each.setShare(share));
  tools.on.frame = (frame) => drawn.forEach((each) => each.setFrame(frame));
  const take = (detail) => {
    if (detail?.input) samples.take({ input: detail.input, name: detail.name });
    else if (Number.isInteger(detail?.number)) samples.take({ number: detail.number, name: detail.name ?? `sample ${detail.number}` });
  };
  samples.begin();
  return { shown: take, hidden() { asking?.abort(); } };
}

/** What is explained of a map, in words. */
function nameTarget(map, run) {
  if (map.unit !== null && map.unit !== undefined) return `unit ${map.unit}`;
  const name = run.classes[map.target] ?? `output ${map.target}`;
  return run.task === "regress" ? name : `“${name}”`;
}
function describe(map, about) {
  const where = map.layer ? `read at layer ${map.layer}` : "read at the input itself";
  const word = map.pane.form === "words" ? map.pane.words[map.pane.peak[0]] : undefined;
  return ` for ${about}: ${where}, hottest at ${word ? `“${word}”` : map.pane.peak_words}; took ${sayTime(map.seconds)}`;
}

function sayAnswer(element, found, run) {
  const [best, ...others] = found.answers, isShare = ["classify", "labels"].includes(run.task);
  const value = (each) => (isShare ? `${(100 * each.value).toFixed(1)} %` : String(Number(each.value.toPrecision(4))));
  element.replaceChildren();
  if (!best) return;
  if (!isShare) {
    return void element.append(
      "The network answers ", make("output", found.answers.map((each) => `${each.name} ${value(each)}`).join(", "))
    );
  }
  element.append("The network answers ", make("output", best.name), ` with ${value(best)}`);
  const rest = others.filter((each) => each.value >= 0.005).map((each) => `${each.name} ${value(each)}`).join(", ");
  if (rest) element.append(make("span", `, then ${rest}`, "quiet"));
  if (found.truth !== null && found.truth !== undefined) {
    element.append(
      found.truth === best.name ? "; that is right." : "; ",
      found.truth === best.name ? "" : make("strong", `the truth is ${found.truth}.`)
    );
  }
}
