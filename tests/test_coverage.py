"""How much of a map returns to itself, on maps where one can say it beforehand."""

from dataclasses import dataclass

import numpy as np
import pytest

from aejax.arrays import DataError
from aejax.coverage import latent_fill, places_within

SQUARE = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0], [0.5, 0.5]])


@dataclass
class Shrinking:
    """Decodes a place to itself, but encodes what lies left of a line elsewhere."""

    line: float
    shape: tuple[int, ...] = (2,)
    latent: int = 2

    def encode(self, x):
        return np.where(x[:, :1] < self.line, x + 1.0, x)

    def decode(self, z):
        return np.asarray(z, np.float32)

    def reconstruct(self, x):
        return x

    def evaluate(self, x):
        return {}


def test_a_map_is_filled_as_far_as_places_return() -> None:
    assert latent_fill(Shrinking(-1.0), SQUARE) == 1.0
    assert latent_fill(Shrinking(2.0), SQUARE) == 0.0
    assert latent_fill(Shrinking(0.25), SQUARE) == pytest.approx(0.75)
    assert latent_fill(Shrinking(2.0), SQUARE, tolerance=1.1) == 1.0


def test_places_are_the_cells_within_the_hull() -> None:
    places, diameter = places_within(SQUARE, 40)
    assert len(places) == 1600
    assert diameter == pytest.approx(np.sqrt(2))
    triangle, _ = places_within(SQUARE[:3] * [1, 3], 60)
    assert len(triangle) == pytest.approx(60 * 20 / 2, rel=0.05)
    assert (triangle @ [1, 1 / 3] <= 1 + 1e-9).all()


@pytest.mark.parametrize(
    "codes, message",
    [
        (np.eye(3), "codes must be of 2 coordinates, places on a map; got shape"),
        (np.ones((5, 2)), "codes must vary; got 5 equal rows"),
        (np.arange(5.0)[:, None] * [[1.0, 2.0]], "codes must span the plane; the 5 given lie on one line"),
        (SQUARE[:2], "codes must span the plane"),
        (np.full((5, 2), np.nan), "codes must be finite"),
    ],
)
def test_codes_that_are_no_map_are_refused(codes, message) -> None:
    with pytest.raises(DataError, match=message):
        latent_fill(Shrinking(0.0), codes)
