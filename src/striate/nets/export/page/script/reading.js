// Files and texts as samples: {values, full}, in the numbers that the network was trained on; `full` is what stands for 1.
async function readFiles(files, facts, shape) {
  const { kind, reading } = facts, [file] = files, isNumpy = /\.npy$/i.test(file.name);
  if (isNumpy && kind === "array") return readVolume(await file.arrayBuffer(), reading, shape);
  if (isNumpy) return readNumpy(await file.arrayBuffer(), shape);
  if (kind === "picture") return { values: await readPicture(file, shape[0], shape.slice(1)), full: 255 };
  if (kind === "clip") return { values: await readClip(files, reading, shape[0], shape.slice(2)), full: 255 };
  if (kind === "sound") return readSound(file, reading, shape[0]);
  return readText(await file.text(), facts, shape);
}

function readText(text, { kind, reading, task }, shape) {
  if (kind === "words") return { ...encodeText(text, reading), full: 1 };
  if (kind === "series") return { values: readSeries(text, reading), full: 1 };
  const values = readNumbers(text, volume(shape));
  if (kind === "array") return scaleValues(values, reading);
  if (task.name !== "continue") return { values, full: 1 };
  if (!values.every((each) => Number.isInteger(each) && each >= 0 && each < 256)) throw new Error("needed levels, whole numbers from 0 to 255");
  return { values, full: 255 };
}

// values / full, less the mean, over the deviation of each channel.
function normalise({ values, full }, { mean, std }) {
  const cells = values.length / mean.length, made = new Float32Array(values.length);
  for (let i = 0; i < made.length; i++) {
    const channel = Math.floor(i / cells) % mean.length;
    made[i] = Math.fround(values[i]) * Math.fround(1 / std[channel] / full) - Math.fround(mean[channel] / std[channel]);
  }
  return made;
}

// What stands for 1 in a sample of this kind.
function findFull({ kind, reading, task }) {
  if (kind === "sound") return reading.view === "waveform" ? 32768 : 255;
  if (kind === "array") return reading.in_bytes ? 255 : 32768;
  return kind === "picture" || kind === "clip" || task.name === "continue" ? 255 : 1;
}

function makeNoise(facts, shape) {
  const full = findFull(facts), { symbols } = facts.check;
  const draw = () => (symbols && full === 1 ? Math.floor(Math.random() * symbols) : full === 255 ? Math.floor(Math.random() * 256)
    : full === 32768 ? Math.round((Math.random() - 0.5) * 32768) : Math.random() * 2 - 1);
  return { values: Float32Array.from({ length: volume(shape) }, draw), full };
}
