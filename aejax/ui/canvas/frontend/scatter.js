// Points by class, a million of them, between two moments: by WebGL 2 where a graphics card draws it, else by hand.

import { CLASSES_WITHOUT_GLYPHS, GLYPHS, channels, look, trace } from "./palette.js";
import { mask, splat, stampOf } from "./splat.js";

/** @typedef {import("./view.js").View} View */
/** @typedef {{view: View, share: number, radius: number, opacity: number, emphasised: boolean, ratio: number}} Shot */

const CELL = 64; // pixels of a glyph in the texture
const GREATEST_CLASSES = 4096;
const LEAST_GLYPH = 2; // pixels of a radius below which glyphs are not told apart

const SOFTWARE = /swiftshader|llvmpipe|softpipe|software|basic render/i;
const HELD = 500; // stamps and masks held at most
const ENOUGH = 10000; // points set for the browser to compile what sets them
let known = null;
const made = new Map();

const VERTEX = `#version 300 es
in vec2 from; in vec2 to; in float label; in float state;
uniform vec4 view; uniform float share, size, emphasised;
uniform sampler2D looks;
out vec4 color; out float glyph;
void main() {
  vec4 known = texelFetch(looks, ivec2(int(label), 0), 0);
  bool hidden = known.a < 0.1;
  bool dim = hidden || (emphasised > 0.5 && state < 0.5);
  vec2 place = (mix(from, to, share) - view.xy) * view.zw;
  gl_Position = vec4(place, 0.0, 1.0);
  gl_PointSize = dim ? size * 0.8 : (state > 0.5 ? size * 1.15 : size);
  glyph = floor(known.a * 255.0 + 0.5) - 100.0;
  color = vec4(known.rgb, dim ? 0.1 : 1.0);
  if (hidden) glyph = 0.0;
}`;

const FRAGMENT = `#version 300 es
precision highp float;
in vec4 color; in float glyph;
uniform sampler2D glyphs; uniform float opacity, size, manyGlyphs;
out vec4 seen;
void main() {
  float cover;
  if (manyGlyphs < 0.5 || glyph < 0.5) {
    cover = clamp((0.5 - distance(gl_PointCoord, vec2(0.5))) * size, 0.0, 1.0);
  } else {
    cover = texture(glyphs, vec2((glyph + gl_PointCoord.x) / ${GLYPHS.length}.0, gl_PointCoord.y)).a;
  }
  float alpha = cover * color.a * opacity;
  if (alpha < 0.004) discard;
  seen = vec4(color.rgb * alpha, alpha);
}`;

/**
 * What draws points on a canvas; `reason` says why not by WebGL, where it does not.
 * @param {HTMLCanvasElement} canvas @param {"flat" | "webgl" | null} wanted one of the two ways, whatever there is
 */
export function createScatter(canvas, wanted = null) {
  const why = wanted === "flat" ? "it was asked for" : wanted === "webgl" ? "" : withoutCard();
  const gl = why ? null : canvas.getContext("webgl2", { antialias: false, premultipliedAlpha: true });
  if (!gl) return { ...createFlat(canvas), reason: why || "this browser offers no WebGL 2 here" };
  try {
    return { ...createAccelerated(gl, canvas), reason: "" };
  } catch (error) {
    // A canvas that once had a WebGL context gives no other: a fresh one takes its place.
    const fresh = /** @type {HTMLCanvasElement} */ (canvas.cloneNode());
    canvas.replaceWith(fresh);
    return { ...createFlat(fresh), reason: `WebGL 2 failed here (${error.message})` };
  }
}

/** Why WebGL would not be drawn by a graphics card; empty where it is. Found out once a page. */
function withoutCard() {
  if (known === null) {
    const gl = document.createElement("canvas").getContext("webgl2");
    const told = gl?.getExtension("WEBGL_debug_renderer_info");
    const name = gl?.getParameter(told?.UNMASKED_RENDERER_WEBGL ?? gl.RENDERER) ?? "";
    gl?.getExtension("WEBGL_lose_context")?.loseContext();
    known = !gl ? "this browser offers no WebGL 2" : SOFTWARE.test(name) ? "this browser's WebGL is drawn by the processor" : "";
  }
  return known;
}

function compiled(gl, kind, source) {
  const shader = gl.createShader(kind);
  gl.shaderSource(shader, source);
  gl.compileShader(shader);
  if (!gl.getShaderParameter(shader, gl.COMPILE_STATUS)) throw new Error(gl.getShaderInfoLog(shader) || "no shader");
  return shader;
}

function createAccelerated(gl, canvas) {
  let parts = build(gl);
  let held = null;
  canvas.addEventListener("webglcontextlost", (event) => event.preventDefault());
  canvas.addEventListener("webglcontextrestored", () => {
    parts = build(gl);
    if (held) upload(gl, parts, held);
  });
  const keep = (change) => {
    held = { ...held, ...change };
    if (!gl.isContextLost()) upload(gl, parts, change);
  };
  return {
    canvas,
    /** Where the points come from and go to, as pairs. */
    setPlaces: (from, to) => keep({ from, to, count: to.length / 2 }),
    setLabels: (labels) => keep({ labels }),
    setLooks: (looks) => keep({ looks }),
    setStates: (states) => keep({ states }),
    /** @param {Shot} shot */
    draw: (shot) => held && !gl.isContextLost() && render(gl, parts, held, shot),
    rehearse: () => {},
    destroy: () => gl.getExtension("WEBGL_lose_context")?.loseContext(),
  };
}

function build(gl) {
  const program = gl.createProgram();
  gl.attachShader(program, compiled(gl, gl.VERTEX_SHADER, VERTEX));
  gl.attachShader(program, compiled(gl, gl.FRAGMENT_SHADER, FRAGMENT));
  gl.linkProgram(program);
  if (!gl.getProgramParameter(program, gl.LINK_STATUS)) throw new Error(gl.getProgramInfoLog(program) || "no program");
  const uniforms = {};
  for (const name of ["view", "share", "size", "emphasised", "looks", "glyphs", "opacity", "manyGlyphs"]) {
    uniforms[name] = gl.getUniformLocation(program, name);
  }
  const buffers = {};
  for (const name of ["from", "to", "label", "state"]) {
    buffers[name] = { buffer: gl.createBuffer(), at: gl.getAttribLocation(program, name) };
  }
  const array = gl.createVertexArray();
  const textures = { looks: gl.createTexture(), glyphs: gl.createTexture() };
  gl.activeTexture(gl.TEXTURE1);
  gl.bindTexture(gl.TEXTURE_2D, textures.glyphs);
  gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, gl.RGBA, gl.UNSIGNED_BYTE, glyphSheet());
  gl.generateMipmap(gl.TEXTURE_2D);
  return { program, uniforms, buffers, array, textures, many: false };
}

function glyphSheet() {
  const sheet = new OffscreenCanvas(CELL * GLYPHS.length, CELL);
  const context = sheet.getContext("2d");
  context.fillStyle = "#fff";
  GLYPHS.forEach((_, glyph) => {
    trace(context, glyph, CELL * (glyph + 0.5), CELL / 2, CELL * 0.43);
    context.fill();
  });
  return sheet;
}

function upload(gl, parts, { from, to, labels, states, looks }) {
  gl.bindVertexArray(parts.array);
  attribute(gl, parts.buffers.from, from, 2);
  attribute(gl, parts.buffers.to, to, 2);
  attribute(gl, parts.buffers.label, labels, 1);
  attribute(gl, parts.buffers.state, states, 1);
  if (looks) {
    gl.activeTexture(gl.TEXTURE0);
    gl.bindTexture(gl.TEXTURE_2D, parts.textures.looks);
    const pixels = lookPixels(looks);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, pixels.length / 4, 1, 0, gl.RGBA, gl.UNSIGNED_BYTE, pixels);
    for (const side of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER]) gl.texParameteri(gl.TEXTURE_2D, side, gl.NEAREST);
    parts.many = looks.length > CLASSES_WITHOUT_GLYPHS;
  }
}

function attribute(gl, { buffer, at }, values, size) {
  if (!values || at < 0) return;
  gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
  gl.bufferData(gl.ARRAY_BUFFER, values, gl.DYNAMIC_DRAW);
  const kinds = { 1: gl.UNSIGNED_BYTE, 2: gl.UNSIGNED_SHORT, 4: gl.FLOAT };
  gl.enableVertexAttribArray(at);
  gl.vertexAttribPointer(at, size, kinds[values.BYTES_PER_ELEMENT], false, 0, 0);
}

/** Colour and glyph of each class as bytes; opacity holds 100 more than the glyph, and 0 where the class is hidden. */
function lookPixels(looks) {
  const pixels = new Uint8Array(4 * Math.min(looks.length, GREATEST_CLASSES));
  looks.slice(0, GREATEST_CLASSES).forEach(({ color, glyph, shown }, at) => {
    pixels.set([...channels(color).map((value) => Math.round(255 * value)), shown ? 100 + glyph : 0], 4 * at);
  });
  return pixels;
}

function render(gl, parts, held, { view, share, radius, opacity, emphasised, ratio }) {
  const { canvas } = gl;
  const [width, height] = [Math.round(view.width * ratio), Math.round(view.height * ratio)];
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  gl.viewport(0, 0, width, height);
  gl.clearColor(0, 0, 0, 0);
  gl.clear(gl.COLOR_BUFFER_BIT);
  gl.enable(gl.BLEND);
  gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
  gl.useProgram(parts.program);
  gl.bindVertexArray(parts.array);
  const { uniforms } = parts;
  gl.uniform4f(uniforms.view, view.x, view.y, (2 * view.sx) / view.width, (2 * view.sy) / view.height);
  gl.uniform1f(uniforms.share, share);
  gl.uniform1f(uniforms.size, Math.max(1, 2 * radius * ratio));
  gl.uniform1f(uniforms.opacity, opacity);
  gl.uniform1f(uniforms.emphasised, emphasised ? 1 : 0);
  gl.uniform1f(uniforms.manyGlyphs, parts.many && radius * ratio > LEAST_GLYPH ? 1 : 0);
  gl.uniform1i(uniforms.looks, 0);
  gl.uniform1i(uniforms.glyphs, 1);
  gl.activeTexture(gl.TEXTURE0);
  gl.bindTexture(gl.TEXTURE_2D, parts.textures.looks);
  gl.activeTexture(gl.TEXTURE1);
  gl.bindTexture(gl.TEXTURE_2D, parts.textures.glyphs);
  gl.drawArrays(gl.POINTS, 0, held.count);
}

function createFlat(canvas) {
  const context = canvas.getContext("2d");
  const held = { from: null, to: null, labels: null, states: null, looks: [] };
  let image = null;
  const draw = ({ view, share, radius, opacity, emphasised, ratio }) => {
    const [width, height] = [Math.round(view.width * ratio), Math.round(view.height * ratio)];
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    if (!width || !height) return;
    if (image?.width !== width || image.height !== height) image = new ImageData(width, height);
    const pixels = new Uint32Array(image.data.buffer);
    pixels.fill(0);
    const plane = { x: view.x, y: view.y, sx: view.sx * ratio, sy: view.sy * ratio, share };
    splat(pixels, { width, height }, held, plane, seen(held.looks, 2 * radius * ratio, opacity, emphasised));
    context.putImageData(image, 0, 0);
  };
  /** Make what a selection needs before there is one, for the first would take twice as long as those after it. */
  const rehearse = ({ view, radius, opacity, ratio }) => {
    const size = { width: Math.ceil(view.width * ratio), height: Math.ceil(view.height * ratio) };
    const plane = { x: view.x, y: view.y, sx: view.sx * ratio, sy: view.sy * ratio, share: 1 };
    const [from, to] = [held.from.subarray(0, 2 * ENOUGH), held.to.subarray(0, 2 * ENOUGH)];
    const states = Uint8Array.from(to, (_, at) => at % 2);
    const look = seen(held.looks, 2 * radius * ratio, opacity, true);
    splat(new Uint32Array(size.width * size.height), size, { from, to, labels: held.labels, states }, plane, look);
  };
  return {
    canvas,
    setPlaces: (from, to) => Object.assign(held, { from, to }),
    setLabels: (labels) => Object.assign(held, { labels }),
    setLooks: (looks) => Object.assign(held, { looks }),
    setStates: (states) => Object.assign(held, { states }),
    draw: (shot) => held.to && draw(shot),
    rehearse: (shot) => held.to && rehearse(shot),
    destroy: () => {},
  };
}

/** How the points of a class are set, those selected and the others, as the shader does it. */
function seen(looks, size, opacity, emphasised) {
  return (label, state) => {
    const { color, glyph, shown } = looks[label] ?? looks[0];
    const dim = !shown || (emphasised && !state);
    const [red, green, blue] = channels(color).map((value) => Math.round(255 * value));
    // To a quarter of a pixel, so that masks are found again while the view glides.
    const across = Math.max(1, Math.round(4 * size * (dim ? 0.8 : state ? 1.15 : 1)) / 4);
    const packed = red | (green << 8) | (blue << 16);
    return stamped(shown && size > 2 * LEAST_GLYPH ? glyph : 0, across, packed, dim ? 0.1 * opacity : opacity);
  };
}

/** What is set for a point, made once for each look and size, and kept for those of a few zooms. */
function stamped(glyph, across, color, opacity) {
  const masked = once(`${glyph} ${across}`, () => mask(across, glyph ? outlined(glyph, across) : undefined));
  return once(`${glyph} ${across} ${color} ${opacity}`, () => stampOf(masked, color, opacity));
}

function once(key, make) {
  if (made.size > HELD) made.clear();
  if (!made.has(key)) made.set(key, make());
  return made.get(key);
}

/** Coverage by a glyph, as the browser itself fills it. */
function outlined(glyph, size) {
  return (phaseX, phaseY, side) => {
    const context = new OffscreenCanvas(side, side).getContext("2d", { willReadFrequently: true });
    trace(context, glyph, side / 2 + phaseX, side / 2 + phaseY, 0.43 * size);
    context.fill();
    return context.getImageData(0, 0, side, side).data.filter((_, at) => at % 4 === 3);
  };
}

/**
 * Draw points onto a 2-D canvas, to be saved as a picture.
 * @param {CanvasRenderingContext2D} context @param {Shot} shot
 */
export function drawFlat(context, { from, to, labels, states, looks }, shot) {
  const { view, share, radius, opacity, emphasised, ratio } = shot;
  const [width, height] = [Math.round(view.width * ratio), Math.round(view.height * ratio)];
  if (context.canvas.width !== width || context.canvas.height !== height) Object.assign(context.canvas, { width, height });
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, view.width, view.height);
  const stamps = looks.map(({ color, glyph }) => copied(color, glyph, radius, ratio));
  for (let i = 0, n = to.length / 2; i < n; i++) {
    const x = view.width / 2 + (from[2 * i] + (to[2 * i] - from[2 * i]) * share - view.x) * view.sx;
    const y = view.height / 2 - (from[2 * i + 1] + (to[2 * i + 1] - from[2 * i + 1]) * share - view.y) * view.sy;
    if (x < -9 || y < -9 || x > view.width + 9 || y > view.height + 9) continue;
    const label = labels[i];
    const dim = !looks[label]?.shown || (emphasised && !states[i]);
    context.globalAlpha = dim ? opacity * 0.1 : opacity;
    const stamp = stamps[label] ?? stamps[0];
    context.drawImage(stamp, x - stamp.side / 2, y - stamp.side / 2, stamp.side, stamp.side);
  }
  context.globalAlpha = 1;
}

/** A glyph drawn once, to be copied to each point. */
function copied(color, glyph, radius, ratio) {
  const side = 2 * radius + 2;
  const stamp = new OffscreenCanvas(Math.ceil(side * ratio), Math.ceil(side * ratio));
  const context = stamp.getContext("2d");
  context.scale(ratio, ratio);
  context.fillStyle = color;
  trace(context, glyph, side / 2, side / 2, glyph ? radius : radius / 0.9);
  context.fill();
  return Object.assign(stamp, { side });
}

/** The look of each class and whether it is shown. */
export function looksOf(classes, colors, hidden) {
  return Array.from({ length: Math.max(1, classes) }, (_, label) => ({
    ...look(label, classes, colors),
    shown: !hidden.has(label),
  }));
}
