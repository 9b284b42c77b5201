"""A page that is a canvas alone; its address chooses how codes are decoded: ?way=browser, grid, server or space."""

import dataclasses

import numpy as np
import streamlit as st

from aejax.data import load_data
from aejax.run import Run
from aejax.spec import ModelSpec, TrainSpec
from aejax.training import fit
from aejax.ui import canvas

CONV = {"encoder": {"kind": "conv", "channels": (4, 2)}}
SHAPES = {"grid": CONV, "space": {**CONV, "latent": 5, "bottleneck": "gaussian"}}
st.set_page_config(layout="wide")


@st.cache_resource
def trained(way: str) -> Run:
    """A model of codes of two numbers, or of five in a space, little trained."""
    data = load_data("digits")
    spec = ModelSpec(**{"latent": 2, **SHAPES.get(way, {})})
    *_, progress = fit(spec, TrainSpec(epochs=2, batch_size=256), data.x_train, data.x_test)
    return progress.run


@st.fragment
def show(way: str) -> None:
    """Draw the canvas, and a button that moves its points a little."""
    data, run = load_data("digits"), trained(way)
    frame = st.number_input("Frame", 0, 99, key="frame")
    st.button("Next frame", on_click=lambda: st.session_state.update(frame=frame + 1))
    rows = np.arange(len(data.x_test))
    codes = run.encode(data.x_test) * np.float32(1 + 0.02 * frame)
    survey = canvas.Survey(run, data, data.x_test, codes, rows, data.y_test, "Codes of digits", way, int(frame))
    scene = survey.scene()
    if way == "server":
        scene = dataclasses.replace(scene, decoder=None)
    tools = (*canvas.TOOLS, *canvas.EXPLORING)
    canvas.latent_canvas(scene, "canvas", tools=tools, responders=survey.responders())


show(st.query_params.get("way", "browser"))
