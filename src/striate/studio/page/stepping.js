// The kernel that steps over the input: from one cell of a map to the next, by hand or by itself.

/** The cell to begin with: the middle of the first layer that has maps; null where none has. */
export function findFirst(layers) {
  const layer = layers.find((each) => each.shape.length > 1);
  return layer ? { layer: layer.index, cell: layer.shape.map((extent, axis) => (axis ? extent >> 1 : 0)) } : null;
}

/** The cell so many places on in its own map, row by row, around the end; the channel stays. */
export function findNext(shape, cell, by) {
  const next = [...cell], first = shape.length > 1 ? 1 : 0;
  let number = 0, count = 1;
  for (let axis = first; axis < shape.length; axis++) {
    number = number * shape[axis] + cell[axis];
    count *= shape[axis];
  }
  number = (((number + by) % count) + count) % count;
  for (let axis = shape.length - 1; axis >= first; axis--) {
    next[axis] = number % shape[axis];
    number = Math.floor(number / shape[axis]);
  }
  return next;
}

/** The cells of a map up to and with one, row by row, as blocks of runs; other channels are whole. */
export function listUntil(shape, cell) {
  const first = shape.length > 1 ? 1 : 0, whole = shape.map((extent) => [[0, extent]]), blocks = [];
  if (first) blocks.push([[[0, cell[0]]], ...whole.slice(1)], [[[cell[0] + 1, shape[0]]], ...whole.slice(1)]);
  for (let axis = first; axis < shape.length; axis++) {
    const last = axis === shape.length - 1;
    blocks.push(shape.map(
      (_, each) => (each < axis ? [[cell[each], cell[each] + 1]] : each === axis ? [[0, cell[axis] + (last ? 1 : 0)]] : whole[each])
    ));
  }
  return blocks.filter((block) => block.every(([[from, to]]) => to > from));
}

/**
 * Make the stepping of the Understand view; `step(by)` goes on by so many cells, `stopped()` hears of the end. Gives
 * {isRunning, stop, onKey}.
 */
export function makeStepping(ui, step, stopped) {
  let timer = 0, turn = 0;

  function run() {
    if (timer) return stop();
    if (ui.steps.disabled) return;
    const mine = ++turn;
    ui.play.textContent = "Pause";
    const tick = async () => {
      await step(1);
      if (mine === turn) timer = setTimeout(tick, 1000 / 2 ** Number(ui.speed.value));
    };
    timer = setTimeout(tick, 0);
  }
  function stop() {
    if (!timer) return;
    clearTimeout(timer);
    timer = 0;
    turn++;
    ui.play.textContent = "Play";
    stopped?.();
  }
  function onKey(event) {
    const act = { " ": run, ".": () => step(1), ",": () => step(-1) }[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  }
  ui.play.addEventListener("click", run);
  ui.next.addEventListener("click", () => { stop(); step(1); });
  ui.back.addEventListener("click", () => { stop(); step(-1); });
  ui.steps.addEventListener("keydown", onKey);
  return { isRunning: () => timer !== 0, stop, onKey };
}
