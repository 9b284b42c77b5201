import assert from "node:assert/strict";
import { test } from "node:test";

import { between, bounded, fitted, panned, resized, seen, ticks, toScreen, toWorld, zoomed } from "../../aejax/ui/canvas/frontend/view.js";

const BOX = { left: -3, right: 5, bottom: 2, top: 4 };
const view = fitted(BOX, 800, 500, { margin: 20 });
const near = (a, b) => assert.ok(Math.abs(a - b) < 1e-9, `${a} is not ${b}`);

test("the fitted view shows the whole box, centred, at one scale", () => {
  near(view.sx, view.sy);
  near(view.sx, 760 / 8);
  assert.deepEqual(toScreen(view, 1, 3), [400, 250]);
  const [left, top] = toScreen(view, BOX.left, BOX.top);
  assert.ok(left >= 20 - 1e-9 && top >= 20 - 1e-9);
});

test("without one scale both sides are filled", () => {
  const wide = fitted(BOX, 800, 500, { margin: 20, equal: false });
  near(toScreen(wide, BOX.left, BOX.top)[0], 20);
  near(toScreen(wide, BOX.left, BOX.top)[1], 20);
});

test("the screen's y grows downwards and the way back is exact", () => {
  const [px, py] = toScreen(view, 4.2, 3.9);
  assert.ok(py < 250);
  const [x, y] = toWorld(view, px, py);
  near(x, 4.2);
  near(y, 3.9);
});

test("zooming keeps the place under the pointer", () => {
  const place = toWorld(view, 130, 410);
  const nearer = zoomed(view, 3.7, 130, 410);
  const after = toWorld(nearer, 130, 410);
  near(after[0], place[0]);
  near(after[1], place[1]);
  near(nearer.sx, 3.7 * view.sx);
});

test("panning moves the picture with the pointer", () => {
  const [px, py] = toScreen(view, 0, 3);
  const [qx, qy] = toScreen(panned(view, 17, -40), 0, 3);
  near(qx, px + 17);
  near(qy, py - 40);
});

test("a window of another size keeps the centre and the scale", () => {
  const other = resized(view, 400, 900);
  assert.deepEqual(toWorld(other, 200, 450), toWorld(view, 400, 250));
  near(other.sx, view.sx);
});

test("the view is kept near the points and within sensible magnification", () => {
  const lost = bounded(panned(view, 1e7, 1e7), view);
  assert.ok(Math.abs(lost.x - view.x) < 10);
  near(bounded(zoomed(view, 1e9), view).sx / view.sx, 2000);
  near(bounded(zoomed(view, 1e-9), view).sx / view.sx, 0.2);
  assert.deepEqual(bounded(zoomed(view, 2), view), zoomed(view, 2));
});

test("the way between two views begins at one and ends at the other", () => {
  const other = zoomed(panned(view, 50, 60), 8);
  for (const [share, end] of [[0, view], [1, other]]) {
    const middle = between(view, other, share);
    for (const side of ["x", "y", "sx", "sy"]) near(middle[side], end[side]);
  }
  near(between(view, other, 0.5).sx, Math.sqrt(view.sx * other.sx));
});

test("what is seen is the world at the corners", () => {
  const { left, right, bottom, top } = seen(view);
  assert.deepEqual(toScreen(view, left, top).map((side) => Math.round(Math.abs(side))), [0, 0]);
  assert.deepEqual(toScreen(view, right, bottom).map(Math.round), [800, 500]);
});

test("ticks are round, within the range, and about as many as wanted", () => {
  assert.deepEqual(ticks(-0.1, 1.05, 5), [0, 0.5, 1]);
  assert.deepEqual(ticks(-0.13, 0.31, 5), [-0.1, 0, 0.1, 0.2, 0.3]);
  assert.deepEqual(ticks(3, 3, 5), []);
  for (const width of [1e-6, 0.37, 12, 9e8]) {
    const found = ticks(-width / 3, width, 6);
    assert.ok(found.length >= 3 && found.length <= 8, `${found}`);
    assert.ok(found[0] >= -width / 3 && found.at(-1) <= width);
  }
});
