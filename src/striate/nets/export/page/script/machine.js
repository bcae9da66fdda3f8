// Runs a list of steps, each [operation, outputs, arguments]; a tensor among the arguments is {"t": its number}.
const OPERATIONS = { ...ELEMENTWISE, ...ARRANGING, ...REDUCING, ...MULTIPLYING, ...POOLING };

class Machine {
  constructor(program, bytes) {
    this.program = program;
    this.constants = new Map(program.constants.map((each) => [each.id, restore(each, bytes)]));
    this.uses = new Map();
    program.steps.forEach(([, , args], place) => visitTensors(args, (id) => this.uses.set(id, place)));
    for (const id of [...program.outputs, ...program.layers.map((layer) => layer.tensor)]) this.uses.set(id, Infinity);
  }

  // Give every tensor that is an output or a layer's, by its number; `rest` is awaited between steps.
  async run(data, rest) {
    const { input, steps } = this.program, values = new Map(this.constants);
    values.set(input.id, { shape: input.shape, type: input.type, data: KINDS[input.type].from(data) });
    const take = (value) => {
      if (Array.isArray(value)) return value.map(take);
      if (value === null || typeof value !== "object") return value;
      return "t" in value ? values.get(value.t) : Number(value.n);
    };
    for (let place = 0; place < steps.length; place++) {
      const [name, outs, args] = steps[place], forms = outs.map(([, type, shape]) => ({ type, shape }));
      const made = OPERATIONS[name](forms, ...args.map(take)), several = Array.isArray(made) ? made : [made];
      outs.forEach(([id], i) => { if (id !== null && several[i]) values.set(id, { ...forms[i], data: several[i] }); });
      visitTensors(args, (id) => { if (this.uses.get(id) === place && !this.constants.has(id)) values.delete(id); });
      if (rest) await rest(place);
    }
    return values;
  }
}

function visitTensors(value, visit) {
  if (Array.isArray(value)) value.forEach((each) => visitTensors(each, visit));
  else if (value !== null && typeof value === "object" && "t" in value) visit(value.t);
}

// Base64 in pieces -> bytes.
function decodePieces(pieces, length) {
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    const text = atob(piece);
    for (let i = 0; i < text.length; i++) bytes[at++] = text.charCodeAt(i);
  }
  return bytes;
}

function restore({ type, shape, stored, at }, bytes) {
  const cells = volume(shape);
  if (stored !== "float16") return { type, shape, data: new KINDS[type](bytes.buffer, at, cells) };
  return { type, shape, data: Float32Array.from(new Uint16Array(bytes.buffer, at, cells), widenHalf) };
}

function widenHalf(bits) {
  const sign = bits & 0x8000 ? -1 : 1, power = (bits >> 10) & 31, rest = bits & 1023;
  if (power === 0) return sign * rest * 2 ** -24;
  if (power === 31) return rest ? NaN : sign * Infinity;
  return sign * (1 + rest / 1024) * 2 ** (power - 15);
}
