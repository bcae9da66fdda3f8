// Texts as the network read them: lower case, cut into words and marks, numbered by its vocabulary.
const PADDING = 0, UNKNOWN = 1;
const tokenise = (text) => text.normalize("NFKC").toLowerCase().match(/[\p{L}\p{N}_]+(?:['’][\p{L}\p{N}_]+)*|[^\p{L}\p{N}_\s]/gu) ?? [];

function encodeText(text, reading) {
  const numbers = new Map(reading.vocabulary.split(" ").map((word, place) => [word, place + 2]));
  const tokens = tokenise(text);
  if (!tokens.length) throw new Error("there is no word in it");
  const values = new Float32Array(reading.length).fill(PADDING);
  tokens.slice(0, reading.length).forEach((word, i) => (values[i] = numbers.get(word) ?? UNKNOWN));
  return { values, unknown: tokens.filter((word) => !numbers.has(word)), cut: Math.max(0, tokens.length - reading.length) };
}
