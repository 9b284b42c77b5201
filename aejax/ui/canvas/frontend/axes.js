// Names and ranges of the two directions, and the choice of them where there are more than two.

import { brief, element } from "./dom.js";
import { seen, ticks } from "./view.js";

/** @param {any} lab */
export function mount(lab) {
  const chooser = element("div.planes");
  lab.below.prepend(chooser);
  lab.paint.under.push(draw);

  function update() {
    if (chooser.dataset.space === lab.scene.space && chooser.childElementCount) return select();
    chooser.dataset.space = lab.scene.space;
    chooser.replaceChildren();
    if (lab.points.latent < 3) return;
    const choose = (label, side) => {
      const options = lab.directions.map((direction, at) => element("option", { value: at }, direction.name));
      const list = element("select", { "aria-label": label, onchange: (event) => turn(side, lab.directions[event.target.value]) }, ...options);
      return element("label", {}, `${label} `, list);
    };
    chooser.append(choose("Across", "across"), choose("Up", "up"));
    select();
  }

  function select() {
    const lists = chooser.querySelectorAll("select");
    [lab.across, lab.up].forEach((direction, side) => {
      if (!lists[side]) return;
      [...lists[side].options].forEach((option, at) => (option.text = lab.directions[at]?.name ?? option.text));
      lists[side].value = String(lab.directions.indexOf(direction));
    });
  }

  function turn(side, direction) {
    let [across, up] = side === "across" ? [direction, lab.up] : [lab.across, direction];
    if (across === up) [across, up] = side === "across" ? [direction, lab.across] : [lab.up, direction];
    lab.setPlane(across, up);
    select();
    lab.announce(`Across ${across.name}, up ${up.name}`);
  }

  function draw(context) {
    const { width, height } = lab.view;
    const box = seen(lab.view);
    context.font = `11px ${lab.theme.font}`;
    context.strokeStyle = lab.theme.line;
    context.lineWidth = 1;
    context.globalAlpha = 0.55;
    context.beginPath();
    const across = ticks(box.left, box.right, Math.max(3, width / 130));
    const up = lab.up ? ticks(box.bottom, box.top, Math.max(3, height / 110)) : [];
    for (const value of across) line(context, Math.round(lab.toScreen(value, 0)[0]) + 0.5, true, height);
    for (const value of up) line(context, Math.round(lab.toScreen(0, value)[1]) + 0.5, false, width);
    context.stroke();
    context.globalAlpha = 1;
  }

  function line(context, at, upright, length) {
    if (upright) {
      context.moveTo(at, 0);
      context.lineTo(at, length);
    } else {
      context.moveTo(0, at);
      context.lineTo(length, at);
    }
  }

  lab.paint.over.unshift(write);
  function write(context) {
    const { width, height } = lab.view;
    lab.marks = marks();
    context.font = `11px ${lab.theme.font}`;
    context.lineJoin = "round";
    for (const { at, words } of lab.marks.across) label(context, words, at, height - 6, "center");
    for (const { at, words } of lab.marks.up) label(context, words, 6, at + 4, "left");
    label(context, lab.across.name, width - 8, height - 6, "right");
    if (lab.up) label(context, lab.up.name, 6, 15, "left");
  }

  /** Round numbers along both axes with their places, clear of the axes' names. */
  function marks() {
    const { width, height } = lab.view;
    const { left, right, bottom, top } = seen(lab.view);
    const placed = (value, at) => ({ words: brief(value), at });
    const across = ticks(left, right, Math.max(3, width / 130)).map((value) => placed(value, lab.toScreen(value, 0)[0]));
    const up = lab.up ? ticks(bottom, top, Math.max(3, height / 110)).map((value) => placed(value, lab.toScreen(0, value)[1])) : [];
    const room = 12 + 7 * lab.across.name.length;
    return { across: across.filter(({ at }) => at > 40 && at < width - room - 20), up: up.filter(({ at }) => at > 30 && at < height - 24) };
  }

  function label(context, text, x, y, align) {
    context.textAlign = align;
    context.lineWidth = 3;
    context.strokeStyle = lab.theme.ground;
    context.strokeText(text, x, y);
    context.fillStyle = lab.theme.text;
    context.globalAlpha = 0.8;
    context.fillText(text, x, y);
    context.globalAlpha = 1;
  }

  return { update };
}
