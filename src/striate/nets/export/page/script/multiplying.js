// Products of matrices, and convolution as one of them: blocks of four rows by four columns, sums in double precision.
const COLUMNS = 64;

// Rows of `matrix` in blocks of four, the four values of a column side by side; missing rows are 0.
function packRows(matrix, start, rows, inner) {
  const blocks = Math.ceil(rows / 4), packed = new Float32Array(blocks * inner * 4);
  for (let row = 0; row < rows; row++) {
    let to = (row >> 2) * inner * 4 + (row & 3), from = start + row * inner;
    for (let k = 0; k < inner; k++, to += 4) packed[to] = matrix[from + k];
  }
  return packed;
}

// result[row, column] = sum over k of packed[row, k] * source[bases[column] + offsets[k]], for all columns.
function multiply(packed, rows, source, bases, offsets, result, start, pitch) {
  const inner = offsets.length, columns = bases.length, strip = new Float32Array(inner * COLUMNS);
  for (let first = 0; first < columns; first += COLUMNS) {
    const count = Math.min(COLUMNS, columns - first), panels = Math.ceil(count / 4);
    for (let panel = 0; panel < panels; panel++) {
      const column = first + panel * 4, last = columns - 1;
      const a = bases[column], b = bases[Math.min(column + 1, last)];
      const c = bases[Math.min(column + 2, last)], d = bases[Math.min(column + 3, last)];
      for (let k = 0, to = panel * inner * 4; k < inner; k++, to += 4) {
        const offset = offsets[k];
        strip[to] = source[a + offset];
        strip[to + 1] = source[b + offset];
        strip[to + 2] = source[c + offset];
        strip[to + 3] = source[d + offset];
      }
    }
    for (let row = 0; row < rows; row += 4)
      for (let panel = 0; panel < panels; panel++)
        multiplyBlock(packed, row * inner, strip, panel * inner * 4, inner,
          result, start + row * pitch + first + panel * 4, pitch, Math.min(4, rows - row), Math.min(4, count - panel * 4));
  }
}

function multiplyBlock(a, i, b, j, inner, result, at, pitch, rows, columns) {
  let s00 = 0, s01 = 0, s02 = 0, s03 = 0, s10 = 0, s11 = 0, s12 = 0, s13 = 0;
  let s20 = 0, s21 = 0, s22 = 0, s23 = 0, s30 = 0, s31 = 0, s32 = 0, s33 = 0;
  for (const end = i + inner * 4; i < end; i += 4, j += 4) {
    const b0 = b[j], b1 = b[j + 1], b2 = b[j + 2], b3 = b[j + 3];
    const a0 = a[i], a1 = a[i + 1], a2 = a[i + 2], a3 = a[i + 3];
    s00 += a0 * b0; s01 += a0 * b1; s02 += a0 * b2; s03 += a0 * b3;
    s10 += a1 * b0; s11 += a1 * b1; s12 += a1 * b2; s13 += a1 * b3;
    s20 += a2 * b0; s21 += a2 * b1; s22 += a2 * b2; s23 += a2 * b3;
    s30 += a3 * b0; s31 += a3 * b1; s32 += a3 * b2; s33 += a3 * b3;
  }
  const put = (row, w, x, y, z) => {
    const to = at + row * pitch;
    result[to] = w;
    if (columns > 1) result[to + 1] = x;
    if (columns > 2) result[to + 2] = y;
    if (columns > 3) result[to + 3] = z;
  };
  put(0, s00, s01, s02, s03);
  if (rows > 1) put(1, s10, s11, s12, s13);
  if (rows > 2) put(2, s20, s21, s22, s23);
  if (rows > 3) put(3, s30, s31, s32, s33);
}

function multiplyMatrices(a, i, b, j, rows, inner, columns, result, at) {
  if (rows === 1) {
    const sums = new Float64Array(columns);
    for (let k = 0; k < inner; k++) {
      const value = a[i + k], from = j + k * columns;
      if (value !== 0) for (let n = 0; n < columns; n++) sums[n] += value * b[from + n];
    }
    result.set(sums, at);
    return;
  }
  const bases = Int32Array.from({ length: columns }, (_, n) => j + n);
  const offsets = Int32Array.from({ length: inner }, (_, k) => k * columns);
  multiply(packRows(a, i, rows, inner), rows, b, bases, offsets, result, at, columns);
}

// A tensor with a frame of `value` around its last axes: so no cell need be asked whether it lies inside.
function frame(x, before, extents, value) {
  const inner = x.shape.slice(2), lead = volume(x.shape.slice(0, 2));
  if (inner.every((cells, axis) => cells === extents[axis] && !before[axis])) return x.data;
  const framed = new Float32Array(lead * volume(extents));
  if (value) framed.fill(value);
  const from = findStrides([lead, ...inner]), to = findStrides([lead, ...extents]);
  const seen = inner.map((cells, axis) => Math.min(cells, extents[axis] - before[axis]));
  const start = before.reduce((all, cells, axis) => all + cells * to[axis + 1], 0);
  walk([lead, ...seen], [from, to], (_, [i, j], length) => framed.set(x.data.subarray(i, i + length), start + j));
  return framed;
}

// The places of a window's cells in a framed tensor: [where each window begins, the cells of a window].
function findWindows(extents, out, size, stride, dilation) {
  const steps = findStrides(extents);
  return [gatherPlaces(out, steps.map((step, axis) => step * stride[axis])),
    gatherPlaces(size, steps.map((step, axis) => step * dilation[axis]))];
}

const widen = (values, axes) => (values.length === axes ? values : new Array(axes).fill(values[0]));

function convolve(out, x, weight, bias, stride, pad, dilation, groups) {
  const shape = out.shape.slice(2), size = weight.shape.slice(2), result = allot(out);
  const extents = x.shape.slice(2).map((cells, axis) =>
    Math.max(cells + pad[axis], (shape[axis] - 1) * stride[axis] + (size[axis] - 1) * dilation[axis] + 1));
  const framed = frame(x, pad, extents, 0), plane = volume(extents), each = weight.shape[1];
  const [bases, taps] = findWindows(extents, shape, size, stride, dilation);
  const offsets = new Int32Array(each * taps.length), rows = weight.shape[0] / groups, cells = bases.length;
  for (let channel = 0, at = 0; channel < each; channel++) for (const tap of taps) offsets[at++] = channel * plane + tap;
  for (let sample = 0; sample < x.shape[0]; sample++)
    for (let group = 0; group < groups; group++) {
      const from = (sample * x.shape[1] + group * each) * plane, start = (sample * groups + group) * rows * cells;
      const source = framed.subarray(from, from + each * plane), first = group * rows * offsets.length;
      if (rows < 4) slide(weight.data, first, rows, source, bases, offsets, result, start);
      else multiply(packRows(weight.data, first, rows, offsets.length), rows, source, bases, offsets, result, start, cells);
    }
  addBias(result, bias, out.shape);
  return result;
}

// For few rows, as of a depthwise convolution: each weight over all cells.
function slide(weights, first, rows, source, bases, offsets, result, start) {
  const sums = new Float64Array(bases.length);
  for (let row = 0; row < rows; row++) {
    sums.fill(0);
    for (let k = 0; k < offsets.length; k++) {
      const value = weights[first + row * offsets.length + k], offset = offsets[k];
      for (let cell = 0; cell < sums.length; cell++) sums[cell] += value * source[bases[cell] + offset];
    }
    result.set(sums, start + row * sums.length);
  }
}

function addBias(result, bias, shape) {
  if (!bias) return;
  const cells = volume(shape.slice(2)), channels = shape[1];
  for (let row = 0; row < shape[0] * channels; row++) {
    const value = bias.data[row % channels];
    for (let k = row * cells; k < (row + 1) * cells; k++) result[k] += value;
  }
}

// Each input cell stamps the kernel, times its value, on the output; what falls on the padding is lost.
function convolveTransposed(out, x, weight, bias, stride, pad, dilation, groups) {
  const shape = out.shape.slice(2), size = weight.shape.slice(2), inner = x.shape.slice(2), cells = volume(inner);
  const extents = shape.map((length, axis) =>
    Math.max(length + pad[axis], (inner[axis] - 1) * stride[axis] + (size[axis] - 1) * dilation[axis] + 1));
  const [bases, taps] = findWindows(extents, inner, size, stride, dilation), plane = volume(extents);
  const each = x.shape[1] / groups, made = weight.shape[1], rows = made * taps.length;
  const columns = Int32Array.from({ length: cells }, (_, i) => i);
  const offsets = Int32Array.from({ length: each }, (_, channel) => channel * cells);
  const stamps = new Float32Array(rows * cells), whole = new Float64Array(x.shape[0] * out.shape[1] * plane);
  const turned = new Float32Array(rows * each);
  for (let sample = 0; sample < x.shape[0]; sample++)
    for (let group = 0; group < groups; group++) {
      for (let channel = 0; channel < each; channel++)
        for (let row = 0; row < rows; row++)
          turned[row * each + channel] = weight.data[(group * each + channel) * rows + row];
      const from = (sample * x.shape[1] + group * each) * cells;
      const source = x.data.subarray(from, from + each * cells);
      multiply(packRows(turned, 0, rows, each), rows, source, columns, offsets, stamps, 0, cells);
      for (let row = 0; row < rows; row++) {
        const channel = sample * out.shape[1] + group * made + Math.floor(row / taps.length);
        const to = channel * plane + taps[row % taps.length];
        for (let cell = 0; cell < cells; cell++) whole[to + bases[cell]] += stamps[row * cells + cell];
      }
    }
  const strides = findStrides([x.shape[0] * out.shape[1], ...extents]);
  const start = pad.reduce((all, before, axis) => all + before * strides[axis + 1], 0);
  const cut = { shape: [x.shape[0] * out.shape[1], ...shape], type: "float32" };
  const result = gatherStrided(whole, cut, strides, start);
  addBias(result, bias, out.shape);
  return result;
}

const MULTIPLYING = {
  convolution([out], x, weight, bias, stride, pad, dilation, transposed, _, groups) {
    const axes = x.shape.length - 2, [steps, pads, gaps] = [stride, pad, dilation].map((each) => widen(each, axes));
    return (transposed ? convolveTransposed : convolve)(out, x, weight, bias, steps, pads, gaps, groups);
  },
  mm([out], a, b) {
    const result = allot(out);
    multiplyMatrices(a.data, 0, b.data, 0, a.shape[0], a.shape[1], b.shape[1], result, 0);
    return result;
  },
  bmm([out], a, b) {
    const result = allot(out), [batch, rows, inner] = a.shape, columns = b.shape[2];
    for (let n = 0; n < batch; n++)
      multiplyMatrices(a.data, n * rows * inner, b.data, n * inner * columns, rows, inner, columns, result, n * rows * columns);
    return result;
  },
  addmm([out], bias, a, b, beta, alpha) {
    const product = MULTIPLYING.mm([out], a, b), strides = spread(bias.shape, out.shape);
    walk(out.shape, [strides], (place, [from], length, [step]) => {
      for (let k = 0; k < length; k++, from += step)
        product[place + k] = product[place + k] * (alpha ?? 1) + bias.data[from] * (beta ?? 1);
    });
    return product;
  },
};
