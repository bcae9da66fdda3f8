// How a network is asked: what its task does to an input before it, and to the outputs after it.
const SILENT = 128; // the level of a sample of 0

// {values, tensors, ...}: what the task makes of a sample, and the outputs; ask(given) gives the outputs for normalised numbers.
async function answerTask(sample, facts, shape, ask) {
  const { task } = facts;
  if (task.name === "restore" && sample.heard) return restoreSound(sample, facts, shape, ask);
  const given = normalise(task.name === "continue" ? delay(sample) : sample, facts), tensors = await ask(given);
  tensors[0] = await lookAgain(tensors[0], given, facts.views, shape, ask);
  return { tensors, values: (FINISH[task.name] ?? ((tensor) => tensor.data))(tensors[0], facts, sample) };
}

const FINISH = {
  classify: (tensor) => toShares(tensor.data),
  labels: (tensor) => Array.from(tensor.data, sigmoid),
  regress: (tensor, { task }) => Array.from(tensor.data, (each, i) => each * (task.std[i] ?? 1) + (task.mean[i] ?? 0)),
  segment: (tensor) => findLargest(tensor),
  restore: (tensor, facts) => unscale(tensor.data, facts).map((each) => (facts.task.sound ? each : clamp(each, facts.task.low, 1))),
  continue: (tensor, facts, sample) => measureBits(tensor, sample, facts.task.padded),
};

// The largest channel at each place.
function findLargest({ shape, data }) {
  const cells = volume(shape.slice(2)), best = new Float32Array(cells);
  for (let i = 0; i < cells; i++)
    for (let channel = 1, top = data[i]; channel < shape[1]; channel++) {
      const value = data[channel * cells + i];
      if (value > top) [top, best[i]] = [value, channel];
    }
  return best;
}

// Outputs in the input's own, normalised units -> of full scale 1.
function unscale(data, { mean, std }) {
  const cells = data.length / mean.length;
  return data.map((value, i) => value * std[Math.floor(i / cells)] + mean[Math.floor(i / cells)]);
}

// Levels a moment late, after silence: a moment is told from those before it.
const delay = ({ values, full }) => ({ values: Float32Array.from(values, (_, i) => (i ? values[i - 1] : (SILENT * full) / 255)), full });

// What each level costs in bits under the scores of all 256; where recordings were padded, the silence at the end is left out.
function measureBits({ data }, { values, full }, padded) {
  const length = values.length, levels = values.map((each) => Math.round((each * 255) / full));
  const count = padded ? levels.findLastIndex((level) => level !== SILENT) + 1 : length;
  return Float32Array.from({ length: count }, (_, i) => {
    const scores = Array.from({ length: 256 }, (_, level) => data[level * length + i]), top = Math.max(...scores);
    return (top - scores[levels[i]] + Math.log(scores.reduce((all, each) => all + Math.exp(each - top), 0))) / Math.LN2;
  });
}

// A recording of any length, in windows half a window apart that fade into each other; each is levelled, and takes its own level again.
async function restoreSound(sample, facts, [channels, wide], ask) {
  const length = sample.heard[0].length, total = Math.max(length, wide), made = new Float64Array(channels * total), weights = new Float64Array(total);
  let tensors = null;
  for (const start of listStarts(total, wide)) {
    const window = joinFloats(sample.heard.map((part) => joinFloats([part, new Float32Array(total - length)]).subarray(start, start + wide)));
    const peak = window.reduce((most, value) => Math.max(most, Math.abs(value)), 0), gain = Math.fround(peak > SILENCE ? PEAK / peak : 1);
    const outputs = await ask(normalise({ values: window.map((value) => value * gain), full: 1 }, facts)), restored = unscale(outputs[0].data, facts);
    tensors ??= outputs;
    for (let i = 0; i < wide; i++) {
      const weight = Math.min(i + 1, wide - i) / wide;
      weights[start + i] += weight;
      for (let channel = 0; channel < channels; channel++)
        made[channel * total + start + i] += (restored[channel * wide + i] / gain) * weight;
    }
  }
  const cut = (channel) => Float32Array.from({ length }, (_, i) => made[channel * total + i] / weights[i]);
  return { tensors, values: joinFloats(Array.from({ length: channels }, (_, channel) => cut(channel))) };
}

function listStarts(extent, wide) {
  const starts = [], step = Math.max(1, Math.floor(wide / 2));
  for (let at = 0; at < extent - wide; at += step) starts.push(at);
  return [...starts, extent - wide];
}
