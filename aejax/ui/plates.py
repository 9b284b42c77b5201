"""Two maps in one figure for print: the baseline on the left, the autoencoder on the right, as many of each class."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
import streamlit as st
from jaxtyping import Float, Integer
from plotly.subplots import make_subplots

from aejax.alignment import main_plane
from aejax.data import Data
from aejax.embedder import told
from aejax.ui import charts, palette, panes
from aejax.ui.panes import Pane, SplitName
from aejax.ui.session import Result

EACH = 500
"""Examples of a class, at most, as in the figure that this one follows (Hinton & Salakhutdinov 2006, figure 3)."""

_HEIGHT = 560


def drawn(shown: Sequence[Pane], data: Data, dark: bool) -> go.Figure:
    """The maps of panes side by side, of held-out examples; `dark` tells figures apart whose colours differ."""
    rows = balanced(data.y_test, len(data.x_test))
    labels = None if data.y_test is None else data.y_test[rows]
    figure = make_subplots(1, len(shown), subplot_titles=[pane.name for pane in shown], horizontal_spacing=0.04)
    for column, pane in enumerate(shown, 1):
        codes = pane.embedder.encode(data.x_test[rows], **told(pane.embedder, labels))
        for trace in _traces(main_plane(codes)(codes).astype(np.float32), labels, data):
            figure.add_trace(trace.update(showlegend=column == 1), 1, column)
    bare = {"showticklabels": False, "showgrid": False, "zeroline": False, "ticks": ""}
    whole = charts.plain(figure.data, "", ("", ""), _HEIGHT)
    whole.update_layout(annotations=figure.layout.annotations, margin={"t": 40})
    axes = {name: axis for name, axis in figure.layout.to_plotly_json().items() if "axis" in name}
    return whole.update_layout(axes).update_xaxes(bare).update_yaxes(bare)


plate = st.cache_resource(
    scope="session",
    max_entries=2,
    show_spinner="Drawing the figure …",
    hash_funcs={Pane: lambda pane: pane.stamp, Data: lambda data: data.content_hash},
)(drawn)


def offer(result: Result, split: SplitName) -> None:
    """Draw the figure of PCA and the model when the visitor asks for it."""
    if not st.toggle("Figure: PCA left, autoencoder right", key="compare-plate", bind="query-params"):
        return
    both = [panes.pane(result, key, split) for key in (panes.PCA, panes.MODEL)]
    shown = [pane for pane in both if isinstance(pane, Pane)]
    figure = plate(shown, result.data, palette.colors() == palette.DARK)
    alt = f"Maps of {' and '.join(pane.name for pane in shown)} side by side, by label"
    st.plotly_chart(figure, key="plate", config=charts.config("aejax-maps", "svg"), alt=alt)
    st.caption(method(result.data))


def balanced(labels: Integer[np.ndarray, " n"] | None, n: int, each: int = EACH) -> Integer[np.ndarray, " chosen"]:
    """The rows of the first `each` examples of every class; without labels, of as many examples in all."""
    if labels is None:
        return np.arange(min(n, each))
    return np.sort(np.concatenate([np.flatnonzero(labels == label)[:each] for label in np.unique(labels)]))


def method(data: Data) -> str:
    """How many examples the figure shows."""
    rows = balanced(data.y_test, len(data.x_test))
    counts = np.bincount(data.y_test[rows])[np.unique(data.y_test[rows])] if data.y_test is not None else np.array([])
    each = f", {counts.min()} to {counts.max()} of a class" if counts.size else ""
    return f"{len(rows):,} held-out examples{each}. Codes of more than two numbers along their two main components."


def _traces(places: Float[np.ndarray, "n 2"], labels: Integer[np.ndarray, " n"] | None, data: Data) -> list[go.Scatter]:
    """A trace a class; drawn as shapes and not as pixels, so that the figure can be saved as one of lines."""
    if labels is None:
        return [_trace(places, "examples", 0, 1)]
    names = data.label_names
    return [_trace(places[labels == label], names[label], label, len(names)) for label in np.unique(labels).tolist()]


def _trace(places: Float[np.ndarray, "n 2"], name: str, label: int, classes: int) -> go.Scatter:
    look = {"color": palette.color(label), "symbol": palette.symbol(label, classes), "size": 4, "opacity": 0.75}
    return go.Scatter(
        x=places[:, 0], y=places[:, 1], mode="markers", marker=look, name=name, legendgroup=name, hoverinfo="name"
    )
