// The map saved as a picture: with its title, ranges and legend, as it is seen.

import { button } from "./dom.js";
import { GLYPHS, svgPath, trace } from "./palette.js";
import { drawFlat } from "./scatter.js";

export const RATIO = 2;
const HEAD = 40;
const ROW = 22;
const GREATEST_VECTORS = 30000;
const GREATEST_REDRAWN = 300000;

/** @param {any} lab */
export function mount(lab) {
  lab.bar.append(button("Save PNG", savePng), button("Save SVG", saveSvg));

  async function savePng() {
    const { width, height } = lab.view;
    const legend = rowsOf(lab, width);
    const sheet = new OffscreenCanvas(width * RATIO, (height + HEAD + ROW * legend.length + 10) * RATIO);
    const context = sheet.getContext("2d");
    context.scale(RATIO, RATIO);
    context.fillStyle = lab.theme.ground;
    context.fillRect(0, 0, width, sheet.height);
    context.fillStyle = lab.theme.text;
    context.font = `600 16px ${lab.theme.font}`;
    context.fillText(lab.scene.title, 8, 26);
    const place = [0, HEAD, width, height];
    for (const layer of layers(lab)) context.drawImage(layer, ...place);
    context.strokeStyle = lab.theme.line;
    context.strokeRect(0.5, HEAD + 0.5, width - 1, height - 1);
    context.font = `13px ${lab.theme.font}`;
    legend.forEach((row, at) => {
      for (const { x, name, look } of row) {
        const y = HEAD + height + ROW * (at + 0.7) + 4;
        context.fillStyle = look.color;
        trace(context, look.glyph, x + 7, y - 4, 6);
        context.fill();
        context.fillStyle = lab.theme.text;
        context.fillText(name, x + 18, y);
      }
    });
    keep(await sheet.convertToBlob({ type: "image/png" }), "png");
  }

  async function saveSvg() {
    const vectors = lab.points.count <= GREATEST_VECTORS;
    const pixels = vectors ? null : await address(layers(lab)[1]);
    keep(new Blob([svgOf(lab, pixels)], { type: "image/svg+xml" }), "svg");
  }

  function keep(blob, ending) {
    const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(blob), download: `${named(lab.scene.title)}.${ending}` });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
    lab.announce(`Saved as ${link.download}`);
  }

  return {};
}

/** The map's layers drawn anew, finer than the screen's. @returns {CanvasImageSource[]} */
export function layers(lab) {
  const fresh = () => new OffscreenCanvas(Math.round(lab.view.width * RATIO), Math.round(lab.view.height * RATIO)).getContext("2d");
  const painted = (painters) => {
    const context = fresh();
    context.scale(RATIO, RATIO);
    for (const painter of painters) painter(context, lab);
    return context.canvas;
  };
  let points = lab.layer;
  // What WebGL has drawn can be copied only before the frame is over.
  lab.screen.repaint();
  if (lab.points.count <= GREATEST_REDRAWN) {
    const context = fresh();
    drawFlat(context, lab.screen.held(), { ...lab.screen.shot(), share: 1, ratio: RATIO });
    points = context.canvas;
  }
  return [painted(lab.paint.under), points, painted(lab.paint.over)];
}

async function address(layer) {
  const sheet = new OffscreenCanvas(layer.width, layer.height);
  sheet.getContext("2d").drawImage(layer, 0, 0);
  const reader = new FileReader();
  const read = new Promise((resolve) => { reader.onload = () => resolve(reader.result); });
  reader.readAsDataURL(await sheet.convertToBlob({ type: "image/png" }));
  return read;
}

/** The legend in rows that fit a width. */
export function rowsOf({ classes, looks, hidden }, width, letter = 7) {
  const rows = [[]];
  let x = 8;
  classes.forEach((name, label) => {
    if (hidden.has(label)) return;
    const wide = 30 + letter * name.length;
    if (x + wide > width && rows.at(-1).length) {
      rows.push([]);
      x = 8;
    }
    rows.at(-1).push({ x, name, look: looks[label] });
    x += wide;
  });
  return rows[0].length ? rows : [];
}

const escaped = (text) => text.replace(/[&<>"]/g, (mark) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[mark]);

/** A file's name out of a title. @param {string} title */
export const named = (title) => `aejax-${title.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "").slice(0, 60)}`;

/** The map as SVG: points as shapes, or where there are too many as the picture that is given. */
export function svgOf(lab, pixels = null) {
  const { width, height } = lab.view;
  const { scene, theme, looks, points } = lab;
  const legend = rowsOf(lab, width);
  const all = height + HEAD + ROW * legend.length + 10;
  const { radius, opacity } = lab.screen.shot();
  const shapes = GLYPHS.map((_, glyph) => `<path id="g${glyph}" d="${svgPath(glyph)}" transform="scale(${(radius / 8).toFixed(4)}) translate(-10 -10)"/>`);
  const groups = looks.map(() => []);
  for (let i = 0; !pixels && i < points.count; i++) {
    const label = points.labels?.[i] ?? 0;
    const [x, y] = lab.toScreen(points.xs[i], points.ys[i]);
    if (lab.hidden.has(label) || x < 0 || y < 0 || x > width || y > height) continue;
    groups[label].push(`<use href="#g${looks[label].glyph}" x="${x.toFixed(1)}" y="${y.toFixed(1)}"/>`);
  }
  const drawn = groups.map((uses, label) => `<g fill="${looks[label].color}" opacity="${opacity}">${uses.join("")}</g>`);
  const names = legend.flatMap((row, at) =>
    row.map(({ x, name, look }) => {
      const y = HEAD + height + ROW * (at + 0.7) + 4;
      return `<path d="${svgPath(look.glyph)}" fill="${look.color}" transform="translate(${x} ${y - 11}) scale(.7)"/><text x="${x + 18}" y="${y}" font-size="13">${escaped(name)}</text>`;
    }),
  );
  const picture = pixels ? `<image href="${pixels}" width="${width}" height="${height}"/>` : drawn.join("");
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${all}" viewBox="0 0 ${width} ${all}" font-family="${escaped(theme.font)}" fill="${theme.text}">
<defs>${shapes.join("")}<clipPath id="map"><rect width="${width}" height="${height}"/></clipPath></defs>
<rect width="100%" height="100%" fill="${theme.ground}"/><text x="8" y="26" font-size="16" font-weight="600">${escaped(scene.title)}</text>
<g transform="translate(0 ${HEAD})" clip-path="url(#map)">${picture}</g>
<rect x=".5" y="${HEAD + 0.5}" width="${width - 1}" height="${height - 1}" fill="none" stroke="${theme.line}"/>
<g transform="translate(0 ${HEAD})" font-size="11">${svgAxes(lab)}</g>
${names.join("")}</svg>`;
}

function svgAxes(lab) {
  const { width, height } = lab.view;
  const texts = [`<text x="${width - 8}" y="${height - 6}" text-anchor="end">${escaped(lab.across.name)}</text>`];
  if (lab.up) texts.push(`<text x="6" y="15">${escaped(lab.up.name)}</text>`);
  for (const { at, words } of lab.marks?.across ?? []) texts.push(`<text x="${at.toFixed(1)}" y="${height - 6}" text-anchor="middle">${words}</text>`);
  for (const { at, words } of lab.marks?.up ?? []) texts.push(`<text x="6" y="${(at + 4).toFixed(1)}">${words}</text>`);
  return texts.join("");
}
