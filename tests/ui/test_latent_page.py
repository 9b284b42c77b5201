"""The Latent page decodes any place of the latent space, for any model on any data."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest
from canvas_data import about, arrays, plain
from streamlit.testing.v1 import AppTest
from visitors import CASES, charts_of, trained

from aejax.ui import explore, images

Visit = Callable[..., AppTest]

CANVAS = "latent-canvas"

# Decoded in the browser by layers, from a grid, or by the server.
WAYS = {"convolutional": None, "eight numbers": "dense", "two numbers": "dense", "sequences, two numbers": "dense"}


def ask(visitor: AppTest, kind: str, **request: Any) -> Mapping[str, np.ndarray]:
    """What the server sends when the canvas asks."""
    visitor.session_state[CANVAS] = {kind: {"number": 1, **request}}
    visitor.run()
    assert not visitor.exception
    assert about(visitor, CANVAS, "")["replies"][kind] == 1
    return {name.removeprefix(f"{kind}/"): values for name, values in arrays(visitor, CANVAS).items() if kind in name}


def test_before_training_the_page_offers_it(visit: Visit) -> None:
    assert visit("latent").button(key="train-default")


@pytest.mark.parametrize("case", CASES)
def test_every_model_has_a_range_for_each_coordinate(visit: Visit, case: str) -> None:
    told, result = about(visit("latent", case), CANVAS), trained(case)
    codes = result.run.encode(result.data.x_test, result.run.spec.told(result.data.y_test))
    low, high = np.array(told["ranges"]).T
    assert len(low) == result.run.latent
    assert (low < high).all()
    assert ((codes >= low - 1e-5) & (codes <= high + 1e-5)).mean() >= 0.98
    np.testing.assert_allclose(told["mean"], codes.mean(axis=0), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("case", WAYS)
def test_the_browser_is_sent_a_decoder_where_it_can_decode(visit: Visit, case: str) -> None:
    layout = about(visit("latent", case), CANVAS, "weights")["layout"]
    assert (layout or {}).get("kind") == WAYS[case]


@pytest.mark.parametrize("case", ["convolutional", "eight numbers", "plane, one number", "sequences, two numbers"])
def test_the_server_decodes_any_code_that_it_is_asked_for(visit: Visit, case: str) -> None:
    result = trained(case)
    code = result.run.encode(result.data.x_test[:1], result.run.spec.told(result.data.y_test[:1]))
    values = ask(visit("latent", case), "decode", code=code[0].tolist())["values"]
    np.testing.assert_allclose(values, result.run.decode(code).ravel(), atol=1e-5)


@pytest.mark.parametrize("code", [[1.0], "one", [1.0, float("nan")], None])
def test_what_is_no_code_is_answered_without_arrays(visit: Visit, code: object) -> None:
    visitor = visit("latent", "two numbers")
    assert ask(visitor, "decode", code=code) == {}
    assert about(visitor, CANVAS, "")["missing"] == ["decode"]


@pytest.mark.parametrize("case", ["variational", "three numbers", "sigmoid code"])
def test_random_codes_are_the_models_own(visit: Visit, case: str) -> None:
    result = trained(case)
    np.testing.assert_array_equal(ask(visit("latent", case), "sample")["code"], result.run.sample_codes(1, 1)[0])


@pytest.mark.parametrize("case", CASES)
def test_a_chosen_point_is_shown_with_its_true_neighbours(visit: Visit, case: str) -> None:
    result = trained(case)
    x = result.data.x_test
    told = result.run.spec.told(result.data.y_test)
    codes = result.run.encode(x, told)
    found = ask(visit("latent", case), "inspect", point=7)
    for name, table in (("latent", codes), ("pixels", x.reshape(len(x), -1).astype(np.float64))):
        distances = np.linalg.norm(table - table[7], axis=1)
        distances[7] = np.inf
        np.testing.assert_allclose(distances[found[name]], np.sort(distances)[: len(found[name])], rtol=1e-4)
    rebuilt = result.run.reconstruct(x[7:8], None if told is None else told[7:8])
    np.testing.assert_allclose(found["rebuilt"], rebuilt.ravel(), atol=1e-4)
    assert ("deviation" in found) == (case in ("variational", "conditional"))


def test_thumbnails_that_are_not_sent_beforehand_are_sent_when_asked_for(visit: Visit) -> None:
    visitor, data = visit("latent", "two numbers"), trained("two numbers").data
    moment = plain(visitor, f"{CANVAS}-moment")["stamp"]
    values = ask(visitor, "thumbnail", point=3)["values"]
    np.testing.assert_array_equal(values, images.as_bytes(data.x_test[3], images.bounds(data)).ravel())
    assert plain(visitor, f"{CANVAS}-moment")["stamp"] == moment


def test_codes_are_not_asked_for_beyond_what_there_is(visit: Visit) -> None:
    assert ask(visit("latent", "two numbers"), "inspect", point=10**9) == {}


def test_a_request_is_answered_once(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    visitor, counted = visit("latent", "two numbers"), []
    inspect = explore.Survey.inspect
    monkeypatch.setattr(explore.Survey, "inspect", lambda self, request: counted.append(1) or inspect(self, request))
    ask(visitor, "inspect", point=3)
    visitor.run()
    assert len(counted) == 1


@pytest.mark.parametrize("case, drawn", [("two numbers", 0), ("variational", 0), ("plane, one number", 1)])
def test_spaces_that_the_canvas_has_no_picture_of_are_drawn_whole(visit: Visit, case: str, drawn: int) -> None:
    assert len(charts_of(visit("latent", case))) == drawn


def test_another_model_begins_with_a_fresh_view() -> None:
    one, other = (explore.look(trained(case), "test").scene for case in ("two numbers", "variational"))
    assert one.space != other.space
    assert one.space == explore.look(trained("two numbers"), "test").scene.space


def test_what_stays_is_stamped_by_its_content(visit: Visit) -> None:
    one, other = (plain(visit("latent", "two numbers"), f"{CANVAS}-{part}") for part in ("still", "modules"))
    assert one["stamp"] != other["stamp"]
    assert plain(visit("latent", "two numbers"), f"{CANVAS}-still")["stamp"] == one["stamp"]
