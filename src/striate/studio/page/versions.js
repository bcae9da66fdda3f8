// Two versions of a network side by side: the one that was kept as A, and what stands in the text now.

import { write } from "./table.js";

const SIGNS = { same: " ", gone: "−", new: "+", changed: "→" };
const SAID = { gone: "only in A: ", new: "only now: ", changed: "changed: ", same: "" };

/** Make the comparison inside `element`. `on` = {back(), forget()}. Gives {show(contrast), hide()}. */
export function makeVersions(element, on) {
  element.classList.add("versions");
  element.hidden = true;
  const make = (tag, attributes = {}, ...children) => {
    const made = Object.assign(document.createElement(tag), attributes);
    made.append(...children);
    return made;
  };
  function show(found) {
    element.hidden = false;
    const title = make("h3", { textContent: "A and now" });
    const back = make("button", { type: "button", textContent: "Back to A" });
    const forget = make("button", { type: "button", textContent: "Forget A" });
    back.addEventListener("click", on.back);
    forget.addEventListener("click", on.forget);
    element.replaceChildren(
      make("div", { className: "row" }, title, back, forget),
      found.problem ? make("p", { className: "caption", textContent: found.problem }) : drawTotals(found.totals),
      drawPairs("Text", found.lines),
      ...(found.layers.length ? [drawPairs("Layers", found.layers)] : []),
    );
  }
  function drawTotals(totals) {
    const head = make(
      "tr", {},
      ...["", "A", "now", "difference"].map((text, place) => make("th", { scope: "col", textContent: text, className: place ? "n" : "" }))
    );
    const rows = totals.map(({ name, before, after }) => {
      const known = before !== null && after !== null, change = known ? after - before : null;
      const sign = change > 0 ? "+" : "−";
      const said = !known
        ? ""
        : !change
        ? "0"
        : `${sign}${write(Math.abs(change))}${before ? ` (${sign}${Math.abs((100 * change) / before).toFixed(1)} %)` : ""}`;
      return make(
        "tr", {}, make("th", { scope: "row", textContent: name }),
        ...[write(before), write(after), said].map((text) => make("td", { className: "n", textContent: text }))
      );
    });
    return make(
      "div", { className: "box" },
      make(
        "table", {}, make("caption", { className: "unseen", textContent: "Totals of both versions" }),
        make("thead", {}, head), make("tbody", {}, ...rows)
      )
    );
  }
  /** Of long stretches that are the same only the ends are shown. */
  function drawPairs(title, pairs) {
    const near = new Set();
    pairs.forEach(({ sign }, place) => { if (sign !== "same") for (let at = place - 2; at <= place + 2; at++) near.add(at); });
    const body = make("tbody");
    let hidden = 0;
    const tell = () => {
      if (hidden) body.append(make("tr", { className: "quiet" }, make("td", { colSpan: 3, textContent: `${hidden} the same` })));
      hidden = 0;
    };
    pairs.forEach(({ sign, before, after }, place) => {
      if (!near.has(place)) return void hidden++;
      tell();
      const mark = make(
        "td", { className: "sign" }, make("span", { textContent: SIGNS[sign], ariaHidden: "true" }),
        make("span", { className: "unseen", textContent: SAID[sign] })
      );
      body.append(make(
        "tr", { className: sign }, make("td", {}, make("code", { textContent: before })), mark,
        make("td", {}, make("code", { textContent: after }))
      ));
    });
    tell();
    const box = make(
      "div", { className: "box", tabIndex: 0, ariaLabel: `${title} of both versions` },
      make(
        "table", { className: "pairs" }, make("caption", { textContent: title }),
        make("colgroup", {}, make("col"), make("col", { className: "sign" }), make("col")), body
      )
    );
    box.setAttribute("role", "region");
    return box;
  }
  return { show, hide() { element.hidden = true; element.replaceChildren(); } };
}
