// The noise that a network was trained to undo, put on what is given, so that one sees and hears it undone.
const readDamages = (task) => (task.corrupt ?? "").split(",").filter((each) => each && each !== "clip").map((each) => each.split("="));

// Whether the page can do all that was done in training.
const canDamage = (task) => readDamages(task).length > 0 && readDamages(task).every(([name]) => name === "noise" || name === "snr");
const nameDamages = (task) => readDamages(task).map(([name, amount]) => (name === "snr" ? `${amount} dB below the sound` : `deviation ${amount}`)).join(", ");

// Normal numbers, the same for each sample (Box and Muller 1958; the uniform ones by multiplicative hashing).
function drawNormal(count) {
  const uniform = (i) => {
    const mixed = Math.imul(i + 0x9e3779b9, 0x85ebca6b), more = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
    return ((more ^ (more >>> 16)) >>> 0) / 2 ** 32;
  };
  return Float32Array.from({ length: count }, (_, i) =>
    Math.sqrt(-2 * Math.log(1 - uniform(2 * i + 1))) * Math.cos(2 * Math.PI * uniform(2 * i + 2)));
}

// Values of full scale 1 with noise in them; `clip` cuts them to full scale, as files hold them.
function damageValues(values, task) {
  let made = values;
  for (const [name, amount] of readDamages(task)) {
    const noise = drawNormal(made.length), power = (of) => of.reduce((all, each) => all + each * each, 0);
    const factor = name === "noise" ? Number(amount) : Math.sqrt(power(made) / (power(noise) * 10 ** (amount / 10)));
    made = made.map((value, i) => value + factor * noise[i]);
  }
  return task.corrupt.split(",").includes("clip") ? made.map((value) => clamp(value, task.low, 1)) : made;
}

// A sample, damaged; `clean` is what it was.
function damageSample(sample, task, reading) {
  if (!sample.heard) {
    const clean = sample.values.map((value) => value / sample.full);
    return { ...sample, values: damageValues(clean, task), full: 1, clean };
  }
  const heard = sample.heard.map((part) => damageValues(part, task));
  return { ...renderSound(heard, reading), clean: joinFloats(sample.heard) };
}
