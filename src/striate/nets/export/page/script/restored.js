// Before and after, side by side: pictures and volumes to be seen, sounds to be heard too.
function showRestored(place, sample, found, facts, shape) {
  const { task, reading } = facts, sound = sample.heard && reading;
  const before = sound ? { values: joinFloats(sample.heard), full: 1 } : sample, after = { values: found.values, full: 1 };
  const own = sound ? [shape[0], sample.heard[0].length] : shape, low = task.low ?? 0;
  const canvases = ["Before", "After"].map((name) => makeCanvas(name, own.slice(1), 320));
  const show = (plane) => [before, after].forEach((each, i) => paintSample(canvases[i], each, own, plane, low));
  const slider = leaf(own.length > 2 ? countPlanes(own.slice(1)) : 1, namePlanes(facts), show);
  const play = (values, name) => (sound ? makePlayer(splitParts(values, shape[0]), reading.rate, name) : null);
  place.replaceChildren(build("div", { className: own.length > 2 ? "pair" : "pair over" }, ...[before, after].map((each, i) =>
    build("figure", {}, canvases[i], play(each.values, ["Before", "After"][i]), build("figcaption", { className: "caption" }, ["Before", "After"][i])))), slider ?? "");
  if (sample.clean) return compareClean(before, found.values, sample.clean, task);
  return `restored, from ${write(Math.min(...findEnds(found.values)))} to ${write(Math.max(...findEnds(found.values)))}`;
}

const splitParts = (values, count) => Array.from({ length: count }, (_, i) => values.subarray((i * values.length) / count, ((i + 1) * values.length) / count));

// By how much it came nearer to what it was before the noise, in decibels.
function compareClean({ values, full }, restored, clean, task) {
  const [measure, name] = task.sound ? [measureSiSdr, "SI-SDR"] : [(each, of) => measurePsnr(each, of, task.low), "PSNR"];
  const [from, to] = [values.map((each) => each / full), restored].map((each) => measure(each, clean));
  return `restored, ${name} from ${from.toFixed(1)} to ${to.toFixed(1)} dB`.replaceAll("-", "−").replace("SI−", "SI-");
}

function measurePsnr(found, clean, low) {
  const error = clean.reduce((all, each, i) => all + (clamp(found[i], low, 1) - clamp(each, low, 1)) ** 2, 0) / clean.length;
  return 10 * Math.log10((1 - low) ** 2 / Math.max(error, 1e-12));
}

// Le Roux et al. 2019, eq. 3.
function measureSiSdr(found, clean) {
  const dot = (a, b) => a.reduce((all, each, i) => all + each * b[i], 0), share = dot(found, clean) / dot(clean, clean);
  const rest = found.map((each, i) => each - share * clean[i]);
  return 10 * Math.log10((share ** 2 * dot(clean, clean)) / dot(rest, rest));
}
