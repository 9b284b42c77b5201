"""The latent space under one's hands: a slider for each coordinate, and what the decoder makes of the code."""

from dataclasses import dataclass
from math import floor, log10

import numpy as np
import streamlit as st
from jaxtyping import Float, Integer

from aejax import latent
from aejax.data import Data
from aejax.run import Run
from aejax.ui import embedding, examples, session, snapshot
from aejax.ui.session import Result

SLIDERS = 16
"""Sliders shown at once, at most."""

_CODE, _LIMITS, _STAMP = "latent-code", "latent-limits", "latent-stamp"
_SLIDER, _DRAWS, _EXAMPLE, _ORIGIN = "latent-slider-", "latent-draws", "latent-example", "latent-origin"
_QUANTILES = 0.005, 0.995
_STEPS = 100


@dataclass(frozen=True, eq=False)
class Space:
    """Where the codes of a snapshot lie; `order` names the coordinates as they are shown."""

    run: Run
    data: Data
    sample: embedding.Points
    limits: Float[np.ndarray, "latent 2"]
    order: Integer[np.ndarray, " latent"]

    @property
    def mean(self) -> Float[np.ndarray, " latent"]:
        """The mean code."""
        return self.sample.codes.mean(axis=0)


@st.cache_resource(scope="session", max_entries=2, show_spinner=False, hash_funcs={Result: snapshot.stamp})
def space(result: Result) -> Space:
    """The space of the visitor's snapshot."""
    return survey(result)


def survey(result: Result) -> Space:
    """The space of a snapshot, from the codes of held-out examples."""
    sample = embedding.points(result.run, result.data, "test")
    limits = np.clip(latent.ranges(sample.codes, *_QUANTILES), *result.run.spec.bottleneck.bounds)
    order = np.arange(len(limits))
    if len(limits) > SLIDERS:
        order = np.argsort(-sample.codes.var(axis=0), kind="stable")
    return Space(result.run, result.data, sample, limits, order)


def prepare(here: Space, stamp: tuple[object, ...]) -> None:
    """Begin at the mean code; go on from the visitor's own where the model is the same and only trained further."""
    old, new = session.get(_STAMP), stamp
    if old == new:
        return
    code = session.get(_CODE)
    if old is None or old[:3] != new[:3] or code is None:
        code = here.mean
    session.put(_STAMP, new)
    session.put(_LIMITS, here.limits.astype(np.float64))
    _go_to(here, code)


@st.fragment
def explore(here: Space) -> None:
    """Draw the decoded example beside the sliders; a move of one redraws nothing else on the page."""
    shown, moved = st.columns([2, 3], gap="large")
    with moved:
        _draw_buttons(here)
        code = _draw_sliders(here)
    with shown, st.container(key="latent-shown"):
        caption = session.get(_ORIGIN) or "Decoded from the code that the sliders say"
        decoded = here.run.decode(code[None])[0]
        examples.show_one(here.data, decoded, "latent-decoded", caption)


def _draw_buttons(here: Space) -> None:
    has_samples = here.run.spec.bottleneck.has_prior or here.run.codes is not None
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.button("Mean code", key="latent-mean", on_click=_to_mean, args=(here,), icon=":material/restart_alt:")
        st.button(
            "Random code",
            key="latent-random",
            on_click=_to_sample,
            args=(here,),
            icon=":material/casino:",
            disabled=not has_samples,
            help="Drawn from the prior, or where there is none from a normal distribution fitted to training codes",
        )
        st.number_input(
            f"Code of held-out example (0 to {here.sample.of - 1})",
            min_value=0,
            max_value=here.sample.of - 1,
            value=None,
            placeholder="row",
            key=_EXAMPLE,
            on_change=_to_example,
            args=(here,),
            width=260,
        )


def _draw_sliders(here: Space) -> Float[np.ndarray, " latent"]:
    """The code that the sliders say; those on other leaves keep their values."""
    code = np.array(session.get(_CODE), np.float32)
    limits = session.get(_LIMITS)
    first = 0
    if len(code) > SLIDERS:
        leaves = -(-len(code) // SLIDERS)
        first = (st.pagination(leaves, key=f"latent-leaf-{len(code)}") - 1) * SLIDERS
        st.caption(f"{len(code)} coordinates, those that vary most first; {SLIDERS} at a time.")
    chosen = here.order[first : first + SLIDERS].tolist()
    columns = st.columns(2) if len(chosen) > 4 else [st.container()]
    for place, index in enumerate(chosen):
        with columns[place * len(columns) // len(chosen)]:
            code[index] = _slider(index, float(code[index]), *limits[index].tolist())
    if (code != session.get(_CODE)).any():
        session.put(_ORIGIN, None)
    session.put(_CODE, code)
    return code


def _slider(index: int, value: float, low: float, high: float) -> float:
    key = f"{_SLIDER}{index}"
    if session.get(key) is None:
        session.put(key, value)
    step, decimals = _step(high - low)
    moved: float = st.slider(f"z{index + 1}", low, high, step=step, format=f"%.{decimals}f", key=key)
    return moved


def _step(width: float) -> tuple[float, int]:
    """A round step, a hundredth of the width or somewhat less, and the decimals that show it."""
    exponent = floor(log10(width / _STEPS))
    return 10.0**exponent, max(0, -exponent)


def _to_mean(here: Space) -> None:
    _go_to(here, here.mean, "The mean of the codes, decoded")


def _to_sample(here: Space) -> None:
    draws = session.get(_DRAWS, 0)
    session.put(_DRAWS, draws + 1)
    _go_to(here, here.run.sample_codes(1, seed=draws)[0], "A random code, decoded")


def _to_example(here: Space) -> None:
    row = session.get(_EXAMPLE)
    if row is None:
        return
    data = here.data
    label = "" if data.y_test is None else f", {data.label_names[data.y_test[row]]}"
    _go_to(here, here.run.encode(data.x_test[row][None])[0], f"Held-out example {row}{label}, rebuilt")


def to_selected(here: Space) -> None:
    """Go to the code of the point that the visitor clicked in the map."""
    rows = embedding.selected(session.get("latent-map"))
    if rows:
        session.put(_EXAMPLE, rows[0])
        _to_example(here)


def _go_to(here: Space, code: Float[np.ndarray, " latent"], origin: str | None = None) -> None:
    """Set all sliders; their ranges widen where the code lies beyond, for it is to be decoded as it is."""
    limits = session.get(_LIMITS)
    wide = np.stack([np.minimum(limits[:, 0], code), np.maximum(limits[:, 1], code)], axis=1)
    session.forget(_SLIDER)
    session.put(_LIMITS, wide)
    session.put(_CODE, code.astype(np.float32))
    session.put(_ORIGIN, origin)
