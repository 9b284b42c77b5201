// A point that was chosen: its example, what becomes of it, its neighbours in the code and in the data, its posterior.

import { brief, button, element } from "./dom.js";
import { pointAt } from "./hover.js";
import { isPicture, paintError, paintExample, paintLines } from "./painting.js";
import { ellipse } from "./projection.js";
import { createThumbnails } from "./thumbnails.js";

/** @param {any} lab */
export function mount(lab) {
  const heading = element("h3", {}, "Example");
  const row = element("input", { type: "number", min: 0, step: 1, id: "row" });
  const content = element("div.inspected");
  const hint = element("p.hint", {}, "Click a point, or type the row of an example, to see what becomes of it.");
  const form = element("form.find", { onsubmit: find }, element("label", { for: "row" }, "Row"), row, button("Show", null, { type: "submit" }));
  lab.foot.append(element("section.inspector", { "aria-label": "Example" }, heading, form, hint, content));
  lab.pictures ??= createThumbnails(lab);
  lab.paint.over.push(draw);
  let chosen = -1;
  let known = null;
  let turn = 0;

  lab.events.addEventListener("click", ({ detail: { px, py } }) => {
    const point = pointAt(lab, px, py);
    if (point >= 0) choose(point);
    else lab.setProbe(lab.codeAt(...lab.toWorld(px, py)), { from: "pointer" });
  });
  lab.keys.set("Enter", {
    keys: ["Enter"],
    text: "Choose the point nearest to the probe",
    run: () => {
      const [px, py] = lab.toScreen(...lab.position(lab.anchor));
      for (let reach = 14; reach < 4000; reach *= 2) {
        const point = pointAt(lab, px, py, reach);
        if (point >= 0) return choose(point);
      }
    },
  });
  lab.keys.set("Escape", { keys: ["Escape"], text: "Let go of the chosen point", run: clear });
  lab.choose = choose;

  function find(event) {
    event.preventDefault();
    const wanted = Number(row.value);
    const { rows, count } = lab.points;
    const point = rows ? rows.indexOf(wanted) : wanted < count ? wanted : -1;
    if (row.value === "" || point < 0) return lab.announce(`Row ${row.value} is not among the points`);
    return choose(point);
  }

  async function choose(point) {
    const mine = ++turn;
    chosen = point;
    lab.setProbe(lab.codeOf(point), { from: "point" });
    lab.send("point", point);
    lab.emit("chosen", point);
    const label = lab.labelOf(point);
    heading.textContent = `Example ${lab.rowOf(point)}${label === null ? "" : `: ${label}`}`;
    row.value = String(lab.rowOf(point));
    lab.announce(`${heading.textContent} chosen`);
    hint.hidden = true;
    content.classList.add("stale");
    lab.redraw("over");
    const reply = await lab.ask("inspect", { point });
    if (mine !== turn || !reply) return;
    known = reply;
    // Its exact code: the map's own is rounded to 16 bits.
    if (reply.code) lab.setProbe(reply.code, { from: "point" });
    content.classList.remove("stale");
    content.replaceChildren(element("div", {}, ...pictures(reply)), element("div", {}, ...neighbours(reply)));
    fill(reply);
    lab.redraw("over");
  }

  function clear() {
    if (chosen < 0) return;
    chosen = -1;
    turn++;
    known = null;
    heading.textContent = "Example";
    hint.hidden = false;
    content.replaceChildren();
    lab.send("point", null);
    lab.emit("chosen", -1);
    lab.redraw("over");
  }

  function pictures({ original, rebuilt }) {
    const error = mean(original, (value, at) => (value - rebuilt[at]) ** 2);
    const words = `Mean squared error ${brief(error)}`;
    if (!isPicture(lab.scene)) {
      const chart = element("canvas.both", { role: "img", "aria-label": `The example and its reconstruction. ${words}` });
      return [chart, element("p.hint", {}, "Solid: the example. Dashed or second bar: rebuilt. ", words)];
    }
    const one = (name) => element("figure", {}, element("canvas.one", { role: "img", "aria-label": `${name} picture`, "data-name": name }), element("figcaption", {}, name));
    return [element("div.trio", {}, one("Original"), one("Rebuilt"), one("Error")), element("p.hint", {}, words)];
  }

  function fill({ original, rebuilt }) {
    const { scene, theme } = lab;
    // Drawn once they have their size on the page.
    for (const picture of content.querySelectorAll("[data-point]")) lab.pictures.paint(picture, Number(picture.dataset.point));
    const chart = content.querySelector(".both");
    if (chart) {
      const second = lab.looks[1 % lab.looks.length]?.color ?? theme.text;
      return paintLines(chart, [{ values: original, color: theme.primary }, { values: rebuilt, color: second, dash: [5, 4] }], scene, theme);
    }
    return fillPictures(original, rebuilt);
  }

  function fillPictures(original, rebuilt) {
    const { scene, theme } = lab;
    const of = (name) => content.querySelector(`[data-name="${name}"]`);
    paintExample(of("Original"), original, scene, theme);
    paintExample(of("Rebuilt"), rebuilt, scene, theme);
    return paintError(of("Error"), original, rebuilt, scene, theme);
  }

  function neighbours({ latent, pixels }) {
    if (!latent?.length) return [];
    const common = [...latent].filter((point) => pixels.includes(point)).length;
    return [
      strip("Nearest in the code", latent, "solid"),
      strip(isPicture(lab.scene) ? "Nearest in pixels" : "Nearest in the data", pixels, "dashed"),
      element("p.hint", {}, `${common} of ${latent.length} are near in both.`),
    ];
  }

  function strip(title, points, line) {
    const list = element("div.strip", { role: "group", "aria-label": title });
    for (const point of points) {
      const name = `Row ${lab.rowOf(point)}${lab.labelOf(point) === null ? "" : `, ${lab.labelOf(point)}`}`;
      const picture = element("canvas", { "aria-hidden": "true", "data-point": point });
      list.append(element("button", { type: "button", "aria-label": name, title: name, onclick: () => choose(point) }, picture));
    }
    return element("div", {}, element(`h4.${line}`, {}, title), list);
  }

  function draw(context) {
    if (chosen < 0 || chosen >= lab.points.count) return;
    const place = (point) => lab.toScreen(lab.points.xs[point], lab.points.ys[point]);
    const [px, py] = place(chosen);
    if (known) {
      join(context, [px, py], [...known.pixels].map(place), [3, 3]);
      join(context, [px, py], [...known.latent].map(place), []);
      if (known.deviation?.length && lab.up) drawPosterior(context, known);
    }
    context.setLineDash([]);
    context.lineWidth = 3;
    context.strokeStyle = lab.theme.primary;
    context.beginPath();
    context.arc(px, py, 10, 0, 2 * Math.PI);
    context.stroke();
  }

  function join(context, [px, py], places, dash) {
    context.setLineDash(dash);
    context.lineWidth = 1.2;
    context.strokeStyle = lab.theme.text;
    for (const [x, y] of places) {
      context.globalAlpha = 0.35;
      context.beginPath();
      context.moveTo(px, py);
      context.lineTo(x, y);
      context.stroke();
      context.globalAlpha = 0.9;
      context.beginPath();
      context.arc(x, y, 6, 0, 2 * Math.PI);
      context.stroke();
    }
    context.globalAlpha = 1;
  }

  /** Where one and two standard deviations of the posterior lie. */
  function drawPosterior(context, { code, deviation }) {
    const { major, minor, angle } = ellipse(lab.across, lab.up, deviation);
    const [x, y] = lab.toScreen(...lab.position(code));
    context.setLineDash([]);
    context.strokeStyle = lab.theme.primary;
    for (const [times, alpha] of [[1, 0.25], [2, 0.12]]) {
      context.beginPath();
      context.ellipse(x, y, Math.max(times * major * lab.view.sx, 1), Math.max(times * minor * lab.view.sx, 1), -angle, 0, 2 * Math.PI);
      context.fillStyle = lab.theme.primary;
      context.globalAlpha = alpha;
      context.fill();
      context.globalAlpha = 0.9;
      context.lineWidth = 1;
      context.stroke();
    }
    context.globalAlpha = 1;
  }

  lab.events.addEventListener("moment", () => (known = null));
  let space = "";
  return {
    update: () => {
      row.max = String(Math.max(0, lab.points.rows ? Math.max(...[lab.points.rows[lab.points.count - 1]]) : lab.points.count - 1));
      if (space !== lab.scene.space || chosen >= lab.points.count) clear();
      else if (chosen >= 0 && known && lab.root.dataset.frame !== String(lab.scene.frame)) known = null;
      space = lab.scene.space;
    },
  };
}

function mean(values, of) {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += of(values[i], i);
  return sum / Math.max(1, values.length);
}
