// What keys and gestures do; and the buttons to magnify for those who have neither wheel nor keys.

import { button, element } from "./dom.js";
import { zoomed } from "./view.js";

const GESTURES = [
  ["Move the pointer", "Decode the place under it"],
  ["Click", "Choose a point, or set the probe down"],
  ["Drag", "Move the map; with a finger, the probe"],
  ["Wheel, pinch, double click", "Zoom"],
];
const NAMES = { ArrowLeft: "← → ↑ ↓", Escape: "Esc", " ": "Space" };

/** @param {any} lab */
export function mount(lab) {
  const dialog = /** @type {HTMLDialogElement} */ (element("dialog", { "aria-label": "Keys and gestures" }));
  const open = () => {
    fill();
    dialog.showModal();
  };
  lab.root.append(dialog);
  lab.bar.append(button("Help", open));
  lab.keys.set("?", { keys: ["?"], text: "This list", run: open });
  const zoom = (factor) => () => lab.setView(zoomed(lab.view, factor), { slowly: true });
  const all = () => lab.setView(lab.home, { slowly: true, own: true });
  lab.floats.append(
    element(
      "div.zoom",
      {},
      button("+", zoom(1.5), { "aria-label": "Zoom in", title: "Zoom in" }),
      button("−", zoom(1 / 1.5), { "aria-label": "Zoom out", title: "Zoom out" }),
      button("⤢", all, { "aria-label": "Show all points", title: "Show all points" }),
    ),
  );

  function fill() {
    const line = (keys, text) => element("tr", {}, element("th", { scope: "row" }, keys), element("td", {}, text));
    const keys = [...lab.keys.values()].filter(({ text }) => text);
    const body = element("tbody", {}, ...keys.map(({ keys: [key], text }) => line(NAMES[key] ?? key, text)), ...GESTURES.map(([what, text]) => line(what, text)));
    dialog.replaceChildren(
      element("h3", {}, "Keys, while the map has the focus, and gestures"),
      element("table", {}, body),
      button("Close", () => dialog.close()),
    );
  }

  return {};
}
