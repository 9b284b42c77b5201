"""The Embedding page shows the codes of any model on any data, and the examples behind a selection."""

import base64
import csv
import io
import json
from collections.abc import Callable

import numpy as np
import pytest
from canvas_data import about, arrays
from streamlit.testing.v1 import AppTest
from visitors import CASES, charts_of, texts, trained

from aejax.ui import embedding

Visit = Callable[..., AppTest]

CANVAS = "embedding-canvas"


def mask(*points: int) -> str:
    """What the canvas reports when these points are selected."""
    bits = np.zeros(max(points) + 1, np.uint8)
    bits[list(points)] = 1
    return base64.b64encode(np.packbits(bits, bitorder="little").tobytes()).decode()


def test_before_training_the_page_offers_it(visit: Visit) -> None:
    visitor = visit("embedding")
    assert visitor.button(key="train-default")
    assert [component.key for component in visitor.get("bidi_component")] == ["share-link", "vector", "teach-screen"]


@pytest.mark.parametrize("case", CASES)
def test_every_model_on_every_kind_of_data_is_drawn(visit: Visit, case: str) -> None:
    told, result = about(visit("embedding", case), CANVAS), trained(case)
    assert (told["points"], told["latent"]) == (len(result.data.x_test), result.run.latent)
    assert told["shape"] == list(result.data.shape)
    assert "held-out examples" in told["title"]


@pytest.mark.parametrize("case", CASES)
def test_a_selection_shows_the_examples_behind_it(visit: Visit, case: str) -> None:
    visitor = visit("embedding", case)
    visitor.session_state[CANVAS] = {"selection": mask(3, 1, 4, 5)}
    visitor.run()
    assert not visitor.exception
    assert "4 selected examples" in texts(visitor)
    assert len(charts_of(visitor)) + len(visitor.get("image")) >= 2


def test_a_large_selection_is_cut_and_says_so(visit: Visit) -> None:
    visitor = visit("embedding", "two numbers")
    visitor.session_state[CANVAS] = {"selection": mask(*range(150))}
    assert "the first 100 are shown" in texts(visitor.run())


def test_training_examples_can_be_shown(visit: Visit) -> None:
    visitor = visit("embedding", "two numbers")
    visitor.session_state["embedding-split"] = "train"
    told = about(visitor.run(), CANVAS)
    assert told["points"] == len(trained("two numbers").data.x_train)
    assert "training examples" in told["title"]


def test_three_coordinates_can_be_turned_in_space(visit: Visit) -> None:
    visitor = visit("embedding", "eight numbers")
    visitor.session_state["embedding-view-8"] = embedding.SPACE
    visitor.run()
    assert not visitor.exception
    assert len(visitor.main.selectbox) == 3
    figure = json.loads(charts_of(visitor)[0].proto.spec)
    assert {trace["type"] for trace in figure["data"]} == {"scatter3d"}


def test_codes_of_many_numbers_can_be_seen_by_their_components(visit: Visit) -> None:
    told, result = about(visit("embedding", "eight numbers"), CANVAS), trained("eight numbers")
    components = np.array(told["components"])
    np.testing.assert_allclose(components @ components.T, np.eye(3), atol=1e-5)
    # The share of variance that a name tells is that of the codes' own covariance.
    codes = result.run.encode(result.data.x_test)
    variances = np.linalg.eigvalsh(np.cov(codes, rowvar=False))[::-1]
    assert told["componentNames"][0] == f"component 1 ({variances[0] / variances.sum():.0%} of variance)"


def test_a_snapshot_of_an_unfinished_training_is_called_one(visit: Visit) -> None:
    assert "The training is not over" in texts(visit("embedding", "two numbers", training=True))


def test_the_page_leads_on(visit: Visit) -> None:
    links = {link.proto.label for link in visit("embedding", "two numbers").get("page_link")}
    assert {"Next: compare it with other maps", "Walk through the latent space"} <= links


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


def test_a_large_split_is_sampled_and_says_so() -> None:
    result = trained("two numbers")
    sample = embedding.points(result.run, result.data, "test", most=100)
    assert len(sample.codes) == len(np.unique(sample.rows)) == 100
    assert str(sample) == f"100 of {len(result.data.x_test)} held-out examples"


def test_the_canvas_is_sent_the_codes_that_the_model_gives(visit: Visit) -> None:
    visitor, result = visit("embedding", "eight numbers"), trained("eight numbers")
    sent, told = arrays(visitor, f"{CANVAS}-moment"), about(visitor, CANVAS)
    low, high = np.array(told["bounds"]).T
    codes = low + sent["codes"].reshape(-1, 8) / 65535 * (high - low)
    np.testing.assert_allclose(codes, result.run.encode(result.data.x_test), atol=1e-4 * (high - low).max())


def test_codes_that_are_all_alike_are_drawn_as_they_are() -> None:
    codes = np.zeros((5, 4), np.float32)
    drawn, axes = embedding.coordinates(codes, embedding.MAIN, ())
    assert (drawn.shape, axes) == ((5, 2), ["z1", "z2"])
