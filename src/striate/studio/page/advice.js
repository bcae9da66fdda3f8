// The advice on a network: what is the matter, the figure that shows it, a way out, and its fix as a button.

/** Make the list inside `element`. `on` = {fix(advice), choose(advice)}. Gives {show(advice, problem)}. */
export function makeAdvice(element, on) {
  element.classList.add("hints");
  function show(list, problem) {
    const title = document.createElement("h3");
    title.textContent = list.length ? `Advice (${list.length})` : "Advice";
    const none = document.createElement("p");
    none.className = "quiet";
    none.textContent = problem ? `The trace says: ${problem}` : "Nothing to mend.";
    element.replaceChildren(title, ...(list.length ? [makeList(list)] : [none]));
  }
  function makeList(list) {
    const made = document.createElement("ul");
    made.append(...list.map(makeItem));
    return made;
  }
  function makeItem(advice) {
    const item = document.createElement("li"), where = document.createElement("button");
    const text = document.createElement("p"), figure = document.createElement("p");
    where.type = "button";
    where.className = "where";
    where.textContent = advice.layers[0]
      ? advice.layers[0] + (advice.layers.length > 1 ? ` and ${advice.layers.length - 1} more` : "")
      : "the network";
    where.disabled = advice.at === null;
    where.addEventListener("click", () => on.choose(advice));
    text.textContent = `${capital(advice.reason)}. ${advice.remedy}.`;
    figure.className = "caption";
    figure.textContent = advice.figure;
    item.append(where, text, figure);
    if (advice.text !== null) {
      const fix = document.createElement("button");
      fix.type = "button";
      fix.textContent = advice.fix === "remove" ? "Take it away" : `Set ${advice.fix}`.replace(/^Set put /, "Put ");
      fix.addEventListener("click", () => on.fix(advice));
      item.append(fix);
    } else if (advice.left && advice.fix) {
      const why = document.createElement("p");
      why.className = "caption";
      why.textContent = `No fix here: ${advice.left}.`;
      item.append(why);
    }
    return item;
  }
  const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);
  return {
    show,
    wait() { element.setAttribute("aria-busy", "true"); element.classList.add("waiting"); },
    ready() { element.removeAttribute("aria-busy"); element.classList.remove("waiting"); },
  };
}
