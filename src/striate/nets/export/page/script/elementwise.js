// One number after another: functions of one tensor, and of two, where a plain number counts as a tensor.
function map(operation) {
  return ([out], x, ...options) => {
    const result = allot(out), data = x.data;
    for (let i = 0; i < data.length; i++) result[i] = operation(data[i], ...options);
    return result;
  };
}

function combine(operation) {
  return ([out], a, b, ...options) => {
    const [one, other] = [a, b].map((each) => (isTensor(each) ? each : { shape: [], data: [Number(each)] }));
    const result = allot(out), x = one.data, y = other.data;
    const [option] = options;
    walk(out.shape, [spread(one.shape, out.shape), spread(other.shape, out.shape)], (place, [i, j], length, [p, q]) => {
      for (let k = 0; k < length; k++, i += p, j += q) result[place + k] = operation(x[i], y[j], option);
    });
    return result;
  };
}

// Abramowitz and Stegun's series where it converges fast, Lentz's continued fraction of erfc beyond.
function erf(x) {
  const size = Math.abs(x);
  if (size > 6) return Math.sign(x);
  let sum = size;
  if (size < 2.5) {
    for (let n = 0, term = size; Math.abs(term) > 1e-17 * sum && n < 200; ) {
      n += 1;
      term *= (-size * size) / n;
      sum += term / (2 * n + 1);
    }
    return (Math.sign(x) * 2 * sum) / Math.sqrt(Math.PI);
  }
  let fraction = 0;
  for (let n = 60; n > 0; n--) fraction = n / 2 / (size + fraction);
  return Math.sign(x) * (1 - Math.exp(-size * size) / Math.sqrt(Math.PI) / (size + fraction));
}

const sigmoid = (x) => 1 / (1 + Math.exp(-x));
const TANH_GELU = Math.sqrt(2 / Math.PI);
function gelu(x, kind) {
  if (kind === "tanh") return 0.5 * x * (1 + Math.tanh(TANH_GELU * (x + 0.044715 * x * x * x)));
  return 0.5 * x * (1 + erf(x / Math.SQRT2));
}
function roundEven(x, decimals = 0) {
  const scale = 10 ** decimals, scaled = x * scale, low = Math.floor(scaled), rest = scaled - low;
  return (rest === 0.5 ? low + (low % 2 === 0 ? 0 : 1) : Math.round(scaled)) / scale;
}
const clamp = (x, low, high) => (low != null && x < low ? low : high != null && x > high ? high : x);
function divide(x, y, kind) {
  return kind === "floor" ? Math.floor(x / y) : kind === "trunc" ? Math.trunc(x / y) : x / y;
}
const elu = (x, alpha, scale, inner) => scale * (x > 0 ? x : alpha * Math.expm1(x * inner));

const ELEMENTWISE = {
  relu: map((x) => (x > 0 ? x : x === x ? 0 : x)),
  hardtanh: map(clamp),
  clamp: map(clamp),
  gelu: map(gelu),
  sigmoid: map(sigmoid),
  silu: map((x) => x * sigmoid(x)),
  leaky_relu: map((x, slope) => (x > 0 ? x : slope * x)),
  elu: map(elu),
  softplus: map((x, beta, most) => (x * beta > most ? x : Math.log1p(Math.exp(x * beta)) / beta)),
  hardsigmoid: map((x) => clamp(x + 3, 0, 6) / 6),
  hardswish: map((x) => (x * clamp(x + 3, 0, 6)) / 6),
  tanh: map((x) => Math.tanh(x)),
  exp: map((x) => Math.exp(x)),
  expm1: map((x) => Math.expm1(x)),
  log: map((x) => Math.log(x)),
  log1p: map((x) => Math.log1p(x)),
  log2: map((x) => Math.log2(x)),
  log10: map((x) => Math.log10(x)),
  sqrt: map((x) => Math.sqrt(x)),
  rsqrt: map((x) => 1 / Math.sqrt(x)),
  reciprocal: map((x) => 1 / x),
  abs: map((x) => Math.abs(x)),
  neg: map((x) => -x),
  sign: map((x) => Math.sign(x)),
  sin: map((x) => Math.sin(x)),
  cos: map((x) => Math.cos(x)),
  atan: map((x) => Math.atan(x)),
  erf: map(erf),
  floor: map((x) => Math.floor(x)),
  ceil: map((x) => Math.ceil(x)),
  trunc: map((x) => Math.trunc(x)),
  round: map((x) => roundEven(x)),
  logical_not: map((x) => Number(!x)),
  bitwise_not: map((x) => Number(!x)),
  isnan: map((x) => Number(Number.isNaN(x))),
  isinf: map((x) => Number(Math.abs(x) === Infinity)),
  add: combine((x, y, alpha) => x + (alpha ?? 1) * y),
  sub: combine((x, y, alpha) => x - (alpha ?? 1) * y),
  rsub: combine((x, y, alpha) => y - (alpha ?? 1) * x),
  mul: combine((x, y) => x * y),
  div: combine(divide),
  pow: combine((x, y) => x ** y),
  remainder: combine((x, y) => x - y * Math.floor(x / y)),
  fmod: combine((x, y) => x % y),
  atan2: combine((x, y) => Math.atan2(x, y)),
  maximum: combine((x, y) => Math.max(x, y)),
  minimum: combine((x, y) => Math.min(x, y)),
  eq: combine((x, y) => Number(x === y)),
  ne: combine((x, y) => Number(x !== y)),
  lt: combine((x, y) => Number(x < y)),
  le: combine((x, y) => Number(x <= y)),
  gt: combine((x, y) => Number(x > y)),
  ge: combine((x, y) => Number(x >= y)),
  logical_and: combine((x, y) => Number(Boolean(x) && Boolean(y))),
  logical_or: combine((x, y) => Number(Boolean(x) || Boolean(y))),
  logical_xor: combine((x, y) => Number(Boolean(x) !== Boolean(y))),
  bitwise_and: combine((x, y) => x & y),
  bitwise_or: combine((x, y) => x | y),
  where([out], mask, a, b) {
    const parts = [mask, a, b].map((each) => (isTensor(each) ? each : { shape: [], data: [Number(each)] }));
    const result = allot(out), [m, x, y] = parts.map((each) => each.data);
    walk(out.shape, parts.map((each) => spread(each.shape, out.shape)), (place, [h, i, j], length, [o, p, q]) => {
      for (let k = 0; k < length; k++, h += o, i += p, j += q) result[place + k] = m[h] ? x[i] : y[j];
    });
    return result;
  },
};
