// Pictures as the network was shown them: on white, cut to the middle, scaled bicubic and antialiased, in bytes.
function findWindow(height, width, extents) {
  const scale = Math.max(extents[0] / height, extents[1] / width);
  const [tall, wide] = [[height, extents[0]], [width, extents[1]]].map(([old, made]) =>
    Math.max(1, Math.min(old, roundEven(made / scale))));
  return [Math.floor((height - tall) / 2), Math.floor((width - wide) / 2), tall, wide];
}

// Keys 1981, a = -0.5.
function weighCubic(x) {
  const far = Math.abs(x);
  if (far < 1) return (1.5 * far - 2.5) * far * far + 1;
  return far < 2 ? ((-0.5 * far + 2.5) * far - 4) * far + 2 : 0;
}

// Of each new cell, the first old cell that it weighs, and the weights, which sum to 1.
function makeFilters(old, made) {
  const scale = old / made, wide = Math.max(1, scale), reach = 2 * wide;
  return Array.from({ length: made }, (_, i) => {
    const middle = scale * (i + 0.5), first = Math.max(0, Math.trunc(middle - reach + 0.5));
    const end = Math.min(old, Math.trunc(middle + reach + 0.5));
    const weights = Array.from({ length: end - first }, (_, k) => weighCubic((first + k - middle + 0.5) / wide));
    const sum = weights.reduce((all, each) => all + each, 0);
    return [first, weights.map((each) => each / sum)];
  });
}

// One plane of bytes, [height, width], scaled along its width and then its height, rounded after each.
function scalePlane(plane, height, width, extents) {
  if (height === extents[0] && width === extents[1]) return plane;
  const across = makeFilters(width, extents[1]), down = makeFilters(height, extents[0]);
  const thin = new Uint8ClampedArray(height * extents[1]), made = new Uint8ClampedArray(extents[0] * extents[1]);
  for (let y = 0; y < height; y++)
    across.forEach(([first, weights], x) => {
      let sum = 0;
      for (let k = 0; k < weights.length; k++) sum += weights[k] * plane[y * width + first + k];
      thin[y * extents[1] + x] = Math.floor(sum + 0.5);
    });
  down.forEach(([first, weights], y) => {
    for (let x = 0; x < extents[1]; x++) {
      let sum = 0;
      for (let k = 0; k < weights.length; k++) sum += weights[k] * thin[(first + k) * extents[1] + x];
      made[y * extents[1] + x] = Math.floor(sum + 0.5);
    }
  });
  return made;
}

// RGBA pixels (ImageData) as bytes [channels, height, width].
function fitPixels({ data, width, height }, channels, extents) {
  const [top, left, tall, wide] = findWindow(height, width, extents), made = new Float32Array(channels * volume(extents));
  for (let channel = 0; channel < channels; channel++) {
    const plane = new Uint8ClampedArray(tall * wide);
    for (let y = 0, to = 0; y < tall; y++)
      for (let x = 0, from = ((top + y) * width + left) * 4; x < wide; x++, from += 4)
        plane[to++] = channels === 1
          ? (data[from] * 19595 + data[from + 1] * 38470 + data[from + 2] * 7471 + 0x8000) >> 16 // ITU-R BT.601
          : data[from + channel];
    made.set(scalePlane(plane, tall, wide, extents), channel * volume(extents));
  }
  return made;
}

// What can be drawn, on white, as RGBA pixels.
function takePixels(source) {
  const width = source.displayWidth ?? source.videoWidth ?? source.width, height = source.displayHeight ?? source.videoHeight ?? source.height;
  const canvas = build("canvas", { width, height }), context = canvas.getContext("2d", { willReadFrequently: true });
  context.fillStyle = "white";
  context.fillRect(0, 0, width, height);
  context.drawImage(source, 0, 0);
  return context.getImageData(0, 0, width, height);
}

async function readPicture(file, channels, extents) {
  const picture = await createImageBitmap(file, { colorSpaceConversion: "none", imageOrientation: "from-image" });
  return fitPixels(takePixels(picture), channels, extents);
}
