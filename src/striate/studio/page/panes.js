// What the Write view consists of: its fields and buttons, and the places that the other modules fill.

/** The view's parts; each has its name in `data-part`. */
export function buildPanes() {
  const make = (tag, attributes = {}, ...children) => {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (name === "part") made.dataset.part = value;
      else if (name in made && name !== "list") made[name] = value;
      else made.setAttribute(name, value);
    }
    made.append(...children);
    return made;
  };
  const field = (name, input, title) => make("label", { className: "field", title }, make("span", { textContent: name }), input);
  const button = (part, text, title) => make("button", { type: "button", part, textContent: text, title, ariaLabel: title });
  const media = { 1: "series and sound", 2: "pictures", 3: "clips and volumes" };
  const axes = [1, 2, 3].map((n) => make(
    "button",
    { type: "button", textContent: `${n}-D`, "data-axes": String(n), "aria-pressed": "false", title: `The same network for ${media[n]}` }
  ));
  const check = (part, text, title, checked = false) => make(
    "label", { className: "check", title }, make("input", { type: "checkbox", part, checked }), ` ${text}`
  );
  return make("div", { className: "writing" },
    make("div", { className: "above" },
      field("Network", make("select", { part: "network" }), "Put a known network into the text"),
      field(
        "Input", make("input", { part: "input", type: "text", size: 12, autocomplete: "off", spellcheck: false }),
        "Channels x extents, such as 3x224x224"
      ),
      make("div", { className: "joined", role: "group", ariaLabel: "Axes of the input" }, ...axes),
      field(
        "Classes", make("input", { part: "classes", type: "number", min: "1", max: "1000000", value: "10" }),
        "What `classes` stands for in the text"
      ),
      field(
        "Batch", make("input", { part: "batch", type: "number", min: "1", max: "65536", value: "1" }),
        "Samples at once: traced multiplies and memory are those of all"
      ),
      make("div", { className: "joined" }, button("undo", "↶", "Undo"), button("redo", "↷", "Redo")),
      make("button", { type: "button", part: "keep", textContent: "Keep as A", title: "Lay what changes from now on beside this version" }),
    ),
    make("div", { className: "left" },
      make("h2", { className: "unseen", textContent: "The network" }),
      make("div", { part: "text" }),
      make("div", { className: "problem", part: "problem", id: "network-problem", role: "status", hidden: true },
        make("button", { type: "button", part: "problem-place", title: "Go there" }), make("span", { part: "problem-text" })),
      make(
        "p", { className: "caption hint" }, make("code", { textContent: "conv3-16/2" }),
        " is a convolution of kernel 3 with 16 channels and stride 2. Ctrl+Space shows what may stand at the caret."
      ),
      make("section", { part: "layer", ariaLabel: "The chosen layer" }),
      make("section", { part: "advice", ariaLabel: "Advice" }),
    ),
    make("div", { className: "right" },
      make("div", { className: "tools" }, make("dl", { part: "totals", className: "totals" })),
      make("div", { className: "stage" },
        make("div", { part: "drawing" }),
        make("div", { className: "tools" },
          make(
            "div", { className: "joined" }, button("farther", "−", "Zoom out"), button("closer", "+", "Zoom in"),
            button("whole", "Whole", "Show the whole network")
          ),
          check(
            "logarithmic", "log scale", "Sizes by their logarithm, so that small ones are seen"
          ), check("folds", "fold repeats", "Draw what the text repeats once", true),
          make(
            "span",
            { className: "caption keys", id: "drawing-keys", textContent: "drag to move, Ctrl+wheel to zoom; keys: arrows, + − 0" }
          ),
          make("ul", { part: "legend", className: "legend caption", ariaLabel: "Colours" })),
      ),
      make("p", { className: "caption state", part: "state", role: "status" }),
      make("p", { className: "note", part: "disagreements", role: "alert", hidden: true }),
      make("div", { part: "table" }),
      make("section", { part: "versions", ariaLabel: "Two versions" }),
      make("details", { part: "code", className: "code" }, make("summary", { textContent: "PyTorch code" }),
        make("button", { type: "button", part: "copy", textContent: "Copy", disabled: true }),
        make("pre", { tabIndex: 0, role: "region", ariaLabel: "PyTorch code" }, make("code", { part: "code-text" }))),
    ),
  );
}
