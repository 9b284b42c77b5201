// Mouse, pen and fingers on the map: hover to decode, drag to move the map, wheel and pinch to magnify, click to choose.

import { panned, zoomed } from "./view.js";

const CLICK = 5; // pixels that a click may stray
const WHEEL = 0.0018;

/** @param {any} lab */
export function listenToPointers(lab) {
  const { map } = lab;
  const held = new Map();
  let start = null;
  let moved = false;

  const place = (event) => {
    const box = map.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };

  const probe = (px, py, passing) => lab.setProbe(lab.codeAt(...lab.toWorld(px, py)), { passing, from: "pointer" });

  map.onpointerdown = (event) => {
    if (!lab.scene || event.target.closest("button, input, select")) return;
    if (event.button !== 0) return;
    map.setPointerCapture(event.pointerId);
    const [px, py] = place(event);
    held.set(event.pointerId, [px, py]);
    [start, moved] = [[px, py], false];
    if (held.size === 1 && lab.mode?.down?.(px, py, event)) return;
    if (event.pointerType === "touch" && held.size === 1 && !lab.mode) probe(px, py, true);
  };

  map.onpointermove = (event) => {
    if (!lab.scene) return;
    const [px, py] = place(event);
    const before = held.get(event.pointerId);
    if (!before) {
      if (lab.mode?.hover?.(px, py, event)) return;
      lab.emit("hover", { px, py });
      if (event.pointerType !== "touch") probe(px, py, true);
      return;
    }
    if (start && Math.hypot(px - start[0], py - start[1]) > CLICK) moved = true;
    const others = [...held].filter(([id]) => id !== event.pointerId).map(([, at]) => at);
    held.set(event.pointerId, [px, py]);
    if (others.length) pinch(before, [px, py], others[0]);
    else if (lab.mode?.move) lab.mode.move(px, py, event);
    else if (event.pointerType === "touch") probe(px, py, true);
    else if (moved) {
      map.classList.add("dragged");
      lab.emit("hover", null);
      lab.setView(panned(lab.view, px - before[0], py - before[1]));
    }
  };

  const end = (event) => {
    const known = held.delete(event.pointerId);
    map.classList.remove("dragged");
    if (!known || !lab.scene) return;
    const [px, py] = place(event);
    if (lab.mode?.up?.(px, py, event)) return;
    if (held.size) moved = true;
    else if (!moved && event.type === "pointerup") lab.emit("click", { px, py, event });
    else if (event.pointerType === "touch") lab.setProbe(lab.probe, { from: "pointer" });
  };
  map.onpointerup = end;
  map.onpointercancel = end;

  map.onpointerleave = (event) => {
    if (event.pointerType === "touch") return;
    lab.emit("hover", null);
    if (lab.scene) lab.rest();
  };

  map.addEventListener(
    "wheel",
    (event) => {
      event.preventDefault();
      const [px, py] = place(event);
      const lines = event.deltaMode === 1 ? 16 : 1;
      lab.setView(zoomed(lab.view, Math.exp(-event.deltaY * lines * WHEEL), px, py));
    },
    { passive: false },
  );

  map.ondblclick = (event) => {
    if (!lab.mode) lab.setView(zoomed(lab.view, 2, ...place(event)), { slowly: true });
  };

  function pinch(before, after, other) {
    const length = (a) => Math.max(Math.hypot(a[0] - other[0], a[1] - other[1]), 1);
    const middle = [(after[0] + other[0]) / 2, (after[1] + other[1]) / 2];
    const nearer = zoomed(lab.view, length(after) / length(before), ...middle);
    lab.setView(panned(nearer, (after[0] - before[0]) / 2, (after[1] - before[1]) / 2));
  }
}
