// The notation's words told apart for the eye. Which words there are comes from the studio; nothing is judged here.

/** Make what splits a line into [class, text] pieces; `vocabulary` has layers, brackets and options. */
export function makeColouring(vocabulary) {
  const longest = (words) => [...words].sort((a, b) => b.length - a.length).join("|");
  const pattern = new RegExp(
    [
      "(?<comment>#.*)",
      "(?<keyword>\\b(?:def|input)\\b|\\bclasses\\b)",
      `(?<option>\\b(?:${longest(vocabulary.options)})(?=[ \\t]*=))`,
      `(?<bracket>\\b(?:${longest(vocabulary.brackets)})(?=[ \\t]*\\[|[ \\t]*$))`,
      `(?<layer>\\b(?:${longest(vocabulary.layers)})(?![A-Za-z_]))`,
      "(?<number>\\d+(?:\\.\\d+)?(?:e-?\\d+)?)",
      "(?<sign>[\\[\\]|*=()/,:-])",
    ].join("|"),
    "g",
  );
  return function colour(line, from = 0) {
    const pieces = [];
    let at = 0;
    for (const found of line.matchAll(pattern)) {
      if (found.index > at) pieces.push(["", line.slice(at, found.index), from + at]);
      const kind = Object.keys(found.groups).find((name) => found.groups[name] !== undefined);
      pieces.push([kind, found[0], from + found.index]);
      at = found.index + found[0].length;
    }
    if (at < line.length) pieces.push(["", line.slice(at), from + at]);
    return pieces;
  };
}

/** Cut pieces [class, text, offset] at the ends of `marks` [{start, end, name}], and give each the marks' names too. */
export function mark(pieces, marks) {
  for (const { start, end, name } of marks) {
    pieces = pieces.flatMap(([kind, text, at]) => {
      const from = Math.max(0, start - at), to = Math.min(text.length, end - at);
      if (from >= to) return [[kind, text, at]];
      const cut = [
        [kind, text.slice(0, from), at], [`${kind} ${name}`.trim(), text.slice(from, to), at + from],
        [kind, text.slice(to), at + to],
      ];
      return cut.filter(([, part]) => part);
    });
  }
  return pieces;
}
