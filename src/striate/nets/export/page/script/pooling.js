// Windows over each channel: the largest value, with its place, or the mean.
function layWindows(x, out, size, stride, pad, dilation, value) {
  const axes = x.shape.length, lead = axes - size.length, inner = x.shape.slice(lead), shape = out.shape.slice(lead);
  const extents = inner.map((cells, axis) =>
    Math.max(cells + pad[axis], (shape[axis] - 1) * stride[axis] + (size[axis] - 1) * dilation[axis] + 1));
  const flat = { shape: [1, volume(x.shape.slice(0, lead)), ...inner], data: x.data };
  const windows = findWindows(extents, shape, size, stride, dilation);
  return { planes: flat.shape[1], inner, shape, extents, framed: frame(flat, pad, extents, value), windows };
}

function readPool(size, stride, pad, dilation) {
  const axes = size.length, or = (values, fallback) => widen(values?.length ? values : fallback, axes);
  return [size, or(stride, size), or(pad, [0]), or(dilation, [1])];
}

function maxPool(outs, x, ...options) {
  const [size, stride, pad, dilation] = readPool(...options), [out] = outs, result = allot(out);
  const { planes, inner, extents, framed, windows } = layWindows(x, out, size, stride, pad, dilation, -Infinity);
  const [bases, taps] = windows, plane = volume(extents), cells = bases.length, places = new Int32Array(result.length);
  const shift = pad.map((n) => n), own = findStrides(inner), steps = findStrides(extents);
  const names = new Int32Array(plane); // of each framed cell, its place in the input
  for (let place = 0; place < plane; place++)
    for (let axis = 0; axis < inner.length; axis++)
      names[place] += ((Math.floor(place / steps[axis]) % extents[axis]) - shift[axis]) * own[axis];
  for (let channel = 0, at = 0; channel < planes; channel++)
    for (let cell = 0; cell < cells; cell++, at++) {
      const start = channel * plane + bases[cell];
      let best = -1, top = -Infinity;
      for (let tap = 0; tap < taps.length; tap++) {
        const value = framed[start + taps[tap]];
        if (value > top) { top = value; best = taps[tap]; }
      }
      result[at] = top;
      places[at] = names[bases[cell] + (best < 0 ? 0 : best)];
    }
  return [result, places];
}

function meanPool([out], x, size, strides, pads, _, counted, divisor) {
  const [, stride, pad] = readPool(size, strides, pads), result = allot(out), one = size.map(() => 1);
  const { planes, inner, shape, extents, framed, windows } = layWindows(x, out, size, stride, pad, one, 0);
  const [bases, taps] = windows, plane = volume(extents), cells = bases.length;
  const along = shape.map((length, axis) => Array.from({ length }, (_, i) => {
    const start = i * stride[axis] - pad[axis], end = Math.min(start + size[axis], inner[axis] + pad[axis]);
    return counted ?? true ? end - start : Math.min(end, inner[axis]) - Math.max(start, 0);
  }));
  const steps = findStrides(shape), counts = new Float64Array(cells).fill(1);
  for (let cell = 0; cell < cells; cell++)
    for (let axis = 0; axis < shape.length; axis++) counts[cell] *= along[axis][Math.floor(cell / steps[axis]) % shape[axis]];
  for (let channel = 0, at = 0; channel < planes; channel++)
    for (let cell = 0; cell < cells; cell++, at++) {
      const start = channel * plane + bases[cell];
      let sum = 0;
      for (let tap = 0; tap < taps.length; tap++) sum += framed[start + taps[tap]];
      result[at] = sum / (divisor ?? counts[cell]);
    }
  return result;
}

// Windows that share an axis out as evenly as whole cells allow.
function shareOut(axes, begin, operation, finish) {
  return (outs, x) => {
    const [out] = outs, lead = x.shape.length - axes, inner = x.shape.slice(lead), shape = out.shape.slice(lead);
    const plane = volume(inner), result = allot(out), places = new Int32Array(result.length), steps = findStrides(inner);
    const cells = volume(shape), own = findStrides(shape);
    for (let at = 0; at < result.length; at++) {
      const base = Math.floor(at / cells) * plane, spot = shape.map((n, axis) => Math.floor((at % cells) / own[axis]) % n);
      const start = spot.map((i, axis) => Math.floor((i * inner[axis]) / shape[axis]));
      const size = spot.map((i, axis) => Math.ceil(((i + 1) * inner[axis]) / shape[axis]) - start[axis]);
      const first = start.reduce((all, i, axis) => all + i * steps[axis], 0), taps = gatherPlaces(size, steps);
      let sum = begin;
      for (const tap of taps) {
        const value = operation(sum, x.data[base + first + tap]);
        if (value !== sum) places[at] = first + tap;
        sum = value;
      }
      result[at] = finish(sum, taps.length);
    }
    return [result, places];
  };
}
const shareMean = (axes) => (outs, x) => shareOut(axes, 0, (a, b) => a + b, (sum, cells) => sum / cells)(outs, x)[0];
const shareMost = (axes) => shareOut(axes, -Infinity, (a, b) => Math.max(a, b), (top) => top);

const POOLING = {
  max_pool2d_with_indices: maxPool, max_pool3d_with_indices: maxPool,
  avg_pool1d: meanPool, avg_pool2d: meanPool, avg_pool3d: meanPool,
  adaptive_avg_pool1d: shareMean(1), _adaptive_avg_pool2d: shareMean(2), _adaptive_avg_pool3d: shareMean(3),
  adaptive_max_pool2d: shareMost(2), adaptive_max_pool3d: shareMost(3),
};
