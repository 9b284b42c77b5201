"""The canvas on a page: its JavaScript, what stays and what changes sent apart, and the visitor's requests answered."""

import gzip
import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from aejax.ui import session
from aejax.ui.canvas import answer
from aejax.ui.canvas.answer import Answer
from aejax.ui.canvas.replies import Responder
from aejax.ui.canvas.scene import Scene, stamped

TOOLS = ("axes", "legend", "probe", "hover", "inspector", "sliders", "picture", "help")
"""Tools that every canvas has, by the names in `tools.js`."""

EXPLORING = ("manifold", "honesty", "lasso", "paths", "arithmetic", "traversals", "draw")
"""Tools for what a model has made of its space, which ask what `Replies` answers."""

_FRONTEND = Path(__file__).parent / "frontend"


def latent_canvas(
    scene: Scene,
    key: str,
    *,
    height: int = 560,
    tools: Sequence[str] = TOOLS,
    responders: Mapping[str, Responder] | None = None,
    options: Mapping[str, Any] | None = None,
    kept: bool = False,
) -> Answer:
    """Draw a scene, and return what the visitor has set on it.

    Call it in a fragment: a request of the browser then draws nothing else of the page anew.

    Args:
        scene: What is shown.
        key: Name of the place on the page; a scene of the same place is tweened to from the one before.
        height: Height of the map in pixels.
        tools: Names of the tools, in their order.
        responders: What answers requests of each kind, such as "decode"; the result's arrays are sent back. None in
            place of arrays means that the request cannot be answered.
        options: Further settings for tools, as JSON.
        kept: Whether `keep` has sent what stays.
    """
    state = session.get(key)
    given = answer.read(state, scene.points, scene.latent)
    kinds = dict(responders or {})
    replies = {kind: _reply(key, kind, given.raw.get(kind), respond) for kind, respond in kinds.items()}
    about = {
        "height": height,
        "tools": list(tools),
        "asks": list(kinds),
        "replies": {kind: number for kind, (number, _) in replies.items()},
        "missing": [kind for kind, (number, found) in replies.items() if number is not None and found is None],
        "options": dict(options or {}),
        "modules": modules()["stamp"],
        "moment": scene.moment["stamp"],
    }
    arrays = {f"{kind}/{name}": array for kind, (_, found) in replies.items() for name, array in (found or {}).items()}
    data = {name: array.reshape(-1) for name, array in arrays.items()} | {"about": json.dumps(about)}
    with st.container(gap=None, key=f"{key}-place"):
        _canvas(key, data, kinds)
        # Apart from the canvas's own message, which each reply makes anew.
        moving = {"weights": scene.weights, "moment": scene.moment}
        for name, held in (moving if kept else _staying(scene) | moving).items():
            _shelf(f"{key}-{name}", held)
    return given


def keep(scene: Scene, key: str) -> None:
    """Send what stays while a scene moves, from outside of the fragment that draws it again and again."""
    with st.container(gap=None, key=f"{key}-kept"):
        for name, held in _staying(scene).items():
            _shelf(f"{key}-{name}", held)


def _staying(scene: Scene) -> dict[str, dict[str, Any]]:
    return {"modules": modules(), "still": scene.still}


@cache
def modules() -> dict[str, Any]:
    """The canvas's JavaScript: read once, stamped by its content, so that no browser runs an older one."""
    files = sorted(_FRONTEND.glob("*.js")) + sorted(_FRONTEND.glob("*.css"))
    sources = json.dumps({file.name: file.read_text("utf-8") for file in files})
    return stamped({"zipped": np.frombuffer(gzip.compress(sources.encode(), mtime=0), np.uint8)}, {})


def _canvas(key: str, data: dict[str, Any], kinds: Mapping[str, Responder]) -> None:
    names = (*answer.NAMES, *kinds)
    callbacks: dict[str, Any] = {f"on_{name}_change": _noted for name in names}
    mount = st.components.v2.component("aejax_canvas", html=_PLACE, js=_MOUNT)
    mount(key=key, data=data, height="content", **callbacks)


def _shelf(key: str, data: dict[str, Any]) -> None:
    """Send what is large and seldom changes: Streamlit sends again only what differs."""
    shelf = st.components.v2.component("aejax_shelf", js=_SHELF)
    shelf(key=key, data=data, height=1)


def _reply(
    key: str, kind: str, request: object, respond: Responder
) -> tuple[int | None, Mapping[str, np.ndarray] | None]:
    """The number of the latest request of a kind and the arrays that answer it; worked out once."""
    number = request.get("number") if isinstance(request, Mapping) else None
    if not isinstance(request, Mapping) or not isinstance(number, int):
        return None, None
    place = f"{key}/{kind}"
    known = session.get(place)
    if known is None or known[0] != number:
        known = number, respond(request)
        session.put(place, known)
    return known


def _noted() -> None:
    """Do nothing: that a callback is named makes the state known to Streamlit."""


_PLACE = '<div class="place"></div>'

# Things are handed over on a shelf of the window, for each component is a module of its own and they meet nowhere else.
_SHELF = """
const ids = new WeakMap();
export default function ({ data, parentElement }) {
  const shelf = (window.aejaxShelf ??= new Map());
  const old = ids.get(parentElement);
  if (old === data.stamp) return;
  ids.set(parentElement, data.stamp);
  const slot = shelf.get(data.stamp) ?? {};
  slot.promise ??= new Promise((resolve) => { slot.resolve = resolve; });
  slot.resolve(data);
  slot.users = (slot.users ?? 0) + 1;
  shelf.set(data.stamp, slot);
  const release = (stamp) => {
    const slot = shelf.get(stamp);
    if (slot && --slot.users <= 0) setTimeout(() => { if (slot.users <= 0) shelf.delete(stamp); }, 3000);
  };
  if (old) release(old);
  return () => release(ids.get(parentElement));
}
"""

_MOUNT = """
const wait = (stamp) => {
  const shelf = (window.aejaxShelf ??= new Map());
  const slot = shelf.get(stamp) ?? {};
  slot.promise ??= new Promise((resolve) => { slot.resolve = resolve; });
  shelf.set(stamp, slot);
  return slot.promise;
};

// Modules import one another by address: each becomes a blob once those that it imports have become theirs.
const link = (files) => {
  const made = new Map();
  const make = (name) => {
    if (made.has(name)) return made.get(name);
    const source = files[name].replace(/from "\\.\\/([\\w-]+\\.js)"/g, (_, other) => `from "${make(other)}"`);
    const blob = new Blob([source, `\\n//# sourceURL=aejax-canvas/${name}`], { type: "text/javascript" });
    made.set(name, URL.createObjectURL(blob));
    return made.get(name);
  };
  return make("index.js");
};

const linked = (window.aejaxCanvas ??= new Map());

const places = new WeakMap();

export default async function (component) {
  const { data, parentElement } = component;
  const about = JSON.parse(data.about);
  places.set(parentElement, data);
  if (!linked.has(about.modules)) {
    linked.set(about.modules, wait(about.modules).then(async ({ zipped }) => {
      const plain = new Blob([zipped.getChildAt(0).toArray()]).stream().pipeThrough(new DecompressionStream("gzip"));
      const files = await new Response(plain).json();
      const style = Object.keys(files).filter((name) => name.endsWith(".css")).map((name) => files[name]).join("");
      return import(link(files)).then((entry) => ({ entry, style }));
    }));
  }
  const { entry, style } = await linked.get(about.modules);
  if (places.get(parentElement) !== data || !parentElement.isConnected) return;
  return entry.show({ ...component, about, style, wait });
}
"""
