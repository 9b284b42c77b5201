"""Examples shown as what they are: images as pictures, points as a cloud, sequences as lines."""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import numpy as np
import plotly.graph_objects as go
import streamlit as st
from jaxtyping import Integer, Num
from plotly.subplots import make_subplots

from aejax.data import Data
from aejax.ui import charts, images, palette

Rows: TypeAlias = Mapping[str, Num[np.ndarray, "n *shape"]]

_DASHES = ("solid", "dash", "dot")
_SYMBOLS = ("circle", "cross", "x")
_PICTURES, _LINES, _POINTS = 16, 6, 1000
_NAME = 18


def count(data: Data) -> int:
    """How many examples are worth showing at once."""
    if images.are_pictures(data):
        return _PICTURES
    return _POINTS if is_cloud(data) else _LINES


def is_cloud(data: Data) -> bool:
    """Whether the examples are points of the plane or of space."""
    return data.kind == "points" and data.shape in ((2,), (3,))


def assorted(labels: Integer[np.ndarray, " n"] | None, n: int, size: int) -> Integer[np.ndarray, " chosen"]:
    """Positions of `n` of `size` examples, or all if there are fewer: in turn one of each class."""
    if labels is None:
        return np.arange(min(n, size))
    turn = np.zeros(size, np.int64)
    for label in np.unique(labels):
        mine = labels == label
        turn[mine] = np.arange(mine.sum())
    return np.lexsort((np.arange(size), labels, turn))[:n]


def show(data: Data, rows: Rows, key: str) -> None:
    """Draw examples and what became of them: for each name, as many examples of the data's shape.

    Args:
        data: Says what kind the examples are.
        rows: The examples by name, such as the originals and their reconstructions.
        key: Name of the place on the page.
    """
    if images.are_pictures(data):
        for name, examples in rows.items():
            st.caption(name)
            st.image(strip(data, examples), width="stretch", alt=f"{name}: {len(examples)} images")
        return
    figure = clouds(rows) if is_cloud(data) else small_lines(rows, images.bounds(data), names=names(data))
    st.plotly_chart(figure, key=key, config=charts.config(key), alt=f"{', '.join(rows)} as {data.kind}")


def names(data: Data) -> tuple[str, ...]:
    """The features' names where they are columns of a table; none where they follow one another."""
    if data.kind != "points":
        return ()
    return tuple(column.name for column in data.columns) or tuple(f"x{at + 1}" for at in range(data.features))


def strip(data: Data, pictures: Num[np.ndarray, "n *shape"]) -> images.Picture:
    """Examples that are pictures, side by side."""
    return images.enlarged(images.sheet(images.as_bytes(pictures, images.bounds(data)), columns=len(pictures)), 1000)


def cards(pictures: Sequence[images.Picture], captions: Sequence[str], about: Sequence[str], width: int) -> None:
    """Draw pictures side by side, in as many rows as the page's width asks for, each over its caption.

    Args:
        pictures: What to draw.
        captions: What stands below each.
        about: What each shows, for those who cannot see it.
        width: Of each, in pixels.
    """
    with st.container(horizontal=True, gap="small"):
        for picture, caption, alt in zip(pictures, captions, about, strict=True):
            # In the message itself, not a request for each.
            st.image(images.png_address(picture), caption=caption, width=width, alt=alt)


def clouds(rows: Rows, height: int = 460) -> go.Figure:
    """Points of the plane or of space, each name with its own colour and symbol."""
    in_space = next(iter(rows.values())).shape[1] == 3
    traces = []
    for index, (name, points) in enumerate(rows.items()):
        axes = dict(zip("xyz", points.astype(np.float32).T, strict=False))
        marker = {"color": palette.color(index), "symbol": _SYMBOLS[index % 3], "size": 3 if in_space else 6}
        traces.append(go.Scatter3d(**axes) if in_space else go.Scattergl(**axes))
        traces[-1].update(name=name, mode="markers", opacity=0.7, marker=marker)
    figure = charts.plain(traces, "", ("x1", "x2"), height)
    if in_space:
        scene = charts.room(("x1", "x2", "x3"))
        return figure.update_layout(scene=scene | {"aspectmode": "data"})
    return figure.update_yaxes(scaleanchor="x")


def small_lines(
    rows: Rows, limits: tuple[float, float], columns: int = 3, height: int = 180, names: Sequence[str] = ()
) -> go.Figure:
    """One small chart an example; in each, one line a name, with its own colour and dash.

    Args:
        rows: Examples by name.
        limits: Values that every chart has room for; where others lie beyond, for these too.
        columns: Charts side by side.
        height: Of each, in pixels.
        names: Of the features, where they do not follow one another: marks then take the place of lines.
    """
    n = len(next(iter(rows.values())))
    known = np.concatenate([np.asarray(values, np.float32).ravel() for values in rows.values()])
    known = known[np.isfinite(known)]
    limits = float(known.min(initial=limits[0])), float(known.max(initial=limits[1]))
    mode, places = ("markers", [_short(name) for name in names]) if names else ("lines", None)
    height = height + 60 if names else height
    figure = make_subplots(rows=-(-n // columns), cols=min(n, columns), shared_xaxes="all", shared_yaxes="all")
    for index, (name, examples) in enumerate(rows.items()):
        line = {"color": palette.color(index), "dash": _DASHES[index % len(_DASHES)], "width": 2}
        marker = {"color": palette.color(index), "symbol": _SYMBOLS[index % len(_SYMBOLS)], "size": 7}
        for at, values in enumerate(examples.reshape(n, -1).astype(np.float32)):
            drawn = go.Scatter(x=places, y=values, mode=mode, name=name, legendgroup=name, showlegend=at == 0)
            drawn.update(marker=marker) if names else drawn.update(line=line)
            figure.add_trace(drawn, row=at // columns + 1, col=at % columns + 1)
    whole = charts.plain(figure.data, "", ("", ""), height * -(-n // columns))
    whole.update_layout({name: axis for name, axis in figure.layout.to_plotly_json().items() if "axis" in name})
    return whole.update_yaxes(range=charts.padded(limits))


def _short(name: str) -> str:
    return name if len(name) <= _NAME else f"{name[: _NAME - 1]}…"


def show_one(data: Data, example: Num[np.ndarray, "..."], key: str, caption: str = "") -> None:
    """Draw a single example, large."""
    if images.are_pictures(data):
        picture = images.enlarged(images.as_bytes(example, images.bounds(data)))
        # In the message itself: a file of its own is a request more, and may be gone before the browser asks for it.
        st.image(images.png_address(picture), caption=caption, alt=caption or "One decoded image")
        return
    limits = images.bounds(data)
    values = np.asarray(example, np.float32).ravel()
    if data.kind == "sequence":
        figure = charts.lines({"decoded": values}, bounds=limits)
    else:
        figure = charts.bars(names(data), values.tolist(), title="", unit="value")
        figure.update_yaxes(range=charts.padded(limits, 0.15))
    st.plotly_chart(figure, key=key, config=charts.config(key), alt=caption or "One decoded example")
