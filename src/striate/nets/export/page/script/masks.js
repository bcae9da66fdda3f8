// A mask over its picture, a legend with the share of each class, and the class under the pointer.
const writeColour = ([red, green, blue]) => `rgb(${red} ${green} ${blue})`;
let strongly = 55; // per cent of the mask's colour; it stays as it was set
const isNothing = (colour) => colour.every((part) => part === 0);

function showMask(place, sample, found, { classes, colours, kind }, [channels, ...inner]) {
  const numbers = found.values, [height, width] = inner.length > 1 ? inner.slice(-2) : [1, inner[0]], cells = height * width;
  const canvas = makeCanvas("The input with its mask", inner), told = build("p", { className: "caption", role: "status" });
  const strength = build("input", { type: "range", min: 0, max: 100, value: strongly, id: "strength", oninput: () => { strongly = strength.value; paint(); } });
  let plane = 0;
  const paint = (next = plane) => {
    plane = next;
    paintSample(canvas, sample, [channels, ...inner], plane);
    tint(canvas, numbers.subarray(plane * cells, (plane + 1) * cells), width, height, colours, strength.value / 100);
  };
  const slider = leaf(countPlanes(inner), namePlanes({ kind }), paint);
  canvas.addEventListener("pointermove", (event) => {
    const box = canvas.getBoundingClientRect(), at = (share, count) => clamp(Math.floor(share * count), 0, count - 1);
    const x = at((event.clientX - box.left) / box.width, width), y = at((event.clientY - box.top) / box.height, height);
    told.textContent = `${height > 1 ? `Row ${y}, column ${x}` : `Place ${x}`}: ${classes[numbers[plane * cells + y * width + x]]}`;
  });
  const shares = classes.map((_, number) => numbers.reduce((all, each) => all + (each === number), 0) / numbers.length);
  const rows = classes.map((name, i) => ({ name, width: shares[i], text: writeShare(shares[i]), colour: isNothing(colours[i]) ? "var(--quiet)" : writeColour(colours[i]) }));
  rows.sort((a, b) => b.width - a.width);
  place.replaceChildren(canvas, told, slider ?? "", build("div", { className: "row quiet" }, build("label", { htmlFor: "strength" }, "Mask"), strength),
    listBars("Shares of the cells, the largest first", rows));
  return rows.filter((row) => row.width > 0).slice(0, 4).map(({ name, text }) => `${name} ${text}`).join(", ");
}

// Colours laid over what a canvas shows; what is background stays as it is. A line takes them as bands.
function tint(canvas, numbers, width, height, colours, strength) {
  const layer = build("canvas", { width, height }), image = layer.getContext("2d").createImageData(width, height);
  numbers.forEach((number, i) => image.data.set([...colours[number], isNothing(colours[number]) ? 0 : 255 * strength], i * 4));
  layer.getContext("2d").putImageData(image, 0, 0);
  const context = canvas.getContext("2d");
  context.imageSmoothingEnabled = false;
  context.drawImage(layer, 0, 0, canvas.width, canvas.height);
}
