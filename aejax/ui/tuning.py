"""Numbers of a run that can be changed while it trains."""

import math
from typing import Any

import streamlit as st

from aejax.jobs import Standing
from aejax.settings import Settings, live_numbers
from aejax.ui import session, teaching
from aejax.ui.declared import Declared, declared
from aejax.ui.film import settings

_STEPS_A_DECADE = 8
_DECADES = 3


def show(current: Standing) -> None:
    """Draw a slider for each number of the run's that may change while it trains."""
    with (
        teaching.place("transport", "tuning"),
        st.expander("Change while it trains", icon=":material/tune:", key="train-tuning"),
    ):
        st.caption(
            "These take effect at once, and nothing is compiled anew. What is chosen beside is for the next run."
        )
        columns = st.columns(2, gap="medium")
        spec, train = settings(current)
        numbers = [
            (f"{root}.{name}", record, name, value)
            for root, record in (("train", train), ("spec", spec))
            for name, value in live_numbers(record).items()
        ]
        for place, (path, record, name, value) in enumerate(numbers):
            with columns[place % 2]:
                _slider(current.id, path, _declared(record, name), value)


def _slider(run: str, path: str, setting: Declared, value: float) -> None:
    key = f"tune.{run}.{path}"
    options = scale(value if session.get(key) is None else session.get(key), setting.low, setting.high)
    label = f"{_part(path)}{setting.label}"
    st.select_slider(
        label,
        options,
        value=value if value in options else options[0],
        format_func=lambda option: f"{option:.4g}",
        key=key,
        help=setting.help,
        disabled=teaching.locks("transport"),
        on_change=_changed,
        args=(run, path, key),
    )


def _changed(run: str, path: str, key: str) -> None:
    # A slider that is drawn anew with other values may report a change after the run is over.
    if (current := session.standing()) is not None and current.id == run and current.active:
        session.steer("tune", {path: float(session.get(key))}, run=run)


def scale(value: float, low: float | None, high: float | None) -> list[float]:
    """Values to choose from around one, itself included: evenly by ratio, or from 0 to 1 where those are the bounds."""
    if (low, high) == (0.0, 1.0):
        around = [place / 20 for place in range(21)]
    else:
        middle = value or 10.0 ** -(_DECADES - 1)
        places = range(-_DECADES * _STEPS_A_DECADE, _DECADES * _STEPS_A_DECADE + 1)
        around = [float(f"{middle * 10 ** (place / _STEPS_A_DECADE):.2g}") for place in places]
    least, greatest = -math.inf if low is None else low, math.inf if high is None else high
    return sorted({value, *([0.0] if least <= 0 else []), *(each for each in around if least <= each <= greatest)})


def _declared(record: Settings, path: str) -> Declared:
    """The declaration of the setting at a dotted path."""
    *steps, name = path.split(".")
    inner: Any = record
    for step in steps:
        inner = inner[int(step)] if isinstance(inner, tuple) else getattr(inner, step)
    owner: type[Settings] = type(inner)
    return declared(owner)[name]


def _part(path: str) -> str:
    """The part that a number belongs to, as a beginning of its label."""
    _, *parts, _ = path.split(".")
    words = [part for part in parts if not part.isdecimal()]
    return f"{words[0].capitalize()}: " if words else ""
