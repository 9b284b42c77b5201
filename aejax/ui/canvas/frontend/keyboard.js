// Everything by keys, while the map has the focus; tools add keys of their own to `lab.keys`.

import { panned, zoomed } from "./view.js";

const STEP = 12; // pixels that an arrow moves the probe by
const FAR = 60;

/** @param {any} lab */
export function listenToKeys(lab) {
  const arrow = (dx, dy) => (event) => {
    const [x, y] = lab.position(lab.anchor);
    const [px, py] = lab.toScreen(x, y);
    const step = event.shiftKey ? FAR : STEP;
    const [nx, ny] = [px + dx * step, py + dy * step];
    const [wx, wy] = lab.toWorld(nx, ny);
    follow(nx, ny);
    lab.setProbe(lab.codeAt(wx, wy), { from: "keys" });
  };

  /** Move the map along where the probe would leave it. */
  function follow(px, py) {
    const { width, height } = lab.view;
    const dx = px < 20 ? 20 - px : px > width - 20 ? width - 20 - px : 0;
    const dy = py < 20 ? 20 - py : py > height - 20 ? height - 20 - py : 0;
    if (dx || dy) lab.setView(panned(lab.view, dx, dy));
  }
  const zoom = (factor) => () => {
    lab.setView(zoomed(lab.view, factor, ...lab.toScreen(...lab.position(lab.anchor))), { slowly: true });
  };
  const add = (keys, text, run) => lab.keys.set(keys[0], { keys, text, run });
  add(["ArrowLeft"], "Move the probe (with shift farther)", arrow(-1, 0));
  add(["ArrowRight"], "", arrow(1, 0));
  add(["ArrowUp"], "", arrow(0, -1));
  add(["ArrowDown"], "", arrow(0, 1));
  add(["+", "="], "Zoom in", zoom(1.4));
  add(["-", "_"], "Zoom out", zoom(1 / 1.4));
  add(["0"], "Show all points", () => lab.setView(lab.home, { slowly: true, own: true }));
  add(["["], "One moment back, where there is a timeline", () => lab.emit("scrub", -1));
  add(["]"], "One moment on", () => lab.emit("scrub", 1));

  lab.map.addEventListener("keydown", (event) => {
    if (!lab.scene || event.ctrlKey || event.metaKey || event.altKey || event.target !== lab.map) return;
    if (lab.mode?.key?.(event)) return event.preventDefault();
    if (event.key === "Escape" && lab.mode) return lab.setMode(null);
    for (const { keys, run } of lab.keys.values()) {
      if (!keys.includes(event.key)) continue;
      event.preventDefault();
      run(event);
      return;
    }
  });
}
