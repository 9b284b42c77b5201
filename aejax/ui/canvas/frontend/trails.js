// Ghost trails: the way that chosen and selected points have come, through the moments seen so far.

import { along } from "./projection.js";
import { codeOf } from "./quantise.js";

const MOMENTS = 64; // remembered, at most
const POINTS = 200; // whose trails are drawn, at most

/**
 * The moments up to one, oldest first; of too many every other goes, but never the newest.
 * @template T @param {Map<number, T>} moments @param {number} frame @param {T} moment
 */
export function remembered(moments, frame, moment) {
  const kept = [...new Map([...moments, [frame, moment]])].sort(([a], [b]) => a - b);
  return new Map(kept.length > MOMENTS ? kept.filter((_, at) => (kept.length - 1 - at) % 2 === 0) : kept);
}

/** Which points have trails: the chosen one, and the first of those selected. @returns {number[]} */
export function trailing(chosen, selection) {
  const points = chosen >= 0 ? [chosen] : [];
  if (selection) for (let at = 0; at < selection.length && points.length < POINTS; at++) if (selection[at] && at !== chosen) points.push(at);
  return points;
}

/** @param {any} lab */
export function mount(lab) {
  let moments = new Map();
  let chosen = -1;
  let space = null;
  lab.paint.over.push(draw);
  lab.events.addEventListener("chosen", ({ detail }) => (chosen = detail));
  for (const name of ["data", "moment"]) lab.events.addEventListener(name, remember);
  remember();

  function remember() {
    if (!lab.scene) return;
    if (lab.scene.space !== space) [moments, space, chosen] = [new Map(), lab.scene.space, -1];
    moments = remembered(moments, lab.scene.frame, { codes: lab.points.codes, bounds: lab.points.bounds });
  }

  function draw(context) {
    const points = trailing(chosen, lab.selection).filter(lab.isShown);
    const past = [...moments].filter(([frame]) => frame <= lab.scene.frame).map(([, moment]) => moment);
    if (!points.length || past.length < 2) return;
    context.save();
    context.strokeStyle = lab.theme.text;
    context.lineWidth = 1.2;
    for (const point of points) trail(context, point, past);
    context.restore();
  }

  /** A way that fades towards its beginning. */
  function trail(context, point, past) {
    const places = past.map(({ codes, bounds }) => {
      const code = codeOf(codes, bounds, point, lab.points.latent);
      return lab.toScreen(along(lab.across, code), lab.up ? along(lab.up, code) : 0);
    });
    for (let at = 1; at < places.length; at++) {
      context.globalAlpha = 0.08 + (0.6 * at) / places.length;
      context.beginPath();
      context.moveTo(...places[at - 1]);
      context.lineTo(...places[at]);
      context.stroke();
    }
  }

  return { destroy: () => moments.clear() };
}
