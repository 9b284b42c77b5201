"""Runs beside one another: the courses of their losses, the settings in which they differ, and their maps."""

import html
from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
import streamlit as st
from plotly.subplots import make_subplots

from aejax.alignment import align, main_plane
from aejax.arrays import DataError
from aejax.data import Data
from aejax.differences import differences
from aejax.embedder import told
from aejax.frames import probe_rows
from aejax.jobs import Standing
from aejax.store import StoreError
from aejax.ui import charts, film, palette, panes, run_table, session, tables
from aejax.ui.run_table import Row

GREATEST_NUMBER = 12
"""Runs whose maps are drawn at once."""

_MAP_POINTS = 1500
_COLUMNS = 4


def show(chosen: Sequence[Row]) -> None:
    """Draw the comparison of runs."""
    names = unique_names(chosen)
    split = st.segmented_control(
        "Loss", ["held out", "training"], default="held out", required=True, key="runs-split", bind="query-params"
    )
    figure = courses(chosen, names, split == "training")
    st.plotly_chart(figure, key="runs-courses", config=charts.config("aejax-runs"), alt="Loss by epoch of each run")
    st.subheader("What differs")
    table = contrast(chosen, names)
    if table:
        # The heads of tables are read as Markdown.
        heads = ["Setting", *map(run_table.plain, names)]
        shown = [dict(zip(heads, row.values(), strict=True)) for row in table]
        st.table(shown, border="horizontal", hide_index=True, alt="Settings that are not the same in all runs")
        tables.offer("Differences as CSV", table, "aejax-differences")
    else:
        st.caption("These runs have the same data and the same settings.")
    st.subheader("Their maps")
    _maps(chosen, names)


def unique_names(chosen: Sequence[Row]) -> list[str]:
    """A name for each run that no other has."""
    titles = [row.title for row in chosen]
    return [row.title if titles.count(row.title) == 1 else f"{row.title} ({row.id})" for row in chosen]


def courses(chosen: Sequence[Row], names: Sequence[str], training: bool) -> go.Figure:
    """The loss of each run by epoch."""
    traces = []
    for index, (row, name) in enumerate(zip(chosen, names, strict=True)):
        try:
            epochs = film.epochs(row.standing)
        except StoreError:
            continue
        terms = [epoch.terms if training else epoch.validation or {} for epoch in epochs]
        traces.append(
            go.Scatter(
                x=[epoch.epoch for epoch in epochs],
                y=[sum(each.values()) if each else None for each in terms],
                name=html.escape(name),
                mode="lines+markers" if len(epochs) < 30 else "lines",
                line={"color": palette.color(index), "dash": _DASHES[index // len(palette.LIGHT) % len(_DASHES)]},
                hovertemplate="%{y:.4g}",
            )
        )
    units = {film.settings(row.standing)[0].loss_unit for row in chosen}
    figure = charts.plain(traces, "", ("epoch", units.pop() if len(units) == 1 else "loss, of different units"), 380)
    figure.layout.hovermode = "x unified"
    return figure


_DASHES = ("solid", "dash", "dot")


def contrast(chosen: Sequence[Row], names: Sequence[str]) -> list[dict[str, str]]:
    """The settings in which runs differ, a row each."""
    documents = [row.standing.document for row in chosen]
    settings = [{"data": each["data"]["name"], "spec": each["spec"], "train": each["train"]} for each in documents]
    found = differences(settings)
    return [{"Setting": name} | dict(zip(names, values, strict=True)) for name, values in found.items()]


def _maps(chosen: Sequence[Row], names: Sequence[str]) -> None:
    data = session.data_of(chosen[0].standing)
    if data is None:
        st.caption("The data of the first run are not on this machine.")
        return
    shown = [(row, name) for row, name in zip(chosen, names, strict=True) if _same_data(row, chosen[0])]
    figure = drawn([row for row, _ in shown[:GREATEST_NUMBER]], [name for _, name in shown[:GREATEST_NUMBER]], data)
    if figure is None:
        st.caption("None of these runs has a map yet.")
        return
    st.plotly_chart(figure, key="runs-maps", config=charts.config("aejax-run-maps"), alt="A small map of each run")
    count = min(_MAP_POINTS, len(data.x_test))
    told_of = f"The same {count:,} held-out examples in each, laid upon the first map by a rotation and one scale."
    left_out = len(chosen) - len(shown)
    st.caption(told_of + (f" {left_out} with other data are left out." if left_out else ""))
    others = [row.id for row in chosen[1 : panes.GREATEST_NUMBER]]
    if st.button("Metrics, linked maps and more", key="runs-compare", icon=":material/compare_arrows:"):
        session.want(chosen[0].id)
        session.forget("compare-panes")
        st.switch_page("pages/compare.py", query_params={"compare-panes": [panes.NAME_OF_MODEL, *_pane_names(others)]})


def _pane_names(runs: Sequence[str]) -> list[str]:
    return [panes.run_name(session.office().standing(run)) for run in runs]


def _same_data(one: Row, other: Row) -> bool:
    return bool(one.standing.document["data"] == other.standing.document["data"])


def drawn(chosen: Sequence[Row], names: Sequence[str], data: Data) -> go.Figure | None:
    """Small maps of the same held-out examples, each laid upon the first; None where no run has codes."""
    rows = np.asarray(probe_rows(data.y_test, len(data.x_test), _MAP_POINTS))
    labels = None if data.y_test is None else data.y_test[rows]
    places: list[np.ndarray] = []
    titles: list[str] = []
    for row, name in zip(chosen, names, strict=True):
        plane = _plane(row.standing, rows, labels)
        if plane is not None:
            places.append(laid(plane, places[0]) if places else plane)
            titles.append(name)
    if not places:
        return None
    return small_maps(places, titles, labels, data)


# While anything trains the page is drawn anew every few seconds, and what is over stays as it is.
@st.cache_resource(
    scope="session", max_entries=2 * GREATEST_NUMBER, show_spinner=False, hash_funcs={Standing: film.stamp}
)
def _plane(standing: Standing, rows: np.ndarray, labels: np.ndarray | None) -> np.ndarray | None:
    """The codes of these held-out examples on their main plane; None where the run has no weights."""
    result = session.result_of(standing)
    if result is None:
        return None
    codes = result.run.encode(result.data.x_test[rows], **told(result.run, labels))
    return np.asarray(main_plane(codes)(codes))


def laid(places: np.ndarray, first: np.ndarray) -> np.ndarray:
    """The places turned, scaled and shifted to lie upon the first ones."""
    try:
        return np.asarray(align(places, first).map(places))
    except DataError:  # codes that are all the same lie upon nothing
        return places


def small_maps(places: Sequence[np.ndarray], titles: Sequence[str], labels: np.ndarray | None, data: Data) -> go.Figure:
    """Small scatter plots side by side, each with its title."""
    across = min(_COLUMNS, len(places))
    down = -(-len(places) // across)
    heads = [html.escape(title) for title in titles]
    figure = make_subplots(down, across, subplot_titles=heads, horizontal_spacing=0.02, vertical_spacing=0.08)
    for index, place in enumerate(places):
        one = charts.scatter(place.astype(np.float32), labels, data.label_names, height=260)
        for trace in one.data:
            figure.add_trace(
                trace.update(showlegend=index == 0, marker_size=3), index // across + 1, index % across + 1
            )
    bare = {"showticklabels": False, "showgrid": False, "zeroline": False, "ticks": ""}
    whole = charts.plain(figure.data, "", ("", ""), 60 + 240 * down)
    axes = {name: axis for name, axis in figure.layout.to_plotly_json().items() if "axis" in name}
    whole.update_layout(annotations=figure.layout.annotations, margin={"t": 40}).update_layout(axes)
    return whole.update_xaxes(bare).update_yaxes(bare)
