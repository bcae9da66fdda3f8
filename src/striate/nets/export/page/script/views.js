// Several views of one input, as predict takes them: its mirror image, and either one moved by a cell or so.
async function lookAgain(plain, given, { mirror, nudge, unsure }, shape, ask) {
  if (!(mirror || nudge) || (unsure < 1 && Math.max(...toShares(plain.data)) >= unsure)) return plain;
  const look = async (view) => (await ask(view))[0].data;
  const average = (parts) => parts[0].map((_, i) => parts.reduce((all, part) => all + part[i], 0) / parts.length);
  const first = mirror ? average([plain.data, await look(flip(given, shape))]) : plain.data;
  if (!nudge) return { ...plain, data: first };
  const moved = [move(given, shape, nudge), move(given, shape, -nudge)], seen = [];
  for (const view of mirror ? [...moved, ...moved.map((each) => flip(each, shape))] : moved) seen.push(await look(view));
  return { ...plain, data: average([first, average(seen)]) };
}

function toShares(scores) {
  const top = Math.max(...scores), powers = Array.from(scores, (each) => Math.exp(each - top)), sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((each) => each / sum);
}

function flip(values, shape) {
  const width = shape.at(-1);
  return values.map((_, i) => values[i - (i % width) + width - 1 - (i % width)]);
}

// Moved by so many cells along every axis but the channels'; what comes in at an edge is mirrored there.
function move(values, shape, cells) {
  const strides = findStrides(shape);
  return values.map((_, i) => {
    let from = i;
    for (let axis = 1; axis < shape.length; axis++) {
      const extent = shape[axis], at = Math.floor(i / strides[axis]) % extent, most = clamp(cells, 1 - extent, extent - 1);
      const sought = Math.abs(at - most);
      from += ((sought >= extent ? 2 * (extent - 1) - sought : sought) - at) * strides[axis];
    }
    return values[from];
  });
}
