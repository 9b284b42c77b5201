/** Numbers over the map as colours, and doubt as hatching. */

/** A scale from one colour to another. @param {HTMLCanvasElement} canvas @param {number[]} from @param {number[]} to */
export function paintScale(canvas, from, to) {
  Object.assign(canvas, { width: 160, height: 1 });
  const values = Float32Array.from({ length: 160 }, (_, i) => i / 159);
  putColours(canvas, values, [0, 1], from, to, 160);
}

/** A pixel for each cell; what is not finite stays clear. @param {HTMLCanvasElement} canvas */
export function paintField(canvas, { columns, rows, values }, range, from, to) {
  Object.assign(canvas, { width: columns, height: rows });
  putColours(canvas, values, range, from, to, columns);
}

function putColours(canvas, values, [low, high], from, to, width) {
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const picture = context.createImageData(width, values.length / width);
  values.forEach((value, i) => {
    const share = Math.min(1, Math.max(0, (value - low) / (high - low)));
    for (let c = 0; c < 3; c++) picture.data[4 * i + c] = 255 * (from[c] + (to[c] - from[c]) * share);
    picture.data[4 * i + 3] = Number.isFinite(value) ? 255 : 0;
  });
  context.putImageData(picture, 0, 0);
}

/**
 * Slanting lines over the cells that are not supported, and where it is known that there are no codes beyond the
 * field's box, there too.
 * @param {CanvasRenderingContext2D} context @param {import("./fields.js").Field} field
 * @param {[number, number, number, number]} rectangle left, top, width and height of its box on the screen
 * @param {(value: number) => boolean} unsupported @param {boolean} beyond @param {any} lab
 */
export function paintHatch(context, { columns, rows, values }, [x, y, width, height], unsupported, beyond, { view, theme }) {
  const [wide, high] = [width / columns, height / rows];
  context.save();
  context.beginPath();
  if (beyond) {
    context.rect(0, 0, view.width, y);
    context.rect(0, y + height, view.width, view.height);
    context.rect(0, y, x, height);
    context.rect(x + width, y, view.width, height);
  }
  for (let row = 0; row < rows; row++) {
    for (let first = 0; first < columns; first++) {
      if (!unsupported(values[row * columns + first])) continue;
      let last = first;
      while (last + 1 < columns && unsupported(values[row * columns + last + 1])) last++;
      context.rect(x + first * wide, y + row * high, (last - first + 1) * wide, high + 0.5);
      first = last;
    }
  }
  context.clip();
  context.strokeStyle = theme.text;
  context.globalAlpha = 0.28;
  context.lineWidth = 1;
  context.beginPath();
  for (let at = -view.height; at < view.width; at += 9) {
    context.moveTo(at, view.height);
    context.lineTo(at + view.height, 0);
  }
  context.stroke();
  context.restore();
}
