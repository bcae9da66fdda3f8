// What can be set of the chosen layer: a slider and a number each; what is set is written into the text.

/** Make the panel inside `element`. `on.set(option, value)` hears what is set. Gives {show(node, controls, uses), tell(node), clear}. */
export function makeLayerPanel(element, on) {
  element.classList.add("panel");
  let shownFor = "";
  function clear() {
    shownFor = "";
    const line = document.createElement("p");
    line.className = "quiet";
    line.textContent = "Choose a layer in the text, the drawing or the table to set its kernel, stride, padding, dilation and channels.";
    element.replaceChildren(line);
  }
  /** A part of several layers: what goes in and comes out; nothing of it can be set as a whole. */
  function tell(node) {
    shownFor = "";
    const more = document.createElement("p");
    more.className = "quiet";
    more.textContent = "Choose a layer in it to set its numbers.";
    element.replaceChildren(head(), facts(), more);
    element.querySelector("h3").textContent = node.kind === "fold" ? `${node.text} ×${node.times}` : node.word;
    element.querySelector(".facts").textContent = `${node.path} · ${node.input.join("×")} → ${node.output.join("×")}`;
  }
  function show(node, controls, uses) {
    const wanted = `${node.at} ${controls.map((control) => `${control.option}${control.settled}${control.choices}`)}`;
    if (wanted !== shownFor) {
      shownFor = wanted;
      element.replaceChildren(head(), facts(), ...controls.map(makeControl));
    }
    element.querySelector("h3").textContent = node.text;
    element.querySelector(".facts").textContent = [
      node.path, `${node.input.join("×")} → ${node.output.join("×")}`,
      uses > 1 ? `this place of the text stands for ${uses} layers: all change` : "",
    ].filter(Boolean).join(" · ");
    for (const control of controls) update(control);
  }
  function head() {
    const title = document.createElement("h3");
    title.className = "mono";
    return title;
  }
  function facts() {
    const line = document.createElement("p");
    line.className = "facts caption";
    return line;
  }
  function makeControl(control) {
    const row = document.createElement("div"), label = document.createElement("label"), number = document.createElement("input");
    row.className = "control";
    row.dataset.option = control.option;
    label.textContent = control.name;
    label.htmlFor = `set-${control.option}`;
    Object.assign(number, { id: `set-${control.option}`, type: "text", autocomplete: "off", spellcheck: false });
    number.addEventListener("change", () => on.set(control.option, number.value.trim()));
    row.append(label);
    if (control.settled) {
      const why = document.createElement("span");
      why.className = "quiet";
      why.textContent = control.settled;
      number.readOnly = true;
      row.append(why, number);
      return row;
    }
    const slider = document.createElement("input");
    Object.assign(slider, { type: "range", id: `slide-${control.option}`, step: 1 });
    slider.setAttribute("aria-label", `${control.name}, slider`);
    slider.addEventListener("input", () => {
      number.value = spread(slider.value, row.dataset.value);
      on.set(control.option, number.value);
    });
    row.append(slider, number);
    if (control.choices.length) {
      const choice = document.createElement("select");
      choice.setAttribute("aria-label", `${control.name}, in words`);
      choice.append(new Option("cells", ""), ...control.choices.map((word) => new Option(word, word)));
      choice.addEventListener("change", () => on.set(control.option, choice.value || slider.value));
      row.append(choice);
    }
    return row;
  }
  function update(control) {
    const row = element.querySelector(`[data-option="${control.option}"]`);
    const number = row.querySelector(`#set-${control.option}`), slider = row.querySelector("[type=range]");
    const choice = row.querySelector("select");
    row.dataset.value = control.value;
    if (document.activeElement !== number) number.value = control.value;
    if (slider) {
      slider.min = control.least;
      slider.max = control.most;
      if (document.activeElement !== slider) slider.value = parseInt(control.value, 10) || control.least;
      slider.setAttribute("aria-valuetext", control.value);
    }
    if (choice) choice.value = control.choices.includes(control.value) ? control.value : "";
  }
  /** One number for every axis that has one of its own. */
  const spread = (number, before) => (
    /^\d+(x\d+)+$/.test(before) && new Set(before.split("x")).size === 1
      ? before.split("x").map(() => number).join("x")
      : number
  );
  clear();
  return { show, tell, clear };
}
