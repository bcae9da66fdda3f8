// How far one request is: a bar that follows its news, and a button that gives it up.

import { make } from "./wording.js";

/** A bar for one request of a run's, until another run is chosen. Gives {element, begin() -> its word, end}. */
export function makeProgress(studio, run, stop) {
  const element = make("div", "", "row asking-progress"), bar = document.createElement("progress");
  const said = make("span", "", "quiet"), button = make("button", "Stop");
  let token = "", timer = 0;
  button.type = "button";
  button.addEventListener("click", stop);
  bar.setAttribute("aria-label", "how far the work is");
  element.hidden = true;
  element.append(bar, said, button);
  const off = studio.on("asking", ({ ask, step, done, total }) => {
    if (ask !== token || !total) return;
    Object.assign(bar, { max: total, value: done });
    said.textContent = step;
  });
  run.signal.addEventListener("abort", off, { once: true });
  return {
    element,
    begin() {
      token = crypto.randomUUID();
      clearTimeout(timer);
      timer = setTimeout(() => { element.hidden = false; }, 400); // what is quick needs no bar
      bar.removeAttribute("value");
      said.textContent = "at work …";
      return token;
    },
    end() { token = ""; clearTimeout(timer); element.hidden = true; },
  };
}
