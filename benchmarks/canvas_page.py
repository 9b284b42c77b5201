"""The page that `benchmarks.canvas` measures: a canvas of `?points=` codes in ten heaps, decoded by a saved run.

With `?panes=` it is so many canvases that are linked.
"""

import os

import numpy as np
import streamlit as st

from aejax import load_run
from aejax.ui import canvas
from aejax.ui.canvas.decoder import dense

st.set_page_config(layout="wide")


@st.cache_resource
def scene(folder: str, points: int) -> canvas.Scene:
    """Codes in ten heaps, and the decoder of the run in this folder."""
    run, random = load_run(folder), np.random.default_rng(0)
    labels = random.integers(0, 10, points)
    heaps = random.normal(size=(10, 2)) * 3
    codes = (heaps[labels] + random.normal(size=(points, 2)) * 0.7).astype(np.float32)
    whole, bounds = canvas.quantised(codes)
    names = tuple("0123456789")
    title = f"{points:,} codes"
    return canvas.Scene(whole, bounds, bounds, run.shape, title=title, labels=labels, classes=names, decoder=dense(run))


points = int(st.query_params.get("points", "0"))
folder = os.environ["AEJAX_RUN_" + st.query_params.get("run", "SMALL")]
panes = int(st.query_params.get("panes", "0"))


def linked(index: int) -> None:
    """One of several panes that are linked."""
    unturned = {"matrix": [[1, 0], [0, 1]], "shift": [0, 0]}
    link = {"group": "panes", "pane": index, "name": str(index), "aligned": True, "map": unturned}
    tools = ("axes", "legend", "probe", "hover", "lasso", "linked")
    canvas.latent_canvas(scene(folder, points), f"pane-{index}", height=300, tools=tools, options={"linked": link})


if st.button("Show") and points:
    if panes:
        for index, column in enumerate([*st.columns(2), *st.columns(2)][:panes]):
            with column:
                st.fragment(linked)(index)
    else:
        st.fragment(lambda: canvas.latent_canvas(scene(folder, points), "canvas"))()
