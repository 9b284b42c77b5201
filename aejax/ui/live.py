"""Figures that change while one looks: redrawn in place, so that zoom and hidden traces outlast new data.

Streamlit's own chart is taken down and built anew at each change of its data; this one calls `Plotly.react`.
"""

import gzip
import json
from functools import cache
from pathlib import Path

import plotly.graph_objects as go
import streamlit as st
from plotly.offline import get_plotlyjs

_HERE = Path(__file__).parent
_HTML = '<div class="aejax-figure" role="group" tabindex="0" style="width: 100%"></div>'


@cache
def _library() -> bytes:
    """The JavaScript that comes with the Python package, made small enough to send: 4.8 MB become 1.4."""
    return gzip.compress(get_plotlyjs().encode())


def prepare() -> None:
    """Send the drawing library to the browser; once a page, outside of whatever is rerun often."""
    loader = st.components.v2.component("aejax_plotly", js=(_HERE / "plotly.js").read_text("utf-8"))
    loader(key="plotly-library", data=_library(), height=1)


def live_figure(figure: go.Figure, key: str, height: int = 420, label: str = "") -> None:
    """Draw a figure that keeps its place, zoom and hidden traces when drawn again with other data.

    Args:
        figure: What to draw; its colours of text, ground and lines are the theme's.
        key: Name of the place on the page.
        height: Height in pixels.
        label: What the figure shows, for those who cannot see it; its title if none is given.
    """
    chart = st.components.v2.component(
        "aejax_figure", html=_HTML, js=(_HERE / "live.js").read_text("utf-8"), isolate_styles=False
    )
    label = label or figure.layout.title.text or key
    head = json.dumps({"label": label, "height": height})[:-1]
    chart(key=key, data=f'{head}, "figure": {figure.to_json()}}}'.encode(), height=height)
