"""The Embedding page shows the codes of any model on any data, and the examples behind a selection."""

import csv
import io
import json
from collections.abc import Callable

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest
from streamlit.util import ReadOnlyAttributeDictionary
from visitors import CASES, charts_of, texts, trained

from aejax.ui import charts, embedding

Visit = Callable[..., AppTest]


def selection(*rows: int) -> ReadOnlyAttributeDictionary:
    """What the chart reports when these examples are selected."""
    return ReadOnlyAttributeDictionary({"selection": {"points": [{"customdata": row} for row in rows]}})


def test_before_training_the_page_offers_it(visit: Visit) -> None:
    visitor = visit("embedding")
    assert visitor.button(key="train-default")
    assert not charts_of(visitor)


@pytest.mark.parametrize("case", CASES)
def test_every_model_on_every_kind_of_data_is_drawn(visit: Visit, case: str) -> None:
    visitor = visit("embedding", case)
    figure = json.loads(charts_of(visitor)[0].proto.spec)
    names = trained(case).data.label_names
    assert {trace["name"] for trace in figure["data"]} <= set(names)
    assert "held-out examples" in figure["layout"]["title"]["text"]


@pytest.mark.parametrize("case", CASES)
def test_a_selection_shows_the_examples_behind_it(visit: Visit, case: str) -> None:
    visitor = visit("embedding", case)
    visitor.session_state["embedding"] = selection(3, 1, 4, 1, 5)
    visitor.run()
    assert not visitor.exception
    assert "4 selected examples" in texts(visitor)
    assert len(charts_of(visitor)) + len(visitor.get("image")) >= 3


def test_a_large_selection_is_cut_and_says_so(visit: Visit) -> None:
    visitor = visit("embedding", "two numbers")
    visitor.session_state["embedding"] = selection(*range(150))
    assert "the first 100 are shown" in texts(visitor.run())


def test_training_examples_can_be_shown(visit: Visit) -> None:
    visitor = visit("embedding", "two numbers")
    visitor.session_state["embedding-split"] = "train"
    assert "training examples" in charts_of(visitor.run())[0].proto.spec


@pytest.mark.parametrize("view", embedding.views(8))
def test_many_coordinates_can_be_looked_at_in_several_ways(visit: Visit, view: str) -> None:
    visitor = visit("embedding", "eight numbers")
    visitor.session_state["embedding-view-8"] = view
    visitor.run()
    assert not visitor.exception
    assert len(visitor.main.selectbox) == {embedding.MAIN: 0, embedding.PLANE: 2, embedding.SPACE: 3}[view]


def test_a_snapshot_of_an_unfinished_training_is_called_one(visit: Visit) -> None:
    assert "The training is not over" in texts(visit("embedding", "two numbers", training=True))


def test_the_page_leads_on(visit: Visit) -> None:
    links = {link.proto.label for link in visit("embedding", "two numbers").get("page_link")}
    assert {"Next: compare it with PCA", "Walk through the latent space"} <= links


@pytest.mark.parametrize("case", ["one number", "three numbers", "space, two numbers"])
def test_the_table_holds_every_code(case: str) -> None:
    result = trained(case)
    sample = embedding.points(result.run, result.data, "test")
    rows = list(csv.DictReader(io.StringIO(embedding.table(sample, result.data).decode())))
    codes = [[float(row[f"z{i + 1}"]) for i in range(result.run.latent)] for row in rows]
    np.testing.assert_allclose(codes, sample.codes, rtol=1e-6)
    assert result.data.y_test is not None
    assert [row["label"] for row in rows] == [result.data.label_names[label] for label in result.data.y_test]


def test_names_with_commas_are_quoted_in_the_table() -> None:
    assert embedding._quoted('a, "b"') == '"a, ""b"""'


def test_a_large_split_is_sampled_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(charts, "GREATEST_SAMPLE", 100)
    result = trained("two numbers")
    sample = embedding.points(result.run, result.data, "test")
    assert len(sample.codes) == len(np.unique(sample.rows)) == 100
    assert str(sample) == f"100 of {len(result.data.x_test)} held-out examples"


@pytest.mark.parametrize("event", [None, {}, {"selection": {}}, {"selection": {"points": [{"x": 1.0}]}}])
def test_an_event_without_examples_selects_none(event: object) -> None:
    assert embedding.selected(event) == []


def test_codes_that_are_all_alike_are_drawn_as_they_are() -> None:
    codes = np.zeros((5, 4), np.float32)
    drawn, axes = embedding.coordinates(codes, embedding.MAIN, ())
    assert (drawn.shape, axes) == ((5, 2), ["z1", "z2"])
