"""Live figures: the library is sent once, small; the figure as JSON."""

import gzip
import json
from typing import Any

from streamlit.testing.v1 import AppTest

from aejax.ui import live


def page() -> None:
    import plotly.graph_objects as go

    from aejax.ui import live

    live.prepare()
    live.live_figure(go.Figure(go.Scatter(y=[1.0, 2.0]), {"title": {"text": "Two"}}), "two", height=300)


def drawn() -> list[Any]:
    shown = AppTest.from_function(page, default_timeout=60).run()
    assert not shown.exception
    return [element.proto for element in shown.get("bidi_component")]


def test_the_library_is_sent_small_and_whole() -> None:
    library = drawn()[0].bytes
    assert len(library) < 2_000_000
    assert b"window.Plotly = Plotly" in gzip.decompress(library)


def test_the_figure_does_not_carry_the_library() -> None:
    assert len(drawn()[1].js_content) < 10_000


def test_the_figure_tells_its_height_and_label() -> None:
    told = json.loads(drawn()[1].bytes)
    assert (told["height"], told["label"]) == (300, "Two")
    assert told["figure"]["data"][0]["y"] == [1.0, 2.0]


def test_the_library_is_compressed_once() -> None:
    assert live._library() is live._library()
