// Numbers from text, and from tables with a head.
function readNumbers(text, needed) {
  const fields = text.split(/[\s,;]+/).filter(Boolean), values = fields.map(Number), wrong = values.findIndex(Number.isNaN);
  if (wrong >= 0) throw new Error(`“${fields[wrong].slice(0, 40)}” is no number`);
  if (values.length !== needed) throw new Error(`found ${values.length.toLocaleString("en")} numbers, needed ${needed.toLocaleString("en")}`);
  return Float32Array.from(values);
}

function splitLine(line, mark) {
  return [...line.matchAll(new RegExp(`(?:"((?:[^"]|"")*)"|([^${mark}]*))(?:${mark}|$)`, "g"))]
    .slice(0, line.endsWith(mark) ? undefined : -1)
    .map(([, quoted, plain]) => (quoted === undefined ? plain.trim() : quoted.replaceAll('""', '"')));
}

// The last rows of a table, [columns, rows]; columns by their names, or by their order where there is no head.
function readSeries(text, { columns, window, time }) {
  const lines = text.split(/\r?\n/).filter((line) => line.trim());
  if (!lines.length) throw new Error("the table is empty");
  const mark = [",", ";", "\t"].sort((a, b) => lines[0].split(b).length - lines[0].split(a).length)[0];
  const rows = lines.map((line) => splitLine(line, mark)), head = rows[0].map((name) => name.trim().toLowerCase());
  const named = columns.map((name) => head.indexOf(name.toLowerCase())), isHead = rows[0].some((field) => Number.isNaN(Number(field)));
  const missing = columns[named.indexOf(-1)];
  if (isHead && missing !== undefined) throw new Error(`found no column “${missing}”`);
  if (!isHead && rows[0].length !== columns.length)
    throw new Error(`found ${rows[0].length} columns without names, needed ${columns.length}: ${columns.join(", ")}`);
  const body = isHead ? orderRows(rows.slice(1), head.indexOf(time?.toLowerCase())) : rows, places = isHead ? named : columns.map((_, i) => i);
  if (body.length < window) throw new Error(`found ${body.length} rows, needed ${window} or more`);
  const last = body.slice(-window), values = new Float32Array(columns.length * window);
  places.forEach((place, column) => last.forEach((row, i) => {
    const value = row[place] === undefined || row[place] === "" ? NaN : Number(row[place]);
    if (Number.isNaN(value)) throw new Error(`row ${body.length - window + i + 1}, column “${columns[column]}”: no number`);
    values[column * window + i] = value;
  }));
  return values;
}

// Rows in the order of their times, which are numbers or dates; as they stand where there is no such column.
function orderRows(rows, place) {
  if (place < 0) return rows;
  const times = rows.map((row) => readInstant(row[place] ?? "")), wrong = times.findIndex(Number.isNaN);
  if (wrong >= 0) throw new Error(`row ${wrong + 1}: “${(rows[wrong][place] ?? "").slice(0, 40)}” is no number and no date`);
  const order = rows.map((_, i) => i).sort((a, b) => times[a] - times[b]);
  if (order.some((row, i) => i && times[row] === times[order[i - 1]])) throw new Error("two rows are of one time");
  return order.map((row) => rows[row]);
}

// Seconds, or a date such as 2024-01-31; without a zone it is of UTC.
function readInstant(text) {
  if (text !== "" && !Number.isNaN(Number(text))) return Number(text);
  const plain = text.replace(" ", "T");
  return Date.parse(/T.*\d$/.test(plain) && !/[+-]\d\d:?\d\d$/.test(plain) ? `${plain}Z` : plain) / 1000;
}
