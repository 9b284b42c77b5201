// The probe: where on the map one looks, and the decoded example.

import { brief, element } from "./dom.js";
import { isPicture, paintExample } from "./painting.js";

const REST = 600; // milliseconds

/** @param {any} lab */
export function mount(lab) {
  const picture = element("canvas.decoded", { testid: "decoded-image", role: "img", "aria-label": "Decoded example" });
  const where = element("p.where");
  const path = element("p.path");
  lab.side.prepend(element("section.probe", { "aria-label": "Decoded example" }, element("h3", {}, "Decoded here"), picture, element("div", {}, where, path)));
  lab.paint.over.push(draw);
  let turn = 0;
  let spoken = 0;
  let resting = 0;

  lab.events.addEventListener("probe", (event) => show(event.detail));
  lab.events.addEventListener("decoder", () => lab.scene && show({ passing: true }));
  lab.events.addEventListener("theme", () => show({ passing: true }));

  async function show(how) {
    const mine = ++turn;
    const code = lab.probe;
    const at_once = lab.decode(code);
    if (at_once) paint(at_once, code);
    else {
      picture.classList.add("stale");
      const values = await lab.decoded(code);
      // Those that come late are painted too while nothing newer has come: newest wins, but something moves.
      if (values && mine >= (show.painted ?? 0)) {
        show.painted = mine;
        paint(values, code);
      }
    }
    if (!how?.passing) {
      clearTimeout(spoken);
      // Not before it has come to rest: what is decoded here needs no server.
      clearTimeout(resting);
      // What is set down in another pane is told by that one.
      if (how?.from !== "linked") resting = setTimeout(() => lab.root.isConnected && lab.send("code", [...code]), REST);
      if (how?.from === "keys") speak(code);
    }
  }

  function paint(values, code) {
    picture.classList.remove("stale");
    picture.classList.toggle("chart", !isPicture(lab.scene));
    paintExample(picture, values, lab.scene, lab.theme);
    picture.dataset.decodes = Number(picture.dataset.decodes ?? 0) + 1;
    where.textContent = words(code);
    picture.setAttribute("aria-label", `Example decoded at ${where.textContent}`);
    path.textContent = lab.decoding.words();
    path.dataset.path = lab.decoding.path();
  }

  function words(code) {
    if (code.length <= 4) return Array.from(code, (value, at) => `${lab.scene.names[at]} = ${brief(value)}`).join(", ");
    const [x, y] = lab.position(code);
    return `${lab.across.short} = ${brief(x)}, ${lab.up.short} = ${brief(y)}`;
  }

  function speak(code) {
    spoken = setTimeout(() => lab.announce(`Probe at ${words(code)}`), 400);
  }

  function draw(context) {
    const passing = lab.probe !== lab.anchor;
    if (passing) mark(context, lab.probe, 0.35);
    mark(context, lab.anchor, passing ? 0.5 : 1);
  }

  function mark(context, code, alpha) {
    const [px, py] = lab.toScreen(...lab.position(code));
    context.globalAlpha = alpha;
    for (const [color, width] of [[lab.theme.ground, 5], [lab.theme.text, 2]]) {
      context.strokeStyle = color;
      context.lineWidth = width;
      context.beginPath();
      for (const [dx, dy] of [[1, 0], [-1, 0], [0, 1], [0, -1]]) {
        context.moveTo(px + 5 * dx, py + 5 * dy);
        context.lineTo(px + 13 * dx, py + 13 * dy);
      }
      context.stroke();
    }
    context.globalAlpha = 1;
  }

  return { destroy: () => [spoken, resting].forEach(clearTimeout) };
}
