// The example of the point under the pointer, a frame after the pointer has stopped.

import { element } from "./dom.js";
import { nearest } from "./pick.js";
import { placed } from "./sprites.js";
import { createThumbnails } from "./thumbnails.js";

export const REACH = 14; // pixels around a point that count as on it

/** The point at a place of the screen; -1 if there is none. @param {any} lab */
export function pointAt(lab, px, py, reach = REACH) {
  if (!lab.points.count) return -1;
  const [x, y] = lab.toWorld(px, py);
  return nearest(lab.index(), x, y, reach / lab.view.sx, reach / lab.view.sy, lab.isShown);
}

/** @param {any} lab */
export function mount(lab) {
  const picture = element("canvas.thumbnail");
  const words = element("p");
  const card = element("div.card", { hidden: true, "aria-hidden": "true" }, picture, words);
  lab.floats.append(card);
  lab.pictures ??= createThumbnails(lab);
  lab.paint.over.push(ring);
  let at = null;
  let waiting = 0;
  let shown = -1;
  let space = "";

  lab.events.addEventListener("hover", (event) => {
    at = event.detail;
    cancelAnimationFrame(waiting);
    if (!at) return hide();
    const here = at;
    waiting = requestAnimationFrame(() => here === at && look(at));
  });
  lab.events.addEventListener("view", () => at || hide());

  function look({ px, py }) {
    const point = pointAt(lab, px, py);
    if (point === shown) return point >= 0 && put();
    if (point < 0) return hide();
    shown = point;
    lab.emit("near", point);
    const label = lab.labelOf(point);
    words.textContent = `${label === null ? "" : `${label} · `}row ${lab.rowOf(point)}`;
    lab.pictures.paint(picture, point).then((painted) => {
      if (shown !== point) return;
      picture.hidden = !painted;
      put();
    });
    card.hidden = false;
    put();
    lab.redraw("over");
    return undefined;
  }

  function put() {
    const [px, py] = lab.toScreen(lab.points.xs[shown], lab.points.ys[shown]);
    const { left, top } = placed(px, py, card.offsetWidth, card.offsetHeight, lab.view.width, lab.view.height);
    card.style.transform = `translate(${left}px, ${top}px)`;
  }

  function hide() {
    if (shown < 0) return;
    shown = -1;
    lab.emit("near", -1);
    card.hidden = true;
    lab.redraw("over");
  }

  function ring(context) {
    if (shown < 0 || shown >= lab.points.count) return;
    const [px, py] = lab.toScreen(lab.points.xs[shown], lab.points.ys[shown]);
    context.lineWidth = 2.5;
    context.strokeStyle = lab.theme.text;
    context.beginPath();
    context.arc(px, py, 9, 0, 2 * Math.PI);
    context.stroke();
  }

  // The pointer rests while the points move on. What is shown already is not looked up again: where the server is asked
  // for it, each answer comes by here, and one that holds nothing would be asked for without end.
  function again() {
    if (!at || space !== lab.scene.space) hide();
    space = lab.scene.space;
    if (at) look(at);
  }

  lab.events.addEventListener("moment", again);
  return { update: again };
}
