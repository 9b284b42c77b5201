// The entry: builds the laboratory once a place on the page, then hands it whatever comes.

import { createLab } from "./lab.js";

const labs = new WeakMap();

/** @param {any} component what Streamlit passes, with what was read of it */
export async function show(component) {
  const { parentElement, data, about, style, wait, setStateValue } = component;
  const place = parentElement.querySelector(".place");
  let lab = labs.get(place);
  if (!lab) {
    lab = createLab(place, style);
    labs.set(place, lab);
  }
  lab.sendState = setStateValue;
  await lab.update(data, about, wait);
  // Called when the component leaves the page, perhaps a moment before its elements do.
  return () =>
    setTimeout(() => {
      if (place.isConnected || labs.get(place) !== lab) return;
      lab.destroy();
      labs.delete(place);
    }, 500);
}
