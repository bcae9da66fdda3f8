// Take away: the run in each format that an export can write, as a file to download.

import { make } from "./wording.js";

const ABOUT = {
  ".html": "One page that runs the network in a browser: it draws or loads an input and shows the scores and every " +
    "layer's maps. It needs no server and no network.",
  ".onnx": "The network and its weights for other runtimes: ONNX Runtime, OpenVINO, TensorRT, web and phone.",
  ".pt2": "A PyTorch program: torch.export.load reads it, without Striate.",
  ".safetensors": "The weights alone, by name, for any framework.",
  ".pt": "The weights alone as a PyTorch state dict: torch.load(path, weights_only=True).",
};
const UNITS = ["bytes", "kB", "MB", "GB"];

/** A size in bytes as people say it. */
function sayBytes(bytes) {
  const power = Math.min(UNITS.length - 1, bytes < 1000 ? 0 : Math.floor(Math.log10(bytes) / 3)), value = bytes / 1000 ** power;
  return `${power ? value.toPrecision(3) : value} ${UNITS[power]}`;
}

export async function mount(element, studio, run) {
  const list = make("ul", "", "formats");
  element.append(
    make("h3", "Take it away"),
    make("p", "Each file is held against the run's own network before it is handed on.", "caption"), list
  );
  const { formats } = await studio.call("formats", {}, run.signal);
  const page = formats.filter((form) => form.is_page), rest = formats.filter((form) => !form.is_page);
  list.append(...[...page, ...rest].map((form) => makeRow(form, studio, run)));
}

function makeRow(form, studio, run) {
  const row = make("li", ""), head = make("div", "", "row"), write = make("button", "Write"), link = make("a", "");
  const told = make("p", "", "quiet told"), options = [];
  row.dataset.suffix = form.suffix;
  told.setAttribute("role", "status");
  write.type = "button";
  write.setAttribute("aria-label", `Write ${form.name}, ${form.suffix}`);
  link.hidden = true;
  const title = make("h4", form.name);
  title.append(make("code", form.suffix));
  if (form.is_page) options.push(makeOption("half", "weights in half the bytes"));
  else if (form.has_graph && run.task === "classify") options.push(makeOption("whole", "with normalisation and softmax"));
  head.append(write, ...options.map((each) => each.label), link);
  row.append(title, make("p", ABOUT[form.suffix] ?? "", "caption"), head, told);
  write.addEventListener("click", async () => {
    write.disabled = true;
    link.hidden = true;
    told.classList.remove("note");
    told.textContent = "Writing …";
    try {
      const asked = Object.fromEntries(options.map(({ name, box }) => [name, box.checked]));
      const found = await studio.call("take", { run: run.handle, suffix: form.suffix, ...asked }, run.signal);
      told.classList.toggle("note", Boolean(found.problem));
      told.textContent = found.problem ?? sayAgreement(found);
      if (!found.problem) {
        link.replaceChildren(document.createTextNode(`Download ${found.name}`), make("span", ` ${sayBytes(found.bytes)}`, "quiet"));
        link.title = `${found.bytes.toLocaleString("en")} bytes`;
        link.href = `/download/${found.download}`;
        link.download = found.name;
        link.hidden = false;
        link.focus();
      }
    } catch (error) {
      told.textContent = "";
      studio.fail(error);
    } finally {
      write.disabled = false;
    }
  });
  return row;
}

function makeOption(name, text) {
  const label = make("label", "", "tick"), box = Object.assign(document.createElement("input"), { type: "checkbox" });
  label.append(box, document.createTextNode(` ${text}`));
  return { name, label, box };
}

function sayAgreement({ relative_error: error, agrees, note, files, bytes }) {
  const size = `${bytes.toLocaleString("en")} bytes${files > 1 ? `, ${files} files in one` : ""}.`;
  if (error === null) return `${size} ${note}`.trim();
  const said = agrees ? "Its outputs are the network's" : "Its outputs are not quite the network's";
  return `${size} ${said}: they differ by ${error.toExponential(1)} at most.`;
}
