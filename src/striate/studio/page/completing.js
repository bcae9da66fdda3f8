// What may stand at the caret: asked as one types, or by Ctrl+Space, and put into the text when it is taken.

import { makeOffering } from "./offering.js";

/** Make the completion of a text box; `load(name)` opens a network of the zoo. Gives {offer, hide, onKey}. */
export function makeCompletion(view, load) {
  const { box, studio, find, ask } = view;
  const list = Object.assign(document.createElement("ul"), { id: "offered", className: "offered" });
  find("text").append(list);
  const offering = makeOffering(box.area, list, take);

  async function offer({ always = false } = {}) {
    const offset = box.area.selectionStart, before = box.text.slice(0, offset);
    if (!always && !/[A-Za-z_=]$/.test(before)) return offering.hide();
    try {
      const found = await ask("complete", { text: box.text, offset });
      if (box.area.selectionStart !== offset || document.activeElement !== box.area) return;
      const { x, y } = box.locate(found.start);
      offering.show(found, x, y);
    } catch (error) {
      studio.fail(error);
    }
  }
  function take(suggestion, { start, end }) {
    if (suggestion.kind === "network") return void load(suggestion.insert);
    box.write(start, end, suggestion.insert);
    const inside = suggestion.insert.indexOf("[") + 1;
    if (inside) box.area.setSelectionRange(start + inside, start + inside);
    box.area.focus();
    if (suggestion.kind === "option") offer();
  }
  function onKey(event) {
    if (offering.onKey(event)) return true;
    if (!event.ctrlKey || event.code !== "Space") return false;
    event.preventDefault();
    offer({ always: true });
    return true;
  }
  box.area.addEventListener("blur", () => setTimeout(offering.hide, 120));
  return { offer, hide: offering.hide, onKey };
}
