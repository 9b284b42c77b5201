"""The Reconstruct page shows what any model makes of any data, with errors, noise, arrows and bytes."""

import csv
import io
import json
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest
from visitors import CASES, charts_of, texts, trained

from aejax.rebuilding import rebuild
from aejax.residuals import residual_field
from aejax.spec import ModelSpec
from aejax.ui import arrows, code_pictures, reconstruct, tables

Visit = Callable[..., AppTest]


def test_before_training_the_page_offers_it(visit: Visit) -> None:
    assert visit("reconstruct").button(key="train-default")


@pytest.mark.parametrize("case", CASES)
def test_every_model_on_every_kind_of_data_is_shown(visit: Visit, case: str) -> None:
    visitor = visit("reconstruct", case)
    said = texts(visitor)
    assert "Mean squared error per feature (MSE)" in said
    data, run = trained(case).data, trained(case).run
    *_, noisy, rebuilt = [metric for metric in visitor.metric if metric.value.endswith("dB")]
    assert (noisy.label, rebuilt.label) == ("With noise", "Rebuilt from it")
    is_table = data.kind == "points" and data.features > 3
    assert is_table == ("By the column's median" in [metric.label for metric in visitor.metric])
    assert is_table == ("Mean squared error over the column's variance" in said)
    has_field = data.shape == (2,) or run.latent == 2
    assert has_field != ("Arrows need a plane" in said)
    assert (data.kind == "image") != ("Bytes are compared for images alone" in said)
    assert all(chart.proto.alt for chart in charts_of(visitor))


def test_the_order_chooses_the_examples(visit: Visit) -> None:
    visitor = visit("reconstruct", "sequences, two numbers")
    shown = {}
    for order in ("best", "worst"):
        visitor.segmented_control(key="reconstruct-order").set_value(order).run()
        shown[order] = next(caption.value for caption in visitor.caption if caption.value.startswith("MSE of each"))
    assert shown["best"] != shown["worst"]


def test_stronger_noise_costs_decibels(visit: Visit) -> None:
    visitor = visit("reconstruct", "forty numbers")
    decibels = []
    for amount in (0.1, 0.8):
        visitor.slider(key="reconstruct-noise-gaussian").set_value(amount).run()
        decibels.append([float(metric.value.removesuffix(" dB")) for metric in visitor.metric[:2]])
    assert decibels[0][0] > decibels[1][0]
    assert decibels[0][1] > decibels[1][1]
    visitor.slider(key="reconstruct-noise-gaussian").set_value(0.0).run()
    assert visitor.metric[0].value == "no error"


def test_a_denoiser_is_given_the_noise_it_was_trained_with(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    result = trained("two numbers")
    own = replace(result, run=replace(result.run, spec=result.run.spec.replace(corruption="masking")))
    monkeypatch.setitem(visit.__globals__, "trained", lambda case: own)
    visitor = visit("reconstruct", "two numbers")
    assert "as it was trained to" in texts(visitor)
    assert visitor.slider(key="reconstruct-noise-masking").value == 0.25


def test_errors_can_be_saved_with_their_labels() -> None:
    found = rebuild(trained("two numbers").run, trained("two numbers").data.x_test)
    rows = [{"row": row, "mse": float(value)} for row, value in enumerate(found.errors["mse"])]
    read = list(csv.DictReader(io.StringIO(tables.as_csv(rows).decode())))
    np.testing.assert_allclose([float(row["mse"]) for row in read], found.errors["mse"], rtol=1e-6)


def test_text_in_a_table_is_quoted_where_it_must_be() -> None:
    assert tables.as_csv([{"name": 'T-shirt, "top"', "value": 0.1}]) == b'name,value\n"T-shirt, ""top""",0.1\n'
    assert tables.as_csv([]) == b"\n"


@pytest.mark.parametrize("shape", [(7, 7, 1), (4, 4, 3), (5,), (300,)])
def test_codes_are_pictures_of_one_size(shape: tuple[int, ...]) -> None:
    codes = np.random.default_rng(0).normal(size=(3, np.prod(shape))).astype(np.float32)
    drawn = code_pictures.draw(codes, shape, 90, 84)
    assert [picture.shape for picture in drawn] == [(90, 84)] * 3
    assert code_pictures.told(shape, codes.shape[1], 84).startswith("the code")


def test_a_map_is_drawn_as_it_is() -> None:
    code = np.array([[0.0, 1.0, 2.0, 3.0]], np.float32)
    (picture,) = code_pictures.draw(code, (2, 2, 1), 40, 40)
    assert picture[::20, ::20].tolist() == [[0, 85], [170, 255]]


def test_bars_go_up_and_down_from_zero() -> None:
    (picture,) = code_pictures.draw(np.array([[1.0, -1.0]], np.float32), (2,), 40, 40)
    up, down = picture[:, 0] == 235, picture[:, 20] == 235
    assert up[:20].sum() == 19
    assert down[20:].sum() >= 18
    assert not up[21:].any()
    assert not down[:20].any()


def test_the_code_of_convolutions_is_known_as_a_map() -> None:
    spec = ModelSpec(latent=None, encoder={"kind": "conv", "channels": (16, 1)})
    assert code_pictures.is_map(spec.encoder.code_shape((28, 28), spec.latent_size((28, 28))))


def test_arrows_begin_at_their_places_and_none_is_longer_than_two_cells() -> None:
    result = trained("plane, one number")
    field = residual_field(result.run, ((-1.0, 2.0), (-1.0, 1.5)), 20)
    figure, factor = arrows.quiver(field, result.data.x_test, result.data.y_test, result.data)
    path = np.stack([figure.data[-1].x, figure.data[-1].y], axis=1).reshape(-1, 3, 2)
    np.testing.assert_allclose(path[:, 0], field.places)
    drawn = np.linalg.norm(path[:, 1] - path[:, 0], axis=1)
    assert factor > 0
    assert drawn.max() <= 2 * 0.125
    json.loads(figure.to_json())


def test_the_page_leads_on(visit: Visit) -> None:
    links = {link.proto.label for link in visit("reconstruct", "two numbers").get("page_link")}
    assert {"Next: what it was not made for", "Compare it with PCA"} <= links


def test_decibels_of_no_error_are_words() -> None:
    assert reconstruct.decibels(float("inf")) == "no error"
    assert reconstruct.decibels(12.34) == "12.3 dB"
