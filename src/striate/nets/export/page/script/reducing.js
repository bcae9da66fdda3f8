// Many cells together: sums, means, extremes, order, norms, softmax. Sums are kept in double precision.
function reduceOver(shape, axes, keepdim) {
  const wanted = (axes?.length ? axes : shape.map((_, axis) => axis)).map((axis) => turn(axis, shape.length));
  const kept = shape.map((_, axis) => axis).filter((axis) => !wanted.includes(axis));
  const left = kept.map((axis) => shape[axis]), own = findStrides(left);
  return shape.map((_, axis) => (wanted.includes(axis) ? 0 : own[kept.indexOf(axis)]));
}

function fold(begin, operation, finish = (sum) => sum) {
  return ([out], x, axes) => {
    const list = typeof axes === "number" ? [axes] : axes, strides = reduceOver(x.shape, list);
    const sums = new Float64Array(volume(out.shape)).fill(begin), cells = x.data.length / (sums.length || 1);
    walk(x.shape, [strides], (place, [to], length, [step]) => {
      for (let k = 0; k < length; k++, to += step) sums[to] = operation(sums[to], x.data[place + k]);
    });
    return KINDS[out.type].from(sums, (sum) => finish(sum, cells));
  };
}

function variance([out], x, axes, correction) {
  const strides = reduceOver(x.shape, axes), count = volume(out.shape), cells = x.data.length / count;
  const means = new Float64Array(count), sums = new Float64Array(count);
  walk(x.shape, [strides], (place, [to], length, [step]) => {
    for (let k = 0; k < length; k++, to += step) means[to] += x.data[place + k] / cells;
  });
  walk(x.shape, [strides], (place, [to], length, [step]) => {
    for (let k = 0; k < length; k++, to += step) sums[to] += (x.data[place + k] - means[to]) ** 2;
  });
  return Float32Array.from(sums, (sum) => sum / (cells - (correction ?? 1)));
}

function findExtreme(better) {
  return (outs, x, axis) => {
    const flat = axis == null, shape = flat ? [x.data.length] : x.shape;
    const [before, length, behind] = splitAt(shape, flat ? 0 : turn(axis, shape.length));
    const values = new KINDS[x.type](before * behind), places = new Int32Array(before * behind);
    for (let i = 0; i < before; i++)
      for (let k = 0; k < behind; k++) {
        let best = 0;
        for (let j = 1; j < length; j++)
          if (better(x.data[(i * length + j) * behind + k], x.data[(i * length + best) * behind + k])) best = j;
        places[i * behind + k] = best;
        values[i * behind + k] = x.data[(i * length + best) * behind + k];
      }
    return [values, places];
  };
}
const [most, least] = [findExtreme((a, b) => a > b), findExtreme((a, b) => a < b)];

function softmaxOf(finish) {
  return ([out], x, axis) => {
    const [before, length, behind] = splitAt(x.shape, turn(axis, x.shape.length)), result = allot(out);
    for (let i = 0; i < before; i++)
      for (let k = 0; k < behind; k++) {
        let top = -Infinity, sum = 0;
        const first = i * length * behind + k, end = first + length * behind;
        for (let at = first; at < end; at += behind) top = Math.max(top, x.data[at]);
        for (let at = first; at < end; at += behind) sum += Math.exp(x.data[at] - top);
        for (let at = first; at < end; at += behind) result[at] = finish(x.data[at] - top, sum);
      }
    return result;
  };
}

// Rows of `length` cells brought to mean 0 and deviation 1; scale(row, cell) -> [factor, offset].
function normaliseRows(out, x, length, eps, scale) {
  const result = allot(out), rows = x.data.length / length, means = new Float32Array(rows), rates = new Float32Array(rows);
  for (let row = 0, start = 0; row < rows; row++, start += length) {
    let sum = 0, squares = 0;
    for (let k = 0; k < length; k++) sum += x.data[start + k];
    const mean = sum / length;
    for (let k = 0; k < length; k++) squares += (x.data[start + k] - mean) ** 2;
    const rate = 1 / Math.sqrt(squares / length + eps);
    scale(row, start, mean, rate, result);
    means[row] = mean;
    rates[row] = rate;
  }
  return [result, means, rates];
}

function sortAlong(outs, x, axis, descending, kept) {
  axis = turn(axis, x.shape.length);
  const [before, length, behind] = splitAt(x.shape, axis), order = new Array(length);
  const values = allot(outs[0]), places = new Int32Array(values.length);
  for (let i = 0; i < before; i++)
    for (let k = 0; k < behind; k++) {
      const at = (j) => x.data[(i * length + j) * behind + k];
      for (let j = 0; j < length; j++) order[j] = j;
      order.sort(descending ? (a, b) => at(b) - at(a) || a - b : (a, b) => at(a) - at(b) || a - b);
      for (let j = 0; j < kept; j++) {
        values[(i * kept + j) * behind + k] = at(order[j]);
        places[(i * kept + j) * behind + k] = order[j];
      }
    }
  return [values, places];
}

const REDUCING = {
  sum: fold(0, (a, b) => a + b),
  mean: fold(0, (a, b) => a + b, (sum, cells) => sum / cells),
  prod: fold(1, (a, b) => a * b),
  amax: fold(-Infinity, (a, b) => Math.max(a, b)),
  amin: fold(Infinity, (a, b) => Math.min(a, b)),
  any: fold(0, (a, b) => Number(Boolean(a) || Boolean(b))),
  all: fold(1, (a, b) => Number(Boolean(a) && Boolean(b))),
  var: variance,
  max: most,
  min: least,
  argmax: (outs, x, axis) => most(outs, x, axis)[1],
  argmin: (outs, x, axis) => least(outs, x, axis)[1],
  cumsum([out], x, axis) {
    const [before, length, behind] = splitAt(x.shape, turn(axis, x.shape.length)), result = allot(out);
    for (let i = 0; i < before; i++)
      for (let k = 0; k < behind; k++)
        for (let j = 0, sum = 0; j < length; j++) {
          const at = (i * length + j) * behind + k;
          sum += x.data[at];
          result[at] = sum;
        }
    return result;
  },
  _softmax: softmaxOf((x, sum) => Math.exp(x) / sum),
  _log_softmax: softmaxOf((x, sum) => x - Math.log(sum)),
  _native_batch_norm_legit_no_training([out], x, weight, bias, mean, variance, _, eps) {
    const result = allot(out), channels = x.shape[1], cells = volume(x.shape.slice(2));
    for (let row = 0, start = 0; row < x.shape[0] * channels; row++, start += cells) {
      const channel = row % channels, factor = (weight?.data[channel] ?? 1) / Math.sqrt(variance.data[channel] + eps);
      const offset = (bias?.data[channel] ?? 0) - mean.data[channel] * factor;
      for (let k = start; k < start + cells; k++) result[k] = x.data[k] * factor + offset;
    }
    return [result];
  },
  native_group_norm([out], x, weight, bias, _, channels, cells, groups, eps) {
    const each = channels / groups;
    return normaliseRows(out, x, each * cells, eps, (row, start, mean, rate, result) => {
      for (let c = 0, at = start; c < each; c++) {
        const channel = (row % groups) * each + c, factor = (weight?.data[channel] ?? 1) * rate;
        const offset = (bias?.data[channel] ?? 0) - mean * factor;
        for (const end = at + cells; at < end; at++) result[at] = x.data[at] * factor + offset;
      }
    });
  },
  native_layer_norm([out], x, shape, weight, bias, eps) {
    const length = volume(shape);
    return normaliseRows(out, x, length, eps, (_, start, mean, rate, result) => {
      for (let k = 0; k < length; k++)
        result[start + k] = (x.data[start + k] - mean) * rate * (weight?.data[k] ?? 1) + (bias?.data[k] ?? 0);
    });
  },
  topk: (outs, x, kept, axis, largest) => sortAlong(outs, x, axis ?? -1, largest ?? true, kept),
  sort: (outs, x, axis, descending) => {
    const at = turn(axis ?? -1, x.shape.length);
    return sortAlong(outs, x, at, Boolean(descending), x.shape[at]);
  },
};
