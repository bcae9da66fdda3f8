// What stands above the text: the networks of the zoo, the input's shape and its number of axes; each writes into the text.

/**
 * Make the head of the Write view; `on` = {forget()}: a chosen layer is of another network now. Gives {listNetworks,
 * load, read, follow, showInput}.
 */
export function makeHeading(view, on) {
  const { element, box, studio, find, ask } = view, axes = [...element.querySelectorAll("[data-axes]")];
  let opened = { name: "", text: "" };

  function listNetworks(zoo) {
    find("network").append(new Option("choose a network …", ""), ...zoo.map((each) => new Option(each, each)));
  }
  /** A network's text; while it stands in the box as it is, the list shows its name. */
  async function read(name) {
    opened = { name, ...(await ask("network", { name })) };
    find("network").value = name;
    return opened.text;
  }
  function follow(text) {
    find("network").value = text === opened.text ? opened.name : "";
  }
  async function load(wanted) {
    try {
      const text = await read(wanted);
      on.forget();
      box.change(text);
      box.area.setSelectionRange(0, 0);
      box.area.scrollTop = 0;
      await view.idle();
      view.drawing.fit();
    } catch (error) {
      studio.fail(error);
    }
  }
  async function reshape(body) {
    try {
      const before = box.text, { text } = await ask("reshape", { text: before, ...body });
      if (box.text !== before) return void reshape(body); // what was typed meanwhile stays
      box.change(text);
      await view.idle();
      view.drawing.fit();
    } catch (error) {
      studio.fail(error);
    }
  }
  function showInput(given) {
    if (document.activeElement !== find("input")) find("input").value = given ? given.join("x") : "";
    const count = given ? given.length - 1 : 0;
    for (const button of axes) button.setAttribute("aria-pressed", String(Number(button.dataset.axes) === count));
  }
  function onInput() {
    const shape = find("input").value.trim().split(/\s*[x×,]\s*/).map(Number);
    if (shape.every((n) => Number.isInteger(n) && n > 0)) reshape({ input: shape });
    else studio.say("An input is channels x extents, such as 3x224x224.");
  }
  find("network").addEventListener("change", () => find("network").value && load(find("network").value));
  find("input").addEventListener("change", onInput);
  for (const button of axes) button.addEventListener("click", () => reshape({ axes: Number(button.dataset.axes) }));
  return { listNetworks, load, read, follow, showInput };
}
