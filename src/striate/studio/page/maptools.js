// What is done with maps that are there: how far they lie over the input, which slice is seen, and the page that holds them all.

import { make } from "./wording.js";

/** Gives {element, on: {share(0 to 1), frame(number)}, share(), show(frames, pane, any), offer(view)}. */
export function makeTools() {
  const element = make("div", "", "row map-tools"), on = { share() {}, frame() {} }, slice = make("label", "Slice ");
  const said = make("output", "");
  const slider = (max, value, name) => Object.assign(document.createElement("input"), { type: "range", min: 0, max, step: 1, value, name });
  const share = slider(100, 100, "share"), frame = slider(0, 0, "frame"), over = make("label", "Map over the input ");
  const percent = make("output", "100 %"), page = make("a", "Open as a page");
  Object.assign(page, { target: "_blank", rel: "noopener", hidden: true });
  share.addEventListener("input", () => { percent.textContent = `${share.value} %`; on.share(share.value / 100); });
  frame.addEventListener(
    "input",
    () => { said.textContent = ` ${Number(frame.value) + 1} of ${Number(frame.max) + 1}`; on.frame(Number(frame.value)); }
  );
  over.append(share, percent);
  slice.append(frame, said);
  element.append(over, slice, page);
  return {
    element, on,
    share: () => share.value / 100,
    /** Fit the tools to what is shown; of slices the hottest comes first. */
    show(frames, pane, any) {
      slice.hidden = frames < 2;
      over.hidden = !any;
      page.hidden = true;
      if (frames < 2) return;
      frame.max = frames - 1;
      frame.value = pane.extents.slice(0, -2).reduce((sum, extent, axis) => sum * extent + pane.peak[axis], 0);
      frame.dispatchEvent(new Event("input"));
    },
    offer(view) {
      page.href = `/view/${view}`;
      page.hidden = false;
    },
  };
}
