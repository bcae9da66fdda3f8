// Clips as the network was shown them: frames at even moments, of a film, an animated picture, or pictures in their order.
const GRACE_SECONDS = 0.001, SLOW_SECONDS = 0.1;

async function readClip(files, { rate, length, undated }, channels, extents) {
  const source = await openClip(files, undated);
  const start = Math.max(0, (source.seconds - length / rate) / 2), moments = Array.from({ length }, (_, i) => start + (i + 0.5) / rate);
  const cells = volume(extents), made = new Float32Array(channels * length * cells);
  for (let frame = 0; frame < length; frame++) {
    const pixels = fitPixels(takePixels(await source.show(moments[frame])), channels, extents);
    for (let channel = 0; channel < channels; channel++)
      made.set(pixels.subarray(channel * cells, (channel + 1) * cells), (channel * length + frame) * cells);
  }
  source.close();
  return made;
}

async function openClip(files, undated) {
  if (files.length > 1) return openFrames(await Promise.all(sortFiles(files).map((file) => createImageBitmap(file))), 1 / undated);
  return files[0].type.startsWith("image/") ? openAnimation(files[0]) : openFilm(files[0]);
}

const sortFiles = (files) => [...files].sort((a, b) => a.name.localeCompare(b.name, "en", { numeric: true }));

function openFrames(frames, seconds, starts = frames.map((_, i) => i * seconds), end = frames.length * seconds) {
  const show = (moment) => frames[Math.max(0, starts.findLastIndex((start) => start <= moment + GRACE_SECONDS))];
  return { seconds: end, show, close: () => frames.forEach((frame) => frame.close()) };
}

async function openAnimation(file) {
  if (!globalThis.ImageDecoder) throw new Error("this browser can't take an animation apart; choose its frames as several pictures");
  const decoder = new ImageDecoder({ data: await file.arrayBuffer(), type: file.type });
  await decoder.tracks.ready;
  await decoder.completed;
  const frames = [], starts = [];
  let end = 0;
  for (let frameIndex = 0; frameIndex < decoder.tracks.selectedTrack.frameCount; frameIndex++) {
    const { image } = await decoder.decode({ frameIndex });
    frames.push(image);
    starts.push(end);
    end += image.duration / 1e6 || SLOW_SECONDS;
  }
  return openFrames(frames, 0, starts, end);
}

async function openFilm(file) {
  const film = build("video", { muted: true, preload: "auto", src: URL.createObjectURL(file) });
  const heard = (name) => new Promise((resolve, reject) => {
    film.addEventListener(name, resolve, { once: true });
    film.addEventListener("error", () => reject(new Error("this browser can't read that film; choose its frames as several pictures")), { once: true });
  });
  await heard("loadeddata");
  if (!Number.isFinite(film.duration)) throw new Error("the film doesn't say how long it is");
  const show = async (moment) => {
    const sought = heard("seeked");
    film.currentTime = Math.min(moment + GRACE_SECONDS, film.duration - GRACE_SECONDS);
    await sought;
    return film;
  };
  return { seconds: film.duration, show, close: () => URL.revokeObjectURL(film.src) };
}
