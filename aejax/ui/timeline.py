"""The timeline of the Train page: where the training stands, and which of its moments is shown."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from aejax.ui import feed, session
from aejax.ui.film import Film, Moment

KEY = "train-timeline"
_STEP, _ASKED = "step", "step that the address names"
_HERE = Path(__file__).parent


def shown(film: Film) -> Moment | None:
    """The moment that the visitor has gone to, else the newest."""
    return film.moment(chosen(film))


def chosen(film: Film) -> int | None:
    """Number of the frame that the visitor has gone to, or the address names by its step; None for the newest."""
    frame: Any = (session.get(KEY) or {}).get("frame")
    if (step := _asked()) is not None and film.steps:
        frame = min(film.steps, key=lambda number: abs(film.steps[number] - step))
    known = isinstance(frame, int) and not isinstance(frame, bool)
    return frame if known and frame <= max(film.steps, default=-1) else None


def _asked() -> int | None:
    """The step in the address, until the visitor goes to another moment."""
    if session.get(_ASKED) is None:
        told = st.query_params.get(_STEP, "")
        session.put(_ASKED, int(told) if told.isdecimal() and len(told) < 16 else -1)
    step: int = session.get(_ASKED)
    return None if step < 0 else step


def _tell_address(film: Film, moment: Moment) -> None:
    if chosen(film) is None:
        st.query_params.pop(_STEP, None)
    elif st.query_params.get(_STEP) != str(moment.step):
        st.query_params[_STEP] = str(moment.step)


def forget() -> None:
    """Go to the newest moment."""
    session.put(KEY, {})
    session.put(_ASKED, -1)


def show(film: Film, moment: Moment) -> None:
    """Draw epoch, loss and the slider over all moments that are kept; the address keeps the step that is shown."""
    _tell_address(film, moment)
    about = {
        "run": film.standing.id,
        "address": feed.address(),
        "epochs": film.standing.document["train"]["epochs"],
        "unit": film.unit,
        "frame": chosen(film),
        "moment": {
            "number": moment.number,
            "epoch": moment.epoch,
            "step": moment.step,
            "loss": f"{moment.loss:.5g}",
        },
    }
    data = {"numbers": np.array(list(film.steps), np.uint32), "about": json.dumps(about)}
    component = st.components.v2.component(
        "aejax_timeline", html=_HTML, css=_CSS, js=(_HERE / "timeline.js").read_text("utf-8")
    )
    component(key=KEY, data=data, height="content", on_frame_change=_gone)


def _gone() -> None:
    """Heed the visitor from now on, and the address no more."""
    session.put(_ASKED, -1)


_HTML = """
<div class="timeline">
  <span data-testid="epoch"></span><span data-testid="loss"></span>
  <span class="aloud" role="status" aria-live="polite"></span>
  <button type="button" data-testid="replay">Replay</button>
  <label>Moment <input type="range" min="0" max="0" value="0" step="1" data-testid="timeline"></label>
  <button type="button" data-testid="live" hidden>Newest</button>
</div>
"""

_CSS = """
.timeline { display: flex; flex-wrap: wrap; align-items: center; gap: 0.4rem 0.9rem; color: var(--st-text-color); }
span { font-variant-numeric: tabular-nums; white-space: nowrap; }
.aloud { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
label { display: flex; align-items: center; gap: 0.5rem; flex: 1 1 12rem; }
input { flex: 1; min-width: 6rem; accent-color: var(--st-primary-color); }
button {
  padding: 0.15rem 0.7rem; border: 1px solid var(--st-border-color); border-radius: var(--st-button-radius, 0.5rem);
  background: var(--st-background-color); color: var(--st-text-color); font: inherit; cursor: pointer;
}
button:focus-visible, input:focus-visible { outline: 2px solid var(--st-primary-color); outline-offset: 2px; }
button[hidden] { display: none; }
"""
