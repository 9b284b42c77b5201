// The timeline: where the training stands, and a slider over its moments that can be dragged and played back.
// It asks the server for the moment that is to be shown, and tells the page of it as it comes.

const held = new WeakMap();
const PACE = 100; // milliseconds a moment, played back
const TELLING = 400; // milliseconds between two tellings of the server which moment is shown
const RETRY = 5000; // milliseconds before the page, drawn anew, seeks a lost connection again
const LEAVING = 500;
const SPEAKING = 10000; // milliseconds between two sentences for those who listen

export default function ({ data, parentElement, setStateValue }) {
  const place = parentElement.querySelector(".timeline");
  const first = !held.has(place);
  const state = held.get(place) ?? begun(place);
  state.send = setStateValue;
  state.about = JSON.parse(data.about);
  // The moment that the address names, at a visit's beginning.
  if (first && Number.isInteger(state.about.frame)) state.frame = state.about.frame;
  if (!fed(state) || !state.moment) state.moment = state.about.moment;
  state.numbers = data.numbers?.getChildAt(0).toArray() ?? [];
  // Again at each call, which changes nothing unless it was taken away; what Streamlit calls at an end may come late.
  addEventListener("keydown", state.keys);
  follow(state, place);
  // What the visitor had gone to was taken back, with all that came after it.
  if (state.frame !== null && state.numbers.length && state.frame > state.numbers.at(-1)) go(state, null);
  draw(state);
  // Called when the component leaves the page, perhaps a moment before its elements do.
  return () => setTimeout(() => place.isConnected || end(state), LEAVING);
}

function end(state) {
  clearInterval(state.playing);
  removeEventListener("keydown", state.keys);
  state.feed?.socket.close();
  state.feed = null;
}

function begun(place) {
  const find = (name) => place.querySelector(`[data-testid=${name}]`);
  const [slider, replay, live] = ["timeline", "replay", "live"].map(find);
  const state = { aloud: place.querySelector(".aloud"), spoken: { at: 0, loss: null }, slider, replay, live, epoch: find("epoch"), loss: find("loss"), frame: null, moment: null, feed: null };
  slider.oninput = () => { const at = Number(slider.value); halt(state); go(state, at); };
  live.onclick = () => { halt(state); go(state, null); };
  replay.onclick = () => (state.playing ? halt(state) : play(state));
  state.keys = (event) => {
    if (!place.isConnected) return removeEventListener("keydown", state.keys);
    const target = event.composedPath()[0];
    const typing = target instanceof Element && target.matches("input:not([type=range]), textarea, select");
    if (typing || event.defaultPrevented || !["[", "]"].includes(event.key)) return;
    event.preventDefault();
    halt(state);
    go(state, Math.max(0, placeOf(state) + (event.key === "[" ? -1 : 1)));
  };
  held.set(place, state);
  return state;
}

const fed = (state) => state.feed?.socket.readyState === WebSocket.OPEN && state.feed.run === state.about.run;

/** Where on the slider the moment is that is shown: of those that are kept, the nearest to it. */
function placeOf({ frame, numbers }) {
  const last = Math.max(0, numbers.length - 1);
  if (frame === null) return last;
  let [low, high] = [0, last];
  while (low < high) {
    const middle = (low + high) >> 1;
    numbers[middle] < frame ? (low = middle + 1) : (high = middle);
  }
  return low > 0 && frame - numbers[low - 1] < numbers[low] - frame ? low - 1 : low;
}

// One connection a run; where there is none the server's own drawings of the page have to do.
function follow(state, place) {
  const { run, address } = state.about;
  if (state.feed?.run === run) return;
  state.feed?.socket.close();
  const url = new URL(`${address}?run=${encodeURIComponent(run)}`, location.href);
  url.protocol = location.protocol === "https:" ? "wss:" : "ws:";
  const feed = { run, socket: new WebSocket(url), number: undefined, serial: 0 };
  state.feed = feed;
  feed.socket.binaryType = "arraybuffer";
  feed.ask = () => {
    if (feed.socket.readyState !== WebSocket.OPEN) return;
    const wanted = state.frame === null ? { other: feed.number } : { frame: state.frame };
    feed.socket.send(JSON.stringify({ serial: ++feed.serial, ...wanted }));
  };
  feed.socket.onopen = feed.ask;
  feed.socket.onclose = () => {
    if (state.feed === feed) show({ run, codes: null });
    setTimeout(() => { if (state.feed === feed) state.feed = null; }, RETRY);
  };
  feed.socket.onmessage = ({ data }) => {
    if (state.feed !== feed || !place.isConnected) return feed.socket.close();
    const moment = read(data);
    if (moment.serial !== feed.serial) return; // something else has been asked for since
    feed.number = moment.number;
    state.moment = moment;
    show({ run, ...moment });
    draw(state);
    // The next one only once this one is drawn; a page that nobody sees asks for none.
    const { serial } = feed;
    if (state.frame === null) requestAnimationFrame(() => setTimeout(() => serial === feed.serial && feed.ask(), 0));
  };
}

const show = (detail) => dispatchEvent(new CustomEvent("aejax-moment", { detail }));

function read(buffer) {
  const view = new DataView(buffer);
  const end = 8 + view.getUint32(4, true);
  const about = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 8, end - 8)));
  return { serial: view.getUint32(0, true), ...about, codes: new Uint16Array(buffer.slice(end)) };
}

// Go to the moment at a place of the slider; to the newest, whichever it then is, at its end or for null.
function go(state, at) {
  state.frame = at === null || at >= state.numbers.length - 1 ? null : Number(state.numbers[at]);
  draw(state);
  if (fed(state)) state.feed.ask();
  tell(state, state.frame);
}

// The server is told of one moment at a time; of those passed meanwhile only the newest.
function tell(state, frame) {
  const waiting = state.waiting !== undefined;
  state.waiting = frame;
  if (waiting) return;
  setTimeout(() => { const next = state.waiting; state.waiting = undefined; state.send("frame", next); }, fed(state) ? TELLING : 30);
}

function play(state) {
  if (state.numbers.length < 2) return;
  let at = state.frame === null ? 0 : placeOf(state);
  const step = Math.max(1, Math.floor(state.numbers.length / 150));
  state.playing = setInterval(() => {
    if (!state.slider.isConnected) return clearInterval(state.playing);
    go(state, at);
    at += step;
    if (at >= state.numbers.length) { halt(state); go(state, null); }
  }, PACE);
  draw(state);
}

function halt(state) {
  clearInterval(state.playing);
  state.playing = null;
  draw(state);
}

function draw(state) {
  const { slider, about, moment, numbers } = state;
  const last = Math.max(0, numbers.length - 1);
  slider.max = last;
  slider.disabled = last === 0;
  slider.value = placeOf(state);
  state.epoch.textContent = `Epoch ${moment.epoch} of ${about.epochs}, step ${moment.step.toLocaleString("en")}`;
  state.loss.textContent = `Loss ${moment.loss} ${about.unit}`;
  slider.setAttribute("aria-valuetext", `${state.epoch.textContent}, ${state.loss.textContent}`);
  speak(state);
  state.live.hidden = state.frame === null;
  state.replay.textContent = state.playing ? "Halt" : "Replay";
  state.replay.disabled = last === 0;
}

// For those who listen: now and then, not with every moment.
function speak({ aloud, spoken, epoch, moment, about }) {
  const now = performance.now();
  if (now - spoken.at < SPEAKING) return;
  const loss = Number(moment.loss);
  const trend = spoken.loss === null || loss === spoken.loss ? "" : loss < spoken.loss ? ", falling" : ", rising";
  const text = `${epoch.textContent.split(",")[0]}, loss ${moment.loss} ${about.unit}${trend}`;
  if (text !== aloud.textContent) aloud.textContent = text;
  Object.assign(spoken, { at: now, loss });
}
