"""The Walk through page: one example in slow motion through a model, as trained or as it would be."""

import numpy as np
import streamlit as st

from aejax.arrays import DataError
from aejax.parts.corruptions import Clean
from aejax.parts.posteriors import GaussianPosterior
from aejax.settings import SpecError
from aejax.ui import route, session, snapshot, stop
from aejax.ui.session import Choices, Result
from aejax.walk import COMPANY, Walk, stops, walk

_TRAINED, _CHOSEN = "as trained", "as chosen beside"


def choose_model(result: Result | None, choices: Choices) -> Result | None:
    """The trained model that is shown; None for the one that is chosen beside, which has no values yet."""
    if result is None or (result.run.spec == choices.spec and result.data_name == choices.data_name):
        return result
    chosen = st.segmented_control("Model", [_TRAINED, _CHOSEN], default=_TRAINED, required=True, key="walk-model")
    return result if chosen == _TRAINED else None


def preview(choices: Choices) -> None:
    """Draw the model as it is chosen beside, with formulas and sizes and no values."""
    if choices.data is None:
        st.info("The model is drawn once its data are on this machine.", icon=":material/info:")
        return
    try:
        found = stops(choices.spec, choices.data.shape)
    except SpecError as error:
        st.warning(f"There is no such model: {error}.", icon=":material/block:")
        return
    _along(found, None, None, f"{choices.spec} {choices.data.shape}")


def show(result: Result) -> None:
    """Draw the trained model, and what becomes of a held-out example of the visitor's choice at each stop."""
    snapshot.describe(result)
    row, seed = _choose_example(result)
    try:
        way = _way(result, row, seed)
    except (DataError, SpecError) as error:
        st.warning(f"This example cannot be followed: {error}.", icon=":material/block:")
        return
    _along(way.stops, way, result, f"{result.run.spec} {result.data.shape}")


def _choose_example(result: Result) -> tuple[int, int]:
    """The row of a held-out example, and the seed of noise and draw where there is chance."""
    data, spec = result.data, result.run.spec
    with st.container(horizontal=True, vertical_alignment="bottom"):
        last = len(data.x_test) - 1
        row = st.number_input(
            f"Held-out example, 0 to {last:,}",
            min_value=0,
            max_value=last,
            value=0,
            key="walk-row",
            width=240,
            bind="query-params",
        )
        seed: int = session.get("walk-seed", 0)
        has_chance = not isinstance(spec.corruption, Clean) or isinstance(spec.bottleneck, GaussianPosterior)
        if has_chance or spec.bottleneck.kind == "categorical":
            st.button(
                "Draw anew",
                key="walk-draw",
                icon=":material/casino:",
                help="Other noise, and another draw of the code",
                on_click=lambda: session.put("walk-seed", seed + 1),
            )
    if data.y_test is not None:
        label = int(data.y_test[int(row)])
        st.caption(f"Its class: {data.label_names[label] if label < len(data.label_names) else label}")
    return int(row), seed


@st.cache_resource(scope="session", max_entries=8, show_spinner=False, hash_funcs={Result: snapshot.stamp})
def _way(result: Result, row: int, seed: int) -> Walk:
    """The way of a held-out example, in the company of the first others."""
    data, run = result.data, result.run
    others = np.flatnonzero(np.arange(min(COMPANY, len(data.x_test))) != row)[: COMPANY - 1]
    rows = np.concatenate([[row], others])
    labels = None if data.y_test is None else data.y_test[rows]
    return walk(run, data.x_test[rows], seed=seed, labels=run.spec.told(labels))


@st.fragment
def _along(found: tuple[stop.Stop, ...], way: Walk | None, result: Result | None, identity: str) -> None:
    """The route, and the stop at which the visitor is; nothing else of the page is drawn anew."""
    route.show(found, identity)
    place = route.at(len(found))
    stop.show(found, place)
    here = found[place]
    if way is None or result is None:
        return
    if here.part == "loss":
        stop.show_loss(way, result.run.spec.likelihood.unit)
        _explain_loss(result)
        return
    writes = place == max(at for at, other in enumerate(found) if other.part == "decoder")
    stop.show_values(here, result.data, writes)
    stop.show_fields(here, result.run, result.data)


def _explain_loss(result: Result) -> None:
    spec = result.run.spec
    notes = [f"Sums over features, in {spec.loss_unit}; the mean over a batch is what training lowers."]
    if spec.penalties:
        notes.append(f"A penalty that compares examples sees this one among {COMPANY} held-out ones.")
    if any(type(penalty).of_all_examples for penalty in spec.penalties):
        notes.append("Outside of training an example has no neighbours, and their term is zero.")
    st.caption(" ".join(notes))
