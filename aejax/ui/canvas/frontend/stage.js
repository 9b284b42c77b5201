// The elements of the laboratory: a bar, the map in three layers, a side, and a line read aloud.

import { element } from "./dom.js";

/** @param {HTMLElement} place @param {string} style */
export function createStage(place, style) {
  const sheet = element("style");
  sheet.textContent = style;
  const title = element("h2.title");
  const bar = element("div.bar", { role: "toolbar", "aria-label": "Tools of the map" });
  const under = element("canvas.layer", { "aria-hidden": "true" });
  const dots = element("canvas.layer", { "aria-hidden": "true" });
  const over = element("canvas.layer", { "aria-hidden": "true" });
  const floats = element("div.floats");
  const map = element(
    "div.map",
    { tabindex: "0", role: "application", "aria-roledescription": "map of codes", "aria-label": "Map of codes" },
    under,
    dots,
    over,
    floats,
  );
  const below = element("div.below");
  const foot = element("div.foot");
  const side = element("div.side");
  const live = element("div.aloud", { role: "status", "aria-live": "polite" });
  const root = element(
    "section.lab",
    { testid: "latent-canvas", "aria-label": "Latent canvas" },
    element("div.head", {}, title, bar),
    element("div.body", {}, element("div.main", {}, map, below), side, foot),
    live,
  );
  place.replaceChildren(sheet, root);
  return { root, title, bar, map, under, dots, over, floats, below, foot, side, live };
}

/** The theme's colours, as the style sheet that reaches the element has them. @param {HTMLElement} root */
export function themeOf(root) {
  const style = getComputedStyle(root);
  const value = (name, otherwise) => style.getPropertyValue(`--st-${name}`).trim() || otherwise;
  return {
    text: value("text-color", "#1b2733"),
    ground: value("background-color", "#ffffff"),
    second: value("secondary-background-color", "#f3f6f9"),
    line: value("border-color", "#cbd5de"),
    primary: value("primary-color", "#0067a3"),
    font: value("font", "sans-serif"),
    classes: value("chart-categorical-colors", ""),
  };
}
