// A section that asks the studio first what there is for a run: its heading, then what is known, or why nothing is.

import { make } from "./wording.js";

/** Begin a section; `about` = {name, title, caption, verb}. Gives what the verb answers; null where that is a problem. */
export async function openSection(element, studio, run, { name, title, caption, verb }) {
  element.classList.add(name);
  await studio.styles("explanations.css");
  element.append(make("h3", title), make("p", caption, "caption"));
  const known = await studio.call(verb, { run: run.handle }, run.signal);
  if (known.problem) element.append(make("p", known.problem, "note"));
  return known.problem ? null : known;
}
