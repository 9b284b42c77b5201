import assert from "node:assert/strict";
import { test } from "node:test";

import { named, rowsOf, svgOf } from "../../aejax/ui/canvas/frontend/picture.js";
import { listed } from "../../aejax/ui/canvas/frontend/palette.js";
import { looksOf } from "../../aejax/ui/canvas/frontend/scatter.js";
import { fitted, toScreen } from "../../aejax/ui/canvas/frontend/view.js";

function lab(classes, hidden = new Set()) {
  const view = fitted({ left: 0, right: 4, bottom: 0, top: 4 }, 400, 300);
  return {
    view,
    scene: { title: "A & B <codes>" },
    theme: { text: "#111", ground: "#fff", line: "#ccc", font: '"Source Sans", sans-serif' },
    classes,
    hidden,
    looks: looksOf(classes.length, listed(""), hidden),
    points: { count: 4, labels: Uint8Array.of(0, 1, 1, 0), xs: Float32Array.of(0, 1, 2, 99), ys: Float32Array.of(0, 1, 2, 3) },
    toScreen: (x, y) => toScreen(view, x, y),
    screen: { shot: () => ({ radius: 3, opacity: 0.8 }) },
    across: { name: "z1" },
    up: { name: "z2" },
  };
}

test("the picture holds each point that is seen, the title and the legend", () => {
  const svg = svgOf(lab(["nought", "one"]));
  assert.equal(svg.match(/<use /g).length, 3);
  assert.match(svg, /A &amp; B &lt;codes&gt;/);
  assert.match(svg, />nought<.*>one</s);
  assert.match(svg, />z1<.*>z2</s);
});

test("classes that are hidden are in neither the picture nor its legend", () => {
  const svg = svgOf(lab(["nought", "one"], new Set([1])));
  assert.equal(svg.match(/<use /g).length, 1);
  assert.doesNotMatch(svg, />one</);
});

test("the legend breaks where a row is full", () => {
  const rows = rowsOf(lab(Array.from({ length: 12 }, (_, at) => `class number ${at}`)), 400);
  assert.ok(rows.length > 2);
  assert.equal(rows.flat().length, 12);
  for (const row of rows) assert.ok(row.at(-1).x < 400);
});

test("a file is named for its title", () => {
  assert.equal(named("Codes of all 2,000 held-out examples"), "aejax-codes-of-all-2-000-held-out-examples");
});
