// Reads pictures as JSON, prints each as a drawn digit; `tests/ui/test_canvas_drawing.py` compares.
import { asDigit } from "../../aejax/ui/canvas/frontend/drawing.js";
import { readFileSync } from "node:fs";

const { pictures, width } = JSON.parse(readFileSync(0, "utf-8"));
const digits = pictures.map((ink) => Array.from(asDigit(Float32Array.from(ink), width)));
process.stdout.write(JSON.stringify({ digits }));
