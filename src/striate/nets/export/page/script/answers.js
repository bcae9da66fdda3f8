// What the network says, as its task shows it: bars, a mask, before and after, or a surface. Each gives the line that is read out.
const SHOWN = { segment: showMask, restore: showRestored, continue: showExpected };
const isShare = (task) => task.name === "classify" || task.name === "labels";
const writeShare = (share) => (share > 0 && share < 0.0005 ? "< 0.1 %" : `${(100 * share).toFixed(1)} %`);

function showAnswer(place, sample, found, facts, shape) {
  const [tensor] = found.tensors, show = SHOWN[facts.task.name];
  if (show) return show(place, sample, found, facts, shape);
  return tensor.shape.length > 2 && volume(tensor.shape.slice(2)) > 1 ? showSurface(place, tensor, facts) : showBars(place, found.values, facts);
}

function showBars(place, values, { task, classes }) {
  const shares = isShare(task), named = Array.from(values, (value, i) => ({ value, name: classes[i] ?? `output ${i}` }));
  if (task.name !== "regress") named.sort((a, b) => b.value - a.value);
  const most = shares ? 1 : Math.max(...named.map(({ value }) => Math.abs(value))) || 1;
  const isStrong = (value, i) => (task.name === "labels" ? value >= 0.5 : shares && i === 0);
  place.replaceChildren(listBars("Scores, the largest first", named.map(({ name, value }, i) =>
    ({ name, width: Math.abs(value) / most, text: shares ? writeShare(value) : write(value), className: [isStrong(value, i) ? "first" : "", value < 0 ? "minus" : ""].join(" ") }))));
  const strong = named.filter(({ value }) => value >= 0.5);
  if (task.name === "labels") return strong.length ? strong.map(({ name, value }) => `${name}, ${writeShare(value)}`).join("; ") : "no label from 50 %";
  return shares ? `${named[0].name}, ${writeShare(named[0].value)}` : named.slice(0, 3).map((each) => `${each.name} ${write(each.value)}`).join(", ");
}

// A list of rows: a name, a bar from 0 to 1, a text; a swatch of colour before the name where one is given.
function listBars(label, rows) {
  return build("ol", { className: "bars", tabIndex: 0, "aria-label": label }, ...rows.map(({ name, width, text, className = "", colour }) => {
    const bar = build("span", { className: "bar" }), swatch = colour ? build("span", { className: "swatch" }) : null;
    bar.style.width = `${(100 * width).toFixed(2)}%`;
    if (colour) [bar.style.background, swatch.style.background] = [colour, colour];
    return build("li", { className }, build("span", { className: "name", title: name }, swatch, name),
      build("span", { className: "track" }, bar), build("span", { className: "n" }, text));
  }));
}
