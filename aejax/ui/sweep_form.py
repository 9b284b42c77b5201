"""Where a sweep is put together: its axes, seeds, budget, and when a run is given up."""

import math
import os
from importlib.util import find_spec
from typing import Any

import streamlit as st

from aejax.data import Data
from aejax.metrics import METRICS
from aejax.settings import SpecError
from aejax.store import StoreError
from aejax.sweep.advice import INSTALL
from aejax.sweep.folder import create_sweep
from aejax.sweep.launch import launch
from aejax.sweep.plan import Plan
from aejax.sweep.writing import LADDER, changes, typed, varied, written
from aejax.ui import session
from aejax.ui.session import Choices

CHOSEN = "sweep"
"""Under which name the address tells the sweep that is looked at."""

AT_ONCE = max(1, (os.cpu_count() or 1) // 2)
"""Trials at once: half of the machine, for pages are to be answered too."""

_MEASURES = ("mse", "variance_explained", "knn_5", "trustworthiness", "continuity", "silhouette")
_PRUNINGS = {
    "none": "let every run end",
    "median": "worse than most by then",
    "asha": "not in the best third at a rung (ASHA)",
}


def show(choices: Choices, is_open: bool) -> None:
    """Draw the form; the model and its settings are those chosen beside."""
    with st.expander("A new sweep", expanded=is_open, icon=":material/add_chart:"):
        data = choices.data
        if data is None or choices.problems:
            for problem in choices.problems or ("the data are not here",):
                st.warning(f"A sweep cannot start: {problem}.", icon=":material/block:")
            return
        st.caption("Runs begin from the model and the settings chosen beside, and differ along these axes.")
        try:
            plan = _asked(choices, data)
            count = plan.runs
        except SpecError as error:
            st.error(f"This cannot be a sweep: {error}.", icon=":material/error:")
            return
        _offer(plan, count)


def _asked(choices: Choices, data: Data) -> Plan:
    axes = _axes(choices, data)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        seeds = st.number_input("Seeds", 1, 50, 3, key="sweep-seeds", help="Runs of each setting; two tell a spread")
        epochs = st.number_input("Epochs", 1, 10_000, choices.train.epochs, key="sweep-epochs")
        points = math.prod(len(values) for values in axes.values())
        budget = st.number_input(
            "Settings at most",
            1,
            10_000,
            max(1, points),
            key=f"sweep-budget-{points}",
            help="Fewer are drawn at random",
        )
        measure = st.selectbox(
            "Ranked by", _MEASURES, format_func=lambda name: METRICS[name].title, key="sweep-measure"
        )
        pruning = _pruning()
    if not axes:
        raise SpecError("choose at least one axis")
    shared = changes(choices.model, choices.spec, choices.train.replace(epochs=int(epochs)))
    is_drawn = int(budget) < points
    return Plan(
        name=st.text_input("Name", key="sweep-name", max_chars=80, placeholder="What this sweep is to find out"),
        data=choices.data_name,
        model=choices.model,
        set=shared,
        axes=axes,
        sampler="random" if is_drawn else "grid",
        budget=int(budget) if is_drawn else None,
        seeds=int(seeds),
        pruning=pruning,
        measure=measure,
    )


def _axes(choices: Choices, data: Data) -> dict[str, Any]:
    """The axes that the visitor wants, with their values."""
    axes: dict[str, Any] = {}
    if choices.spec.latent is not None:
        offered = [size for size in LADDER if size <= data.features]
        usual = [size for size in (2, 8, 32) if size in offered] or offered[:1]
        sizes = st.multiselect("Size of the code", offered, usual, key=f"sweep-latent-{len(offered)}")
        axes |= {"spec.latent": sizes} if sizes else {}
    kinds = _networks(choices, data)
    if len(kinds) > 1:
        chosen = st.multiselect("Encoder", kinds, key="sweep-encoder", help="Networks, each with its usual settings")
        axes |= {"spec.encoder": chosen} if chosen else {}
    known = varied(choices.spec, choices.train)
    if "spec.encoder" in axes:
        known.pop("spec.encoder.widths", None)
    names = st.multiselect("And", list(known), key="sweep-others", format_func=_worded, help="Any number of the model")
    for name in names:
        help = "Values with commas between them" + ("; lists with semicolons" if name.endswith("widths") else "")
        text = st.text_input(_worded(name), written(known[name]), key=f"sweep-axis-{name}", help=help)
        axes[name] = typed(name, text or "")
    return axes


def _networks(choices: Choices, data: Data) -> list[str]:
    """The networks that suit the model and the data."""
    from aejax.parts.networks import NETWORKS

    found = []
    for kind in NETWORKS:
        try:
            choices.spec.replace(encoder=kind, decoder=None).latent_size(data.shape)
        except SpecError:
            continue
        found.append(kind)
    return found


def _pruning() -> str:
    if find_spec("optuna") is None:
        st.caption(f"Runs that do badly can be given up early with Optuna: `{INSTALL}`")
        return "none"
    return st.selectbox("Give up", list(_PRUNINGS), format_func=_PRUNINGS.__getitem__, key="sweep-pruning")


def _offer(plan: Plan, count: int) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        pressed = st.button(f"Start {count:,} runs", key="sweep-start", type="primary", icon=":material/play_arrow:")
        at_once = f"{AT_ONCE} at a time" if AT_ONCE > 1 else "one after another"
        st.caption(f"They go on {at_once} in processes of their own, whether anyone looks or not.")
    if pressed:
        try:
            plan.checked()
            folder = create_sweep(session.office().workspace, plan)
            launch(folder, AT_ONCE)
        except (SpecError, StoreError) as error:
            st.error(f"The sweep could not be begun: {error}.", icon=":material/error:")
            return
        st.query_params[CHOSEN] = folder.id
        st.rerun()


def _worded(name: str) -> str:
    return name.partition(".")[2].replace(".", ": ").replace("_", " ").capitalize()
