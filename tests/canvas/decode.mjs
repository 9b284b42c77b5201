// Reads a decoder and codes as JSON, prints what the browser makes of them; `tests/ui/test_canvas_decoder.py` compares.
import { createDecoder } from "../../aejax/ui/canvas/frontend/decoder.js";
import { readFileSync } from "node:fs";

const { layout, weights, codes, cotangent } = JSON.parse(readFileSync(0, "utf-8"));
const decoder = createDecoder(layout, Uint16Array.from(weights));
const rows = (each) => codes.map((code) => Array.from(each(code)));
process.stdout.write(
  JSON.stringify({
    decoded: rows(decoder.decode),
    all: Array.from(decoder.decodeAll(Float32Array.from(codes.flat()))),
    jacobians: rows(decoder.jacobian),
    gradients: rows((code) => decoder.gradient(code, Float32Array.from(cotangent))),
  }),
);
