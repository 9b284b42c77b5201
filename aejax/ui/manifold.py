"""What the decoder makes of all of a small latent space at once: a film strip, lines, a curve or a surface."""

import numpy as np
import plotly.graph_objects as go
import streamlit as st
from jaxtyping import Float

from aejax import latent
from aejax.arrays import as_values
from aejax.embedder import Embedder
from aejax.ui import charts, examples, images, palette
from aejax.ui.canvas import Survey

_FRAMES, _ALONG, _WIRES, _SMALL = 16, 200, 15, 5


def show(here: Survey) -> None:
    """Draw the whole space of one or two coordinates, where the canvas has no picture of it."""
    if here.embedder.latent > 2 or images.are_pictures(here.data) and here.embedder.latent == 2:
        return
    st.subheader("The whole latent space, decoded")
    if examples.is_cloud(here.data):
        st.caption("What the decoder can write: the curve or surface that all codes decode to, among the data.")
        alt = "The decoded curve or surface among the held-out examples"
        st.plotly_chart(surface(here), key="latent-surface", config=charts.config("aejax-surface"), alt=alt)
        return
    codes, text = _walk(here)
    st.caption(text)
    decoded = here.embedder.decode(codes)
    if images.are_pictures(here.data):
        strip = images.sheet(images.as_bytes(decoded, images.bounds(here.data)), columns=len(decoded))
        st.image(images.enlarged(strip, 1000), width="stretch", alt=text)
        return
    lines = examples.small_lines({"decoded": decoded}, images.bounds(here.data), _SMALL, 110, examples.names(here.data))
    st.plotly_chart(lines, key="latent-lines", config=charts.config("aejax-latent"), alt=text)


def _walk(here: Survey) -> tuple[Float[np.ndarray, "codes latent"], str]:
    if here.embedder.latent == 2:
        return latent.grid_codes(here.embedder, here.ranges, _SMALL), "z1 grows to the right, z2 grows upwards."
    (low, high) = here.ranges[0]
    codes = np.linspace(low, high, _FRAMES, dtype=np.float32)[:, None]
    return codes, f"z1 from {low:.3g} on the left to {high:.3g} on the right."


def surface(here: Survey) -> go.Figure:
    """The decoded curve, or the wires of the decoded surface, among held-out points of the plane or of space."""
    points = here.examples[: examples.count(here.data)]
    figure = examples.clouds({"Held-out examples": as_values(points)}, height=560)
    figure.update_traces(opacity=0.4)
    for index, wire in enumerate(_wires(here.embedder, here.ranges)):
        axes = dict(zip("xyz", wire.T, strict=False))
        drawn = go.Scatter3d(**axes) if len(axes) == 3 else go.Scattergl(**axes)
        line = {"color": palette.color(1), "width": 4 if len(axes) == 3 else 2}
        drawn.update(mode="lines", line=line, name="Decoded", legendgroup="Decoded", showlegend=index == 0)
        figure.add_trace(drawn.update(hoverinfo="skip"))
    return figure


def _wires(run: Embedder, limits: Float[np.ndarray, "latent 2"]) -> list[np.ndarray]:
    along = [np.linspace(low, high, _ALONG, dtype=np.float32) for low, high in limits]
    if len(limits) == 1:
        return [run.decode(along[0][:, None])]
    wires = []
    for side in (0, 1):
        low, high = limits[1 - side]
        for fixed in np.linspace(low, high, _WIRES, dtype=np.float32):
            codes = np.full((_ALONG, 2), fixed, np.float32)
            codes[:, side] = along[side]
            wires.append(run.decode(codes))
    return wires
