// Panes of one group show the same points: what is done in one of them is done in all, and one can turn into another.

import { button, element } from "./dom.js";
import { createPanel, createSlider } from "./panel.js";
import { applied, inverted, mixed } from "./similarity.js";
import { createThumbnails } from "./thumbnails.js";

/** @type {Map<string, Set<any>>} */
const groups = new Map();

/** @param {any} lab */
export function mount(lab) {
  const pane = { lab, own: null, near: -1, told: () => lab.options.linked, toCommon, fromCommon };
  let group = "";
  let hears = false;
  lab.pictures ??= createThumbnails(lab);
  lab.paint.over.push(ring);

  const others = () => [...(groups.get(group) ?? [])].filter((other) => other !== pane && other.lab.ready && other.lab.points.count === lab.points.count);

  function toCommon(x, y) {
    return applied(lab.options.linked.map, x, y);
  }

  function fromCommon(x, y) {
    return applied(inverted(lab.options.linked.map), x, y);
  }

  /** Do something in the other panes that they shall not pass on. */
  pane.hear = (act) => {
    hears = true;
    act();
    hears = false;
  };
  const pass = (act) => {
    if (hears || !lab.ready) return;
    for (const other of others()) other.hear(() => act(other));
  };
  const on = (name, act) => lab.events.addEventListener(name, act);

  on("near", ({ detail }) => pass((other) => other.mark(detail)));
  on("selection", () => pass((other) => other.lab.select(lab.selection)));
  on("legend", () => pass((other) => other.lab.setHidden(lab.hidden)));
  on("view", ({ detail }) => detail && pass((other) => look(other, detail.own)));
  on("probe", ({ detail }) => {
    if (!detail) return;
    const common = toCommon(...lab.position(lab.probe));
    pass((other) => other.lab.setProbe(other.lab.codeAt(...other.fromCommon(...common)), { passing: detail.passing, from: "linked" }));
  });
  on("data", () => (pane.own = null));

  pane.mark = (point) => {
    pane.near = point;
    lab.root.dataset.near = point;
    lab.redraw("over");
  };

  /** Show in another pane what this one shows: the same part of a common plane, or the same share of its own. */
  function look(other, own) {
    if (own) return other.lab.setView(other.lab.home, { own: true });
    const [x, y] = other.fromCommon(...toCommon(lab.view.x, lab.view.y));
    const factor = pane.told().aligned && other.told().aligned ? lab.view.sx / other.lab.home.sx : lab.view.sx / lab.home.sx;
    return other.lab.setView({ ...other.lab.view, x, y, sx: other.lab.home.sx * factor, sy: other.lab.home.sy * factor });
  }

  function ring(context) {
    if (pane.near < 0 || pane.near >= lab.points.count) return;
    const [px, py] = lab.toScreen(lab.points.xs[pane.near], lab.points.ys[pane.near]);
    for (const [color, width] of [[lab.theme.ground, 6], [lab.theme.text, 3]]) {
      [context.strokeStyle, context.lineWidth] = [color, width];
      context.beginPath();
      context.arc(px, py, 10, 0, 2 * Math.PI);
      context.stroke();
    }
  }

  const morph = createPanel(lab, { title: "Morph", hint: "The points on their way to where another pane has them.", onopen: offer, onclose: () => turn(0) });
  const goals = /** @type {HTMLSelectElement} */ (element("select", { "aria-label": "Pane to turn into" }));
  const share = createSlider("Share of the way", { min: 0, max: 1, step: 0.01, value: 0, words: (value) => `${Math.round(100 * value)} %` }, turn);
  goals.onchange = () => turn(share.value());
  morph.body.append(element("label.row", {}, "Towards ", goals), share.row);

  function offer() {
    const chosen = goals.value;
    goals.replaceChildren(...others().map((other) => element("option", { value: other.told().pane }, other.told().name)));
    if (chosen) goals.value = chosen;
  }

  /** Put the points a share of the way to where the chosen pane has them. */
  function turn(way) {
    if (!way) share.set(0);
    const goal = others().find((other) => String(other.told().pane) === goals.value);
    if (!way || !goal) return restore();
    pane.own ??= { xs: lab.points.xs, ys: lab.points.ys };
    const there = goal.own ?? goal.lab.points;
    const { xs, ys } = mixed(pane.own, there, way, (x, y) => fromCommon(...goal.toCommon(x, y)));
    lab.place(xs, ys);
  }

  function restore() {
    if (pane.own) lab.place(pane.own.xs, pane.own.ys);
    pane.own = null;
  }

  /** See to it that there is something to turn into: panes come and go. */
  function settle() {
    const names = others().map((other) => `${other.told().pane} ${other.told().name}`).join();
    morph.toggle.hidden = !names;
    if (names === goals.dataset.names) return;
    goals.dataset.names = names;
    morph.close();
    restore();
  }

  const changes = createPanel(lab, { title: "Changes" });
  const gallery = element("div.gallery", { role: "group", "aria-label": "Points whose neighbourhoods differ most" });
  changes.body.append(gallery);
  let listed = "";

  /** List the points that have the fewest neighbours in common. */
  function list() {
    const told = pane.told().changes;
    changes.toggle.hidden = !told?.points.length;
    if (JSON.stringify(told) === listed) return;
    listed = JSON.stringify(told);
    if (changes.toggle.hidden) return changes.close();
    const none = `${told.none.toLocaleString("en")} of ${lab.points.count.toLocaleString("en")} points keep none of their ${told.k} nearest between “${told.between[0]}” and “${told.between[1]}”, by whole codes.`;
    changes.say(`${none} Those that keep fewest are listed, and first whose neighbours went farthest. Press one to select it with its neighbours on either side.`);
    gallery.replaceChildren(...told.points.map((point, at) => changed(point, told.kept[at], told.members[at], told.k)));
  }

  function changed(point, kept, members, k) {
    const picture = /** @type {HTMLCanvasElement} */ (element("canvas", { "aria-hidden": "true" }));
    lab.pictures.paint(picture, point).then((painted) => (picture.hidden = !painted));
    const label = lab.labelOf(point);
    const made = button("", () => {
      const mask = new Uint8Array(lab.points.count);
      for (const member of [point, ...members]) mask[member] = 1;
      lab.select(mask);
      if (!inView(point)) lab.setView(lab.home, { own: true });
      lab.setProbe(lab.codeOf(point));
      for (const each of [pane, ...others()]) each.mark(point);
      lab.announce(`Row ${lab.rowOf(point)}: ${kept} of ${k} neighbours kept`);
    });
    made.className = "example";
    made.append(picture, element("span", {}, `${label === null ? "" : `${label} · `}${lab.rowOf(point)}`), element("span", {}, `${kept} of ${k} kept`));
    return made;
  }

  function inView(point) {
    const [px, py] = lab.toScreen(lab.points.xs[point], lab.points.ys[point]);
    return px > 0 && py > 0 && px < lab.view.width && py < lab.view.height;
  }

  function join() {
    const told = lab.options.linked;
    if (told.group !== group) leave();
    group = told.group;
    const members = groups.get(group) ?? groups.set(group, new Set()).get(group);
    if (!members.has(pane)) {
      members.add(pane);
      const first = others()[0];
      if (first)
        pane.hear(() => {
          lab.select(first.lab.selection);
          lab.setHidden(first.lab.hidden);
        });
    }
    // The others count this pane only once it is ready, which it is after this.
    setTimeout(() => [...(groups.get(group) ?? [])].forEach((each) => each.settle()));
    list();
  }
  pane.settle = settle;

  function leave() {
    const members = groups.get(group);
    members?.delete(pane);
    if (members && !members.size) groups.delete(group);
    for (const other of members ?? []) other.settle();
  }

  return { update: join, destroy: leave };
}
