// Recordings as the network heard them: mixed, at its rate, levelled, cut or padded; as a waveform or a spectrogram.
const PEAK = 0.9, SILENCE = 1e-4, LEAST_SECONDS = 0.01, FLOOR_DECIBELS = 80;

async function readSound(file, reading, channels) {
  const content = await file.arrayBuffer();
  const { rate, parts } = readWave(new DataView(content)) ?? (await decodeOther(content, reading.rate));
  if (parts[0].length < LEAST_SECONDS * rate) throw new Error(`${file.name}: shorter than ${1000 * LEAST_SECONDS} ms`);
  const mixed = parts.length === channels ? parts : new Array(channels).fill(mix(parts));
  return renderSound(mixed.map((each) => changeRate(each, rate, reading.rate)), reading);
}

// A recording at the network's rate as a sample of the network's; `heard` stays as it was.
function renderSound(heard, reading) {
  const fitted = fitLength(level(heard), reading.length), made = (draw, full) => ({ values: joinFloats(fitted.map(draw)), full, heard });
  if (reading.view === "spectrogram") return made((each) => drawSpectrogram(each, reading), 255);
  if (reading.view === "levels") return made((each) => each.map(quantise), 255);
  return made((each) => each.map((value) => clamp(roundEven(value * 32768), -32768, 32767)), 32768);
}

// The mu-law: 256 levels, close together about silence (ITU-T Recommendation G.711).
const quantise = (value) => Math.floor(((Math.sign(value) * Math.log1p(255 * Math.min(1, Math.abs(value)))) / Math.log1p(255) + 1) * 127.5 + 0.5);

function joinFloats(parts) {
  const whole = new Float32Array(parts.reduce((all, each) => all + each.length, 0));
  parts.reduce((at, each) => (whole.set(each, at), at + each.length), 0);
  return whole;
}

async function decodeOther(content, rate) {
  const heard = await new OfflineAudioContext(1, 1, Math.min(Math.max(rate, 8000), 96000)).decodeAudioData(content);
  return { rate: heard.sampleRate, parts: Array.from({ length: heard.numberOfChannels }, (_, i) => heard.getChannelData(i)) };
}

// Plain WAV: whole numbers of 8 to 32 bits, or floats; null for anything else.
function readWave(view) {
  const name = (at) => String.fromCharCode(...new Uint8Array(view.buffer, at, 4));
  if (view.byteLength < 44 || name(0) !== "RIFF" || name(8) !== "WAVE") return null;
  let form = null;
  for (let at = 12; at + 8 <= view.byteLength; ) {
    const kind = name(at), size = Math.min(view.getUint32(at + 4, true), view.byteLength - at - 8);
    if (kind === "fmt ") {
      const code = view.getUint16(at + 8, true), extended = code === 0xfffe && size >= 26;
      form = { code: extended ? view.getUint16(at + 32, true) : code, channels: view.getUint16(at + 10, true),
        rate: view.getUint32(at + 12, true), bits: view.getUint16(at + 22, true) };
    }
    if (kind === "data" && form) return unpackWave(view, at + 8, size, form);
    at += 8 + size + (size & 1);
  }
  return null;
}

function unpackWave(view, start, size, { code, channels, rate, bits }) {
  const bytes = bits / 8, reader = {
    "1/8": (at) => (view.getUint8(at) - 128) / 128,
    "1/16": (at) => view.getInt16(at, true) / 32768,
    "1/24": (at) => (view.getInt8(at + 2) * 65536 + view.getUint16(at, true)) / 8388608,
    "1/32": (at) => view.getInt32(at, true) / 2147483648,
    "3/32": (at) => view.getFloat32(at, true),
    "3/64": (at) => view.getFloat64(at, true),
  }[`${code}/${bits}`];
  if (!reader || !channels) return null;
  const count = Math.floor(size / (bytes * channels));
  const parts = Array.from({ length: channels }, (_, channel) =>
    Float32Array.from({ length: count }, (_, i) => reader(start + (i * channels + channel) * bytes)));
  return { rate, parts };
}

const mix = (parts) => parts[0].map((_, i) => parts.reduce((all, part) => all + part[i], 0) / parts.length);

// Band-limited interpolation: a sinc under Kaiser's window, as wide as the lower of the two rates asks for.
function changeRate(values, rate, wanted) {
  if (rate === wanted) return values;
  const scale = Math.min(1, wanted / rate) * 0.955, zeros = 48, reach = zeros / scale, beta = 12;
  const bessel = (x) => { let sum = 1, term = 1; for (let n = 1; n < 40; n++) sum += term *= (x / (2 * n)) ** 2; return sum; };
  const table = Float64Array.from({ length: zeros * 512 + 2 }, (_, i) => {
    const x = i / 512, edge = Math.min(1, x / zeros);
    return (x ? Math.sin(Math.PI * x) / (Math.PI * x) : 1) * (bessel(beta * Math.sqrt(1 - edge * edge)) / bessel(beta));
  });
  return Float32Array.from({ length: Math.round((values.length * wanted) / rate) }, (_, i) => {
    const middle = (i * rate) / wanted, first = Math.max(0, Math.ceil(middle - reach));
    const end = Math.min(values.length - 1, Math.floor(middle + reach));
    let sum = 0;
    for (let k = first; k <= end; k++) {
      const far = Math.abs(k - middle) * scale * 512, at = Math.floor(far), share = far - at;
      sum += values[k] * (table[at] * (1 - share) + table[at + 1] * share);
    }
    return sum * scale;
  });
}

function level(parts) {
  const peak = parts.reduce((top, part) => part.reduce((most, value) => Math.max(most, Math.abs(value)), top), 0);
  return parts.map((part) => part.map((value) => (peak > SILENCE ? value * Math.fround(PEAK / peak) : 0)));
}

// Silence behind what is short; of what is long, the stretch that has the most power.
function fitLength(parts, length) {
  const found = parts[0].length;
  if (found <= length) return parts.map((part) => joinFloats([part, new Float32Array(length - found)]));
  const power = (i) => parts.reduce((all, part) => all + part[i] ** 2, 0);
  let sum = 0, best = 0, start = 0;
  for (let i = 0; i < length; i++) sum += power(i);
  best = sum;
  for (let i = length; i < found; i++) {
    sum += power(i) - power(i - length);
    if (sum > best) [best, start] = [sum, i - length + 1];
  }
  return parts.map((part) => part.subarray(start, start + length));
}

// Fourier's transform of 2^n complex values, in place (Cooley and Tukey 1965).
function transform(real, imaginary) {
  const count = real.length;
  for (let i = 1, j = 0; i < count; i++) {
    let bit = count >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i < j) {
      [real[i], real[j]] = [real[j], real[i]];
      [imaginary[i], imaginary[j]] = [imaginary[j], imaginary[i]];
    }
  }
  for (let size = 2; size <= count; size *= 2)
    for (let k = 0; k < size / 2; k++) {
      const angle = (-2 * Math.PI * k) / size, [c, s] = [Math.cos(angle), Math.sin(angle)];
      for (let a = k; a < count; a += size) {
        const b = a + size / 2, x = real[b] * c - imaginary[b] * s, y = real[b] * s + imaginary[b] * c;
        real[b] = real[a] - x; imaginary[b] = imaginary[a] - y;
        real[a] += x; imaginary[a] += y;
      }
    }
}

function drawSpectrogram(samples, { rate, window: size, hop, mels }) {
  const frames = Math.ceil(samples.length / hop), made = new Float32Array(mels * frames), half = size / 2;
  const hann = Float64Array.from({ length: size }, (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / size));
  const gain = 2 / hann.reduce((all, each) => all + each, 0), toHertz = (mel) => 700 * (10 ** (mel / 2595) - 1);
  const top = 2595 * Math.log10(1 + rate / 2 / 700);
  const corners = Array.from({ length: mels + 2 }, (_, i) => toHertz((top * i) / (mels + 1)));
  for (let frame = 0; frame < frames; frame++) {
    const real = Float64Array.from({ length: size }, (_, i) => (samples[frame * hop - half + i] ?? 0) * hann[i] * gain);
    const imaginary = new Float64Array(size);
    transform(real, imaginary);
    for (let mel = 0; mel < mels; mel++) {
      const [low, middle, high] = corners.slice(mel, mel + 3);
      let sum = 0;
      for (let k = Math.ceil((low * size) / rate); k <= half && k * rate < high * size; k++) {
        const hertz = (k * rate) / size, share = Math.min((hertz - low) / (middle - low), (high - hertz) / (high - middle));
        if (share > 0) sum += share * (real[k] ** 2 + imaginary[k] ** 2);
      }
      const decibels = 10 * Math.log10(Math.max(sum, 10 ** (-FLOOR_DECIBELS / 10)));
      made[(mels - 1 - mel) * frames + frame] = Math.min(255, Math.max(0, roundEven(255 * (1 + decibels / FLOOR_DECIBELS))));
    }
  }
  return made;
}
