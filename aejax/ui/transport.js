// The transport: buttons that play, pause, step, stop and begin a training anew, each with a key.

const held = new WeakMap();
const PATIENCE = 1500; // milliseconds until a press that was not obeyed is sent again
const TRIES = 5;
const SVG = "http://www.w3.org/2000/svg";
const TYPING = "input, textarea, select, [contenteditable], [role=slider], [role=listbox], [role=combobox], [role=application]";

export default function ({ data, parentElement, setStateValue }) {
  const bar = parentElement.querySelector(".bar");
  const state = held.get(bar) ?? begun(bar);
  state.send = setStateValue;
  state.count = Math.max(state.count, data.count);
  state.obeyed = data.count;
  // Again at each call, which changes nothing unless it was taken away; what Streamlit calls at an end may come late.
  addEventListener("keydown", state.keys);
  draw(bar, state, data);
}

function begun(bar) {
  const state = { count: 0, obeyed: 0, buttons: new Map() };
  state.press = (what) => {
    const press = { what, count: ++state.count };
    state.send("press", press);
    again(bar, state, press, 1);
  };
  state.keys = (event) => pressed(event, bar, state);
  held.set(bar, state);
  return state;
}

// A press is lost where the server begins to draw the page anew just as it comes; one that was obeyed counts but once.
function again(bar, state, press, tries) {
  setTimeout(() => {
    if (!bar.isConnected || press.count !== state.count || state.obeyed >= press.count || tries > TRIES) return;
    state.send("press", { ...press, tries });
    again(bar, state, press, tries + 1);
  }, PATIENCE);
}

function draw(bar, state, { buttons }) {
  const wanted = new Set(buttons.map((button) => button.name));
  for (const [name, element] of state.buttons) if (!wanted.has(name)) element.remove(), state.buttons.delete(name);
  for (const [place, button] of buttons.entries()) {
    const element = state.buttons.get(button.name) ?? made(button, state);
    element.disabled = Boolean(button.disabled);
    element.classList.toggle("first", Boolean(button.first));
    element.title = button.key ? `${button.help} (${button.key})` : button.help;
    if (bar.children[place] !== element) bar.insertBefore(element, bar.children[place] ?? null);
  }
}

function made({ name, label, icon, key }, state) {
  const element = document.createElement("button");
  element.type = "button";
  element.dataset.testid = name;
  const sign = document.createElementNS(SVG, "svg");
  sign.setAttribute("viewBox", "0 0 24 24");
  sign.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", icon);
  sign.append(path);
  element.append(sign, label);
  if (key) element.setAttribute("aria-keyshortcuts", key === "space" ? "Space" : key);
  element.onclick = () => state.press(name);
  state.buttons.set(name, element);
  return element;
}

const KEYS = { " ": ["play", "pause"], ArrowRight: ["step"], ArrowUp: ["step-epoch"], r: ["reset"], "?": ["help"] };

// Keys are for the bar unless whatever has the focus takes them itself.
function pressed(event, bar, state) {
  if (!bar.isConnected) return removeEventListener("keydown", state.keys);
  const target = event.composedPath()[0];
  const busy = target instanceof Element && (target.matches(TYPING) || (event.key === " " && target.matches("button, a, summary, label")));
  if (event.defaultPrevented || busy || event.ctrlKey || event.metaKey || event.altKey) return;
  const name = (KEYS[event.key] ?? []).find((name) => state.buttons.has(name));
  if (!name || state.buttons.get(name).disabled) return;
  event.preventDefault();
  state.press(name);
}
