// Of a network that continues: what each moment cost it, and which levels it holds likely after the last one.
const KNOWING_NOTHING = 8; // bits for one of 256 levels

function showExpected(place, sample, found, { kind }) {
  const [{ data, shape }] = found.tensors, length = shape[2], bits = found.values;
  if (!bits.length) return place.replaceChildren(), "nothing but silence";
  const mean = bits.reduce((all, each) => all + each, 0) / bits.length, last = bits.length - 1;
  const shares = Float32Array.from(toShares(Array.from({ length: 256 }, (_, level) => data[level * length + last])));
  const figure = (label, values, told) => {
    const canvas = build("canvas", { className: "wave", role: "img", "aria-label": label });
    paintLine(canvas, values, 0, Math.max(...findEnds(values)));
    return build("figure", {}, canvas, build("figcaption", { className: "caption" }, told));
  };
  const row = { name: "bits per sample", width: Math.min(1, mean / KNOWING_NOTHING), text: mean.toFixed(2), className: "first" };
  place.replaceChildren(listBars("Bits per sample", [row, { name: "knowing nothing", width: 1, text: KNOWING_NOTHING.toFixed(2) }]),
    figure("Bits of each moment", smooth(bits, 400), `What each moment cost, in bits, along the ${kind === "sound" ? "recording" : "sequence"}`),
    figure("Probabilities of the levels", shares, "How likely it held each of the 256 levels at the last moment, given all before it"));
  return `${mean.toFixed(2)} bits per sample, of ${KNOWING_NOTHING} for knowing nothing`;
}

// Means of as many stretches as are drawn.
function smooth(values, count) {
  if (values.length <= count) return values;
  return Float32Array.from({ length: count }, (_, i) => {
    const part = values.subarray(Math.floor((i * values.length) / count), Math.floor(((i + 1) * values.length) / count));
    return part.reduce((all, each) => all + each, 0) / part.length;
  });
}
