"""A model's residual as arrows in the plane, among the examples or their codes."""

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from aejax import latent
from aejax.data import Data
from aejax.rebuilding import Rebuilt
from aejax.residuals import Field, data_box, residual_field
from aejax.ui import charts, palette
from aejax.ui.session import Result

_SIDE = 16
_LONGEST = 0.9
"""Length of the longest arrow that is drawn to scale, in steps of the grid."""


def show(result: Result, found: Rebuilt) -> None:
    """Draw the field where it has a plane to lie in; else say why there is none."""
    run, data = result.run, result.data
    in_data = data.shape == (2,)
    if not in_data and run.latent != 2:
        st.caption(
            f"Arrows need a plane: data of 2 features or a code of 2 numbers. This model has {data.features} features "
            f"and a code of {run.latent}."
        )
        return
    # A model that is told classes has a field for each; that of the first is as good as any.
    given = run.given(0) if run.classes and run.label is None else run
    points = found.x if in_data else found.codes
    # Codes have a few far from all others, in the middle of which the rest would be a speck.
    box = data_box(points) if in_data else latent.ranges(points)
    field = residual_field(given, box, _SIDE)
    labels = None if data.y_test is None else data.y_test[: len(points)]
    drawn, factor = quiver(field, points, labels, data)
    st.plotly_chart(drawn, key="residual-field", config=charts.config("aejax-residuals"), alt=_spoken(field))
    st.caption(_told(field, factor, bool(run.classes)))


def quiver(field: Field, points: np.ndarray, labels: np.ndarray | None, data: Data) -> tuple[go.Figure, float]:
    """The field among the points, by class; and the factor by which its arrows are drawn shorter or longer."""
    axes = ("x1", "x2") if field.space == "data" else ("z1", "z2")
    formula = "r(x) - x" if field.space == "data" else "e(d(z)) - z"
    title = f"Residual {formula} in the plane of the {'data' if field.space == 'data' else 'codes'}"
    figure = charts.scatter(points, labels, data.label_names, title=title, axes=axes, height=560)
    figure.update_traces(opacity=0.35)
    step = np.ptp(field.places, axis=0) / (np.sqrt(len(field.places)) - 1)
    usual = float(np.quantile(field.lengths, 0.9))
    factor = _LONGEST * float(step.min()) / usual if usual > 0 else 1.0
    moves = field.moves * np.minimum(factor, 2 * _LONGEST * step.min() / np.maximum(field.lengths, 1e-12))[:, None]
    figure.add_trace(_trace(field, moves))
    return figure.update_yaxes(scaleanchor="x"), factor


def _trace(field: Field, moves: np.ndarray) -> go.Scatter:
    """All arrows as one line with gaps, its heads turned the way that it goes."""
    gap = np.full_like(field.places, np.nan)
    path = np.stack([field.places, field.places + moves, gap], axis=1).reshape(-1, 2)
    color = palette.color(1)
    return go.Scatter(
        x=path[:, 0],
        y=path[:, 1],
        customdata=np.repeat(field.lengths, 3),
        mode="lines+markers",
        line={"color": color, "width": 1.5},
        marker={
            "symbol": "arrow",
            "angleref": "previous",
            "size": [0, 8, 0] * len(moves),
            "color": color,
            "line": {"width": 0},
            "opacity": 1,
        },
        name="residual",
        hovertemplate="residual of length %{customdata:.3g}<extra></extra>",
    )


def _told(field: Field, factor: float, classes: bool) -> str:
    what = (
        "Each arrow goes from a point to where its reconstruction lies"
        if field.space == "data"
        else "Each arrow goes from a code to the code of what it decodes to"
    )
    first = " A model that is told classes has one field for each; this one is that of the first." if classes else ""
    return (
        f"{what}, drawn {factor:.2g} times as long, the longest cut short; the median length is "
        f"{np.median(field.lengths):.3g}. Where a denoising model has learnt well they point to where examples are "
        f"frequent (Alain & Bengio, 2014).{first}"
    )


def _spoken(field: Field) -> str:
    return f"{len(field.places)} arrows of the residual, of median length {np.median(field.lengths):.3g}"
