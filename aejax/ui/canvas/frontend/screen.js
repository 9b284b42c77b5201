// What is on the screen: the view, the three layers and their repainting, one animation frame for all.

import { element, still } from "./dom.js";
import { CLASSES_WITHOUT_GLYPHS, channels, listed } from "./palette.js";
import { extent } from "./projection.js";
import { createScatter, looksOf } from "./scatter.js";
import { themeOf } from "./stage.js";
import { between, bounded, fitted, resized } from "./view.js";

const TWEEN = 280; // milliseconds
const GLIDE = 220;
const REST = 300;

/** @param {any} lab @param {(name: string, detail?: unknown) => void} emit */
export function createScreen(lab, emit) {
  let scatter = createScatter(lab.dots, ["flat", "webgl"].find((way) => new URLSearchParams(location.search).has(way)) ?? null);
  lab.layer = scatter.canvas;
  const dirty = new Set();
  let pending = 0;
  let tween = null;
  let glide = null;
  let from = new Float32Array();
  let to = new Float32Array();
  let touched = false;
  let seenFrames = 0;
  let rehearsal = 0;
  lab.theme = themeOf(lab.root);
  lab.view = fitted({ left: -1, right: 1, bottom: -1, top: 1 }, 600, 400);
  lab.home = lab.view;
  const note = element("p.note");
  if (scatter.reason) {
    note.textContent = `Drawn without the graphics card: ${scatter.reason}.`;
    lab.below.append(note);
  }

  const watch = new ResizeObserver(() => measure());
  watch.observe(lab.map);

  function measure() {
    const { clientWidth: width, clientHeight: height } = lab.map;
    if (!width || !height || (width === lab.view.width && height === lab.view.height)) return;
    lab.view = resized(lab.view, width, height);
    lab.home = home();
    if (!touched) lab.view = lab.home;
    redraw();
    emit("view");
  }

  function home() {
    const { width, height } = lab.view;
    // Panes that lie upon one another show the same part of their plane.
    const box = lab.options.linked?.extent ?? lab.extent;
    if (!box) return lab.view;
    return fitted(box, width, height, { margin: Math.min(34, width / 14), equal: Boolean(lab.up) });
  }

  /** Ask for a repainting of layers, all if none is named, before the next frame. */
  function redraw(...layers) {
    for (const layer of layers.length ? layers : ["under", "points", "over"]) dirty.add(layer);
    pending ||= requestAnimationFrame(paint);
  }

  function paint(now) {
    pending = 0;
    if (tween) {
      tween.share = Math.min(1, (now - tween.begun) / TWEEN);
      dirty.add("points");
      if (tween.share === 1) tween = null;
    }
    if (glide) {
      const share = Math.min(1, (now - glide.begun) / GLIDE);
      lab.view = between(glide.from, glide.to, share < 1 ? 1 - (1 - share) ** 3 : 1);
      for (const layer of ["under", "points", "over"]) dirty.add(layer);
      if (share === 1) glide = null;
      emit("view", { own: !touched });
    }
    if (dirty.has("points")) paintPoints();
    if (dirty.has("under")) paintLayer(lab.under, lab.paint.under);
    if (dirty.has("over")) paintLayer(lab.over, lab.paint.over);
    dirty.clear();
    // Said only once all tools are there, so that who waits for it finds them.
    if (lab.ready) lab.root.dataset.painted = ++seenFrames;
    if (tween || glide) redraw("points");
    else if (lab.ready) rehearsal ||= setTimeout(() => scatter.rehearse(shot()), REST);
  }

  function ratio() {
    return Math.min(devicePixelRatio || 1, 2);
  }

  function shot() {
    const { count } = lab.points;
    const nearness = Math.sqrt(lab.view.sx / (lab.home.sx || 1));
    const base = count > 200000 ? 1 : count > 40000 ? 1.6 : count > 8000 ? 2.3 : count > 1500 ? 3.2 : 4.2;
    const many = lab.classes.length > CLASSES_WITHOUT_GLYPHS ? 1.2 : 1;
    return {
      view: lab.view,
      share: eased(tween?.share ?? 1),
      radius: Math.min(base * many * Math.min(Math.max(nearness, 0.8), 3), 9),
      opacity: count > 200000 ? 0.5 : count > 20000 ? 0.65 : 0.85,
      emphasised: Boolean(lab.selection),
      ratio: ratio(),
    };
  }

  const eased = (share) => share * share * (3 - 2 * share);

  function paintPoints() {
    dirty.delete("points");
    scatter.draw(shot());
  }

  /** Show which points are selected: painted at once, for the next frame is at most so far away as it takes. */
  function light() {
    scatter.setStates(lab.selection ?? new Uint8Array(lab.points.count));
    paintPoints();
    redraw("over");
  }

  function paintLayer(canvas, painters) {
    const scale = ratio();
    const [width, height] = [Math.round(lab.view.width * scale), Math.round(lab.view.height * scale)];
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    const context = canvas.getContext("2d");
    context.setTransform(scale, 0, 0, scale, 0, 0);
    context.clearRect(0, 0, lab.view.width, lab.view.height);
    if (lab.scene) for (const painter of painters) painter(context, lab);
  }

  /** Send the points to where they now lie. @param {boolean} slowly @param {boolean} begin with a fresh view */
  function setPlaces(slowly, begin) {
    const { xs, ys } = lab.points;
    const next = new Float32Array(2 * xs.length);
    for (let i = 0; i < xs.length; i++) [next[2 * i], next[2 * i + 1]] = [xs[i], ys[i]];
    from = slowly && to.length === next.length ? current() : next;
    to = next;
    tween = from === to ? null : { begun: performance.now(), share: 0 };
    scatter.setPlaces(from, to);
    recolour();
    lab.extent = extent(xs, ys);
    lab.home = home();
    if (begin) setView(lab.home, { own: true });
    else if (!touched && escaped()) setView(lab.home, { own: true, slowly: true });
    redraw();
  }

  /** Whether the points have outgrown the view that fitted them, or become small in it. */
  function escaped() {
    const { sx, sy, x, y, width, height } = lab.view;
    const { left, right, bottom, top } = lab.extent;
    const out = (left - x) * sx < -width / 2 || (right - x) * sx > width / 2 || (bottom - y) * sy < -height / 2 || (top - y) * sy > height / 2;
    return out || lab.home.sx / sx > 1.5;
  }

  function current() {
    const share = eased(tween?.share ?? 1);
    return share === 1 ? to : to.map((value, at) => from[at] + (value - from[at]) * share);
  }

  /** Show another part of the plane. @param {any} view @param {{slowly?: boolean, own?: boolean}} [how] */
  function setView(view, { slowly = false, own = false } = {}) {
    touched = !own;
    const next = bounded(view, lab.home);
    if (slowly && !still()) glide = { from: lab.view, to: next, begun: performance.now() };
    else [glide, lab.view] = [null, next];
    emit("view", { own });
    redraw();
  }

  function recolour() {
    const { count, labels } = lab.points;
    scatter.setLabels(labels ?? new Uint8Array(count));
    scatter.setStates(lab.selection ?? new Uint8Array(count));
    lab.looks = looksOf(lab.classes.length, listed(lab.theme.classes), lab.hidden);
    scatter.setLooks(lab.looks);
  }

  function retheme() {
    const theme = themeOf(lab.root);
    const [red, green, blue] = channels(theme.ground);
    lab.root.style.colorScheme = 0.3 * red + 0.6 * green + 0.1 * blue < 0.5 ? "dark" : "light";
    if (JSON.stringify(theme) === JSON.stringify(lab.theme)) return;
    lab.theme = theme;
    recolour();
    emit("theme");
  }

  return {
    redraw,
    /** Whether drawing is dear, so that what moves by itself had better jump. */
    slow: scatter.reason !== "",
    setView,
    setPlaces,
    recolour,
    light,
    repaint: paintPoints,
    retheme,
    shot,
    held: () => ({ from, to, labels: lab.points.labels ?? new Uint8Array(lab.points.count), states: lab.selection ?? new Uint8Array(lab.points.count), looks: lab.looks }),
    setHeight: (height) => {
      lab.map.style.setProperty("--height", `${height}px`);
      measure();
    },
    destroy: () => {
      watch.disconnect();
      cancelAnimationFrame(pending);
      clearTimeout(rehearsal);
      scatter.destroy();
    },
  };
}
