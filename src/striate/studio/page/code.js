// The network as Python code, written while its fold is open, and copied by one button.

/** Make the code of the Write view. Gives {write()}. */
export function makeCode(view) {
  const { studio, find, ask } = view;

  async function write() {
    if (!find("code").open) return;
    const mine = view.version;
    try {
      const found = await ask("code", view.network());
      if (mine !== view.version) return;
      find("code-text").textContent = found.code ?? `# ${found.problem}`;
      find("copy").disabled = !found.code;
      find("code").dataset.version = String(mine);
    } catch (error) {
      studio.fail(error);
    }
  }
  async function copy() {
    try {
      await navigator.clipboard.writeText(find("code-text").textContent);
      studio.say("The code is copied.");
    } catch {
      getSelection().selectAllChildren(find("code-text"));
      studio.say("The browser won't copy by itself: the code is selected, press Ctrl+C.");
    }
  }
  find("code").addEventListener("toggle", write);
  find("copy").addEventListener("click", copy);
  return { write };
}
