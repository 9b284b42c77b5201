"""The canvas's Python face: what is sent, what is read back, and how codes are decoded in the browser."""

import base64
import gzip
import io
import json
import re
from dataclasses import replace

import hypothesis
import jax
import numpy as np
import pytest
from hypothesis import strategies
from PIL import Image

from aejax.baselines import PCA
from aejax.frames import LEVELS
from aejax.parts.likelihoods import LIKELIHOODS
from aejax.run import Run
from aejax.spec import ModelSpec, TrainSpec
from aejax.ui.canvas import Scene, answer, component, quantised
from aejax.ui.canvas.decoder import GREATEST_WEIGHTS, decoder_of, dense, grid, output_of, widened
from aejax.ui.canvas.sprites import picture_sheet
from aejax.ui.canvas.survey import nearest
from tests import node

CODES = np.random.default_rng(0).normal(size=(50, 3)).astype(np.float32)


def fresh(shape: tuple[int, ...] = (4, 3), **settings: object) -> Run:
    spec = ModelSpec(**{"latent": 3, **settings})
    run = Run(spec, TrainSpec(), shape, {})
    return replace(run, params=run.model.init(jax.random.key(0)))


def in_browser(layout: dict[str, object], values: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """What the browser's decoder makes of codes."""
    size = layout["layers"][-1]["outputs"]  # type: ignore[index]
    asked = {"layout": layout, "weights": values.view(np.uint16).tolist(), "codes": codes.tolist()}
    return np.array(node.answer("decode.mjs", asked | {"cotangent": [0.0] * size})["decoded"])


# Of the one that is left out, each column's last sum becomes something else.
ALIKE = sorted(LIKELIHOODS.keys() - {"mixed"})


@pytest.mark.parametrize("likelihood", ALIKE)
def test_a_dense_run_is_decoded_in_the_browser_as_by_itself(likelihood: str) -> None:
    run = fresh(encoder={"kind": "dense", "widths": (9, 6), "activation": "silu"}, likelihood=likelihood)
    found = dense(run)
    assert found is not None
    browser = in_browser(found.layout, found.values, CODES)
    np.testing.assert_allclose(browser, run.decode(CODES).reshape(len(CODES), -1), atol=2 / 255)


def test_a_run_that_is_told_a_class_is_decoded_as_of_it() -> None:
    run = fresh(encoder={"kind": "dense", "widths": (9,)}, classes=4)
    assert dense(run) is None
    told = run.given(2)
    found = dense(told)
    assert found is not None
    browser = in_browser(found.layout, found.values, CODES)
    np.testing.assert_allclose(browser, told.decode(CODES).reshape(50, -1), atol=2 / 255)


def test_principal_components_are_decoded_in_the_browser_too() -> None:
    examples = np.random.default_rng(1).random((40, 4, 3)).astype(np.float32)
    pca = PCA(3).fit(examples)
    found = dense(pca)
    assert found is not None
    browser = in_browser(found.layout, found.values, CODES)
    np.testing.assert_allclose(browser, pca.decode(CODES).reshape(50, -1), atol=5e-3)


def test_what_is_too_large_or_of_other_layers_is_not_sent_as_weights() -> None:
    assert dense(fresh((32, 32), encoder={"kind": "dense", "widths": (GREATEST_WEIGHTS // 1000,)})) is None
    conv = fresh((8, 8), latent=2, encoder={"kind": "conv", "channels": (2, 1)})
    assert dense(conv) is None
    box = np.array([[-1, 1], [-2, 2]], np.float32)
    assert getattr(decoder_of(conv, box, (0.0, 1.0), True), "layout", {})["kind"] == "grid"
    assert decoder_of(fresh((8, 8), encoder={"kind": "conv", "channels": (2, 1)}), np.zeros((3, 2)), (0.0, 1.0)) is None


def test_weights_beyond_half_precision_are_left_to_the_server() -> None:
    run = fresh(encoder="linear")
    huge = {name: value * np.float32(1e9) for name, value in run.params.items()}
    assert dense(replace(run, params=huge)) is None


def test_every_likelihood_has_an_output_that_the_browser_knows() -> None:
    known = {"linear", "sigmoid", "continuous_bernoulli"}
    assert {output_of(LIKELIHOODS[name]()) for name in ALIKE} <= known


def test_columns_of_two_kinds_are_left_to_the_grid_or_the_server() -> None:
    run = fresh((4,), encoder={"kind": "dense", "widths": (9,)}, likelihood={"kind": "mixed", "truths": (1,)}, latent=2)
    assert dense(run) is None
    assert grid(run, np.array([[-1, 1], [-2, 2.0]]), (-3.0, 3.0)) is not None


@pytest.mark.parametrize("pictures", [True, False])
def test_a_grid_holds_the_decoded_corners(pictures: bool) -> None:
    run, box = fresh((6, 8), latent=2, encoder={"kind": "conv", "channels": (2, 1)}), np.array([[-1, 1], [-2, 2.0]])
    found = grid(run, box, (0.0, 1.0), pictures)
    assert found is not None
    side = found.layout["side"]
    cells = np.asarray(Image.open(io.BytesIO(found.values.tobytes())))[..., 0] if pictures else found.values
    if pictures:
        cells = cells.reshape(side, 6, side, 8).swapaxes(1, 2)
    cells = cells.reshape(side, side, 48) / 255
    corners = run.decode(np.array([[-1, 2], [1, -2]], np.float32)).reshape(2, 48)
    off = 0.06 if pictures else 0.5 / 255 + 1e-6
    np.testing.assert_allclose(cells[[0, -1], [0, -1]], corners, atol=off)


def test_the_widened_box_has_its_outermost_centres_on_the_edges() -> None:
    box = np.array([[0.0, 1.0], [2.0, 6.0]])
    (left, right), (bottom, top) = widened(box, 5)
    cell = (right - left) / 5
    assert (left + cell / 2, right - cell / 2) == pytest.approx((0, 1))
    assert (bottom + (top - bottom) / 10, top - (top - bottom) / 10) == pytest.approx((2, 6))


def test_quantised_codes_come_back_within_half_a_step() -> None:
    whole, bounds = quantised(CODES)
    step = (bounds[:, 1] - bounds[:, 0]) / LEVELS
    assert (np.abs(bounds[:, 0] + whole * step - CODES) <= step / 2 + 1e-6).all()
    assert (whole.min(axis=0) == 0).all()
    assert (whole.max(axis=0) == LEVELS).all()


def test_codes_that_are_all_alike_are_quantised_without_a_warning() -> None:
    whole, bounds = quantised(np.ones((4, 2), np.float32))
    assert not whole.any()
    np.testing.assert_array_equal(bounds, np.ones((2, 2)))


def scene(**changes: object) -> Scene:
    whole, bounds = quantised(CODES)
    return replace(Scene(whole, bounds, bounds, (4, 3), labels=np.arange(50) % 3, classes=("a", "b", "c")), **changes)


def test_what_stays_keeps_its_stamp_while_codes_move() -> None:
    one, other = scene(), scene(codes=scene().codes[::-1])
    assert one.still["stamp"] == other.still["stamp"]
    assert one.weights["stamp"] == other.weights["stamp"]
    assert one.moment["stamp"] != other.moment["stamp"]
    assert scene(labels=None).still["stamp"] != one.still["stamp"]


def test_sixty_thousand_points_and_a_decoder_are_less_than_a_megabyte() -> None:
    run = fresh((28, 28), latent=2, encoder={"kind": "dense", "widths": (256, 128)})
    whole, bounds = quantised(np.random.default_rng(0).normal(size=(60_000, 2)).astype(np.float32))
    shown = Scene(whole, bounds, bounds, (28, 28), labels=np.zeros(60_000, int), classes=("a", "b"), decoder=dense(run))
    parts = [shown.moment, shown.still, shown.weights]
    arrays = [value.nbytes for part in parts for value in part.values() if isinstance(value, np.ndarray)]
    text = [len(json.dumps(value)) for part in parts for value in part.values() if isinstance(value, str)]
    assert sum(arrays) + sum(text) < 1_000_000


@pytest.mark.parametrize("n", [1, 7, 50])
def test_thumbnails_are_found_where_the_browser_looks_for_them(n: int) -> None:
    pictures = np.random.default_rng(n).integers(0, 256, (n, 5, 9), np.uint8)
    sheet = picture_sheet(pictures)
    whole = np.asarray(Image.open(io.BytesIO(sheet.values.tobytes())))
    for at, picture in enumerate(pictures):
        top, left = at // sheet.columns * 5, at % sheet.columns * 9
        np.testing.assert_array_equal(whole[top : top + 5, left : left + 9], picture)


def test_neighbours_of_bytes_are_those_of_their_values() -> None:
    table = np.random.default_rng(2).integers(0, 256, (300, 6), np.uint8)
    distances = np.linalg.norm(table.astype(float) - table[4].astype(float), axis=1)
    distances[4] = np.inf
    np.testing.assert_allclose(distances[nearest(table, 4, 8)], np.sort(distances)[:8])
    assert len(nearest(table[:3], 0, 8)) == 2


def test_a_selection_is_read_from_its_mask() -> None:
    bits = np.zeros(50, np.uint8)
    bits[[0, 9, 49]] = 1
    mask = base64.b64encode(np.packbits(bits, bitorder="little").tobytes()).decode()
    state = {"selection": mask, "point": 7, "code": [1, 2.5, -3], "pins": {"A": [0, 0, 0], "B": [1]}}
    read = answer.read(state, 50, 3)
    assert read.selection.tolist() == [0, 9, 49]
    assert (read.point, read.pins.keys()) == (7, {"A"})
    assert read.code is not None
    assert read.code.tolist() == [1, 2.5, -3]


anything = strategies.recursive(
    strategies.none() | strategies.booleans() | strategies.integers() | strategies.floats() | strategies.text(),
    lambda inner: strategies.lists(inner, max_size=4) | strategies.dictionaries(strategies.text(), inner, max_size=4),
    max_leaves=8,
)


@hypothesis.given(strategies.dictionaries(strategies.sampled_from(answer.NAMES), anything) | anything)
def test_whatever_a_browser_reports_is_read_or_left(state: object) -> None:
    read = answer.read(state, 50, 3)
    assert read.point is None or 0 <= read.point < 50
    assert read.code is None or (read.code.shape == (3,) and np.isfinite(read.code).all())
    assert ((read.selection >= 0) & (read.selection < 50)).all()
    assert all(np.isfinite(code).all() for code in read.pins.values())


def sent_modules() -> dict[str, str]:
    return dict(json.loads(gzip.decompress(component.modules()["zipped"].tobytes())))


def test_every_module_that_another_imports_is_sent() -> None:
    files = sent_modules()
    assert "index.js" in files
    assert "canvas.css" in files
    for source in files.values():
        assert set(re.findall(r'^(?:import|}).* from "\./(.+)";', source, re.M)) <= files.keys()


def test_every_tool_that_is_named_is_in_the_table() -> None:
    table = sent_modules()["tools.js"]
    for name in (*component.TOOLS, *component.EXPLORING):
        assert f'name: "{name}"' in table
