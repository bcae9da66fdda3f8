// What was written before, step by step: a text that sliders and fixes change too can't leave that to the browser.

const PAUSE = 700; // milliseconds; what is typed within one makes one step
const MOST = 500;

/** Keeps states {text, start, end}. */
export function makeHistory(first) {
  let past = [first], future = [], lastKind = "", lastTime = 0;
  return {
    /** Note a state; one of the same kind right behind the last one takes its place. */
    note(state, kind) {
      const now = performance.now();
      if (state.text === past.at(-1).text) return void Object.assign(past.at(-1), state);
      if (kind && kind === lastKind && now - lastTime < PAUSE && past.length > 1) past.pop();
      past.push(state);
      if (past.length > MOST) past.shift();
      future = [];
      lastKind = kind;
      lastTime = now;
    },
    undo() {
      if (past.length < 2) return null;
      future.push(past.pop());
      lastKind = "";
      return past.at(-1);
    },
    redo() {
      const state = future.pop();
      if (state) past.push(state);
      return state ?? null;
    },
  };
}
