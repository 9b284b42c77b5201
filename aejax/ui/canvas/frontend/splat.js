// Points set into a picture's bytes one by one: where the processor draws, this is many times faster than WebGL.

const PHASES = 4; // places of a point's middle within a pixel that are told apart, each way

/**
 * How much of each pixel a glyph covers, from 0 to 255, for each place of its middle within a pixel.
 * @param {number} size across, in pixels @param {(phaseX: number, phaseY: number, side: number) => Uint8Array} covered
 */
export function mask(size, covered = disc(size)) {
  const side = 2 * Math.ceil(size / 2 + 1); // even, so that a middle lies between pixels
  const covers = [];
  for (let at = 0; at < PHASES * PHASES; at++) {
    covers.push(covered((at % PHASES) / PHASES, Math.floor(at / PHASES) / PHASES, side));
  }
  return { side, covers };
}

/** Coverage by a disc whose middle is that far from the middle of a square of pixels. */
function disc(size) {
  return (phaseX, phaseY, side) => {
    const cover = new Uint8Array(side * side);
    const half = side / 2;
    for (let y = 0; y < side; y++) {
      for (let x = 0; x < side; x++) {
        const distance = Math.hypot(x + 0.5 - half - phaseX, y + 0.5 - half - phaseY);
        cover[y * side + x] = Math.round(255 * Math.min(1, Math.max(0, size / 2 - distance + 0.5)));
      }
    }
    return cover;
  };
}

/**
 * A glyph ready to be set: with its opacity taken in, setting it into what is empty is one assignment a pixel.
 * @param {ReturnType<typeof mask>} mask @param {number} color red, green, blue from the lowest byte on @param {number} opacity
 */
export function stampOf({ side, covers }, color, opacity) {
  const sheets = covers.map((cover) => cover.map((value) => Math.round(value * opacity)));
  return { side, color: color & 0xffffff, sheets };
}

/**
 * Set points into a picture, each over those before it.
 * @param {Uint32Array} pixels red, green, blue and opacity from the lowest byte on, not multiplied
 * @param {{width: number, height: number}} picture
 * @param {{from: Float32Array, to: Float32Array, labels: ArrayLike<number>, states: ArrayLike<number>}} points
 * @param {{x: number, y: number, sx: number, sy: number, share: number}} view of the plane, in pixels a unit
 * @param {(label: number, state: number) => ReturnType<typeof stampOf>} look
 */
export function splat(pixels, { width, height }, { from, to, labels, states }, view, look) {
  const looks = new Map();
  const { x: left, y: top, sx, sy, share } = view;
  for (let at = 0, count = to.length / 2; at < count; at++) {
    const key = 2 * labels[at] + states[at];
    let known = looks.get(key);
    if (known === undefined) looks.set(key, (known = look(labels[at], states[at])));
    const x = width / 2 + (from[2 * at] + (to[2 * at] - from[2 * at]) * share - left) * sx;
    const y = height / 2 - (from[2 * at + 1] + (to[2 * at + 1] - from[2 * at + 1]) * share - top) * sy;
    const { side } = known;
    if (x > -side && y > -side && x < width + side && y < height + side) stamp(pixels, width, height, known, x, y);
  }
}

function stamp(pixels, width, height, { side, color, sheets }, x, y) {
  const wholeX = Math.floor(x);
  const wholeY = Math.floor(y);
  const sheet = sheets[Math.floor((x - wholeX) * PHASES) + PHASES * Math.floor((y - wholeY) * PHASES)];
  const left = wholeX - (side >> 1);
  const top = wholeY - (side >> 1);
  const red = color & 255;
  const green = (color >> 8) & 255;
  const blue = (color >> 16) & 255;
  for (let row = Math.max(0, -top), rows = Math.min(side, height - top); row < rows; row++) {
    const line = (top + row) * width + left;
    for (let column = Math.max(0, -left), columns = Math.min(side, width - left); column < columns; column++) {
      const alpha = sheet[row * side + column];
      if (alpha === 0) continue;
      const old = pixels[line + column];
      if (old === 0 || alpha === 255) {
        pixels[line + column] = (color | (alpha << 24)) >>> 0;
        continue;
      }
      // a over b, not multiplied: the opacities' sum less their product, and of the colours the share of a in it.
      const under = old >>> 24;
      const both = alpha + under - (alpha * under) / 255;
      const part = alpha / both;
      const r = old & 255;
      const g = (old >> 8) & 255;
      const b = (old >> 16) & 255;
      pixels[line + column] =
        (((r + (red - r) * part + 0.5) | 0) |
          (((g + (green - g) * part + 0.5) | 0) << 8) |
          (((b + (blue - b) * part + 0.5) | 0) << 16) |
          (((both + 0.5) | 0) << 24)) >>>
        0;
    }
  }
}
