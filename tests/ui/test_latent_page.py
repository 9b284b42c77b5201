"""The Latent page decodes whatever the sliders say, for any model on any data."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest
from streamlit.util import ReadOnlyAttributeDictionary
from visitors import CASES, charts_of, trained

from aejax import latent as core
from aejax.ui import images, latent, manifold

Visit = Callable[..., AppTest]


def code_of(visitor: AppTest) -> Any:
    return visitor.session_state["latent-code"]


def sliders(visitor: AppTest) -> list[Any]:
    return [slider for slider in visitor.main.slider if slider.key.startswith("latent-slider-")]


def shown(visitor: AppTest) -> str:
    """The address of the decoded image."""
    return str(visitor.get("image")[0].proto.imgs[0].url)


def test_before_training_the_page_offers_it(visit: Visit) -> None:
    assert visit("latent").button(key="train-default")


@pytest.mark.parametrize("case", CASES)
def test_every_model_has_a_slider_for_each_coordinate(visit: Visit, case: str) -> None:
    visitor = visit("latent", case)
    size = trained(case).run.latent
    assert len(sliders(visitor)) == min(size, latent.SLIDERS)
    mean = latent.survey(trained(case)).mean
    np.testing.assert_allclose(code_of(visitor), mean, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    "case", ["one number", "variational", "sigmoid code", "forty numbers", "plane, linear", "sequences, two numbers"]
)
def test_every_button_gives_a_code_that_can_be_decoded(visit: Visit, case: str) -> None:
    visitor = visit("latent", case)
    seen = [code_of(visitor)]
    for key in ("latent-random", "latent-random", "latent-mean"):
        visitor.button(key=key).click().run()
        assert not visitor.exception
        seen.append(code_of(visitor))
    assert not np.array_equal(seen[1], seen[2])
    np.testing.assert_array_equal(seen[0], seen[3])


def test_a_moved_slider_changes_the_image(visit: Visit) -> None:
    visitor = visit("latent", "two numbers")
    before, slider = shown(visitor), sliders(visitor)[0]
    slider.set_value(slider.max).run()
    assert shown(visitor) != before
    assert code_of(visitor)[0] == np.float32(slider.max)


def test_the_image_is_what_the_decoder_makes_of_the_sliders(visit: Visit) -> None:
    visitor, result = visit("latent", "eight numbers"), trained("eight numbers")
    sliders(visitor)[3].set_value(sliders(visitor)[3].min).run()
    code = np.array([slider.value for slider in sliders(visitor)], np.float32)
    decoded = images.as_bytes(result.run.decode(code[None])[0], images.bounds(result.data))
    assert shown(visitor) == images.png_address(images.enlarged(decoded))


@pytest.mark.parametrize("case", ["two numbers", "sigmoid code", "convolutional", "space, two numbers"])
def test_the_code_of_an_example_is_taken_exactly(visit: Visit, case: str) -> None:
    visitor, result = visit("latent", case), trained(case)
    codes = result.run.encode(result.data.x_test)
    row = int(np.abs(codes - codes.mean(axis=0)).max(axis=1).argmax())
    visitor.main.number_input(key="latent-example").set_value(row).run()
    assert not visitor.exception
    np.testing.assert_allclose(code_of(visitor), codes[row], rtol=1e-5, atol=1e-6)


def test_sliders_on_another_leaf_keep_their_values(visit: Visit) -> None:
    visitor = visit("latent", "forty numbers")
    moved = sliders(visitor)[0]
    index = int(moved.key.removeprefix("latent-slider-"))
    moved.set_value(moved.max).run()
    visitor.session_state["latent-leaf-40"] = 3
    visitor.run()
    assert len(sliders(visitor)) == 40 - 2 * latent.SLIDERS
    assert code_of(visitor)[index] == np.float32(moved.max)


def test_coordinates_that_vary_most_come_first() -> None:
    here = latent.survey(trained("forty numbers"))
    variances = here.sample.codes.var(axis=0)[here.order]
    assert (np.diff(variances) <= 0).all()


@pytest.mark.parametrize("case, drawn", [("two numbers", 1), ("variational", 1), ("plane, one number", 2)])
def test_small_spaces_are_drawn_whole(visit: Visit, case: str, drawn: int) -> None:
    assert len(charts_of(visit("latent", case))) == drawn


def test_the_map_lies_exactly_under_the_codes_it_is_decoded_from() -> None:
    here = latent.survey(trained("two numbers"))
    figure = manifold.decoded_map(here, 5, 0.5, 1.0)
    (picture,) = figure.layout.images
    (left, right), (bottom, top) = here.limits
    assert (picture.x, picture.y) == (left, top)
    np.testing.assert_allclose((picture.sizex, picture.sizey), (right - left, top - bottom))
    assert (tuple(figure.layout.xaxis.range), tuple(figure.layout.yaxis.range)) == ((left, right), (bottom, top))
    first = here.run.decode(core.grid_codes(here.run, here.limits, 5)[:1])[0]
    mosaic = core.mosaic(core.grid(here.run, here.limits, 5))
    np.testing.assert_allclose(mosaic[:8, :8], first, atol=1e-6)


def test_a_click_in_the_map_sets_the_sliders(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    visitor, result = visit("latent", "two numbers"), trained("two numbers")
    state: dict[str, Any] = {"latent-limits": np.array(latent.survey(result).limits)}
    state["latent-map"] = ReadOnlyAttributeDictionary({"selection": {"points": [{"customdata": 7}]}})
    monkeypatch.setattr(latent.session, "get", lambda key, default=None: state.get(key, default))
    monkeypatch.setattr(latent.session, "put", state.__setitem__)
    monkeypatch.setattr(latent.session, "forget", lambda prefix: None)
    latent.to_selected(latent.survey(result))
    np.testing.assert_allclose(state["latent-code"], result.run.encode(result.data.x_test[7:8])[0], rtol=1e-5)
    assert not visitor.exception


def test_another_model_begins_at_its_own_mean(visit: Visit) -> None:
    visitor = visit("latent", "two numbers")
    stamp = visitor.session_state["latent-stamp"]
    assert stamp[:2] == (trained("two numbers").data.content_hash, trained("two numbers").run.spec)


@pytest.mark.parametrize("width, step, decimals", [(1.0, 0.01, 2), (27.0, 0.1, 1), (300.0, 1.0, 0), (0.02, 0.0001, 4)])
def test_steps_are_round_and_about_a_hundredth(width: float, step: float, decimals: int) -> None:
    assert latent._step(width) == (pytest.approx(step), decimals)
