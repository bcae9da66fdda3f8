// NumPy's .npy files: as samples that are ready, or as arrays of any size, brought to the network's as predict does it.
const READERS = { f4: Float32Array, f8: Float64Array, u1: Uint8Array, b1: Uint8Array, i1: Int8Array, i2: Int16Array, u2: Uint16Array,
  i4: Int32Array, u4: Uint32Array, i8: BigInt64Array, u8: BigUint64Array };
const FULL_SCALE = { u1: 255, i2: 32768 };

function openNumpy(content) {
  const view = new DataView(content);
  if (view.byteLength < 12 || view.getUint32(0) !== 0x934e554d) throw new Error("this is no .npy file");
  const long = view.getUint8(6) > 1, start = long ? 12 : 10, length = long ? view.getUint32(8, true) : view.getUint16(8, true);
  const head = new TextDecoder().decode(new Uint8Array(content, start, length));
  const [, kind] = head.match(/'descr': '[<|=]([a-z]\d)'/) ?? [], sizes = head.match(/\(([^)]*)\)/)?.[1] ?? "";
  if (!READERS[kind] || head.includes("True")) throw new Error("needed whole numbers or floats of 32 or 64 bits, in C's order");
  const found = new READERS[kind](content.slice(start + length)), isBig = kind === "i8" || kind === "u8";
  return { kind, shape: sizes.split(",").filter((each) => each.trim()).map(Number), values: isBig ? Float64Array.from(found, Number) : found };
}

// A sample of the network's own shape: bytes count from 0 to 255, 16 bits to 32,768, floats as they are.
function readNumpy(content, shape) {
  const { kind, shape: found, values } = openNumpy(content);
  const plain = found.length === shape.length + 1 && found[0] === 1 ? found.slice(1) : found;
  if (plain.join() !== shape.join()) throw new Error(`found an array of ${found.join(" × ")}, needed ${shape.join(" × ")}`);
  return { values: Float32Array.from(values), full: FULL_SCALE[kind] ?? 1 };
}

// An array of any extents: its channels first, cut to the middle or padded with the least value, and scaled.
function readVolume(content, reading, shape) {
  const { shape: found, values } = openNumpy(content), { axis } = reading;
  if (found.length !== shape.length - (axis === null)) throw new Error(`found an array of ${found.length} axes, needed ${shape.length - (axis === null)}`);
  const own = findStrides(found), channels = axis === null ? [[1, 0]] : [[found.at(axis), own.at(axis)]];
  const inner = found.map((cells, i) => [cells, own[i]]).filter((_, i) => axis === null || i !== (axis + found.length) % found.length);
  const axes = [...channels, ...inner];
  if (axes[0][0] !== shape[0]) throw new Error(`found ${axes[0][0]} channels, needed ${shape[0]}`);
  const sources = axes.map(([cells, step], i) => Array.from({ length: shape[i] }, (_, at) => {
    const from = at + (cells > shape[i] ? Math.floor((cells - shape[i]) / 2) : -Math.floor((shape[i] - cells) / 2));
    return from >= 0 && from < cells ? from * step : -1;
  }));
  const made = new Float64Array(volume(shape)).fill(reading.low), steps = findStrides(shape);
  for (let i = 0; i < made.length; i++) {
    let from = 0;
    for (let each = 0; each < shape.length && from >= 0; each++) {
      const step = sources[each][Math.floor(i / steps[each]) % shape[each]];
      from = step < 0 ? -1 : from + step;
    }
    if (from >= 0) made[i] = values[from];
  }
  return scaleValues(made, reading);
}

// Bytes as they are; anything else along the line from the least to the greatest value of the training, in 16 bits.
function scaleValues(values, { in_bytes: inBytes, low, high }) {
  if (inBytes) return { values: Float32Array.from(values, (each) => clamp(roundEven(each), 0, 255)), full: 255 };
  const factor = 65535 / (high - low || 1);
  return { values: Float32Array.from(values, (each) => clamp(roundEven((each - low) * factor), 0, 65535) - 32768), full: 32768 };
}
