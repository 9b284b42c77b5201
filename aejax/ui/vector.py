"""Charts as SVG: Streamlit's own charts save one format only, and this adds the second to each of them."""

from pathlib import Path

import streamlit as st

_SCRIPT = Path(__file__).with_name("vector.js")


def offer() -> None:
    """Give every chart of the page a button that saves it as SVG, beside that for PNG."""
    button = st.components.v2.component("aejax_vector", js=_SCRIPT.read_text("utf-8"))
    button(key="vector", height=1)
