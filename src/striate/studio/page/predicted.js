// Predict: an input of one's own (a file, a drawing, a text, rows of a table), and what the run says of it, as `striate predict` does.

import { makeBars } from "./bars.js";
import { makeCanvas } from "./drawn.js";
import { showMedia } from "./media.js";
import { EXPLAINED } from "./portrait.js";
import { make } from "./wording.js";
import { makeText } from "./written.js";

const ENDINGS = {
  images: [".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".tif", ".tiff"], sound: [".wav", ".flac", ".ogg", ".mp3"],
  video: [".mp4", ".avi", ".mkv", ".webm", ".mov", ".gif"], volumes: [".npy", ".npz"], words: [".txt"], series: [".csv", ".tsv"],
};
const NOUNS = { images: "a picture", sound: "a sound", video: "a clip", volumes: "an array", words: "a text", series: "a table" };

export function mount(element, studio, run) {
  const sides = make("div", "", "asksides"), given = make("div", "", "given"), answer = make("section", "", "answer");
  answer.setAttribute("aria-live", "polite");
  answer.setAttribute("aria-label", "what the run says");
  element.append(make("h3", "Predict"), sides);
  sides.append(given, answer);
  answer.append(make("p", "The answer appears here.", "quiet"));
  if (run.task === "continue") {
    sides.replaceChildren(make("p", "This run goes on with sounds, one moment after the other: striate generate does that.", "quiet"));
    return;
  }
  let last = 0;
  async function ask(file) {
    const mine = ++last;
    answer.setAttribute("aria-busy", "true");
    try {
      studio.say(`Reading ${file.name} …`);
      const { input } = await studio.upload(file, run.signal);
      const found = await studio.call("predict", { run: run.handle, input }, run.signal);
      if (mine === last) show(found, file.name, input);
    } catch (error) {
      if (mine === last && !studio.isMoot(error)) answer.replaceChildren(make("p", error.message, "note"));
      if (!error.status) studio.fail(error);
    } finally {
      if (mine === last) answer.removeAttribute("aria-busy");
      studio.say("");
    }
  }
  function show(found, name, input) {
    if (found.problem) return answer.replaceChildren(make("p", found.problem, "note"));
    const line = make("p", "", "says"), seen = make("div", "", "seen");
    line.append(make("span", `${name}  `, "quiet"), make("output", found.line));
    line.title = "as striate predict says it";
    seen.append(...found.media.map((media) => showMedia(media, { label: name })));
    answer.replaceChildren(line);
    if (found.scores.length) {
      answer.append(
        makeBars(found.scores, { shares: found.are_shares, label: run.task === "segment" ? "shares of the cells" : "what each class gets" })
      );
    }
    answer.append(seen);
    if (run.has("explanations") && EXPLAINED.includes(run.task)) {
      const why = make("button", "Explain this answer");
      why.type = "button";
      why.addEventListener("click", () => run.open("explanations", { input, name }));
      answer.append(why);
    }
    answer.dataset.line = found.line;
  }
  if (run.draws) given.append(makeCanvas(run, ask));
  if (run.medium === "words") given.append(makeText("Type a text", "text.txt", ask, { rows: 4, isMain: true }));
  if (run.medium === "series") {
    const value = `${[run.reading.time, ...(run.reading.columns ?? [])].filter(Boolean).join(",")}\n`;
    const title = `Rows of a table, as ${run.reading.window ?? run.input[1]} rows of the training had them`;
    given.append(makeText(title, "rows.csv", ask, { rows: 8, value, isMain: true }));
  }
  given.append(makeFile(run, ask));
}

function makeFile(run, ask) {
  const zone = make("div", "", "drop");
  const label = make(
    "label",
    `${run.draws || run.medium === "words" ? "Or choose" : "Choose"} ${NOUNS[run.medium] ?? "a file"}, or drop it here`
  );
  const file = document.createElement("input");
  Object.assign(file, { type: "file", accept: (ENDINGS[run.medium] ?? []).join(",") });
  label.append(file);
  zone.append(label);
  file.addEventListener("change", () => file.files[0] && ask(file.files[0]));
  zone.addEventListener("dragover", (event) => { event.preventDefault(); zone.classList.add("over"); });
  zone.addEventListener("dragleave", () => zone.classList.remove("over"));
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    zone.classList.remove("over");
    if (event.dataTransfer.files[0]) ask(event.dataTransfer.files[0]);
  });
  return zone;
}
