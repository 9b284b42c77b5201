"""What the decoder makes of all of a small latent space at once: a map, a film strip, a curve or a surface."""

import numpy as np
import plotly.graph_objects as go
import streamlit as st
from jaxtyping import Float

from aejax import latent
from aejax.run import Run
from aejax.ui import charts, examples, images, palette
from aejax.ui.latent import Space, to_selected

DENSITIES = (10, 15, 20, 25, 30)
_MAP_HEIGHT = 860
_FRAMES, _ALONG, _WIRES, _SMALL = 16, 200, 15, 5


def show(here: Space) -> None:
    """Draw the whole space of one or two coordinates; of more there is no picture."""
    if here.run.latent > 2:
        return
    if images.are_pictures(here.data) and here.run.latent == 2:
        _show_map(here)
        return
    st.subheader("The whole latent space, decoded")
    if examples.is_cloud(here.data):
        st.caption("What the decoder can write: the curve or surface that all codes decode to, among the data.")
        alt = "The decoded curve or surface among the held-out examples"
        st.plotly_chart(surface(here), key="latent-surface", config=charts.config("aejax-surface"), alt=alt)
        return
    codes, text = _walk(here)
    st.caption(text)
    decoded = here.run.decode(codes)
    if images.are_pictures(here.data):
        strip = images.sheet(images.as_bytes(decoded, images.bounds(here.data)), columns=len(decoded))
        st.image(images.enlarged(strip, 1000), width="stretch", alt=text)
        return
    lines = examples.small_lines({"decoded": decoded}, images.bounds(here.data), columns=_SMALL, height=110)
    st.plotly_chart(lines, key="latent-lines", config=charts.config("aejax-latent"), alt=text)


def _walk(here: Space) -> tuple[Float[np.ndarray, "codes latent"], str]:
    if here.run.latent == 2:
        return latent.grid_codes(here.run, here.limits, _SMALL), "z1 grows to the right, z2 grows upwards."
    (low, high) = here.limits[0]
    codes = np.linspace(low, high, _FRAMES, dtype=np.float32)[:, None]
    return codes, f"z1 from {low:.3g} on the left to {high:.3g} on the right."


def _show_map(here: Space) -> None:
    st.subheader("The map: every place decoded, with the codes over it")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        density = st.segmented_control(
            "Images a side", DENSITIES, default=20, required=True, key="latent-density", bind="query-params"
        )
        points = st.slider("Opacity of points", 0.0, 1.0, 0.7, 0.05, key="latent-points", width=220)
        ground = st.slider("Opacity of images", 0.0, 1.0, 0.8, 0.05, key="latent-ground", width=220)
    figure = decoded_map(here, density, points, ground)
    alt = f"Decoded images on a grid of {density} by {density} codes, with the codes of {here.sample} over it"
    st.plotly_chart(
        figure,
        key="latent-map",
        on_select=lambda: to_selected(here),
        selection_mode="points",
        config=charts.config("aejax-map"),
        alt=alt,
    )
    st.caption(f"Points: {here.sample}. Click one to set the sliders to its code.")


def decoded_map(here: Space, density: int, points: float, ground: float) -> go.Figure:
    """The codes over the decoded grid, whose cells cover exactly the codes that they are decoded from."""
    run, data, sample = here.run, here.data, here.sample
    picture = latent.mosaic(images.as_bytes(latent.grid(run, here.limits, density), images.bounds(data)))
    figure = charts.scatter(
        sample.codes,
        sample.labels,
        data.label_names,
        rows=sample.rows,
        height=_MAP_HEIGHT,
        # The pictures are the ground here, not the page.
        colors=palette.DARK if picture.mean() < 128 and ground > 0.5 else None,
    )
    figure.update_traces(marker={"size": 6, "opacity": points})
    (left, right), (bottom, top) = here.limits.tolist()
    figure.add_layout_image(
        source=images.png_address(picture),
        xref="x",
        yref="y",
        x=left,
        y=top,
        sizex=right - left,
        sizey=top - bottom,
        sizing="stretch",
        layer="below",
        opacity=ground,
    )
    figure.update_xaxes(range=[left, right], showgrid=False, zeroline=False, constrain="domain")
    # Cells as wide as an image is, so that the pictures keep their shape whatever the ranges of the coordinates.
    ratio = (right - left) / (top - bottom) * data.shape[0] / data.shape[1]
    square = {"scaleanchor": "x", "scaleratio": ratio, "constrain": "domain"}
    return figure.update_yaxes(range=[bottom, top], showgrid=False, zeroline=False, **square)


def surface(here: Space) -> go.Figure:
    """The decoded curve, or the wires of the decoded surface, among held-out points of the plane or of space."""
    points = here.data.x_test[here.sample.rows[: examples.count(here.data)]]
    figure = examples.clouds({"Held-out examples": images.as_values(points)}, height=560)
    figure.update_traces(opacity=0.4)
    for index, wire in enumerate(_wires(here.run, here.limits)):
        axes = dict(zip("xyz", wire.T, strict=False))
        drawn = go.Scatter3d(**axes) if len(axes) == 3 else go.Scattergl(**axes)
        line = {"color": palette.color(1), "width": 4 if len(axes) == 3 else 2}
        drawn.update(mode="lines", line=line, name="Decoded", legendgroup="Decoded", showlegend=index == 0)
        figure.add_trace(drawn.update(hoverinfo="skip"))
    return figure


def _wires(run: Run, limits: Float[np.ndarray, "latent 2"]) -> list[np.ndarray]:
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
