"""Codes put to use beside the features that they stand for and PCA of the same size."""

from typing import Any

import plotly.graph_objects as go
import streamlit as st

from aejax.downstream import QUANTITIES, Examples, Table, measured, sample, tables
from aejax.ui import charts, palette, snapshot
from aejax.ui.domain import marked
from aejax.ui.session import Result

TRAIN, TEST = 4000, 2000
"""Examples to learn from, and held out, at most."""

_SHARES = {
    "accuracy": "logistic<br>regression",
    "matched": "k-means,<br>matched",
    "v_measure": "V-measure",
    "rand": "adjusted<br>Rand",
}

Measured = dict[str, dict[str, float]]


def compared(result: Result) -> Measured:
    """All quantities of each way to write the examples down, with a bar while they are measured.

    Raises:
        DataError: If the data have no labels, or one class alone.
    """
    bar = st.progress(0.0, "Encoding …")
    examples, ways = _written(result)
    found: Measured = {}
    for index, way in enumerate(ways):
        bar.progress((index + 1) / (len(ways) + 1), f"Learning from {way.name} …")
        found[way.name] = _measured(result, index, way, examples)
    bar.empty()
    return found


@st.cache_resource(scope="session", max_entries=2, show_spinner=False, hash_funcs={Result: snapshot.stamp})
def _written(result: Result) -> tuple[Examples, list[Table]]:
    examples = sample(result.data, TRAIN, TEST)
    return examples, tables(result.run, examples)


@st.cache_resource(scope="session", max_entries=6, show_spinner=False, hash_funcs={Result: snapshot.stamp})
def _measured(result: Result, index: int, _way: Table, _examples: Examples) -> dict[str, float]:
    return measured(_way, _examples)


def told(result: Result) -> str:
    """What was measured, and on how much."""
    data = result.data
    train, test = min(TRAIN, len(data.x_train)), min(TEST, len(data.x_test))
    classes = (
        " The model is told one class for all of them, for their own would give the answer away."
        if result.run.classes
        else ""
    )
    return (
        "✓ marks the best of a row, but not of seconds, of which the fewest change from visit to visit. Learnt from "
        f"{train:,} training examples drawn at random, measured on {test:,} held out. "
        "k-means looks for as many clusters as there are classes, and is told none. Seconds are of one thread of "
        f"this machine, now, without those of encoding.{classes}"
    )


def rows(found: Measured) -> list[dict[str, str]]:
    """The quantities for people, the best of each marked where it is the same at each visit."""
    table = []
    for name, quantity in QUANTITIES.items():
        values = {way: entry[name] for way, entry in found.items()}
        best = quantity.best(list(values.values()))
        cells = {way: marked(_shown(name, value), quantity.steady and value == best) for way, value in values.items()}
        table.append({"Measure": quantity.title, **cells, "Unit": quantity.unit, "Better is": quantity.direction})
    return table


def records(found: Measured) -> list[dict[str, Any]]:
    """The quantities for programs."""
    return [
        {"measure": name, **{way: entry[name] for way, entry in found.items()}, "unit": quantity.unit}
        for name, quantity in QUANTITIES.items()
    ]


def figure(found: Measured) -> go.Figure:
    """What is told and found from each, side by side."""
    patterns = ("", "/", "x")
    bars = [
        go.Bar(
            name=way,
            x=list(_SHARES.values()),
            y=[entry[name] for name in _SHARES],
            marker={"color": palette.color(index), "pattern": {"shape": patterns[index % 3]}},
            texttemplate="%{y:.2f}",
            textposition="outside",
            cliponaxis=False,
            hovertemplate="%{fullData.name}, %{x}: %{y:.3f}<extra></extra>",
        )
        for index, (way, entry) in enumerate(found.items())
    ]
    drawn = charts.plain(bars, "Classes told and clusters found", ("", "share or score, 0 to 1"), 420)
    return drawn.update_layout(barmode="group").update_xaxes(tickangle=0).update_yaxes(rangemode="tozero")


def spoken(found: Measured) -> str:
    """The figure in words."""
    return "; ".join(
        f"{way}: accuracy {entry['accuracy']:.2f}, V-measure {entry['v_measure']:.2f}" for way, entry in found.items()
    )


def _shown(name: str, value: float) -> str:
    return f"{value:,.0f}" if name in ("numbers", "bytes") else f"{value:.3g}"
