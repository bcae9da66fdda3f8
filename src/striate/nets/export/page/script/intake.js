// What the reader gives: drawn, loaded, dropped, pasted, recorded or typed.
function build(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes))
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (key in made && key !== "list") made[key] = value;
    else made.setAttribute(key, value);
  made.append(...children.filter((child) => child !== null));
  return made;
}

const TAKES = {
  picture: ["image/*,.npy", "a picture"],
  clip: ["video/*,image/*,.npy", "a clip"],
  sound: ["audio/*,.wav,.flac,.ogg,.mp3,.npy", "a recording"],
  words: [".txt,text/plain", "a text"],
  series: [".csv,text/csv,text/plain,.npy", "a table"],
  array: [".npy", "an array"],
  numbers: [".npy,.csv,.txt", "an array or numbers"],
};
const TYPED = ["words", "series", "numbers", "array"], LEAST_RECORDED_SECONDS = 1, MOST_RECORDED_SECONDS = 10;

// The panel; give(sample) takes what came, fail(text) what went wrong.
function mountIntake(panel, facts, shape, give, fail) {
  const { kind, reading, task } = facts, [accept, what] = TAKES[kind], isDrawn = kind === "picture" && shape[0] === 1;
  const spoiler = mountSpoiler(facts, isDrawn, give), hand = spoiler.hand;
  const take = (read) => async (value) => {
    try {
      hand(await read(value));
    } catch (problem) {
      fail(problem instanceof DOMException ? `The file can't be read as ${what}.` : `${problem.message}.`);
    }
  };
  const read = take((files) => readFiles(files, facts, shape)), load = (files) => { if (files.length) spoiler.spare(), read([...files]); };
  if (isDrawn) panel.append(mountSketch(shape.slice(1), facts.mean[0] < 0.5, hand));
  if (TYPED.includes(kind)) panel.append(mountText(facts, shape, take((text) => readText(text, facts, shape))));
  const chooser = build("input", { type: "file", accept, id: "file", className: "unseen", multiple: kind === "clip",
    onchange: (event) => { load(event.target.files); event.target.value = ""; } });
  const row = build("div", { className: "row" }, build("label", { className: "button", htmlFor: "file" }, `Load ${what}`), chooser);
  if (kind === "sound") {
    const seconds = task.name === "restore" ? MOST_RECORDED_SECONDS : Math.max(LEAST_RECORDED_SECONDS, reading.length / reading.rate);
    row.append(mountRecorder(seconds, (file) => load([file]), fail) ?? "");
  }
  if (!["words", "series"].includes(kind)) row.append(build("button", { type: "button", onclick: () => hand(makeNoise(facts, shape)) }, "Try noise"));
  const place = isDrawn || TYPED.includes(kind) ? row : build("div", { className: "zone" }, build("p", { className: "quiet" }, `Drop ${what} here`), row);
  panel.append(place, spoiler.element ?? "", build("p", { className: "caption" }, hint(facts, shape)));
  const stop = (event) => event.preventDefault();
  const light = (on) => place.classList.toggle("dropping", on);
  addEventListener("dragover", (event) => { stop(event); light(true); });
  addEventListener("dragleave", (event) => light(Boolean(event.relatedTarget)));
  addEventListener("drop", (event) => { stop(event); light(false); load(event.dataTransfer.files); });
  addEventListener("paste", (event) => load(event.clipboardData.files));
}

// Of a network that undoes noise: a box that puts the noise on. What is drawn is clean, a file is taken as it is.
function mountSpoiler({ task, reading }, isDrawn, give) {
  if (!canDamage(task)) return { hand: give, spare() {}, element: null };
  let last = null;
  const box = build("input", { type: "checkbox", id: "spoil", checked: isDrawn, onchange: () => last && hand(last) });
  const hand = (sample) => { last = sample; give(box.checked ? damageSample(sample, task, reading) : sample); };
  const element = build("div", { className: "row" }, build("label", { htmlFor: "spoil" }, box, ` Add the noise it learned to undo (${nameDamages(task)})`));
  return { hand, spare() { box.checked = false; }, element };
}

function hint({ kind, reading, task }, shape) {
  const size = shape.slice(1).join(" × "), count = volume(shape).toLocaleString("en");
  const drop = "A file can be dropped anywhere on the page. Nothing leaves it.";
  if (kind === "picture") return `A picture is cut to its middle and scaled to ${size}${shape[0] === 1 ? ", in grey" : ""}. ${drop}`;
  if (kind === "clip") return `A film, an animated picture, or several pictures in the order of their names; ${reading.length} frames are taken, scaled to ${shape.slice(2).join(" × ")}. ${drop}`;
  if (kind === "sound") {
    const long = task.name === "restore" ? "of any length" : `${(reading.length / reading.rate).toFixed(2)} s are taken, where it is loudest`;
    return `A recording is mixed and brought to ${reading.rate.toLocaleString("en")} samples a second; ${long}. ${drop}`;
  }
  if (kind === "words") return `Up to ${reading.length} words and marks are read. ${drop}`;
  if (kind === "series") return `The last ${reading.window} rows count; columns: ${reading.columns.join(", ")}. ${drop}`;
  if (kind === "array") return `A .npy file of any extents, cut to its middle or padded to ${size}; or ${count} numbers. ${drop}`;
  return `${count} ${task.name === "continue" ? "levels from 0 to 255" : "numbers"}, ${shape.join(" × ")}, or a .npy file of that shape. ${drop}`;
}

function mountText({ kind }, shape, take) {
  const label = { words: "A text", series: "Rows of a table" }[kind] ?? `${volume(shape).toLocaleString("en")} numbers`;
  const area = build("textarea", { id: "text", rows: kind === "words" ? 4 : 6, spellcheck: kind === "words" });
  let timer = 0;
  area.addEventListener("input", () => {
    clearTimeout(timer);
    if (area.value.trim()) timer = setTimeout(() => take(area.value), kind === "words" ? 150 : 500);
  });
  return build("div", { className: "typed" }, build("label", { htmlFor: "text" }, label), area);
}
