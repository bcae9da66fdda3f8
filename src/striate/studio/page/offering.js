// The list of what may stand at the caret, as ARIA describes a list that a text field controls: the focus stays in the text.

/** Make a list for a text field; `take(suggestion, completion)` hears what is chosen. Gives {show, hide, onKey, isOpen}. */
export function makeOffering(area, list, take) {
  let offered = null, chosen = 0;
  area.setAttribute("aria-autocomplete", "list");
  area.setAttribute("aria-controls", list.id);
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "What may stand here");
  list.hidden = true;

  function show(completion, x, y) {
    if (!completion.suggestions.length) return hide();
    offered = completion;
    list.replaceChildren(...completion.suggestions.map(makeItem));
    list.hidden = false;
    const room = list.parentElement.clientWidth - list.offsetWidth - 4;
    list.style.left = `${Math.max(0, Math.min(x, room))}px`;
    list.style.top = `${y}px`;
    choose(0);
  }
  function makeItem(suggestion, number) {
    const item = document.createElement("li"), name = document.createElement("code"), detail = document.createElement("span");
    item.id = `${list.id}-${number}`;
    item.setAttribute("role", "option");
    name.textContent = suggestion.label;
    name.className = suggestion.kind;
    detail.textContent = suggestion.detail;
    item.append(name, detail);
    item.addEventListener("pointerdown", (event) => {
      event.preventDefault(); // the focus stays where it is
      choose(number);
      accept();
    });
    return item;
  }
  function choose(number) {
    chosen = (number + offered.suggestions.length) % offered.suggestions.length;
    [...list.children].forEach((item, place) => item.setAttribute("aria-selected", String(place === chosen)));
    area.setAttribute("aria-activedescendant", list.children[chosen].id);
    list.children[chosen].scrollIntoView({ block: "nearest" });
  }
  function hide() {
    offered = null;
    list.hidden = true;
    area.removeAttribute("aria-activedescendant");
  }
  function accept() {
    const [suggestion, completion] = [offered.suggestions[chosen], offered];
    hide();
    take(suggestion, completion);
  }
  /** Whether a key was meant for the list. */
  function onKey(event) {
    if (!offered || event.ctrlKey || event.metaKey || event.altKey) return false;
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 }[event.key];
    if (step) choose(chosen + step);
    else if (event.key === "Escape") hide();
    else if (event.key === "Enter" || (event.key === "Tab" && !event.shiftKey)) {
      const same = area.value.slice(offered.start, offered.end) === offered.suggestions[chosen].insert;
      if (same) return hide() ?? false;
      accept();
    } else return false;
    event.preventDefault();
    return true;
  }
  return { show, hide, onKey, isOpen: () => offered !== null };
}
