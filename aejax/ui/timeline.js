// The timeline: where the training stands, and a slider over its moments that can be dragged and played back.

const held = new WeakMap();
const PACE = 100; // milliseconds a moment, played back

export default function ({ data, parentElement, setStateValue }) {
  const place = parentElement.querySelector(".timeline");
  const state = held.get(place) ?? begun(place);
  state.send = setStateValue;
  state.data = JSON.parse(data.about);
  state.numbers = data.numbers?.getChildAt(0).toArray() ?? [];
  // Again at each call, which changes nothing unless it was taken away; what Streamlit calls at an end may come late.
  addEventListener("keydown", state.keys);
  draw(state);
}

function begun(place) {
  const find = (name) => place.querySelector(`[data-testid=${name}]`);
  const [slider, replay, live] = ["timeline", "replay", "live"].map(find);
  const state = { slider, replay, live, epoch: find("epoch"), loss: find("loss"), at: null, shown: null };
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

// The server is told of one moment at a time; of those passed meanwhile only the newest.
function go(state, at) {
  state.at = at === null || at >= state.numbers.length - 1 ? null : at;
  const frame = state.at === null ? null : Number(state.numbers[state.at]);
  draw(state);
  if (state.waiting !== undefined) { state.waiting = frame; return; }
  state.waiting = frame;
  setTimeout(() => { const next = state.waiting; state.waiting = undefined; state.send("frame", next); }, 30);
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
  const { slider, data, numbers } = state;
  const last = Math.max(0, numbers.length - 1);
  if (state.at !== null && state.at >= last) state.at = null;
  slider.max = last;
  slider.disabled = last === 0;
  slider.value = state.at ?? last;
  slider.setAttribute("aria-valuetext", `${data.epoch}, ${data.loss}`);
  state.epoch.textContent = data.epoch;
  state.loss.textContent = data.loss;
  state.live.hidden = state.at === null;
  state.replay.textContent = state.playing ? "Halt" : "Replay";
  state.replay.disabled = last === 0;
}
