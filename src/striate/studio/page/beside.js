// A text that is kept as A, and what has changed since.

import { makeVersions } from "./versions.js";

/** Make the comparison of the Write view. Gives {lay()}: lay the text as it is now beside the kept one, if there is one. */
export function makeBeside(view) {
  const { studio, find, ask } = view;
  const versions = makeVersions(find("versions"), { back: () => view.box.change(kept), forget });
  let kept = null;

  function keep() {
    kept = view.box.text;
    studio.say("This text is kept as A; what changes now is laid beside it.");
    lay();
  }
  function forget() {
    kept = null;
    versions.hide();
    find("keep").focus();
  }
  async function lay() {
    if (kept === null) return;
    try {
      const found = await ask("contrast", { ...view.network(), before: kept });
      if (kept !== null) versions.show(found);
    } catch (error) {
      studio.fail(error);
    }
  }
  find("keep").addEventListener("click", keep);
  return { lay };
}
