/** A drawing, a picture from a file or from the camera: encoded, set on the map, and judged by its error. */

import { brief, button, element } from "./dom.js";
import { asDigit, brightness, inkBox, inkOf, middleSquare, resampled, shareBelow } from "./drawing.js";
import { arePictures, exampleButton, savePicture, sheetOf } from "./gallery.js";
import { createPanel } from "./panel.js";

const SIDE = 280; // pixels of the pad
const BRUSH = 11; // radius in pixels
const KEY_STEP = 8;
const PAUSE = 120; // milliseconds after a stroke's last move

/** @param {any} lab */
export function mount(lab) {
  let timer = 0;
  let turn = 0;
  let down = false;
  let pen = { x: SIDE / 2, y: SIDE / 2 };
  /** @type {MediaStream | null} */ let stream = null;
  /** @type {{code: Float32Array, values: Float32Array, rebuilt: Float32Array, verdict: string} | null} */ let found = null;

  const panel = createPanel(lab, { title: "Draw", testid: "draw", onopen: begin, onclose: stopCamera });
  const pad = /** @type {HTMLCanvasElement} */ (element("canvas.pad", { tabindex: "0", role: "img", "aria-label": "Drawing pad: arrow keys move the pen, with shift they draw", width: SIDE, height: SIDE }));
  const ink = /** @type {CanvasRenderingContext2D} */ (pad.getContext("2d", { willReadFrequently: true }));
  const centre = /** @type {HTMLInputElement} */ (element("input", { type: "checkbox", onchange: () => encode() }));
  const file = /** @type {HTMLInputElement} */ (element("input", { type: "file", accept: "image/*", "aria-label": "Picture from a file", onchange: () => file.files?.[0] && load(file.files[0]) }));
  const video = /** @type {HTMLVideoElement} */ (element("video", { playsinline: true, muted: true }));
  video.hidden = true;
  const camera = button("Camera", () => (stream ? shoot() : startCamera()));
  const controls = element("div.row", {}, button("Erase", erase), button("Picture from a file", () => file.click()), camera, button("Save figure", saveFigure));
  const result = element("div.gallery");
  const verdict = element("p.verdict");
  file.hidden = true;
  const settings = element("label", {}, centre, " Centre it as MNIST's digits are");
  const work = element("div.drawing", {}, element("div", {}, pad, video), element("div", {}, controls, file, settings, result, verdict));
  panel.body.append(work);
  lab.paint.over.push(mark);
  lab.events.addEventListener("data", () => panel.isOpen() && begin());
  lab.events.addEventListener("decoder", () => panel.isOpen() && found && encode());

  pad.onpointerdown = (event) => {
    down = true;
    pad.setPointerCapture(event.pointerId);
    pen = place(event);
    stroke(pen, pen);
  };
  pad.onpointermove = (event) => {
    if (!down) return;
    const next = place(event);
    stroke(pen, next);
    pen = next;
  };
  pad.onpointerup = pad.onpointercancel = () => (down = false);
  pad.onkeydown = (event) => {
    const [dx, dy] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key] ?? [0, 0];
    if (!dx && !dy) return;
    event.preventDefault();
    const limit = (value) => Math.min(SIDE, Math.max(0, value));
    const next = { x: limit(pen.x + dx * KEY_STEP), y: limit(pen.y + dy * KEY_STEP) };
    if (event.shiftKey) stroke(pen, next);
    pen = next;
  };

  function place(event) {
    const box = pad.getBoundingClientRect();
    return { x: ((event.clientX - box.left) / box.width) * SIDE, y: ((event.clientY - box.top) / box.height) * SIDE };
  }

  function begin() {
    const why = !lab.asks.includes("encode") ? "This needs an encoder, and there is none for these points." : arePictures(lab) ? "" : "The data are not pictures, so there is nothing to draw.";
    work.hidden = Boolean(why);
    panel.say(why || "Draw with pointer or finger, or take a picture: it is encoded as you go.");
    centre.checked = Boolean(lab.options.digits);
    settings.hidden = !lab.options.digits;
    if (!why && !ink.getImageData(0, 0, 1, 1).data[3]) erase();
  }

  function erase() {
    stopCamera();
    ink.fillStyle = "#000";
    ink.fillRect(0, 0, SIDE, SIDE);
    found = null;
    result.replaceChildren();
    verdict.textContent = "";
    lab.redraw("over");
  }

  /** A soft line: full in the middle, thin at its rim. */
  function stroke(from, to) {
    const steps = Math.max(1, Math.ceil(Math.hypot(to.x - from.x, to.y - from.y) / 3));
    ink.globalCompositeOperation = "lighten";
    for (let i = 0; i <= steps; i++) {
      const [x, y] = [from.x + ((to.x - from.x) * i) / steps, from.y + ((to.y - from.y) * i) / steps];
      const soft = ink.createRadialGradient(x, y, BRUSH * 0.55, x, y, BRUSH * 1.25);
      soft.addColorStop(0, "#fff");
      soft.addColorStop(1, "#000");
      ink.fillStyle = soft;
      ink.beginPath();
      ink.arc(x, y, BRUSH * 1.25, 0, 2 * Math.PI);
      ink.fill();
    }
    ink.globalCompositeOperation = "source-over";
    soon();
  }

  function soon() {
    clearTimeout(timer);
    timer = setTimeout(encode, PAUSE);
  }

  async function load(blob) {
    const picture = await createImageBitmap(blob).catch(() => null);
    if (!picture) return void (verdict.textContent = "This file is no picture that the browser can read.");
    lay(picture, picture.width, picture.height);
  }

  /** A picture's middle square on the pad. */
  function lay(source, width, height) {
    const { left, top, right, bottom } = middleSquare(width, height);
    ink.fillStyle = "#000";
    ink.fillRect(0, 0, SIDE, SIDE);
    ink.drawImage(source, left, top, right - left, bottom - top, 0, 0, SIDE, SIDE);
    encode();
  }

  async function startCamera() {
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: { width: 640, height: 480 } });
    } catch {
      verdict.textContent = "There is no camera here, or it may not be used.";
      return;
    }
    video.srcObject = stream;
    video.hidden = false;
    pad.hidden = true;
    camera.textContent = "Take the picture";
    await video.play();
  }

  function shoot() {
    const { videoWidth, videoHeight } = video;
    if (videoWidth) lay(video, videoWidth, videoHeight);
    stopCamera();
  }

  function stopCamera() {
    stream?.getTracks().forEach((track) => track.stop());
    stream = null;
    video.hidden = true;
    pad.hidden = false;
    camera.textContent = "Camera";
  }

  /** The pad as bytes of an example's shape; null where nothing is drawn. */
  function bytes() {
    const [height, width, depth = 1] = lab.scene.shape;
    const { data } = ink.getImageData(0, 0, SIDE, SIDE);
    const frame = { left: 0, top: 0, right: SIDE, bottom: SIDE };
    if (depth > 1) {
      const planes = Array.from({ length: depth }, (_, c) => {
        const plane = Float32Array.from({ length: SIDE * SIDE }, (__, i) => (c < 3 ? data[4 * i + c] / 255 : 1));
        return resampled(plane, SIDE, frame, width, height);
      });
      return Array.from({ length: width * height * depth }, (_, i) => Math.round(255 * planes[i % depth][Math.floor(i / depth)]));
    }
    const grey = brightness(data);
    const light = centre.checked ? inkOf(grey, SIDE) : grey;
    if (!inkBox(light, SIDE)) return null;
    const drawn = centre.checked ? asDigit(light, SIDE, height) : resampled(light, SIDE, frame, width, height);
    return Array.from(drawn ?? [], (value) => Math.round(255 * Math.min(1, Math.max(0, value))));
  }

  async function encode() {
    const values = bytes();
    const mine = ++turn;
    if (!values?.length) return;
    const reply = await lab.ask("encode", { values });
    if (!reply?.code || mine !== turn) return;
    const [low, high] = lab.scene.range;
    const drawn = Float32Array.from(values, (value) => low + (value / 255) * (high - low));
    const share = shareBelow(reply.others, reply.error[0]);
    found = { code: reply.code, values: drawn, rebuilt: reply.reconstruction, verdict: judged(reply.error[0], share) };
    result.replaceChildren(exampleButton(lab, drawn, ["What the encoder sees"]), exampleButton(lab, found.rebuilt, ["Reconstruction"], () => lab.setProbe(reply.code)));
    verdict.textContent = found.verdict;
    lab.setProbe(reply.code, { from: "drawing" });
    lab.announce(found.verdict);
    lab.redraw("over");
  }

  function saveFigure() {
    if (!found) return;
    const cells = [{ values: found.values, words: "drawn" }, { values: found.rebuilt, words: "reconstruction" }];
    savePicture(sheetOf(lab, found.verdict, [{ title: "", cells }]), "aejax-drawing.png");
  }

  function mark(context) {
    if (!found || !panel.isOpen() || !lab.scene) return;
    const [px, py] = lab.toScreen(...lab.position(found.code));
    for (const [color, width] of [[lab.theme.ground, 6], [lab.theme.primary, 3]]) {
      context.strokeStyle = color;
      context.lineWidth = width;
      context.strokeRect(px - 8, py - 8, 16, 16);
    }
  }

  return {
    destroy: () => {
      clearTimeout(timer);
      stopCamera();
    },
  };
}

/** In this model's world? The error said among those of training examples. @param {number} error @param {number} share */
export function judged(error, share) {
  const among = `Error ${brief(error)} (squared, per feature): larger than that of ${Math.round(100 * share)} % of training examples.`;
  if (share < 0.9) return `In this model's world. ${among}`;
  if (share < 0.99) return `At the edge of this model's world. ${among}`;
  return `Not in this model's world. ${among}`;
}
