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
      if (lists[side]) lists[side].value = String(lab.directions.indexOf(direction));
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
    const box = seen(lab.view);
    context.font = `11px ${lab.theme.font}`;
    context.textBaseline = "alphabetic";
    const label = (text, x, y, align) => {
      context.textAlign = align;
      context.lineWidth = 3;
      context.lineJoin = "round";
      context.strokeStyle = lab.theme.ground;
      context.strokeText(text, x, y);
      context.fillStyle = lab.theme.text;
      context.globalAlpha = 0.75;
      context.fillText(text, x, y);
      context.globalAlpha = 1;
    };
    for (const value of ticks(box.left, box.right, Math.max(3, width / 130))) {
      const [x] = lab.toScreen(value, 0);
      if (x > 40 && x < width - 60) label(brief(value), x, height - 6, "center");
    }
    label(lab.across.name, width - 8, height - 6, "right");
    if (!lab.up) return;
    for (const value of ticks(box.bottom, box.top, Math.max(3, height / 110))) {
      const [, y] = lab.toScreen(0, value);
      if (y > 30 && y < height - 24) label(brief(value), 6, y + 4, "left");
    }
    label(lab.up.name, 6, 15, "left");
  }

  return { update };
}
