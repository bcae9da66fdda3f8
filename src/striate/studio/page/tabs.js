// A tab list as the ARIA Authoring Practices describe it: one tab stop, arrows between tabs, Home and End, the panel next.

/** Make tabs for `views` ({id, name}); `onShow(id, panel, before)` hears which one is shown. Gives {show, shown, panel}. */
export function makeTabs(list, content, views, onShow) {
  const tabs = new Map(), panels = new Map();
  let current = null;

  for (const { id, name } of views) {
    const tab = document.createElement("button");
    Object.assign(tab, { type: "button", id: `tab-${id}`, textContent: name, tabIndex: -1 });
    set(tab, { role: "tab", "aria-controls": `panel-${id}`, "aria-selected": "false" });
    tab.addEventListener("click", () => show(id));
    const panel = document.createElement("section");
    Object.assign(panel, { id: `panel-${id}`, hidden: true, tabIndex: 0 });
    set(panel, { role: "tabpanel", "aria-labelledby": tab.id });
    tabs.set(id, tab);
    panels.set(id, panel);
    list.append(tab);
    content.append(panel);
  }
  list.addEventListener("keydown", (event) => {
    const ids = [...tabs.keys()], at = ids.indexOf(current);
    const next = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: ids.length - 1 }[event.key];
    if (next === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const id = ids[(next + ids.length) % ids.length];
    show(id);
    tabs.get(id).focus();
  });

  function show(id) {
    if (!tabs.has(id) || id === current) return;
    const before = current;
    current = id;
    for (const [other, tab] of tabs) {
      const chosen = other === id;
      tab.setAttribute("aria-selected", String(chosen));
      tab.tabIndex = chosen ? 0 : -1;
      panels.get(other).hidden = !chosen;
    }
    tabs.get(id).scrollIntoView({ block: "nearest", inline: "nearest" });
    onShow(id, panels.get(id), before);
  }
  return { show, shown: () => current };
}

function set(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
}
