// One held-out sample, opened: what the network got, what it made of it with every class's score, and the file's name and place.

import { makeBars } from "./bars.js";
import { showMedia } from "./media.js";
import { EXPLAINED, percent } from "./portrait.js";
import { make } from "./wording.js";

/** Make the dialog; `where` says of which part the samples are. Gives {element, show(samples, at)}. */
export function makeOpened(studio, run, where) {
  const element = document.createElement("dialog"), title = make("h3", ""), place = make("p", "", "caption");
  const body = make("div", "", "body"), tools = make("div", "", "row"), before = make("button", "Previous");
  const next = make("button", "Next"), why = make("button", "Explain it"), close = make("button", "Close", "main");
  let samples = [], at = 0, round = 0;
  element.className = "opened";
  title.id = `opened-${crypto.randomUUID()}`;
  element.setAttribute("aria-labelledby", title.id);
  for (const button of [before, next, why, close]) button.type = "button";
  before.addEventListener("click", () => step(-1));
  next.addEventListener("click", () => step(1));
  close.addEventListener("click", () => element.close());
  element.addEventListener("click", (event) => { if (event.target === element) element.close(); });
  element.addEventListener("close", () => body.replaceChildren());
  element.addEventListener("keydown", (event) => {
    if (event.target.matches("input, audio") || !["ArrowLeft", "ArrowRight"].includes(event.key)) return;
    event.preventDefault();
    step(event.key === "ArrowLeft" ? -1 : 1);
  });
  why.addEventListener("click", () => {
    const { number, name } = samples[at];
    element.close();
    run.open("explanations", { place: number, number, name });
  });
  tools.append(before, next, why, close);
  element.append(title, place, body, tools);

  function step(by) {
    if (!samples[at + by]) return;
    at += by;
    load();
  }
  async function load() {
    const mine = ++round, { number, name } = samples[at];
    title.replaceChildren(make("bdi", name));
    place.textContent = `sample ${at + 1} of this list; one of ${where}`;
    before.disabled = at === 0;
    next.disabled = at === samples.length - 1;
    why.hidden = !run.has("explanations") || !EXPLAINED.includes(run.task);
    body.setAttribute("aria-busy", "true");
    try {
      const found = await studio.call("sample", { run: run.handle, number }, run.signal);
      if (mine !== round || !element.open) return;
      body.replaceChildren(...(found.problem ? [make("p", found.problem, "note")] : tell(found, run, samples[at])));
      element.dataset.number = String(number);
    } catch (error) {
      element.close();
      studio.fail(error);
    } finally {
      body.removeAttribute("aria-busy");
    }
  }
  return {
    element,
    show(list, index) {
      [samples, at] = [list, index];
      body.replaceChildren();
      if (!element.open) element.showModal();
      load();
    },
  };
}

function tell(found, run, listed) {
  const seen = make("div", "", "seen"), facts = document.createElement("dl"), side = make("div", "", "told");
  seen.append(...found.media.map((media) => showMedia(media, { label: found.name })));
  const rows = [
    ["truth", found.truth], ["answer", found.answer],
    ["certainty", found.certainty === null ? "" : percent(found.certainty)],
    ["", found.note ?? (listed.certainty === null ? listed.note : null) ?? ""],
  ];
  for (const [name, value] of rows.filter(([, value]) => value)) {
    const line = make("div", "");
    line.append(make("dt", name), make("dd", value));
    if (name === "answer" && found.right === false) line.className = "wrong";
    facts.append(line);
  }
  side.append(facts);
  if (found.scores.length) {
    side.append(makeBars(
      found.scores,
      {
        shares: run.task !== "regress", label: "what each class gets",
        mark: run.task === "labels" ? found.truth.split(", ") : [found.truth],
      }
    ));
  }
  const both = make("div", "", `pairing${found.media.length > 1 ? " many" : ""}`);
  both.append(seen, side);
  return [both];
}
