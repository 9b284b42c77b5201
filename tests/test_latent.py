"""Codes: ranges, grids, mosaics, paths and traversals, against brute force."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from aejax.arrays import DataError
from aejax.embedder import Embedder
from aejax.latent import grid, grid_codes, mosaic, path, plane_codes, ranges, traverse

finite = st.floats(-1e6, 1e6, width=32)


class Plane:
    """Decodes (x, y) to a 1 by 3 image of x, y and x + y."""

    shape = (1, 3)
    latent = 2

    def encode(self, x: object) -> np.ndarray:
        return np.asarray(x, np.float32)[:, 0, :2]

    def decode(self, z: object) -> np.ndarray:
        x, y = np.asarray(z, np.float32).T
        return np.stack([x, y, x + y], axis=1)[:, None]

    def reconstruct(self, x: object) -> np.ndarray:
        return self.decode(self.encode(x))

    def evaluate(self, x: object) -> dict[str, float]:
        return {}


def test_a_run_of_numbers_has_its_quantiles_for_a_range() -> None:
    codes = np.stack([np.arange(101.0), -2 * np.arange(101.0)], axis=1)
    np.testing.assert_allclose(ranges(codes, 0.05, 0.9), [[5, 90], [-190, -20]])


@given(arrays(np.float32, st.tuples(st.integers(1, 20), st.integers(1, 4)), elements=finite))
def test_ranges_are_never_empty(codes: np.ndarray) -> None:
    found = ranges(codes).astype(np.float32)
    assert found.shape == (codes.shape[1], 2)
    assert (found[:, 0] < found[:, 1]).all()


def test_ranges_say_what_they_cannot_use() -> None:
    with pytest.raises(DataError, match="low < high"):
        ranges(np.ones((3, 2)), 0.9, 0.1)
    with pytest.raises(DataError, match="codes must be finite"):
        ranges(np.array([[np.nan, 1.0]]))
    with pytest.raises(DataError, match=r"shape \(n, latent\)"):
        ranges(np.ones((3, 2, 2)))


def test_a_grid_runs_from_the_top_down_through_the_centres_of_its_cells() -> None:
    images = grid(Plane(), ((0, 4), (10, 14)), 4)
    assert images.shape == (4, 4, 1, 3)
    for row in range(4):
        for column in range(4):
            x, y = 0.5 + column, 13.5 - row
            np.testing.assert_allclose(images[row, column], [[x, y, x + y]])


def test_a_grid_takes_what_ranges_gives() -> None:
    box = ranges(np.random.default_rng(0).normal(size=(50, 2)))
    assert np.isfinite(grid(Plane(), box, 3)).all()


def test_a_grid_says_what_it_cannot_draw() -> None:
    class Space(Plane):
        latent = 3

    with pytest.raises(DataError, match="2 coordinates; got one of 3"):
        grid(Space(), ((0, 1), (0, 1)), 2)
    with pytest.raises(DataError, match="n must be at least 1; got 0"):
        grid(Plane(), ((0, 1), (0, 1)), 0)
    with pytest.raises(DataError, match="box must hold"):
        grid(Plane(), ((1, 0), (0, 1)), 2)


def test_a_plane_upright_in_a_plane_is_the_grid() -> None:
    found = plane_codes([0, 14], [4, 0], [0, -4], 3, 3)
    np.testing.assert_allclose(found, grid_codes(Plane(), ((0, 4), (10, 14)), 3))


def test_a_plane_may_lie_aslant_in_more_coordinates() -> None:
    found = plane_codes([1, 0, 0], [2, 2, 0], [0, 0, 6], 1, 3)
    np.testing.assert_allclose(found, [[2, 1, 1], [2, 1, 3], [2, 1, 5]])
    with pytest.raises(DataError, match="3 coordinates; got 2 and 3"):
        plane_codes([1, 0, 0], [2, 2], [0, 0, 6], 1, 3)
    with pytest.raises(DataError, match="at least 1; got 0 and 3"):
        plane_codes([1, 0], [2, 2], [0, 6], 0, 3)


@pytest.mark.parametrize("channels", [(), (3,)])
def test_a_mosaic_puts_each_image_in_its_place(channels: tuple[int, ...]) -> None:
    images = np.random.default_rng(0).random((3, 2, 4, 5, *channels))
    whole = mosaic(images)
    assert whole.shape == (12, 10, *channels)
    for row in range(3):
        for column in range(2):
            np.testing.assert_array_equal(
                whole[4 * row : 4 * row + 4, 5 * column : 5 * column + 5], images[row, column]
            )


def test_a_mosaic_is_of_images() -> None:
    with pytest.raises(DataError, match="images must be of shape"):
        mosaic(np.zeros((2, 2, 5)))


@pytest.mark.parametrize("kind", ["line", "slerp"])
@given(st.integers(2, 9), arrays(np.float64, (2, 3), elements=st.floats(-100, 100)))
def test_a_path_leads_from_one_code_to_the_other(kind: str, n: int, ends: np.ndarray) -> None:
    codes = path(*ends, n, kind)  # type: ignore[arg-type]
    assert codes.shape == (n, 3)
    np.testing.assert_allclose(codes[[0, -1]], ends, atol=1e-4)
    assert np.isfinite(codes).all()


def test_a_line_has_equal_steps() -> None:
    np.testing.assert_allclose(path([0, 1], [4, 3], 5), [[0, 1], [1, 1.5], [2, 2], [3, 2.5], [4, 3]])


def test_slerp_turns_by_equal_angles_at_one_length() -> None:
    degrees = np.deg2rad([0, 30, 60, 90])
    expected = 2 * np.stack([np.cos(degrees), np.sin(degrees)], axis=1)
    np.testing.assert_allclose(path([2, 0], [0, 2], 4, "slerp"), expected, atol=1e-6)


@pytest.mark.parametrize("end", [[-1.0, -2.0], [2.0, 4.0], [0.0, 0.0]])
def test_slerp_through_the_origin_is_a_line(end: list[float]) -> None:
    np.testing.assert_allclose(path([1, 2], end, 5, "slerp"), path([1, 2], end, 5), atol=1e-6)


@pytest.mark.parametrize(
    "arguments, message",
    [
        (([1, 2], [1, 2, 3], 5), "one size; got 2 and 3"),
        (([1, 2], [3, 4], 1), "n must be at least 2; got 1"),
        (([1, 2], [3, np.nan], 3), "b must be one code"),
        (([[1, 2]], [3, 4], 3), "a must be one code"),
    ],
)
def test_a_path_says_what_it_cannot_join(arguments: tuple[object, object, int], message: str) -> None:
    with pytest.raises(DataError, match=message):
        path(*arguments)


def test_a_traversal_moves_one_coordinate_alone() -> None:
    images = traverse(Plane(), [5, 7], 1, [0, 1, 2])
    np.testing.assert_allclose(images[:, 0], [[5, 0, 5], [5, 1, 6], [5, 2, 7]])
    with pytest.raises(DataError, match="coordinate must be between 0 and 1; got 2"):
        traverse(Plane(), [5, 7], 2, [0])
    with pytest.raises(DataError, match="code must have 2 coordinates; got 1"):
        traverse(Plane(), [5], 0, [0])


def test_the_plane_of_these_tests_is_an_embedder() -> None:
    assert isinstance(Plane(), Embedder)
