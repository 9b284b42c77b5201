"""A model drawn as a route of stops, along which one goes by buttons, by keys and in slow motion."""

import json
import math
from collections.abc import Sequence
from math import prod
from pathlib import Path
from typing import Any

import streamlit as st

from aejax.ui import session
from aejax.walk import Stop

KEY = "walk-route"
_HERE = Path(__file__).parent
_LEAST, _GREATEST = 0.08, 0.96

_TITLES = {
    "input": "input",
    "noise": "noise",
    "code": "code",
    "output": "output",
    "loss": "loss",
}


def at(count: int) -> int:
    """The stop that the visitor has gone to, of so many."""
    place: Any = (session.get(KEY) or {}).get("at")
    known = isinstance(place, int) and not isinstance(place, bool) and place >= 0
    return min(place, count - 1) if known else 0


def show(stops: Sequence[Stop], identity: str) -> None:
    """Draw the route.

    Args:
        stops: Of one model.
        identity: What tells this model's route from another's, at which one begins anew.
    """
    heights = _heights(stops)
    drawn = [
        {
            "title": title(stops, place),
            "size": size(stop),
            "before": heights[place - 1] if place else None,
            "share": heights[place],
            "next": heights[place + 1] if place + 1 < len(stops) else None,
            "kind": stop.kind,
        }
        for place, stop in enumerate(stops)
    ]
    about = {"stops": drawn, "at": at(len(stops)), "identity": identity}
    component = st.components.v2.component(
        "aejax_route", html=_HTML, css=_CSS, js=(_HERE / "route.js").read_text("utf-8")
    )
    component(key=KEY, data={"about": json.dumps(about)}, height="content", on_at_change=_noted)


def title(stops: Sequence[Stop], place: int) -> str:
    """A stop's name: the layers of encoder and decoder are numbered."""
    stop = stops[place]
    if stop.part in _TITLES:
        return _TITLES[stop.part]
    own = [other for other in stops if other.part == stop.part]
    return f"{stop.part} {own.index(stop) + 1}" if len(own) > 1 else stop.part


def size(stop: Stop) -> str:
    """How many numbers leave a stop, as they are laid out."""
    if not stop.shape:
        return "1 number"
    return " × ".join(map(str, stop.shape)) if len(stop.shape) > 1 else f"{stop.shape[0]:,}"


def _heights(stops: Sequence[Stop]) -> list[float]:
    """The logarithm of each stop's size, as a share of the greatest."""
    sizes = [math.log2(prod(stop.shape) + 1) for stop in stops]
    return [max(_LEAST, _GREATEST * size / max(sizes)) for size in sizes]


def _noted() -> None:
    """Do nothing: that a callback is named makes the state known to Streamlit."""


_HTML = """
<div class="route">
  <ol class="road" aria-label="The model, stop by stop"></ol>
  <span class="aloud" role="status" aria-live="polite"></span>
  <div class="bar" role="toolbar" aria-label="Going along the model">
    <button type="button" data-testid="route-back" aria-keyshortcuts="ArrowLeft" title="One stop back (←)">Back</button>
    <button type="button" data-testid="route-play" class="first" aria-keyshortcuts="Space"
      title="Go along by itself (space)">Play</button>
    <button type="button" data-testid="route-step" aria-keyshortcuts="ArrowRight"
      title="To the next stop (→)">Step</button>
    <label>Pace <select data-testid="route-pace">
      <option value="4">4 s a stop</option><option value="2" selected>2 s a stop</option>
      <option value="1">1 s a stop</option>
    </select></label>
  </div>
</div>
"""

_CSS = """
.route { color: var(--st-text-color); }
.road { display: flex; flex-wrap: wrap; margin: 0 0 0.75rem; padding: 0; list-style: none; row-gap: 0.5rem; }
.road li { flex: 0 1 88px; min-width: 72px; }
.road button {
  display: flex; flex-direction: column; align-items: center; width: 100%; height: 100%; padding: 0 0 0.25rem;
  border: 0; border-radius: var(--st-button-radius, 0.5rem); background: transparent; color: inherit; font: inherit;
  font-size: 0.8rem; line-height: 1.3; cursor: pointer; text-align: center;
}
.road strong { font-weight: 600; }
.road span { font-variant-numeric: tabular-nums; }
.road svg { width: 100%; height: auto; margin-bottom: 0.25rem; }
.bar, .way { transition: fill 0.3s, fill-opacity 0.3s; }
rect.bar { fill: var(--st-text-color); fill-opacity: 0.35; }
.way { fill: var(--st-text-color); fill-opacity: 0.12; }
.passed rect.bar { fill: var(--st-primary-color); fill-opacity: 0.55; }
.passed .way { fill: var(--st-primary-color); fill-opacity: 0.3; }
.here rect.bar { fill: var(--st-primary-color); fill-opacity: 1; }
.here button { background: var(--st-secondary-background-color); }
.here strong { text-decoration: underline; text-underline-offset: 0.2em; }
.road button:hover { background: var(--st-secondary-background-color); }
.aloud { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
div.bar { display: flex; flex-wrap: wrap; align-items: center; gap: 0.5rem; }
div.bar button, select {
  min-height: 2.5rem; padding: 0.25rem 0.9rem; border: 1px solid var(--st-border-color);
  border-radius: var(--st-button-radius, 0.5rem); background: var(--st-background-color);
  color: var(--st-text-color); font: inherit; cursor: pointer;
}
div.bar button.first { background: var(--st-primary-color); border-color: var(--st-primary-color); color: #fff; }
div.bar button:hover:enabled { border-color: var(--st-primary-color); }
div.bar button:disabled { opacity: 0.5; cursor: not-allowed; }
button:focus-visible, select:focus-visible { outline: 2px solid var(--st-primary-color); outline-offset: 2px; }
label { display: inline-flex; align-items: center; gap: 0.4rem; }
@media (prefers-reduced-motion: reduce) { .bar, .way { transition: none; } }
@media print { div.bar { display: none; } }
"""
