// The input that is asked about: one of the samples that the run held out, or a file of one's own, or a typed text.

import { showMedia } from "./media.js";
import { make } from "./wording.js";
import { makeText } from "./written.js";

const PAGE = 12;
const ENDINGS = { images: "image/*", sound: "audio/*", video: "video/*,.gif", volumes: ".npy,.npz", words: ".txt", series: ".csv,.tsv" };

/**
 * Make the choice for a run; `on.choose(sample)` hears {number, name, truth} or {input, name}. Gives {element, begin,
 * take(detail), chosen}.
 */
export function makeSamples(studio, run, on) {
  const element = make("fieldset", "", "samples"), legend = make("legend", "The input");
  const strip = make("div", "", "strip"), tools = make("div", "", "row"), note = make("p", "", "note");
  const only = document.createElement("select"), before = make("button", "‹ Before"), after = make("button", "Next ›");
  const where = make("span", "", "quiet"), file = document.createElement("input");
  let first = 0, total = 0, chosen = null, asked = 0;
  for (const button of [before, after]) button.type = "button";
  only.append(new Option("all of them", "all"), new Option("answered wrongly", "wrong"), new Option("answered rightly", "right"));
  only.hidden = run.task !== "classify";
  Object.assign(file, { type: "file", accept: ENDINGS[run.medium] ?? "" });
  strip.setAttribute("role", "group");
  strip.setAttribute("aria-label", "Samples that the run held out");
  note.hidden = true;
  const pick = make("label", "Held-out samples "), own = make("label", run.medium === "words" ? "or a text file " : "or a file of yours ");
  pick.append(only);
  own.append(file);
  tools.append(pick, before, where, after, own);
  element.append(legend, tools, strip, note);
  if (run.medium === "words") element.append(makeText("or type a text", "your text.txt", send, { go: "Take it" }));

  async function list(from) {
    const mine = ++asked;
    element.setAttribute("aria-busy", "true");
    try {
      const found = await studio.call("examples", { run: run.handle, only: only.value, first: Math.max(0, from), count: PAGE }, run.signal);
      if (mine !== asked) return null;
      if (found.problem) return void say(found.problem);
      ({ first, total } = found);
      where.textContent = total
        ? `${first + 1} to ${Math.min(total, first + found.samples.length)} of ${total.toLocaleString("en")}`
        : "none";
      before.disabled = first <= 0;
      after.disabled = first + PAGE >= total;
      strip.replaceChildren(...found.samples.map(makeButton));
      return found.samples;
    } catch (error) {
      studio.fail(error);
      return null;
    } finally {
      if (mine === asked) element.removeAttribute("aria-busy");
    }
  }
  function makeButton(sample) {
    const button = make("button", "", sample.right === false ? "thumb wrong" : "thumb");
    const said = `${sample.truth || sample.name}${sample.right === false ? `, taken for ${sample.answer}` : ""}`;
    button.type = "button";
    button.title = sample.name;
    button.dataset.number = String(sample.number);
    button.setAttribute("aria-pressed", String(chosen?.number === sample.number));
    button.append(showMedia(sample.media, { label: sample.name, small: true }), make("span", said, "name"));
    button.addEventListener("click", () => take({ number: sample.number, name: sample.name }));
    return button;
  }
  function say(text) {
    note.textContent = text;
    note.hidden = !text;
  }
  function take(sample) {
    chosen = sample;
    say("");
    for (const button of strip.children) button.setAttribute("aria-pressed", String(button.dataset.number === String(sample.number)));
    on.choose(sample);
  }
  async function send(content) {
    try {
      studio.say(`Reading ${content.name} …`);
      const { input } = await studio.upload(content, run.signal);
      take({ input, name: content.name });
    } catch (error) {
      if (!studio.isMoot(error)) say(error.message);
    } finally {
      studio.say("");
    }
  }
  file.addEventListener("change", () => file.files[0] && send(file.files[0]));
  only.addEventListener("change", () => list(0));
  before.addEventListener("click", () => list(first - PAGE));
  after.addEventListener("click", () => list(first + PAGE));
  return {
    element, take,
    chosen: () => chosen,
    /** List the first samples, and take the first of them where none was taken. */
    async begin() {
      if (run.missing) {
        strip.hidden = pick.hidden = before.hidden = after.hidden = true;
        return say("The data of this run aren't here: give a file of yours.");
      }
      const samples = await list(0);
      if (samples?.length && !chosen) take({ number: samples[0].number, name: samples[0].name });
    },
  };
}
