// Tensors: {shape, type, data}, the data contiguous. Walking over several of them at once, broadcast as torch does.
const KINDS = { float32: Float32Array, int64: Int32Array, bool: Uint8Array };
const volume = (shape) => shape.reduce((all, cells) => all * cells, 1);
const allot = (out) => new KINDS[out.type](volume(out.shape));
const isTensor = (value) => value !== null && typeof value === "object" && "data" in value;
const turn = (axis, axes) => (axis < 0 ? axis + Math.max(axes, 1) : axis);

function findStrides(shape) {
  const strides = new Array(shape.length);
  for (let axis = shape.length - 1, step = 1; axis >= 0; axis--) {
    strides[axis] = step;
    step *= shape[axis];
  }
  return strides;
}

// The strides with which a tensor of `shape` is read as one of `wide`: 0 where it is repeated.
function spread(shape, wide) {
  const own = findStrides(shape), lacking = wide.length - shape.length;
  return wide.map((_, axis) => (axis < lacking || shape[axis - lacking] === 1 ? 0 : own[axis - lacking]));
}

// Visit the rows (last axis) of `shape`: visit(place in the output, places in each operand, length, steps).
function walk(shape, strides, visit) {
  const axes = shape.length, length = axes ? shape[axes - 1] : 1, rows = volume(shape) / (length || 1);
  const steps = strides.map((each) => (axes ? each[axes - 1] : 0)), places = strides.map(() => 0);
  const at = new Array(Math.max(axes - 1, 0)).fill(0);
  if (!length) return;
  for (let row = 0, place = 0; row < rows; row++, place += length) {
    visit(place, places, length, steps);
    for (let axis = axes - 2; axis >= 0; axis--) {
      at[axis] += 1;
      for (let k = 0; k < strides.length; k++) places[k] += strides[k][axis];
      if (at[axis] < shape[axis]) break;
      for (let k = 0; k < strides.length; k++) places[k] -= strides[k][axis] * shape[axis];
      at[axis] = 0;
    }
  }
}

// Copy a tensor, read with any strides from any place, into a contiguous one.
function gatherStrided(data, out, strides, start = 0) {
  const result = allot(out);
  walk(out.shape, [strides], (place, [from], length, [step]) => {
    from += start;
    for (let i = 0; i < length; i++, from += step) result[place + i] = data[from];
  });
  return result;
}

// [before, along, behind] an axis.
function splitAt(shape, axis) {
  return [volume(shape.slice(0, axis)), shape[axis] ?? 1, volume(shape.slice(axis + 1))];
}
