// Inputs and answers that have places: pictures, planes of a volume that are leafed through, lines.
const countPlanes = (inner) => volume(inner.slice(0, -2));

// A slider over the planes where there are several; show(plane) is called at once.
function leaf(count, name, show) {
  show(Math.floor(count / 2));
  if (count < 2) return null;
  const told = build("output", { className: "n" }, `${Math.floor(count / 2)}`);
  const slider = build("input", { type: "range", min: 0, max: count - 1, value: Math.floor(count / 2), "aria-label": name,
    oninput: () => { told.textContent = slider.value; show(Number(slider.value)); } });
  return build("div", { className: "row quiet" }, name, slider, told);
}

const namePlanes = ({ kind }) => (kind === "clip" ? "frame" : "slice");

// A canvas as wide as its cells allow; a line is as wide as its place.
function makeCanvas(label, inner, most = 448) {
  const canvas = build("canvas", { className: inner.length > 1 ? "pixels large" : "wave", role: "img", "aria-label": label });
  if (inner.length > 1) canvas.style.width = `min(100%, ${Math.max(200, Math.min(most, inner.at(-1) * 20))}px)`;
  return canvas;
}

// One plane of a sample [channels, ...inner] of full scale `full`, from `low`: grey or in colour, or values as colours; of
// what has one axis a channel, as a line.
function paintSample(canvas, { values, full }, [channels, ...inner], plane = 0, low = full === 32768 ? -1 : 0) {
  const [height, width] = inner.length > 1 ? inner.slice(-2) : [1, inner[0]], cells = height * width;
  if (height === 1) {
    const line = values.subarray(plane * width, (plane + 1) * width);
    return paintLine(canvas, line, ...findEnds(line));
  }
  const take = (channel) => values.subarray((channel * countPlanes(inner) + plane) * cells, (channel * countPlanes(inner) + plane + 1) * cells);
  if (channels !== 1 && channels !== 3) return paintValues(canvas, take(0), width, height, Math.max(...findEnds(values).map(Math.abs)));
  const joined = joinFloats(Array.from({ length: channels }, (_, channel) => take(channel)));
  return paintPicture(canvas, joined.map((value) => (value / full - low) / (1 - low)), channels, height, width, 1);
}

function findEnds(values) {
  const { low, high } = summarise(values);
  return [Math.min(low, 0), Math.max(high, 0)];
}

// An answer of a module that nothing is known of.
function showSurface(place, tensor, { classes, mean, std, kind }) {
  const [, channels, ...inner] = tensor.shape, [height, width] = inner.length > 1 ? inner.slice(-2) : [1, inner[0]];
  const { low, high } = summarise(tensor.data), canvas = makeCanvas("The answer as a picture", inner), cells = height * width;
  const isPicture = (channels === 1 || channels === 3) && height > 1 && mean.length === channels, best = isPicture || channels === 1 ? null : findLargest(tensor);
  const slider = leaf(countPlanes(inner), namePlanes({ kind }), (plane) => {
    if (isPicture) return paintSample(canvas, { values: unscale(tensor.data, { mean, std }), full: 1 }, [channels, ...inner], plane);
    const values = best ?? tensor.data;
    return height === 1 && !best ? paintSample(canvas, { values, full: 1 }, [1, width])
      : paintValues(canvas, values.subarray(plane * cells, (plane + 1) * cells), width, height, best ? channels - 1 : Math.max(Math.abs(low), Math.abs(high)));
  });
  place.replaceChildren(canvas, slider ?? "");
  const told = best ? `, of ${channels} the largest at each place${classes.length ? `: ${classes.join(", ")}` : ""}` : "";
  return `an answer of ${writeShape(tensor.shape.slice(1))}${told}, from ${write(low)} to ${write(high)}`;
}
