// One example drawn as what it is: a picture as pixels, a sequence as lines, other numbers as bars.

import { channels } from "./palette.js";

/** @typedef {{shape: number[], kind: string, range: [number, number]}} About */

/** Whether examples are drawn as pixels. @param {About} about */
export function isPicture({ shape, kind }) {
  return kind === "image" && (shape.length === 2 || (shape.length === 3 && [1, 3, 4].includes(shape[2])));
}

/**
 * Draw an example so that it fills a canvas.
 * @param {HTMLCanvasElement} canvas @param {ArrayLike<number>} values @param {About} about @param {any} theme
 */
export function paintExample(canvas, values, about, theme) {
  if (isPicture(about)) paintPicture(canvas, values, about);
  else paintLines(canvas, [{ values, color: theme.primary }], about, theme);
}

function paintPicture(canvas, values, { shape, range }) {
  const [height, width, depth = 1] = shape;
  const context = sized(canvas, width, height);
  const picture = context.createImageData(width, height);
  const [low, scale] = [range[0], 255 / (range[1] - range[0])];
  for (let i = 0; i < width * height; i++) {
    for (let c = 0; c < 3; c++) picture.data[4 * i + c] = (values[i * depth + (depth > 2 ? c : 0)] - low) * scale + 0.5;
    picture.data[4 * i + 3] = depth === 4 ? (values[i * depth + 3] - low) * scale : 255;
  }
  context.putImageData(picture, 0, 0);
}

/**
 * The difference of two pictures: where the second is brighter in one hue, where darker in another.
 * @param {HTMLCanvasElement} canvas @param {ArrayLike<number>} values @param {ArrayLike<number>} others
 */
export function paintError(canvas, values, others, { shape, range }, theme) {
  const [height, width, depth = 1] = shape;
  const context = sized(canvas, width, height);
  const picture = context.createImageData(width, height);
  const ground = channels(theme.ground);
  const [over, below] = [channels("#D55E00"), channels("#0072B2")];
  for (let i = 0; i < width * height; i++) {
    let sum = 0;
    for (let c = 0; c < depth; c++) sum += others[i * depth + c] - values[i * depth + c];
    const share = Math.max(-1, Math.min(1, sum / depth / (range[1] - range[0])));
    const hue = share > 0 ? over : below;
    const size = Math.sqrt(Math.abs(share));
    for (let c = 0; c < 3; c++) picture.data[4 * i + c] = 255 * (ground[c] + (hue[c] - ground[c]) * size);
    picture.data[4 * i + 3] = 255;
  }
  context.putImageData(picture, 0, 0);
}

function sized(canvas, width, height) {
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  canvas.classList.toggle("pixels", true);
  return canvas.getContext("2d");
}

/**
 * Sequences as lines, or as bars where the numbers have no order.
 * @param {HTMLCanvasElement} canvas @param {{values: ArrayLike<number>, color: string, dash?: number[]}[]} rows
 */
export function paintLines(canvas, rows, { shape, kind, range }, theme) {
  const ratio = Math.min(devicePixelRatio || 1, 2);
  const [width, height] = [canvas.clientWidth || 160, canvas.clientHeight || 160];
  if (canvas.width !== width * ratio || canvas.height !== height * ratio) Object.assign(canvas, { width: width * ratio, height: height * ratio });
  canvas.classList.toggle("pixels", false);
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  const pad = 6;
  const room = (range[1] - range[0]) * 0.06;
  const up = (value) => height - pad - ((value - range[0] + room) / (range[1] - range[0] + 2 * room)) * (height - 2 * pad);
  context.strokeStyle = theme.line;
  context.lineWidth = 1;
  const zero = up(Math.min(Math.max(0, range[0]), range[1]));
  context.strokeRect(0.5, 0.5, width - 1, height - 1);
  context.beginPath();
  context.moveTo(pad, zero);
  context.lineTo(width - pad, zero);
  context.stroke();
  const depth = kind === "sequence" && shape.length > 1 ? shape[shape.length - 1] : 1;
  for (const [at, row] of rows.entries()) {
    if (kind === "sequence") drawLines(context, row, depth, width, pad, up);
    else drawBars(context, row, width, pad, up, zero, at / rows.length, rows.length);
  }
}

function drawLines(context, { values, color, dash = [] }, depth, width, pad, up) {
  const steps = Math.floor(values.length / depth);
  context.strokeStyle = color;
  context.lineWidth = 2;
  context.setLineDash(dash);
  for (let c = 0; c < depth; c++) {
    context.beginPath();
    for (let t = 0; t < steps; t++) context[t ? "lineTo" : "moveTo"](pad + (t / Math.max(steps - 1, 1)) * (width - 2 * pad), up(values[t * depth + c]));
    context.stroke();
  }
  context.setLineDash([]);
}

function drawBars(context, { values, color }, width, pad, up, zero, shift, share) {
  const slot = (width - 2 * pad) / values.length;
  context.fillStyle = color;
  for (let i = 0; i < values.length; i++) {
    const top = up(values[i]);
    const wide = Math.max(1, (slot * 0.8) / share);
    context.fillRect(pad + slot * (i + 0.1 + 0.8 * shift), Math.min(top, zero), wide, Math.max(1, Math.abs(top - zero)));
  }
}
