"""Codes made into points that can be drawn: which examples, which coordinates, and what a selection of them holds."""

import io
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go
import streamlit as st
from jaxtyping import Float, Integer, Num

from aejax.arrays import as_values
from aejax.baselines import PCA
from aejax.data import Data
from aejax.embedder import Embedder, told
from aejax.ui import charts, columns, examples, images
from aejax.ui.canvas.answer import Answer

MAP, SPACE = "Map", "Three coordinates"
LINE, PLANE, MAIN = "One coordinate", "Two coordinates", "PCA of the code"
GREATEST_SELECTION = 100
"""Images shown of a selection, at most."""

_COLUMNS, _CELL = 20, 48


@dataclass(frozen=True, eq=False)
class Points:
    """The codes of a sample of one split; `rows` are the examples' numbers in it, of `of` in all."""

    rows: Integer[np.ndarray, " points"]
    codes: Float[np.ndarray, "points latent"]
    labels: Integer[np.ndarray, " points"] | None
    split: str
    of: int

    def __str__(self) -> str:
        count = f"all {self.of:,}" if len(self.rows) == self.of else f"{len(self.rows):,} of {self.of:,}"
        return f"{count} {'held-out' if self.split == 'test' else 'training'} examples"


def points(embedder: Embedder, data: Data, split: str, most: int = charts.GREATEST_SAMPLE) -> Points:
    """The codes of at most as many examples as a figure takes, the same ones each time."""
    x, labels = (data.x_test, data.y_test) if split == "test" else (data.x_train, data.y_train)
    rows = np.arange(len(x))
    if len(x) > most:
        rows = np.sort(np.random.default_rng(0).choice(len(x), most, replace=False))
    chosen = None if labels is None else labels[rows]
    return Points(rows, embedder.encode(x[rows], **told(embedder, chosen)), chosen, split, len(x))


def views(latent: int) -> tuple[str, ...]:
    """The ways to look at codes of this size in one figure, the best first."""
    if latent <= 2:
        return (LINE if latent == 1 else PLANE,)
    return (SPACE, PLANE, MAIN) if latent == 3 else (MAIN, PLANE, SPACE)


def choose_view(latent: int) -> tuple[str, tuple[int, ...]]:
    """Ask how to look at codes of this size, where there is a choice; the view, and the coordinates of a room."""
    if latent < 3:
        return MAP, ()
    view = st.segmented_control(
        "View", (MAP, SPACE), default=MAP, required=True, key=f"embedding-view-{latent}", bind="query-params"
    )
    if view == MAP or latent == 3:
        return view, (0, 1, 2) if view == SPACE else ()
    names = [f"z{index + 1}" for index in range(latent)]
    chosen = []
    for side, label in enumerate(("Across", "Up", "Depth")):
        name = st.selectbox(label, names, index=side, key=f"embedding-{label}-{latent}", width=110, bind="query-params")
        chosen.append(names.index(name))
    return view, tuple(chosen)


def coordinates(codes: Float[np.ndarray, "points latent"], view: str, chosen: tuple[int, ...]) -> tuple[Any, list[str]]:
    """The coordinates to draw, and their names.

    Args:
        codes: All coordinates.
        view: One of `views`.
        chosen: Positions of the coordinates, where the view is of chosen ones.
    """
    if view == MAIN and len(codes) > 1 and np.ptp(codes, axis=0).any():
        main = PCA(2).fit(codes)
        shares = main.explained_variance_ratio
        return main.encode(codes), [f"component {i + 1} ({share:.0%} of variance)" for i, share in enumerate(shares)]
    chosen = chosen or tuple(range({LINE: 1, SPACE: 3}.get(view, 2)))
    return codes[:, list(chosen)], [f"z{index + 1}" for index in chosen]


def figure(sample: Points, data: Data, view: str, chosen: tuple[int, ...] = (), title: str = "") -> go.Figure:
    """The sample drawn by class."""
    drawn, axes = coordinates(sample.codes, view, chosen)
    names, rows = data.label_names, sample.rows
    if drawn.shape[1] == 1:
        return charts.strip(drawn, sample.labels, names, title=title, axis=axes[0], rows=rows)
    draw = charts.scatter3d if drawn.shape[1] == 3 else charts.scatter
    return draw(drawn, sample.labels, names, title=title, axes=axes, rows=rows)


def room(sample: Points, data: Data, chosen: tuple[int, ...]) -> go.Figure:
    """Three coordinates of the sample, by class, to be turned; of many points a part."""
    some = np.linspace(0, len(sample.rows) - 1, min(len(sample.rows), charts.GREATEST_SAMPLE)).astype(int)
    labels = None if sample.labels is None else sample.labels[some]
    part = Points(sample.rows[some], sample.codes[some], labels, sample.split, sample.of)
    return figure(part, data, SPACE, chosen, f"Codes of {part}")


def show_selection(data: Data, sample: Points, answer: Answer) -> None:
    """Draw the examples that are selected on the canvas and how many there are of each class."""
    x, labels = (data.x_test, data.y_test) if sample.split == "test" else (data.x_train, data.y_train)
    rows = sample.rows[answer.selection].tolist()
    if not rows:
        return
    most = GREATEST_SELECTION if images.are_pictures(data) else min(GREATEST_SELECTION, examples.count(data))
    shown = rows[:most]
    cut = f"; the first {len(shown)} are shown" if len(shown) < len(rows) else ""
    st.subheader(f"{len(rows):,} selected example{'s' if len(rows) > 1 else ''}")
    if not columns.are_columns(data):
        st.caption(f"In the order of the data set{cut}.")
    if images.are_pictures(data):
        picture = images.sheet(images.as_bytes(x[shown], images.bounds(data)), _COLUMNS)
        factor = max(1, round(_CELL / data.shape[1]))
        st.image(images.enlarged(picture, factor * picture.shape[1]), alt=f"{len(shown)} selected images")
    elif columns.are_columns(data):
        columns.show_differences(data, sample.split, rows)
    else:
        examples.show(data, {"selected": as_values(x[shown])}, "selected-examples")
    if labels is not None:
        counts = np.bincount(labels[rows], minlength=len(data.label_names))
        bars = charts.bars(
            data.label_names, counts.tolist(), title="Classes of the selection", unit="examples", are_classes=True
        )
        st.plotly_chart(bars, key="selected-classes", config=charts.config("selected-classes"))


def table(sample: Points, data: Data) -> bytes:
    """The codes as comma-separated text: the example's row in its split, its label, and each coordinate."""
    latent = sample.codes.shape[1]
    head = ["split", "row", *(["label"] if sample.labels is not None else []), *[f"z{i + 1}" for i in range(latent)]]
    names = None if sample.labels is None else [_quoted(data.label_names[label]) for label in sample.labels]
    file = io.StringIO()
    file.write(",".join(head) + "\n")
    for index, (row, code) in enumerate(zip(sample.rows.tolist(), sample.codes, strict=True)):
        cells = [sample.split, str(row), *([names[index]] if names else []), *_numbers(code)]
        file.write(",".join(cells) + "\n")
    return file.getvalue().encode()


def _numbers(code: Num[np.ndarray, " latent"]) -> list[str]:
    return [f"{value:.9g}" for value in code.tolist()]


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if any(mark in text for mark in ',"\n') else text
