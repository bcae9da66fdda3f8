// A run in a few lines: what it learned, from what, and how well it does on what it had not seen.

import { sayMerit } from "./runs.js";
import { make } from "./wording.js";

const TASKS = {
  classify: ({ classes }) => `tells ${classes.length} classes apart`,
  labels: ({ classes }) => `finds ${classes.length} labels`,
  regress: ({ classes }) => (classes.length === 1 ? `tells ${classes[0]}` : `tells ${classes.length} numbers`),
  segment: ({ classes }) => `gives each cell one of ${classes.length} classes`,
  restore: () => "undoes damage",
  continue: () => "tells what comes next",
};
const MEDIA = { images: "pictures", sound: "sounds", video: "clips", volumes: "arrays", words: "texts", series: "tables" };
/** The tasks whose answers a map can explain. */
export const EXPLAINED = ["classify", "labels", "regress"];
const PARTS = { val: "validation", test: "test" };
export const percent = (share, digits = 1) => (share === null || share === undefined ? "–" : `${(100 * share).toFixed(digits)} %`);
export const count = (number) => number.toLocaleString("en");
/** The name of a part of data. */
export const sayPart = (part) => PARTS[part] ?? part;

/** The elements that tell a run. */
export function describe(run) {
  const { result, data } = run, line = make("p", "", "facts"), size = run.input.join("×");
  const facts = [
    TASKS[run.task]?.(run) ?? run.task,
    `${MEDIA[run.medium] ?? run.medium} of ${data.name}, as ${size}`,
    result ? sayResult(run) : "nothing was held out, so nothing is known of how well it does",
  ];
  line.replaceChildren(...facts.map((text) => make("span", text)));
  return run.missing ? [line, make("p", `${run.missing} What needs them can't be shown.`, "note")] : [line];
}

function sayResult({ task, result, judged }) {
  const where = `on ${count(result.total)} held-out samples`;
  if (task === "classify") return `${percent(result.accuracy)} right ${where} (${sayPart(result.part)})`;
  return `${judged?.name ?? ""} ${sayMerit(result.merit, judged)} ${where} (${sayPart(result.part)})`.trim();
}
