// Cells put elsewhere, none of them changed: views, slices, joints, tables.
const keep = (_, x) => x.data;
const convert = ([out], x) => {
  if (x.type === out.type) return x.data;
  return out.type === "bool" ? Uint8Array.from(x.data, (each) => Number(each !== 0)) : KINDS[out.type].from(x.data);
};

// The cell of `shape` that each cell of `out` is written to, begun at `start` with `step` along one axis.
function pasteAlong(axis, shape, source, start, step, write) {
  const [before, length, behind] = splitAt(source.shape, axis), cells = shape[axis];
  for (let i = 0; i < before; i++)
    for (let j = 0; j < length; j++) {
      const to = (i * cells + start + j * step) * behind, from = (i * length + j) * behind;
      for (let k = 0; k < behind; k++) write(to + k, source.data[from + k]);
    }
}

function split(outs, x, axis) {
  axis = turn(axis, x.shape.length);
  const [before, length, behind] = splitAt(x.shape, axis);
  let start = 0;
  return outs.map((out) => {
    const result = allot(out), cells = out.shape[axis] * behind;
    for (let i = 0; i < before; i++) {
      const from = (i * length + start) * behind;
      result.set(x.data.subarray(from, from + cells), i * cells);
    }
    start += out.shape[axis];
    return result;
  });
}

function scatterWith(operation) {
  return ([out], x, axis, index, source) => {
    const result = allot(out), strides = findStrides(out.shape);
    result.set(x.data);
    axis = turn(axis, out.shape.length);
    const from = isTensor(source) ? spread(source.shape, source.shape) : index.shape.map(() => 0);
    const step = strides.map((each, place) => (place === axis ? 0 : each));
    const given = isTensor(source) ? source.data : [Number(source)];
    walk(index.shape, [step, from], (place, [i, j], length, [p, q]) => {
      for (let k = 0; k < length; k++, i += p, j += q) {
        const to = i + index.data[place + k] * (strides[axis] ?? 1);
        result[to] = operation(result[to], given[j]);
      }
    });
    return result;
  };
}

// What a list of index tensors points to: [places in the shape of the result, that shape's cells].
function findIndexed(shape, indices) {
  const strides = findStrides(shape), used = indices.map((each, axis) => (isTensor(each) ? axis : -1)).filter((a) => a >= 0);
  let wide = [];
  for (const axis of used) {
    const own = indices[axis].shape, length = Math.max(wide.length, own.length);
    const of = (list, i) => list[i - length + list.length] ?? 1;
    wide = Array.from({ length }, (_, i) => Math.max(of(wide, i), of(own, i)));
  }
  const together = used.every((axis, i) => i === 0 || axis === used[i - 1] + 1);
  const free = shape.map((_, axis) => axis).filter((axis) => !used.includes(axis));
  const front = together ? free.filter((axis) => axis < used[0]) : [];
  const back = free.filter((axis) => !front.includes(axis));
  const pointed = new Int32Array(volume(wide));
  for (const axis of used) {
    const { data, shape: own } = indices[axis];
    walk(wide, [spread(own, wide)], (place, [from], length, [step]) => {
      for (let k = 0; k < length; k++, from += step) {
        const at = data[from] < 0 ? data[from] + shape[axis] : data[from];
        pointed[place + k] += at * strides[axis];
      }
    });
  }
  const list = (axes) => gatherPlaces(axes.map((axis) => shape[axis]), axes.map((axis) => strides[axis]));
  const [first, last] = [list(front), list(back)], places = new Int32Array(first.length * pointed.length * last.length);
  let at = 0;
  for (const a of first) for (const b of pointed) for (const c of last) places[at++] = a + b + c;
  return places;
}

function gatherPlaces(shape, strides) {
  const places = new Int32Array(volume(shape));
  walk(shape, [strides], (place, [from], length, [step]) => {
    for (let k = 0; k < length; k++, from += step) places[place + k] = from;
  });
  return places;
}

const ARRANGING = {
  view: keep, _unsafe_view: keep, reshape: keep, unsqueeze: keep, squeeze: keep, alias: keep, detach: keep,
  clone: keep, lift_fresh_copy: keep, _to_copy: convert,
  expand: ([out], x) => gatherStrided(x.data, out, spread(x.shape, out.shape)),
  permute([out], x, order) {
    const strides = findStrides(x.shape);
    return gatherStrided(x.data, out, order.map((axis) => strides[turn(axis, order.length)]));
  },
  slice([out], x, axis, start, _, step) {
    const strides = findStrides(x.shape);
    axis = turn(axis ?? 0, x.shape.length);
    const length = x.shape[axis], from = start ?? 0;
    const first = Math.min(Math.max(from < 0 ? from + length : from, 0), length) * strides[axis];
    return gatherStrided(x.data, out, strides.map((each, place) => (place === axis ? each * (step ?? 1) : each)), first);
  },
  select([out], x, axis, index) {
    const strides = findStrides(x.shape);
    axis = turn(axis, x.shape.length);
    const first = turn(index, x.shape[axis]) * strides[axis];
    return gatherStrided(x.data, out, strides.filter((_, place) => place !== axis), first);
  },
  unfold([out], x, axis, _, step) {
    const strides = findStrides(x.shape);
    axis = turn(axis, x.shape.length);
    return gatherStrided(x.data, out, [...strides.map((each, at) => (at === axis ? each * step : each)), strides[axis]]);
  },
  flip([out], x, axes) {
    const strides = findStrides(x.shape), turned = axes.map((axis) => turn(axis, x.shape.length));
    const first = turned.reduce((all, axis) => all + (x.shape[axis] - 1) * strides[axis], 0);
    return gatherStrided(x.data, out, strides.map((each, axis) => (turned.includes(axis) ? -each : each)), first);
  },
  repeat([out], x) {
    const lacking = out.shape.length - x.shape.length, own = [...new Array(lacking).fill(1), ...x.shape];
    const strides = findStrides(own), result = allot(out), steps = findStrides(out.shape);
    for (let place = 0; place < result.length; place++) {
      let from = 0;
      for (let axis = 0; axis < own.length; axis++) from += (Math.floor(place / steps[axis]) % own[axis]) * strides[axis];
      result[place] = x.data[from];
    }
    return result;
  },
  cat([out], parts, axis) {
    const result = allot(out);
    axis = turn(axis ?? 0, out.shape.length);
    const [before, length, behind] = splitAt(out.shape, axis);
    let start = 0;
    for (const part of parts) {
      if (!part.data.length) continue;
      const cells = part.shape[axis] * behind;
      for (let i = 0; i < before; i++)
        result.set(part.data.subarray(i * cells, (i + 1) * cells), (i * length + start) * behind);
      start += part.shape[axis];
    }
    return result;
  },
  split_with_sizes: (outs, x, _, axis) => split(outs, x, axis ?? 0),
  constant_pad_nd([out], x, pads, value) {
    const result = allot(out).fill(Number(value ?? 0)), axes = x.shape.length, to = findStrides(out.shape);
    const pairs = x.shape.map((_, axis) => [pads[2 * (axes - 1 - axis)] ?? 0, pads[2 * (axes - 1 - axis) + 1] ?? 0]);
    const cut = pairs.map(([before]) => Math.max(0, -before)), put = pairs.map(([before]) => Math.max(0, before));
    const shape = x.shape.map((cells, axis) => cells - cut[axis] - Math.max(0, -pairs[axis][1]));
    const from = findStrides(x.shape), sum = (list, strides) => list.reduce((all, n, axis) => all + n * strides[axis], 0);
    const [begun, laid] = [sum(cut, from), sum(put, to)];
    walk(shape, [from, to], (_, [i, j], length) => {
      for (let k = 0; k < length; k++) result[laid + j + k] = x.data[begun + i + k];
    });
    return result;
  },
  index([out], x, indices) {
    const places = findIndexed(x.shape, [...indices, ...new Array(x.shape.length - indices.length).fill(null)]);
    const result = allot(out);
    for (let i = 0; i < result.length; i++) result[i] = x.data[places[i]];
    return result;
  },
  index_put([out], x, indices, values, accumulate) {
    const places = findIndexed(x.shape, [...indices, ...new Array(x.shape.length - indices.length).fill(null)]);
    const result = allot(out);
    result.set(x.data);
    for (let i = 0; i < places.length; i++) {
      const value = values.data[values.data.length === 1 ? 0 : i % values.data.length];
      result[places[i]] = accumulate ? result[places[i]] + value : value;
    }
    return result;
  },
  index_select([out], x, axis, index) {
    axis = turn(axis, x.shape.length);
    const [before, length, behind] = splitAt(x.shape, axis), result = allot(out), taken = index.data.length;
    for (let i = 0; i < before; i++)
      for (let j = 0; j < taken; j++) {
        const from = (i * length + index.data[j]) * behind;
        result.set(x.data.subarray(from, from + behind), (i * taken + j) * behind);
      }
    return result;
  },
  embedding([out], table, index) {
    const result = allot(out), cells = table.shape[1];
    index.data.forEach((row, i) => result.set(table.data.subarray(row * cells, (row + 1) * cells), i * cells));
    return result;
  },
  gather([out], x, axis, index) {
    const result = allot(out), strides = findStrides(x.shape);
    axis = turn(axis, x.shape.length);
    const step = strides.map((each, place) => (place === axis ? 0 : each));
    walk(index.shape, [step], (place, [i], length, [p]) => {
      for (let k = 0; k < length; k++, i += p) result[place + k] = x.data[i + index.data[place + k] * (strides[axis] ?? 1)];
    });
    return result;
  },
  scatter: scatterWith((_, value) => value),
  scatter_add: scatterWith((old, value) => old + value),
  slice_scatter([out], x, source, axis, start, _, step) {
    const result = allot(out);
    result.set(x.data);
    axis = turn(axis ?? 0, x.shape.length);
    const length = x.shape[axis], first = Math.min(Math.max((start ?? 0) < 0 ? start + length : (start ?? 0), 0), length);
    pasteAlong(axis, x.shape, source, first, step ?? 1, (to, value) => (result[to] = value));
    return result;
  },
  select_scatter([out], x, source, axis, index) {
    const result = allot(out);
    result.set(x.data);
    axis = turn(axis, x.shape.length);
    const shape = [...x.shape];
    shape[axis] = 1;
    pasteAlong(axis, x.shape, { shape, data: source.data }, turn(index, x.shape[axis]), 1, (to, value) => (result[to] = value));
    return result;
  },
  copy: ([out], _, source) => convert([out], { ...source, data: ARRANGING.expand([{ ...out, type: source.type }], source) }),
  full_like: ([out], _, value) => allot(out).fill(Number(value)),
  upsample_nearest1d: nearest, upsample_nearest2d: nearest, upsample_nearest3d: nearest,
};

function nearest([out], x) {
  const result = allot(out), axes = x.shape.length, from = findStrides(x.shape);
  const tables = out.shape.map((cells, axis) => {
    const scale = x.shape[axis] / cells;
    return Int32Array.from({ length: cells }, (_, i) => Math.min(Math.floor(i * scale), x.shape[axis] - 1) * from[axis]);
  });
  const last = tables[axes - 1], at = new Array(axes).fill(0);
  for (let place = 0; place < result.length; place += last.length) {
    let start = 0;
    for (let axis = 0; axis < axes - 1; axis++) start += tables[axis][at[axis]];
    for (let k = 0; k < last.length; k++) result[place + k] = x.data[start + last[k]];
    for (let axis = axes - 2; axis >= 0 && ++at[axis] === out.shape[axis]; axis--) at[axis] = 0;
  }
  return result;
}
