"""The page of sweeps: one is chosen, watched while it goes on, and its runs compared."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from aejax.arrays import DataError
from aejax.baselines import pca_errors
from aejax.data import Data, load_data, sources
from aejax.metrics import METRICS
from aejax.seeds import Difference, Spread, by_seed, difference
from aejax.settings import SpecError
from aejax.store import StoreError
from aejax.sweep.folder import all_sweeps, find_sweep
from aejax.sweep.launch import launch, stop
from aejax.ui import charts, live, run_table, session, sweep_charts, sweep_view, tables
from aejax.ui.sweep_form import AT_ONCE, CHOSEN
from aejax.ui.sweep_view import View

_SECONDS_BETWEEN_LOOKS = 2.0
_TRAIN_PAGE = "pages/train.py"
_PCA_MEASURES = ("mse", "variance_explained")


def choose() -> View | None:
    """The sweep that is looked at: of the address, or the newest; None where there is none."""
    workspace = session.office().workspace
    known = {sweep.id: sweep for sweep in all_sweeps(workspace)}
    named = st.query_params.get(CHOSEN, "")[:40]
    asked = find_sweep(workspace, named)
    titles: dict[str, str] = {}
    for name, sweep in known.items():
        with suppress(StoreError):
            titles[name] = f"{sweep_view.view_title(sweep)} ({name})"
    if not titles:
        return None
    ids = list(titles)
    first = ids.index(asked.id) if asked is not None and asked.id in titles else 0
    # Another list of sweeps, or another one asked for, is another choice.
    key = f"sweep-choice-{len(ids)}-{ids[first]}"
    chosen = st.selectbox("Sweep", ids, index=first, format_func=titles.__getitem__, key=key)
    if chosen != named:
        st.query_params[CHOSEN] = chosen
    return sweep_view.view(known[chosen])


def show(found: View) -> None:
    """Draw a sweep; while it goes on it is drawn anew every few seconds."""
    if found.active:
        live.prepare()
    st.fragment(_draw, run_every=_SECONDS_BETWEEN_LOOKS if found.active else None)(found)


def _draw(found: View) -> None:
    now = sweep_view.view(found.sweep)
    if found.active != now.active:
        # Only a whole page begins to look again, or leaves off.
        st.rerun()
    _state(now)
    if not now.trials:
        st.caption("No run has begun yet.")
        return
    data = _data(now)
    _frontier(now, data)
    _courses_and_maps(now, data)
    _table(now)
    _study(now)


def _state(now: View) -> None:
    total = now.plan.runs
    counts = {state: sum(trial.status == state for trial in now.trials) for state in ("pruned", "diverged", "failed")}
    apart = "".join(f", {count} {state}" for state, count in counts.items() if count)
    text = f"{now.over:,} of {total:,} runs over{apart} · {now.status}"
    st.progress(min(1.0, now.over / max(1, total)), text)
    if now.message:
        st.error(f"{now.message}.", icon=":material/error:")
    with st.container(horizontal=True):
        if now.active:
            st.button("Stop", key="sweep-stop", icon=":material/stop:", on_click=_act, args=(now, False))
        elif now.over < total:
            st.button("Go on", key="sweep-go-on", icon=":material/play_arrow:", on_click=_act, args=(now, True))


def _act(now: View, goes_on: bool) -> None:
    try:
        if goes_on:
            now.sweep.update(status="queued", message=None)
            launch(now.sweep, AT_ONCE)
        else:
            stop(now.sweep)
    except (StoreError, OSError) as error:
        session.refuse(error)


def _data(now: View) -> Data | None:
    known = sources().get(now.plan.data)
    return load_data(now.plan.data) if known is not None and known.ready else None


@st.fragment
def _frontier(now: View, data: Data | None) -> None:
    measured = [trial for trial in now.trials if trial.measured]
    if not measured:
        st.caption("No run has ended yet: errors are measured at the end of each.")
        return
    st.subheader("Quality against the size of the code")
    names = [name for name in now.plan.measured if any(trial.measured.get(name) is not None for trial in measured)]
    measure = st.selectbox("Measure", names, format_func=lambda name: METRICS[name].title, key="sweep-frontier-measure")
    sizes = sorted({sweep_charts.latent_of(trial) for trial in measured})
    principal = {} if data is None or measure not in _PCA_MEASURES else _principal(data, tuple(sizes), measure)
    figure = sweep_charts.frontier(now, measure, principal)
    event = st.plotly_chart(
        figure,
        key="sweep-frontier",
        on_select="rerun",
        selection_mode="points",
        config=charts.config("aejax-sweep"),
        alt=f"{METRICS[measure].title} of each run against the numbers in its code",
    )
    for point in event["selection"]["points"][:1]:
        if data_of_point := point.get("customdata"):
            _open(str(data_of_point[0]))
    st.caption("A point is a run, and a click opens it; lines are means over seeds. Measured on held-out examples.")


@st.cache_data(show_spinner="PCA …", max_entries=32, hash_funcs={Data: lambda data: data.content_hash})
def _principal(data: Data, sizes: tuple[int, ...], measure: str) -> dict[int, float]:
    """PCA's value of a metric at each size of the code."""
    try:
        found = pca_errors(data.x_train, data.x_test, sizes)
        if measure == "mse":
            return found
        rows = sweep_view.variance(data)
    except (DataError, SpecError):
        return {}
    return {size: 1.0 - error / rows for size, error in found.items()}


def _open(name: str) -> None:
    session.want(name)
    st.switch_page(_TRAIN_PAGE)


def _courses_and_maps(now: View, data: Data | None) -> None:
    if (figure := sweep_charts.courses(now)) is not None:
        st.subheader("Courses")
        _figure(now, figure, "courses", "Held-out reconstruction error of each run by epoch")
    if data is None:
        st.caption("The data are not on this machine, so that no maps can be drawn.")
    elif (small := sweep_charts.maps(now, data)) is not None:
        st.subheader("Maps")
        _figure(now, small, "maps", "A small map of each setting")
        axes = sweep_view.axes_named(now.trials[0].settings)
        st.caption(
            f"One run of each of the first {sweep_charts.MAPS} settings, by {axes or 'nothing but its seed'}: the same "
            "held-out examples, laid upon the first map by a rotation and one scale. Codes of more than two numbers "
            "lie along their main directions."
        )


def _figure(now: View, figure: go.Figure, name: str, told: str) -> None:
    """Draw a figure: in place of itself while the sweep goes on, so that a zoom outlasts new data."""
    if now.active:
        live.live_figure(figure, f"sweep-{name}", int(figure.layout.height), told)
    else:
        st.plotly_chart(figure, key=f"sweep-{name}", config=charts.config(f"aejax-sweep-{name}"), alt=told)


def _table(now: View) -> None:
    st.subheader("Settings")
    rows = now.sweep.table(now.trials)
    measure = now.plan.measure
    rows.sort(key=lambda row: _rank(row.get(measure), now.plan.sign))
    flat = [_flat(row) for row in rows]
    shown = {name: [row.get(name) for row in flat] for name in flat[0]}
    st.dataframe(shown, hide_index=True, height=min(420, 40 + 35 * len(flat)), alt="Mean and spread of each setting")
    st.caption("Mean over the seeds, and ± the standard deviation of a run; best first.")
    tables.offer("Settings as CSV", flat, "aejax-sweep")
    _choose_run(now)


@st.fragment
def _choose_run(now: View) -> None:
    names = {trial.folder.id: f"{_title(trial)} · {trial.status}" for trial in now.trials}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.selectbox("Run", list(names), format_func=names.__getitem__, key=f"sweep-run-{now.sweep.id}")
        if st.button("Open", key="sweep-open", icon=":material/open_in_new:") and chosen is not None:
            _open(chosen)


def _title(trial: Any) -> str:
    return f"{sweep_view.named(trial.settings) or 'run'}, seed {trial.document['train']['seed']}"


def _rank(spread: Spread | None, sign: float) -> float:
    return float("inf") if spread is None else sign * spread.mean


def _flat(row: dict[str, Any]) -> dict[str, Any]:
    """A row of plain cells: mean and deviation of each measure in columns of their own."""
    cells: dict[str, Any] = {}
    for name, value in row.items():
        if name in METRICS:
            title = METRICS[name].title
            cells[title] = None if value is None else value.mean
            cells[f"± {title}"] = None if value is None or value.runs < 2 else value.deviation
        else:
            cells[name.partition(".")[2] or name] = sweep_view.value(value)
    return cells


@st.fragment
def _study(now: View) -> None:
    """Say whether a difference between two settings is more than the chance of their seeds."""
    groups = {name: trials for name, trials in now.groups if sum(bool(trial.measured) for trial in trials) > 1}
    if len(groups) < 2:
        return
    st.subheader("Is a difference real?")
    names = list(groups)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        one = st.selectbox("Setting", names, key=f"sweep-one-{now.sweep.id}")
        other = st.selectbox("Beside", names, index=1, key=f"sweep-other-{now.sweep.id}")
        measure = st.selectbox(
            "In", now.plan.measured, format_func=lambda name: METRICS[name].title, key="sweep-study-measure"
        )
    if one is None or other is None or measure is None or one == other:
        st.caption("Choose two settings.")
        return
    try:
        found = difference(*(_by_seed(groups[name], measure) for name in (one, other)))
    except DataError as error:
        st.caption(f"Nothing can be said: {error}.")
        return
    _tell(found, one, other, measure, len(names))


def _by_seed(trials: Sequence[Any], measure: str) -> dict[int, float]:
    return by_seed([trial.settings for trial in trials], [trial.measured.get(measure) for trial in trials])


def _tell(found: Difference, one: str, other: str, measure: str, settings: int) -> None:
    plain = run_table.plain
    st.markdown(f"**{METRICS[measure].title}** of {plain(one)} less that of {plain(other)}: {plain(str(found))}.")
    pairs = settings * (settings - 1) // 2
    if pairs > 1:
        st.caption(
            f"There are {pairs} pairs of settings here: of so many about {pairs / 20:.1f} would look real by chance "
            "alone, so look at those that you had in mind before."
        )
    if min(found.runs) < 5:
        st.caption("With fewer than five seeds a setting only large differences can be told from chance.")
