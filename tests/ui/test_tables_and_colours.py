"""Tables are shown by their columns, colour images in colour, on the pages that look into a model."""

import re

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest
from visitors import APP, texts

from aejax import Data, load_data
from aejax.spec import ModelSpec, TrainSpec
from aejax.training import fit
from aejax.ui import embedding, explore, images, session
from aejax.ui.canvas.answer import Answer
from aejax.ui.session import Result


def result_of(data: Data, **settings: object) -> Result:
    """What a visitor has after one epoch."""
    *_, progress = fit(ModelSpec(latent=2, **settings), TrainSpec(epochs=1), data.x_train, data.x_test)
    return Result(data.name, data, progress.run, progress)


@pytest.fixture(scope="module")
def table() -> Result:
    return result_of(load_data("diabetes"), likelihood={"kind": "mixed", "truths": (1,)})


@pytest.fixture(scope="module")
def colours() -> Result:
    """Tinted squares on grey, shaped as the images of CIFAR-10 are: the colour is the class."""
    random = np.random.default_rng(0)
    x, labels = np.full((160, 32, 32, 3), 90, np.uint8), np.arange(160, dtype=np.int32) % 3
    for image, label, (top, left) in zip(x, labels, random.integers(2, 18, (160, 2)), strict=True):
        image[top : top + 12, left : left + 12] = np.eye(3, dtype=np.uint8)[label] * 200
    about = {"name": "tints", "title": "Tints", "shape": (32, 32, 3), "value_range": (0, 255), "kind": "image"}
    parts = {"x_train": x[:120], "y_train": labels[:120], "x_test": x[120:], "y_test": labels[120:]}
    return result_of(Data(**about, **parts, label_names=("red", "green", "blue")))


def opened(monkeypatch: pytest.MonkeyPatch, page: str, result: Result | None, **address: str) -> AppTest:
    monkeypatch.setattr(session, "result", lambda: result)
    monkeypatch.setattr(session, "training", lambda: False)
    visitor = AppTest.from_file(APP, default_timeout=60)
    visitor.query_params.update(address)
    visitor.run().switch_page(f"pages/{page}.py").run()
    assert not visitor.exception
    return visitor


def test_a_table_of_numbers_and_truths_is_shown_column_by_column(monkeypatch: pytest.MonkeyPatch, table: Result):
    visitor = opened(monkeypatch, "reconstruct", table, data="diabetes", model="table")
    assert visitor.selectbox(key="spec.likelihood").value == "mixed"
    errors, gaps = (frame.value for frame in visitor.dataframe[:2])
    assert set(errors["column"]) == set(gaps["column"]) == {column.name for column in table.data.columns}
    assert errors["not explained"].is_monotonic_decreasing
    assert errors.set_index("column").loc["age", "unit"] == "years"
    assert re.search(r"[\d.]+ SD", visitor.metric[-1].value)
    visitor.selectbox(key="data").set_value("wine").run()
    assert visitor.selectbox(key="spec.likelihood").value == "mse"
    assert "Not offered: mixed. It is for tables with columns of 0 and 1 beside numbers." in texts(visitor)


def test_a_selection_of_rows_is_told_by_its_columns(table: Result):
    old = np.argsort(table.data.x_test[:, 0])[-15:]
    sample = embedding.points(table.run, table.data, "test")
    shown = AppTest.from_string("import streamlit as st\nst.session_state['page']()")
    shown.session_state["page"] = lambda: embedding.show_selection(table.data, sample, Answer(selection=old))
    shown.run(timeout=60)
    assert not shown.exception
    (differences,) = (frame.value for frame in shown.dataframe)
    first = differences.iloc[0]
    assert (first["column"], first["unit"]) == ("age", "years")
    assert first["mean"] > first["mean of all"] + 10


def test_colour_images_stay_in_colour(monkeypatch: pytest.MonkeyPatch, colours: Result):
    here = explore.look(colours, "test")
    assert here.scene.thumbnails is not None
    assert here.scene.thumbnails.shape == (32, 32, 3)
    pictures = images.as_bytes(colours.run.reconstruct(colours.data.x_test[:4]), images.bounds(colours.data))
    assert images.sheet(pictures, 2).shape[2] == 3
    for page in ("reconstruct", "latent"):
        visitor = opened(monkeypatch, page, colours)
        assert not visitor.error
