// The figures of a training as it goes: how far, how long still, how fast, how well; each with what it means.

import { sayMerit } from "./runs.js";
import { make } from "./wording.js";

const percent = (value) => `${(100 * value).toFixed(2)} %`;
const whole = (value) => Math.round(value).toLocaleString("en");

/** Seconds as people say them. */
function sayTime(seconds) {
  const left = Math.max(0, Math.round(seconds));
  if (left < 60) return `${left} s`;
  const minutes = Math.floor(left / 60), hours = Math.floor(minutes / 60);
  return hours ? `${hours} h ${String(minutes % 60).padStart(2, "0")} min` : `${minutes} min ${String(left % 60).padStart(2, "0")} s`;
}

/** The list. Gives {element, show(found, records, word, alive)}; the time left counts down between two tellings. */
export function makeFigures() {
  const element = make("dl", "", "figures"), parts = new Map();
  let end = 0, timer = 0;
  const rows = {
    place: "Progress", left: "Time left", pace: "Speed", loss: "Validation loss", merit: "Validation accuracy",
  };
  for (const [key, name] of Object.entries(rows)) {
    const box = make("div", ""), term = make("dt", name), value = make("dd", "", "value"), meaning = make("dd", "", "meaning");
    box.dataset.figure = key;
    box.append(term, value, meaning);
    element.append(box);
    parts.set(key, { box, term, value, meaning });
  }
  function put(key, value, meaning, name) {
    const part = parts.get(key);
    part.box.hidden = !value;
    part.value.textContent = value ?? "";
    part.meaning.textContent = meaning ?? "";
    if (name) part.term.textContent = name;
  }
  function tick() {
    const left = (end - Date.now()) / 1000;
    put("left", left < 1 ? "a moment" : `about ${sayTime(left)}`, "at this run's own speed, report not counted");
  }
  function show(found, records, word, alive) {
    const last = records.at(-1), pace = found.pace;
    const perEpoch = last && records.length > 1 ? (last.seconds - records[0].seconds) / (records.length - 1) : null;
    clearInterval(timer);
    element.hidden = !pace && !last;
    if (element.hidden) return;
    put(
      "place",
      alive && pace
        ? `${pace.unit} ${whole(pace.done)} of ${whole(pace.total)}`
        : last
        ? `${whole(last.epoch)} ${last.epoch === 1 ? "epoch" : "epochs"}`
        : "",
      last
        ? `an epoch is each training sample once${Number.isFinite(last.step) ? `: ${whole(last.step / last.epoch)} steps` : ""}`
        : "a step is one batch of samples"
    );
    if (alive && pace) {
      end = Date.now() + 1000 * (pace.left_seconds - pace.told_seconds);
      tick();
      timer = setInterval(tick, 1000);
    } else if (Number.isFinite(last?.seconds)) put("left", sayTime(last.seconds), "from the first step to the last", "Trained for");
    else put("left", "");
    if (alive) parts.get("left").term.textContent = "Time left";
    const speed = alive && pace ? pace.per_second : last?.images_per_second;
    put(
      "pace", Number.isFinite(speed) ? `${whole(speed)} samples/s` : "",
      perEpoch ? `${perEpoch < 10 ? perEpoch.toFixed(1) : whole(perEpoch)} s an epoch` : "trained on, each second"
    );
    const best = last ? records.reduce(
      (best, each) => ((each.validation_loss ?? Infinity) < (best.validation_loss ?? Infinity) ? each : best), last
    ) : null;
    put(
      "loss", Number.isFinite(last?.validation_loss) ? last.validation_loss.toFixed(4) : "",
      best && Number.isFinite(best.validation_loss) ? (
        best === last
          ? "the lowest so far"
          : `lowest ${best.validation_loss.toFixed(4)} at epoch ${best.epoch}`
      ) : ""
    );
    const merit = last?.[`validation_${word}`];
    put(
      "merit", word === "accuracy" && Number.isFinite(merit) ? percent(merit) : sayMerit(merit, found.judged),
      word === "accuracy" ? "right, of samples never trained on" : "on samples never trained on",
      `Validation ${found.judged?.name ?? word}`
    );
  }
  return { element, show, stop: () => clearInterval(timer) };
}
