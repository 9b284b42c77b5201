"""The timeline of the Train page: where the training stands, and which of its moments is shown."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from aejax.ui import feed, session
from aejax.ui.film import Film, Moment

KEY = "train-timeline"
_HERE = Path(__file__).parent


def shown(film: Film) -> Moment | None:
    """The moment that the visitor has gone to, else the newest."""
    return film.moment(chosen(film))


def chosen(film: Film) -> int | None:
    """Number of the frame that the visitor has gone to; None where the newest is shown."""
    frame: Any = (session.get(KEY) or {}).get("frame")
    known = isinstance(frame, int) and not isinstance(frame, bool)
    return frame if known and frame <= max(film.steps, default=-1) else None


def show(film: Film, moment: Moment) -> None:
    """Draw epoch, loss and the slider over all moments that are kept."""
    about = {
        "run": film.standing.id,
        "address": feed.address(),
        "epochs": film.standing.document["train"]["epochs"],
        "unit": film.unit,
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
    component(key=KEY, data=data, height="content", on_frame_change=_noted)


def _noted() -> None:
    """Do nothing: that a callback is named makes the state known to Streamlit."""


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
