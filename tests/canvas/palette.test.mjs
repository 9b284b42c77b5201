import assert from "node:assert/strict";
import { test } from "node:test";

import { channels, CLASSES_WITHOUT_GLYPHS, GLYPHS, listed, look, svgPath } from "../../aejax/ui/canvas/frontend/palette.js";
import { looksOf } from "../../aejax/ui/canvas/frontend/scatter.js";

const COLORS = listed("#0072B2, #B83605, rgb(20, 157, 60)");

test("colours are read however a style sheet writes them", () => {
  assert.deepEqual(COLORS, ["#0072B2", "#B83605", "rgb(20, 157, 60)"]);
  assert.deepEqual(channels("#ff8000"), [1, 128 / 255, 0]);
  assert.deepEqual(channels("#f80"), [1, 136 / 255, 0]);
  assert.deepEqual(channels("rgb(255, 0, 51)"), [1, 0, 0.2]);
  assert.deepEqual(channels("rgba(255 0 51 / 0.5)"), [1, 0, 0.2]);
  assert.equal(listed("").length, 10);
});

test("up to eight classes have colours alone, and beyond that glyphs too", () => {
  const few = Array.from({ length: 8 }, (_, label) => look(label, 8, listed("")).glyph);
  assert.deepEqual(new Set(few), new Set([0]));
  const many = Array.from({ length: 10 }, (_, label) => look(label, 10, listed("")).glyph);
  assert.equal(new Set(many).size, 10);
  assert.equal(CLASSES_WITHOUT_GLYPHS, 8);
});

test("no two of sixty classes look alike", () => {
  const looks = Array.from({ length: 60 }, (_, label) => JSON.stringify(look(label, 60, listed(""))));
  assert.equal(new Set(looks).size, 60);
});

test("glyphs fill about as much ink and stay within their cell", () => {
  const areas = GLYPHS.map((outline) => {
    for (const [x, y] of outline) assert.ok(Math.hypot(x, y) < 1.5);
    const doubled = outline.reduce((sum, [x, y], at) => {
      const [nx, ny] = outline[(at + 1) % outline.length];
      return sum + x * ny - y * nx;
    }, 0);
    return Math.abs(doubled) / 2;
  });
  assert.ok(Math.max(...areas) < 3 * Math.min(...areas), `${areas}`);
});

test("a glyph as a path is closed and within its box", () => {
  GLYPHS.forEach((_, glyph) => {
    const path = svgPath(glyph);
    assert.match(path, /^M[\d. LM-]+Z$/);
    for (const number of path.match(/[\d.-]+/g)) assert.ok(Number(number) >= 0 && Number(number) <= 20, number);
  });
});

test("hidden classes are told apart and data without classes have one look", () => {
  assert.deepEqual(looksOf(3, COLORS, new Set([1])).map(({ shown }) => shown), [true, false, true]);
  assert.equal(looksOf(0, COLORS, new Set()).length, 1);
});
