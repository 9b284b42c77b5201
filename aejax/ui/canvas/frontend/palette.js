// Colours and glyphs of classes. The colours are the theme's, which start from Okabe and Ito's and were moved apart
// until every eye tells each two of them apart; above eight classes glyphs differ too.

export const CLASSES_WITHOUT_GLYPHS = 8;

const FALLBACK = ["#0072B2", "#B83605", "#149D3C", "#7E2A82", "#654E28", "#248FFF", "#2D12A2", "#700038", "#11000D", "#5B6E6F"];

/** The theme's colours of classes, out of a style sheet's list. @param {string} list @returns {string[]} */
export function listed(list) {
  const found = (list ?? "").split(/,(?![^(]*\))/).map((color) => color.trim()).filter(Boolean);
  return found.length ? found : FALLBACK;
}

/** A colour's red, green and blue from 0 to 1. @param {string} color #RGB, #RRGGBB or rgb() */
export function channels(color) {
  const numbers = color.match(/^rgba?\(([^)]*)\)/);
  if (numbers) return numbers[1].split(/[\s,/]+/).slice(0, 3).map((value) => Number(value) / 255);
  const digits = color.replace("#", "");
  const wide = digits.length < 6 ? [...digits].slice(0, 3).map((digit) => digit + digit).join("") : digits.slice(0, 6);
  return [0, 2, 4].map((at) => parseInt(wide.slice(at, at + 2), 16) / 255);
}

/** Which colour and which glyph a class has: no two classes of up to 60 have both alike. */
export function look(label, classes, colors) {
  const glyph = classes > CLASSES_WITHOUT_GLYPHS ? label % GLYPHS.length : 0;
  return { color: colors[label % colors.length], glyph };
}

/** Corners on a circle, alternating between radii. */
const star = (corners, radii, turn = 0) =>
  Array.from({ length: corners }, (_, at) => {
    const angle = turn - Math.PI / 2 + (2 * Math.PI * at) / corners;
    const radius = radii[at % radii.length];
    return [radius * Math.cos(angle), radius * Math.sin(angle)];
  });

const turned = (points, angle) =>
  points.map(([x, y]) => [x * Math.cos(angle) - y * Math.sin(angle), x * Math.sin(angle) + y * Math.cos(angle)]);

const PLUS = [[-0.35, -1], [0.35, -1], [0.35, -0.35], [1, -0.35], [1, 0.35], [0.35, 0.35], [0.35, 1], [-0.35, 1], [-0.35, 0.35], [-1, 0.35], [-1, -0.35], [-0.35, -0.35]];
const SQUARE = [[-0.82, -0.82], [0.82, -0.82], [0.82, 0.82], [-0.82, 0.82]];

/** Outlines in a square from -1 to 1, y downwards; in the order of the charts' symbols. */
export const GLYPHS = [
  star(24, [0.9]),
  SQUARE,
  star(4, [1.05]),
  PLUS,
  turned(PLUS, Math.PI / 4),
  star(3, [1.1]),
  star(3, [1.1], Math.PI),
  star(10, [1.1, 0.45]),
  star(5, [1]),
  [[-0.85, -0.95], [0.85, -0.95], [0, 0], [0.85, 0.95], [-0.85, 0.95], [0, 0]],
  star(6, [0.98]),
  [[-0.95, -0.85], [0, 0], [0.95, -0.85], [0.95, 0.85], [0, 0], [-0.95, 0.85]],
];

/** A glyph as the path of an SVG element of 20 by 20. @param {number} glyph */
export function svgPath(glyph) {
  return `${GLYPHS[glyph].map(([x, y], at) => `${at ? "L" : "M"}${(10 + 8 * x).toFixed(2)} ${(10 + 8 * y).toFixed(2)}`).join("")}Z`;
}

/** Trace a glyph's outline. @param {CanvasRenderingContext2D} context */
export function trace(context, glyph, x, y, radius) {
  context.beginPath();
  GLYPHS[glyph].forEach(([gx, gy], at) => context[at ? "lineTo" : "moveTo"](x + radius * gx, y + radius * gy));
  context.closePath();
}
