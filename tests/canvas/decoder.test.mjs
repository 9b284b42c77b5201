import assert from "node:assert/strict";
import { test } from "node:test";
import { createDecoder, floatsOfHalves } from "../../aejax/ui/canvas/frontend/decoder.js";

const layer = (inputs, outputs, activation) => ({ inputs, outputs, activation });

test("halves are read as IEEE 754 defines them: normal, subnormal, zero and negative", () => {
  const bits = [0x3c00, 0xc000, 0x7bff, 0x0400, 0x03ff, 0x0001, 0x0000, 0x3555];
  const values = [1, -2, 65504, 2 ** -14, 1023 * 2 ** -24, 2 ** -24, 0, 0.333251953125];
  assert.deepEqual(Array.from(floatsOfHalves(Uint16Array.from(bits))), values);
});

test("a layer multiplies by its matrix row by row and adds its bias", () => {
  // Rows (1, 2) and (-2, 1), bias (1, -1).
  const weights = Uint16Array.from([0x3c00, 0x4000, 0xc000, 0x3c00, 0x3c00, 0xbc00]);
  const decoder = createDecoder({ layers: [layer(2, 2, "relu")] }, weights);
  assert.deepEqual(Array.from(decoder.decode([3, 1])), [2, 6]);
  assert.deepEqual(Array.from(decoder.decode([1, 1])), [0, 2]);
});

test("weights that do not fit the layout are refused, and so are unknown activations", () => {
  const weights = new Uint16Array(5);
  assert.throws(() => createDecoder({ layers: [layer(2, 2, "relu")] }, weights), /must be 6 numbers.*got 5/);
  assert.throws(() => createDecoder({ layers: [layer(2, 1, "cube")] }, weights), /activation must be one of.*got cube/);
});

test("a code of another size is refused", () => {
  const decoder = createDecoder({ layers: [layer(2, 1, "linear")] }, new Uint16Array(3));
  assert.throws(() => decoder.decode([1, 2, 3]), /2 coordinates; got 3/);
});

test("decoders of half a million weights keep up with a pointer many times over", () => {
  for (const [sizes, least] of [[[2, 128, 256, 784], 60], [[2, 256, 512, 784], 30]]) {
    const layers = sizes.slice(1).map((outputs, i) => layer(sizes[i], outputs, i < 2 ? "relu" : "sigmoid"));
    const count = layers.reduce((sum, { inputs, outputs }) => sum + (inputs + 1) * outputs, 0);
    const weights = Uint16Array.from({ length: count }, (_, i) => 0x2c00 + ((i * 7919) % 0x400) + (i % 3 ? 0x8000 : 0));
    const decoder = createDecoder({ layers }, weights);
    const begun = performance.now();
    for (let i = 0; i < 50; i++) decoder.decode([Math.sin(i), Math.cos(i)]);
    assert.ok((50 / (performance.now() - begun)) * 1000 > 3 * least);
  }
});
