"""The field of residuals, against the closed form of a linear autoencoder and the definition."""

import numpy as np
import pytest
from visitors import trained

from aejax.arrays import DataError
from aejax.baselines import linear_decoder
from aejax.residuals import data_box, residual_field
from aejax.settings import SpecError

BOX = ((-1.0, 1.0), (0.0, 2.0))


def test_in_the_plane_of_the_data_it_is_the_reconstruction_less_the_point() -> None:
    run = trained("plane, one number").run
    field = residual_field(run, BOX, 5)
    assert (field.space, field.places.shape) == ("data", (25, 2))
    np.testing.assert_allclose(field.places + field.moves, run.reconstruct(field.places), atol=1e-6)
    np.testing.assert_allclose(field.lengths, np.hypot(*field.moves.T), rtol=1e-5)


def test_of_a_linear_autoencoder_it_is_linear_in_the_point() -> None:
    run = trained("plane, linear").run
    directions, offset = linear_decoder(run)
    places = residual_field(run, BOX, 4).places
    rebuilt = run.encode(places) @ directions + offset
    np.testing.assert_allclose(residual_field(run, BOX, 4).moves, rebuilt - places, atol=1e-5)


def test_in_the_plane_of_codes_it_is_the_code_of_the_decoded_less_the_code() -> None:
    run = trained("two numbers").run
    field = residual_field(run, BOX, 3)
    assert field.space == "code"
    np.testing.assert_allclose(field.moves, run.encode(run.decode(field.places)) - field.places, atol=1e-5)


def test_places_are_the_centres_of_cells() -> None:
    places = residual_field(trained("two numbers").run, BOX, 2).places
    assert places.tolist() == [[-0.5, 0.5], [0.5, 0.5], [-0.5, 1.5], [0.5, 1.5]]


def test_without_a_plane_there_is_none() -> None:
    with pytest.raises(SpecError, match="data of 2 features or a code of 2 numbers"):
        residual_field(trained("eight numbers").run, BOX)


@pytest.mark.parametrize("box", [((0, 0), (0, 1)), (0, 1), ((1, 0), (0, 1))])
def test_a_box_that_is_none_is_refused(box: object) -> None:
    with pytest.raises(DataError, match="box must hold"):
        residual_field(trained("two numbers").run, box)


def test_the_box_of_points_is_a_tenth_wider() -> None:
    points = np.array([[0, 0], [10, 20]], np.float32)
    np.testing.assert_allclose(data_box(points), [[-1, 11], [-2, 22]], rtol=1e-5)
