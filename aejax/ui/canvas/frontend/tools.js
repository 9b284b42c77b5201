// The table of tools: what a canvas can do beyond showing points.

import { mount as arithmetic } from "./arithmetic.js";
import { mount as axes } from "./axes.js";
import { mount as draw } from "./draw.js";
import { mount as help } from "./help.js";
import { mount as honesty } from "./honesty.js";
import { mount as hover } from "./hover.js";
import { mount as inspector } from "./inspector.js";
import { mount as lasso } from "./lasso.js";
import { mount as legend } from "./legend.js";
import { mount as linked } from "./linked.js";
import { mount as manifold } from "./manifold.js";
import { mount as paths } from "./paths.js";
import { mount as picture } from "./picture.js";
import { mount as probe } from "./probe.js";
import { mount as sliders } from "./sliders.js";
import { mount as trails } from "./trails.js";
import { mount as traversals } from "./traversals.js";

/** @typedef {{update?: () => void, destroy?: () => void}} Mounted */
/** @type {{name: string, title: string, mount: (lab: any) => Mounted}[]} */
export const TOOLS = [
  { name: "axes", title: "Axes", mount: axes },
  { name: "legend", title: "Legend", mount: legend },
  { name: "probe", title: "Decoded example", mount: probe },
  { name: "sliders", title: "Code", mount: sliders },
  { name: "hover", title: "Thumbnails", mount: hover },
  { name: "inspector", title: "Chosen example", mount: inspector },
  { name: "manifold", title: "Manifold", mount: manifold },
  { name: "honesty", title: "Honesty", mount: honesty },
  { name: "lasso", title: "Lasso", mount: lasso },
  { name: "paths", title: "Path", mount: paths },
  { name: "arithmetic", title: "Arithmetic", mount: arithmetic },
  { name: "traversals", title: "Traversals", mount: traversals },
  { name: "draw", title: "Draw", mount: draw },
  { name: "linked", title: "Linked panes", mount: linked },
  { name: "trails", title: "Trails", mount: trails },
  { name: "picture", title: "Save", mount: picture },
  { name: "help", title: "Help", mount: help },
];
