// The run's report, which its training wrote, as a page within the page: sandboxed, and in a tab of its own if one likes.

import { make } from "./wording.js";

export async function mount(element, studio, run) {
  const tools = make("div", "", "row"), open = make("a", "Open it in a tab of its own");
  const anew = make("button", "Write it anew"), frame = document.createElement("iframe"), note = make("p", "", "note");
  Object.assign(open, { target: "_blank", rel: "noopener", hidden: true });
  Object.assign(anew, { type: "button", disabled: Boolean(run.missing) });
  frame.title = `The report of ${run.name}`;
  frame.className = "report";
  frame.hidden = note.hidden = true;
  tools.append(open, anew);
  element.append(make("h3", "Report"), tools, note, frame);
  anew.addEventListener("click", () => show(true));

  async function show(again) {
    anew.disabled = true;
    studio.say(again ? "Writing the report …" : "");
    try {
      const found = await studio.call("report", { run: run.handle, anew: again }, run.signal);
      note.hidden = !found.problem;
      note.textContent = found.problem ?? "";
      if (found.problem) return;
      frame.src = open.href = `/view/${found.view}`;
      frame.hidden = open.hidden = false;
    } catch (error) {
      studio.fail(error);
    } finally {
      anew.disabled = Boolean(run.missing);
      studio.say("");
    }
  }
  await show(false);
}
