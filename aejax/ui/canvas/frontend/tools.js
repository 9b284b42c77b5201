// The table of tools: what a canvas can do beyond showing points.

import { mount as axes } from "./axes.js";
import { mount as probe } from "./probe.js";

/** @typedef {{update?: () => void, destroy?: () => void}} Mounted */
/** @type {{name: string, title: string, mount: (lab: any) => Mounted}[]} */
export const TOOLS = [
  { name: "axes", title: "Axes", mount: axes },
  { name: "probe", title: "Probe", mount: probe },
];
