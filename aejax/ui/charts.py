"""Records made into Plotly figures: titles, units, and what the pointer is told; no page's state and no mathematics.

Text, ground and lines take the theme's colours where the figure is drawn, so none are set here.
"""

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float, Integer, Num

from aejax.history import Epoch
from aejax.ui import palette

Codes: TypeAlias = Float[np.ndarray, "points axes"]
Labels: TypeAlias = Integer[np.ndarray, " points"]
Rows: TypeAlias = Integer[np.ndarray, " points"]

GREATEST_SAMPLE = 10_000
"""Points in one figure; more make a browser without a fast graphics card slow."""

_NO_TEMPLATE = go.layout.Template()  # else each figure would take a copy of the library's own
_LINE = "rgba(128, 128, 128, 0.4)"
_BUTTONS = 34
"""Pixels right of the axes for a column of buttons: a row of them hides the title where the page is narrow."""
_POINT = {"size": 5, "opacity": 0.75}
_POINT_IN_SPACE = {"size": 2.5, "opacity": 0.8}


def config(name: str, picture: str = "png") -> dict[str, Any]:
    """Plotly's settings: a button that saves the picture under this name, as `png` or `svg`; no advertising.

    A second button, which saves it as SVG, comes from `aejax.ui.vector` on every page.
    """
    return {
        "displaylogo": False,
        "responsive": True,
        "toImageButtonOptions": {"format": picture, "scale": 2, "filename": name},
    }


def scatter(
    codes: Codes,
    labels: Labels | None = None,
    label_names: Sequence[str] = (),
    *,
    title: str = "",
    axes: Sequence[str] = ("z1", "z2"),
    rows: Rows | None = None,
    height: int = 560,
    colors: Sequence[str] | None = None,
) -> go.Figure:
    """Points in the plane, one trace a class; a click in the legend leaves that class alone.

    Args:
        codes: Two coordinates a point.
        labels: Class of each point, or None.
        label_names: Name of each class.
        title: What the figure shows.
        axes: Names of the two coordinates.
        rows: Number of each point's example, for the pointer and for selections; its position if not given.
        height: In pixels.
        colors: Of the classes in order; those that suit the visitor's theme if not given.
    """
    hover = f"<b>%{{fullData.name}}</b><br>row %{{customdata}}<br>{axes[0]} %{{x:.3g}}, {axes[1]} %{{y:.3g}}"
    traces = [
        go.Scattergl(
            x=codes[chosen, 0].astype(np.float32),
            y=codes[chosen, 1].astype(np.float32),
            customdata=numbers,
            marker=_POINT | look,
            mode="markers",
            name=name,
            hovertemplate=hover + "<extra></extra>",
        )
        for name, look, chosen, numbers in _classes(len(codes), labels, label_names, rows, colors)
    ]
    return plain(traces, title, axes, height)


def scatter3d(
    codes: Codes,
    labels: Labels | None = None,
    label_names: Sequence[str] = (),
    *,
    title: str = "",
    axes: Sequence[str] = ("z1", "z2", "z3"),
    rows: Rows | None = None,
    height: int = 640,
) -> go.Figure:
    """Points in space, one trace a class; arguments as for `scatter`, with three coordinates."""
    hover = f"<b>%{{fullData.name}}</b><br>row %{{customdata}}<br>{axes[0]} %{{x:.3g}}, {axes[1]} %{{y:.3g}}"
    traces = [
        go.Scatter3d(
            **{side: codes[chosen, index].astype(np.float32) for index, side in enumerate("xyz")},
            customdata=numbers,
            marker=_POINT_IN_SPACE | {"color": look["color"], "symbol": _symbol_in_space(look["symbol"])},
            mode="markers",
            name=name,
            hovertemplate=f"{hover}, {axes[2]} %{{z:.3g}}<extra></extra>",
        )
        for name, look, chosen, numbers in _classes(len(codes), labels, label_names, rows)
    ]
    figure = plain(traces, title, axes[:2], height)
    return figure.update_layout(scene=room(axes))


def room(axes: Sequence[str]) -> dict[str, Any]:
    """Plotly's settings of a figure in space: the names of its axes, lines that do not outshine the points."""
    look = {"gridcolor": _LINE, "zerolinecolor": _LINE}
    camera = {"eye": {"x": 1.4, "y": 1.4, "z": 1.0}}
    return {f"{side}axis": look | {"title": axes[i]} for i, side in enumerate("xyz")} | {"camera": camera}


def strip(
    codes: Codes,
    labels: Labels | None = None,
    label_names: Sequence[str] = (),
    *,
    title: str = "",
    axis: str = "z1",
    rows: Rows | None = None,
    height: int = 480,
) -> go.Figure:
    """Points on a line, one row a class, spread across its row so that they do not hide one another."""
    spread = np.random.default_rng(0).uniform(-0.35, 0.35, len(codes)).astype(np.float32)
    level = np.zeros(len(codes), np.float32) if labels is None else labels.astype(np.float32)
    figure = scatter(
        np.stack([codes[:, 0], level + spread], axis=1),
        labels,
        label_names,
        title=title,
        axes=(axis, "class"),
        rows=rows,
        height=height,
    )
    hover = f"<b>%{{fullData.name}}</b><br>row %{{customdata}}<br>{axis} %{{x:.3g}}<extra></extra>"
    names = list(label_names) if labels is not None else ["examples"]
    figure.update_traces(hovertemplate=hover)
    return figure.update_yaxes(
        tickvals=list(range(len(names))), ticktext=names, zeroline=False, autorange="reversed", title=None
    )


def curves(
    history: Sequence[Epoch],
    log: bool = False,
    *,
    title: str = "Loss by epoch",
    unit: str = "nats per example",
    height: int = 420,
) -> go.Figure:
    """Each term of the loss, and their sum where there are several, by epoch; validation is dashed."""
    traces = []
    for split, dash in (("train", "solid"), ("validation", "dash")):
        epochs = [entry for entry in history if _terms(entry, split)]
        names = list(_terms(epochs[0], split)) if epochs else []
        for index, name in enumerate(names):
            look = {
                "line": {"color": palette.color(index), "dash": dash, "width": 2},
                "marker": {"symbol": "circle" if split == "train" else "diamond-open", "size": 6},
            }
            values = [_terms(entry, split)[name] for entry in epochs]
            traces.append(_curve(epochs, values, f"{name}, {split}", look))
    figure = plain(traces, title, ("epoch", unit), height, {"type": "log" if log else "linear"})
    figure.layout.hovermode = "x unified"
    return figure


def bars(
    names: Sequence[str],
    values: Sequence[float],
    *,
    title: str,
    unit: str,
    height: int = 260,
    are_classes: bool = False,
) -> go.Figure:
    """One bar a name, with its value above it; in the colours of classes where that is what they are."""
    colors = [palette.color(index if are_classes else 0) for index in range(len(names))]
    bar = go.Bar(
        x=list(names),
        y=list(values),
        marker={"color": colors},
        texttemplate="%{y:.4~g}",
        textposition="outside",
        cliponaxis=False,
        hovertemplate="%{x}: %{y:.4~g}<extra></extra>",
    )
    return plain([bar], title, ("", unit), height).update_layout(showlegend=False).update_xaxes(type="category")


def lines(
    series: Mapping[str, Num[np.ndarray, " values"]],
    *,
    title: str = "",
    axes: Sequence[str] = ("step", "value"),
    height: int = 320,
    bounds: tuple[float, float] | None = None,
) -> go.Figure:
    """Sequences over one another, each with its own colour and dash."""
    dashes = ("solid", "dash", "dot", "dashdot", "longdash")
    traces = [
        go.Scatter(
            y=values.astype(np.float32),
            name=name,
            mode="lines",
            line={"color": palette.color(index), "dash": dashes[index % len(dashes)], "width": 2},
        )
        for index, (name, values) in enumerate(series.items())
    ]
    figure = plain(traces, title, axes, height)
    return figure if bounds is None else figure.update_yaxes(range=padded(bounds))


def padded(bounds: tuple[float, float], share: float = 0.05) -> list[float]:
    """The bounds moved apart by this share of their distance at each end."""
    margin = share * (bounds[1] - bounds[0])
    return [bounds[0] - margin, bounds[1] + margin]


def plain(
    traces: Sequence[Any], title: str, axes: Sequence[str], height: int, y: Mapping[str, Any] | None = None
) -> go.Figure:
    """A figure of these traces with the look that all share; `y` is more about the upright axis."""
    # All at once: each later change of a figure takes as long as this.
    layout = {
        "template": _NO_TEMPLATE,
        "height": height,
        "margin": {"l": 8, "r": _BUTTONS, "t": 44 if title else 12, "b": 8},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "modebar": {
            "orientation": "v",
            "bgcolor": "rgba(0,0,0,0)",
            "color": "#7B8794",
            "activecolor": "#2379BD",
        },
        "legend": {
            "orientation": "h",
            "yanchor": "top",
            "y": -80 / max(1, height - 120),
            "x": 0,
            "itemsizing": "constant",
            "itemclick": "toggleothers",
            "itemdoubleclick": "toggle",
        },
        "title": {"text": title, "x": 0, "xanchor": "left", "font": {"size": 16}} if title else None,
        "xaxis": {"title": {"text": axes[0]} if axes[0] else None, "automargin": True},
        "yaxis": {"title": {"text": axes[1]} if axes[1] else None, "automargin": True, **(y or {})},
    }
    return go.Figure(list(traces), layout)


def _terms(entry: Epoch, split: str) -> dict[str, float]:
    terms = dict((entry.terms if split == "train" else entry.validation) or {})
    return {"loss": sum(terms.values()), **terms} if len(terms) > 1 else terms


def _curve(epochs: Sequence[Epoch], values: Sequence[float], name: str, look: Mapping[str, Any]) -> go.Scatter:
    return go.Scatter(
        x=np.array([entry.epoch for entry in epochs], np.int32),
        y=np.array(values, np.float32),
        name=name,
        mode="lines+markers" if len(epochs) < 30 else "lines",
        hovertemplate="%{y:.4g}",
        **look,
    )


def _classes(
    points: int,
    labels: Labels | None,
    label_names: Sequence[str],
    rows: Rows | None,
    colors: Sequence[str] | None = None,
) -> list[tuple[str, dict[str, str], np.ndarray, np.ndarray]]:
    """Of each class that occurs: its name, its look, where its points are and their numbers."""
    colors = colors or palette.colors()
    rows = (np.arange(points) if rows is None else rows).astype(np.int32)
    if labels is None:
        everything = np.arange(points)
        return [("examples", {"color": colors[0], "symbol": palette.symbol(0, 1)}, everything, rows)]
    found = []
    for label in np.unique(labels).tolist():
        chosen = np.flatnonzero(labels == label)
        name = label_names[label] if label < len(label_names) else str(label)
        look = {"color": colors[label % len(colors)], "symbol": palette.symbol(label, len(label_names))}
        found.append((name, look, chosen, rows[chosen]))
    return found


def _symbol_in_space(symbol: str) -> str:
    """The nearest of the few symbols that Plotly draws in space."""
    known = ("circle", "square", "diamond", "cross", "x")
    return symbol if symbol in known else f"{known[palette.SYMBOLS.index(symbol) % 3]}-open"
