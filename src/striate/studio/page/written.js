// A text of one's own: a field whose text is asked about as if it were a file.

import { make } from "./wording.js";

/** Make the field: `file` is the name that its text goes by, `ask(file)` hears it. Gives the form. */
export function makeText(title, file, ask, { rows = 3, value = "", go = "Ask", isMain = false } = {}) {
  const form = document.createElement("form"), label = make("label", title), button = make("button", go, isMain ? "main" : "");
  const area = Object.assign(document.createElement("textarea"), { rows, value, spellcheck: false });
  button.type = "submit";
  form.className = "typing";
  label.append(area);
  form.append(label, button);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (area.value.trim()) ask(new File([area.value], file, { type: "text/plain" }));
  });
  return form;
}
