// The one shared state of a laboratory: points, view, probe, selection; tools are given it and nothing else.

import { createAsking } from "./asking.js";
import { createDecoding } from "./decoding.js";
import { still } from "./dom.js";
import { listenToKeys } from "./keyboard.js";
import { indexed } from "./pick.js";
import { listenToPointers } from "./pointer.js";
import { along, directions, extent, lifted, projected, scattered } from "./projection.js";
import { codeOf } from "./quantise.js";
import { createScreen } from "./screen.js";
import { createStage } from "./stage.js";
import { TOOLS } from "./tools.js";
import { toScreen, toWorld } from "./view.js";

/** @param {HTMLElement} place @param {string} style */
export function createLab(place, style) {
  const stage = createStage(place, style);
  const events = new EventTarget();
  const lab = {
    ...stage,
    events,
    /** Sends a state to Streamlit; renewed by each call of the entry. @type {(name: string, value: unknown) => void} */
    sendState: () => {},
    scene: null,
    options: {},
    points: { count: 0, latent: 0, codes: new Uint16Array(), bounds: [], labels: null, rows: null, xs: new Float32Array(), ys: new Float32Array() },
    classes: [],
    thumbnails: null,
    arrays: () => null,
    directions: [],
    across: null,
    up: null,
    /** The code that is shown: under the pointer, or else where the probe was set down. */
    probe: new Float32Array(),
    anchor: new Float32Array(),
    selection: null,
    hidden: new Set(),
    pins: new Map(),
    mode: null,
    keys: new Map(),
    tools: new Map(),
    paint: { under: [], over: [] },
  };
  const emit = (name, detail) => events.dispatchEvent(new CustomEvent(name, { detail }));
  const screen = createScreen(lab, emit);
  const asking = createAsking((kind, request) => lab.sendState(kind, request));
  const decoding = createDecoding(lab);
  let index = null;
  let waiting = "";
  let updates = 0;
  let followed = null;

  Object.assign(lab, {
    emit,
    screen,
    redraw: screen.redraw,
    setView: screen.setView,
    send: (name, value) => lab.sendState(name, value),
    /** The arrays that answer a request of a kind that the server takes; null if it does not or a newer one came. */
    ask: (kind, request) => (lab.asks.includes(kind) ? asking.ask(kind, request) : Promise.resolve(null)),
    busy: asking.busy,
    asks: [],
    decoding,
    decode: decoding.decode,
    decoded: decoding.decoded,
    toScreen: (x, y) => toScreen(lab.view, x, y),
    toWorld: (px, py) => toWorld(lab.view, px, py),
    /** Where on the map's plane a code lies. */
    position: (code) => [along(lab.across, code), lab.up ? along(lab.up, code) : 0],
    /** The code at a place of the plane: what else it has is as the probe was set down. */
    codeAt: (x, y) => lifted(lab.across, lab.up, lab.anchor, x, y),
    codeOf: (point) => codeOf(lab.points.codes, lab.points.bounds, point, lab.points.latent),
    labelOf: (point) => (lab.points.labels && lab.classes.length ? lab.classes[lab.points.labels[point]] : null),
    rowOf: (point) => (lab.points.rows ? lab.points.rows[point] : point),
    /** Whether a point is not hidden by the legend. */
    isShown: (point) => !lab.points.labels || !lab.hidden.has(lab.points.labels[point]),
    index: () => (index ??= indexed(lab.points.xs, lab.points.ys, extent(lab.points.xs, lab.points.ys))),
    announce: (text) => {
      if (text !== waiting) stage.live.textContent = waiting = text;
    },
    setProbe,
    /** Look again where the probe was set down. */
    rest: () => {
      lab.probe = lab.anchor;
      emit("probe", { passing: true, from: "pointer" });
      screen.redraw("over");
    },
    setPin: (name, code) => {
      code ? lab.pins.set(name, Float32Array.from(code)) : lab.pins.delete(name);
      lab.send("pins", Object.fromEntries([...lab.pins].map(([key, value]) => [key, [...value]])));
      emit("pins");
      screen.redraw("over");
    },
    /** Select points by a mask of a byte each; null for none. */
    select: (mask) => {
      lab.selection = mask?.some((value) => value) ? mask : null;
      lab.root.dataset.selected = lab.selection?.reduce((sum, value) => sum + value, 0) ?? 0;
      screen.light();
      emit("selection");
    },
    setHidden: (hidden) => {
      lab.hidden = hidden;
      screen.recolour();
      emit("legend");
      screen.redraw();
    },
    setMode: (mode) => {
      lab.mode?.end?.();
      lab.mode = mode;
      stage.map.style.cursor = mode?.cursor ?? "";
      emit("mode");
    },
    setPlane: (across, up) => {
      [lab.across, lab.up] = [across, up];
      placePoints(true);
      emit("plane");
      emit("probe");
    },
    /** Put the points elsewhere on the plane than where their codes lie. */
    place: (xs, ys) => {
      Object.assign(lab.points, { xs, ys });
      index = null;
      screen.setPlaces(false);
    },
    update,
    destroy: () => {
      removeEventListener("aejax-moment", follow);
      for (const tool of lab.tools.values()) tool.destroy?.();
      screen.destroy();
    },
  });
  listenToPointers(lab);
  listenToKeys(lab);
  addEventListener("aejax-moment", follow);
  return lab;

  /**
   * Move the probe; it is set down there unless it only passes by.
   * @param {ArrayLike<number>} code @param {{passing?: boolean, from?: unknown}} [how]
   */
  function setProbe(code, { passing = false, from = null } = {}) {
    lab.probe = Float32Array.from(code);
    if (!passing) lab.anchor = lab.probe;
    emit("probe", { passing, from });
    screen.redraw("over");
  }

  async function update(data, about, wait) {
    const mine = ++updates;
    const moment = await wait(about.moment);
    const scene = JSON.parse(moment.about);
    const [held, weights] = await Promise.all([wait(scene.still), wait(scene.weights)]);
    // What came meanwhile holds the newer moment and the same replies.
    if (mine !== updates) return;
    const fresh = moment.stamp !== lab.stamp;
    lab.asks = about.asks;
    lab.options = about.options;
    if (fresh) {
      lab.stamp = moment.stamp;
      lab.arrays = (name) => arrayOf(moment[name]);
      await take(scene, newer(scene, arrayOf(moment.codes)), held, weights);
    }
    mountTools(about.tools);
    screen.setHeight(about.height);
    if (fresh) {
      emit("data");
      emit("probe");
    }
    for (const tool of lab.tools.values()) tool.update?.();
    lab.root.dataset.frame = scene.frame;
    answer(data, about);
    screen.retheme();
    lab.ready = true;
    screen.redraw();
  }

  /** Show a moment that came by itself, of the scene's own points; without codes, that no more come. */
  function follow({ detail: moment }) {
    if (!lab.ready || !lab.options.follows || moment.run !== lab.scene.space) return;
    if (!moment.codes) followed = null;
    if (moment.codes?.length !== lab.points.codes.length) return;
    followed = moment;
    Object.assign(lab.points, { codes: moment.codes, bounds: moment.bounds });
    lab.scene.frame = lab.root.dataset.frame = moment.number;
    placePoints(true);
    emit("moment");
  }

  /** The scene with the codes that came by themselves: as long as they come, they are those that are to be shown. */
  function newer(scene, codes) {
    if (followed?.run !== scene.space || followed.number === scene.frame || followed.codes.length !== codes.length) return codes;
    Object.assign(scene, { bounds: followed.bounds, frame: followed.number });
    lab.stamp = null; // what the server drew is not what is shown: another time it may be
    return followed.codes;
  }

  /** Hand replies to those who asked. */
  function answer(data, about) {
    asking.receive(about.replies, (kind) => {
      if (about.missing.includes(kind)) return null;
      const names = Object.keys(data).filter((name) => name.startsWith(`${kind}/`));
      return Object.fromEntries(names.map((name) => [name.slice(kind.length + 1), arrayOf(data[name])]));
    });
  }

  async function take(scene, codes, held, weights) {
    const known = lab.scene;
    const same = known && known.space === scene.space && known.latent === scene.latent;
    lab.scene = scene;
    const told = JSON.parse(held.about);
    lab.classes = told.classes;
    lab.thumbnails = told.thumbnails ? { ...told.thumbnails, stamp: held.stamp, values: arrayOf(held.thumbnails) } : null;
    const tween = same && lab.points.count === scene.points;
    Object.assign(lab.points, {
      count: scene.points,
      latent: scene.latent,
      codes,
      bounds: scene.bounds,
      labels: arrayOf(held.labels),
      rows: arrayOf(held.rows),
    });
    const chosen = [lab.across?.short, lab.up?.short];
    lab.directions = directions(scene.latent, scene.names, scene.components, scene.componentNames, scene.mean);
    const found = same ? chosen.map((name) => lab.directions.find((direction) => direction.short === name)) : [];
    lab.across = found[0] ?? lab.directions[0];
    lab.up = found[1] ?? lab.directions[1] ?? null;
    if (!same) {
      lab.anchor = lab.probe = Float32Array.from(scene.mean);
      lab.selection = null;
      lab.pins.clear();
    }
    lab.title.textContent = scene.title;
    await decoding.take(weights.stamp, JSON.parse(weights.about).layout, arrayOf(weights.values));
    placePoints(tween, !same);
  }

  /** Work out where points lie on the plane, and send them there. */
  function placePoints(tween, begin = false) {
    const { codes, bounds, latent, count } = lab.points;
    lab.points.xs = projected(lab.across, codes, bounds, latent);
    lab.points.ys = lab.up ? projected(lab.up, codes, bounds, latent) : scattered(count);
    index = null;
    screen.setPlaces(tween && !still() && !screen.slow, begin);
  }

  function mountTools(names) {
    for (const { name, mount } of TOOLS) {
      if (names.includes(name) && !lab.tools.has(name)) lab.tools.set(name, mount(lab) ?? {});
    }
  }
}

/** The typed array of an Arrow table of one column; null where there is none. */
const arrayOf = (table) => (table?.getChildAt ? table.getChildAt(0).toArray() : null);
