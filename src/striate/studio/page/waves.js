// Values along one axis, as a curve about a line at zero.

const MARGIN = 3;

/** Draw them into a box; `scale` is the value at its upper edge, `colours` as `readColours` gives them. */
export function drawWave(pen, { x, y, width, height }, values, scale, colours) {
  const middle = y + height / 2, across = values.length;
  pen.fillStyle = colours.wash;
  pen.fillRect(x, y, width, height);
  pen.strokeStyle = colours.rule;
  pen.beginPath();
  pen.moveTo(x, middle);
  pen.lineTo(x + width, middle);
  pen.stroke();
  pen.strokeStyle = colours.blue;
  pen.lineWidth = 1.25;
  pen.beginPath();
  for (let i = 0; i < across; i++) pen.lineTo(x + ((i + .5) / across) * width, middle - (values[i] / scale) * (height / 2 - MARGIN));
  pen.stroke();
}
