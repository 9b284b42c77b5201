// The picture of any point: from the sheet, or from the server where the sheet ends.

import { bytes, cell } from "./sprites.js";
import { isPicture, paintExample } from "./painting.js";

const KEPT = 300;

/** @param {any} lab */
export function createThumbnails(lab) {
  let stamp = "";
  let sheet = null;
  const known = new Map();

  /**
   * Draw a point's example; whether there is one.
   * @param {HTMLCanvasElement} canvas @param {number} point
   */
  async function paint(canvas, point) {
    const held = lab.thumbnails;
    if (held?.stamp !== stamp) {
      [stamp, sheet] = [held?.stamp ?? "", null];
      known.clear();
    }
    if (held && point < held.count) {
      if (!held.columns) return plain(canvas, bytes(held, held.values, point), held.shape);
      sheet ??= createImageBitmap(new Blob([held.values]));
      const { left, top, width, height } = cell(held, point);
      const picture = await sheet;
      Object.assign(canvas, { width, height });
      canvas.classList.add("pixels");
      canvas.getContext("2d").drawImage(picture, left, top, width, height, 0, 0, width, height);
      return true;
    }
    if (!known.has(point)) {
      const reply = await lab.ask("thumbnail", { point });
      if (!reply) return false;
      known.set(point, reply.values);
      if (known.size > KEPT) known.delete(known.keys().next().value);
    }
    return plain(canvas, known.get(point), held?.shape ?? lab.scene.shape);
  }

  function plain(canvas, values, shape) {
    const about = { ...lab.scene, shape: isPicture(lab.scene) ? shape : lab.scene.shape, range: [0, 255] };
    paintExample(canvas, values, about, lab.theme);
    return true;
  }

  return { paint };
}
