// The timeline: where the training stands, and a slider over its moments that can be dragged and played back.
// It asks the server for the moment that is to be shown, and tells the page of it as it comes.

const held = new WeakMap();
const PACE = 100; // milliseconds a moment, played back
const TELLING = 400; // milliseconds between two tellings of the server which moment is shown
const RETRY = 5000; // milliseconds before a lost connection is sought again

export default function ({ data, parentElement, setStateValue }) {
  const place = parentElement.querySelector(".timeline");
  const state = held.get(place) ?? begun(place);
  state.send = setStateValue;
  const about = JSON.parse(data.about);
  state.about = about;
  if (!fed(state) || !state.moment) state.moment = about.moment;
  state.numbers = data.numbers?.getChildAt(0).toArray() ?? [];
  // Again at each call, which changes nothing unless it was taken away; what Streamlit calls at an end may come late.
  addEventListener("keydown", state.keys);
  follow(state, place);
  draw(state);
}

function begun(place) {
  const find = (name) => place.querySelector(`[data-testid=${name}]`);
  const [slider, replay, live] = ["timeline", "replay", "live"].map(find);
  const state = { slider, replay, live, epoch: find("epoch"), loss: find("loss"), at: null, moment: null, feed: null };
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
    const last = state.numbers.length - 1;
    go(state, Math.max(0, Math.min(last, (state.at ?? last) + (event.key === "[" ? -1 : 1))));
  };
  held.set(place, state);
  return state;
}

const fed = (state) => state.feed?.socket.readyState === WebSocket.OPEN && state.feed.run === state.about.run;

// One connection a run; where there is none the server's own drawings of the page have to do.
function follow(state, place) {
  const { run, address } = state.about;
  if (state.feed?.run === run) return;
  state.feed?.socket.close();
  const url = new URL(`${address}?run=${encodeURIComponent(run)}`, location.href);
  url.protocol = location.protocol === "https:" ? "wss:" : "ws:";
  const feed = { run, socket: new WebSocket(url), number: null };
  state.feed = feed;
  feed.socket.binaryType = "arraybuffer";
  feed.ask = () => {
    if (!place.isConnected || state.feed !== feed) return feed.socket.close();
    const wanted = state.at === null ? { other: feed.number } : { frame: Number(state.numbers[state.at]) };
    if (feed.socket.readyState === WebSocket.OPEN) feed.socket.send(JSON.stringify(wanted));
  };
  feed.socket.onopen = feed.ask;
  feed.socket.onclose = () => setTimeout(() => { if (state.feed === feed) state.feed = null; }, RETRY);
  feed.socket.onmessage = ({ data }) => {
    if (state.feed !== feed) return feed.socket.close();
    const moment = read(data);
    if (state.at !== null && moment.number !== Number(state.numbers[state.at])) return;
    feed.number = moment.number;
    state.moment = moment;
    dispatchEvent(new CustomEvent("aejax-moment", { detail: { ...moment, run } }));
    draw(state);
    // The next one only once this one is drawn; a page that nobody sees asks for none.
    if (state.at === null) requestAnimationFrame(() => setTimeout(() => state.at === null && feed.ask(), 0));
  };
}

function read(buffer) {
  const length = new DataView(buffer).getUint32(0, true);
  const about = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length)));
  return { ...about, codes: new Uint16Array(buffer.slice(4 + length)) };
}

function go(state, at) {
  state.at = at === null || at >= state.numbers.length - 1 ? null : at;
  draw(state);
  if (fed(state)) state.feed.ask();
  tell(state, state.at === null ? null : Number(state.numbers[state.at]));
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
  let at = state.at ?? 0;
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
  if (state.at !== null && state.at >= last) state.at = null;
  slider.max = last;
  slider.disabled = last === 0;
  slider.value = state.at ?? last;
  state.epoch.textContent = `Epoch ${moment.epoch} of ${about.epochs}, step ${moment.step.toLocaleString("en")}`;
  state.loss.textContent = `Loss ${moment.loss} ${about.unit}`;
  slider.setAttribute("aria-valuetext", `${state.epoch.textContent}, ${state.loss.textContent}`);
  state.live.hidden = state.at === null;
  state.replay.textContent = state.playing ? "Halt" : "Replay";
  state.replay.disabled = last === 0;
}
