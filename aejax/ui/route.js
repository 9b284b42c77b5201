// The route: a model drawn stop by stop, each a button; one goes along it by hand, by keys, or in slow motion.

const held = new WeakMap();
const SVG = "http://www.w3.org/2000/svg";
const TYPING = "input, textarea, select, [contenteditable], [role=slider], [role=listbox], [role=combobox], [role=application], [role=radio]";
const PRESSED = "button, a, summary, label";
const [WIDTH, HEIGHT, BAR] = [88, 96, 26];

export default function ({ data, parentElement, setStateValue }) {
  const place = parentElement.querySelector(".route");
  const state = held.get(place) ?? begun(place);
  state.send = setStateValue;
  const told = JSON.parse(data.about);
  // Another model: its route begins anew.
  if (told.identity !== state.identity) halt(state), (state.identity = told.identity), (state.at = told.at);
  state.stops = told.stops;
  state.at = Math.min(state.at, state.stops.length - 1);
  // Again at each call, which changes nothing unless it was taken away; what Streamlit calls at an end may come late.
  addEventListener("keydown", state.keys);
  draw(state);
  return () => setTimeout(() => place.isConnected || (halt(state), removeEventListener("keydown", state.keys)), 500);
}

function begun(place) {
  const find = (name) => place.querySelector(`[data-testid=route-${name}]`);
  const state = { place, at: 0, stops: [], drawn: "", road: place.querySelector(".road"), aloud: place.querySelector(".aloud"), play: find("play"), back: find("back"), step: find("step"), pace: find("pace") };
  state.play.onclick = () => (state.timer ? halt(state) : play(state));
  state.back.onclick = () => (halt(state), go(state, state.at - 1));
  state.step.onclick = () => (halt(state), go(state, state.at + 1));
  state.keys = (event) => pressed(event, state);
  held.set(place, state);
  return state;
}

function draw(state) {
  const drawn = JSON.stringify(state.stops);
  if (drawn !== state.drawn) {
    state.drawn = drawn;
    state.road.replaceChildren(...state.stops.map((stop, place) => made(stop, place, state)));
  }
  for (const [place, item] of [...state.road.children].entries()) {
    const button = item.firstElementChild;
    place === state.at ? button.setAttribute("aria-current", "step") : button.removeAttribute("aria-current");
    item.classList.toggle("passed", place < state.at);
    item.classList.toggle("here", place === state.at);
  }
  state.back.disabled = state.at <= 0;
  state.step.disabled = state.at >= state.stops.length - 1;
  state.play.textContent = state.timer ? "Pause" : "Play";
}

function made({ title, size, before, share, next, kind }, place, state) {
  const item = document.createElement("li");
  const button = document.createElement("button");
  button.type = "button";
  button.dataset.testid = `stop-${place}`;
  button.append(picture(before, share, next), text("strong", title), text("span", size));
  button.title = kind;
  button.onclick = () => (halt(state), go(state, place));
  item.append(button);
  return item;
}

// A bar as tall as what leaves the stop is large, between the halves of the ways from the last one and to the next.
function picture(before, share, next) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", `0 0 ${WIDTH} ${HEIGHT}`);
  svg.setAttribute("aria-hidden", "true");
  const height = share * HEIGHT;
  const middle = HEIGHT / 2;
  const left = (WIDTH - BAR) / 2;
  const way = (x0, h0, x1, h1) => `${x0},${middle - h0 / 2} ${x1},${middle - h1 / 2} ${x1},${middle + h1 / 2} ${x0},${middle + h0 / 2}`;
  const halfway = (other) => (height + other * HEIGHT) / 2;
  if (before !== null) svg.append(shape("polygon", { class: "way", points: way(0, halfway(before), left, height) }));
  if (next !== null) svg.append(shape("polygon", { class: "way", points: way(left + BAR, height, WIDTH, halfway(next)) }));
  svg.append(shape("rect", { class: "bar", x: left, y: middle - height / 2, width: BAR, height, rx: 3 }));
  return svg;
}

function shape(name, attributes) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}

function text(name, content) {
  const element = document.createElement(name);
  element.textContent = content;
  return element;
}

function go(state, at) {
  const wanted = Math.max(0, Math.min(at, state.stops.length - 1));
  if (wanted === state.at) return draw(state);
  state.at = wanted;
  draw(state);
  const { title, size } = state.stops[wanted];
  state.aloud.textContent = `Stop ${wanted + 1} of ${state.stops.length}: ${title}, ${size}`;
  state.send("at", wanted);
}

function play(state) {
  if (state.at >= state.stops.length - 1) go(state, 0);
  state.timer = setInterval(() => {
    if (!state.place.isConnected || state.at >= state.stops.length - 1) return halt(state);
    go(state, state.at + 1);
    if (state.at >= state.stops.length - 1) halt(state);
  }, 1000 * Number(state.pace.value));
  draw(state);
}

function halt(state) {
  clearInterval(state.timer);
  state.timer = null;
  draw(state);
}

// Keys are for the route unless whatever has the focus takes them itself.
function pressed(event, state) {
  if (!state.place.isConnected) return removeEventListener("keydown", state.keys);
  const target = event.composedPath()[0];
  const busy = target instanceof Element && (target.matches(TYPING) || (event.key === " " && target.matches(PRESSED)));
  if (event.defaultPrevented || busy || event.ctrlKey || event.metaKey || event.altKey) return;
  const ways = { ArrowRight: state.at + 1, ArrowLeft: state.at - 1, Home: 0, End: state.stops.length - 1 };
  if (event.key === " ") state.timer ? halt(state) : play(state);
  else if (event.key in ways) halt(state), go(state, ways[event.key]);
  else return;
  event.preventDefault();
}
