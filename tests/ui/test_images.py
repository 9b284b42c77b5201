"""Pictures keep every pixel: set side by side, enlarged and scaled."""

import base64
import io

import numpy as np
import pytest
from PIL import Image

from aejax.data import load_data
from aejax.ui import examples, images

PICTURES = np.arange(5 * 4 * 3, dtype=np.uint8).reshape(5, 4, 3)


def test_values_between_the_limits_become_bytes_and_others_are_cut_off() -> None:
    values = np.array([-2.0, -1.0, 0.0, 1.0, 9.0])
    np.testing.assert_array_equal(images.as_bytes(values, (-1.0, 1.0)), [0, 0, 128, 255, 255])


def test_bytes_stay_as_they_are() -> None:
    assert images.as_bytes(PICTURES, (0.0, 1.0)) is PICTURES


def test_signed_pictures_have_zero_in_the_middle() -> None:
    signed = np.array([[[0.0, 4.0], [-2.0, 0.0]], [[0.0, 0.0], [0.0, 0.0]]], np.float32)
    np.testing.assert_array_equal(images.centred(signed), [[[128, 255], [64, 128]], [[128, 128], [128, 128]]])


@pytest.mark.parametrize("channels", [(), (1,), (3,)])
def test_a_sheet_holds_every_picture_in_its_place(channels: tuple[int, ...]) -> None:
    given = np.broadcast_to(PICTURES.reshape(5, 4, 3, *[1] * len(channels)), (5, 4, 3, *channels))
    sheet = images.sheet(given, columns=2, gap=1)
    assert sheet.shape[:2] == (3 * 4 + 2, 2 * 3 + 1)
    seen = sheet if sheet.ndim == 2 else sheet[..., 0]
    for index, picture in enumerate(PICTURES):
        top, left = index // 2 * 5, index % 2 * 4
        np.testing.assert_array_equal(seen[top : top + 4, left : left + 3], picture)


def test_enlarging_repeats_pixels() -> None:
    large = images.enlarged(PICTURES[0], 30)
    assert large.shape == (40, 30)
    np.testing.assert_array_equal(large[::10, ::10], PICTURES[0])


def test_large_pictures_are_not_enlarged() -> None:
    assert images.enlarged(np.zeros((500, 600), np.uint8)).shape == (500, 600)


def test_an_address_holds_the_picture() -> None:
    head, body = images.png_address(PICTURES[0]).split(",")
    assert head == "data:image/png;base64"
    np.testing.assert_array_equal(np.asarray(Image.open(io.BytesIO(base64.b64decode(body)))), PICTURES[0])


@pytest.mark.parametrize(
    "name, limits, pictures",
    [("mnist-sample", (0.0, 1.0), True), ("digits", (0, 1), True), ("waves", (-1, 1), False)],
)
def test_limits_are_those_of_what_a_model_makes(name: str, limits: tuple[float, float], pictures: bool) -> None:
    data = load_data(name)
    assert (images.bounds(data), images.are_pictures(data)) == (limits, pictures)


def test_an_assortment_takes_the_classes_in_turn() -> None:
    labels = np.array([2, 2, 0, 0, 1, 2], np.int32)
    np.testing.assert_array_equal(labels[examples.assorted(labels, 4, 6)], [0, 1, 2, 0])
    np.testing.assert_array_equal(examples.assorted(None, 4, 3), [0, 1, 2])


def test_small_lines_have_one_chart_an_example() -> None:
    rows = {"original": np.zeros((5, 8), np.float32), "rebuilt": np.ones((5, 8), np.float32)}
    figure = examples.small_lines(rows, (0.0, 1.0))
    assert len(figure.data) == 10
    assert [trace.name for trace in figure.data if trace.showlegend] == ["original", "rebuilt"]
    assert len({(trace.xaxis, trace.yaxis) for trace in figure.data}) == 5
