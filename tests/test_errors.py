"""Errors of reconstructions, against scikit-learn, scipy and numbers of scikit-image."""

import numpy as np
import pytest
import scipy.stats
from sklearn.metrics import mean_squared_error, r2_score

from aejax.arrays import DataError
from aejax.errors import ERRORS, errors_of_each, mean_errors, peak_ratio, structural_similarity, variance_explained


def test_errors_are_those_of_scikit_learn_and_scipy() -> None:
    random = np.random.default_rng(0)
    x, rebuilt = random.random((1500, 3, 4)), random.random((1500, 3, 4))
    found = mean_errors(x, rebuilt)
    assert tuple(found) == ERRORS
    flat = x.reshape(1500, -1), rebuilt.reshape(1500, -1)
    assert found["mse"] == pytest.approx(mean_squared_error(*flat), rel=1e-5)
    assert found["sse"] == pytest.approx(12 * found["mse"], rel=1e-5)
    entropy = scipy.stats.entropy(np.stack([x, 1 - x]), axis=0).mean()
    divergence = scipy.stats.entropy(np.stack([x, 1 - x]), np.stack([rebuilt, 1 - rebuilt]), axis=0).mean()
    assert found["bce"] == pytest.approx(entropy + divergence, rel=1e-5)
    assert found["excess_bce"] == pytest.approx(divergence, rel=1e-4)


def test_a_perfect_reconstruction_has_no_error_and_its_entropy_for_cross_entropy() -> None:
    x = np.full((3, 4), 0.5)
    assert mean_errors(x, x) == pytest.approx({"bce": np.log(2), "excess_bce": 0, "mse": 0, "sse": 0}, abs=1e-6)


def test_each_example_has_its_own_errors() -> None:
    found = errors_of_each([[0.0, 0.0], [1.0, 1.0]], [[0.0, 1.0], [1.0, 1.0]])
    np.testing.assert_allclose(found["mse"], [0.5, 0.0])


@pytest.mark.parametrize(
    "function", [mean_errors, variance_explained, lambda *pair: structural_similarity(*pair, (0, 1))]
)
def test_errors_need_as_many_reconstructions_as_examples(function) -> None:
    with pytest.raises(DataError, match="reconstruction must hold 3 examples, as x does; got 2"):
        function(np.ones((3, 4)), np.ones((2, 4)))


@pytest.mark.parametrize("count", [40, 1300])
def test_variance_explained_is_scikit_learns_r2_weighted_by_variance(count: int) -> None:
    random = np.random.default_rng(0)
    x = random.normal(3.0, size=(count, 4, 5)).astype(np.float32)
    rebuilt = (x + 0.5 * random.normal(size=x.shape)).astype(np.float32)
    expected = r2_score(x.reshape(count, -1), rebuilt.reshape(count, -1), multioutput="variance_weighted")
    assert variance_explained(x, rebuilt) == pytest.approx(expected, abs=1e-6)


def test_variance_explained_is_0_for_the_mean_and_refused_where_nothing_varies() -> None:
    x = np.random.default_rng(0).random((9, 3)).astype(np.float32)
    assert variance_explained(x, np.tile(x.mean(axis=0), (9, 1))) == pytest.approx(0.0, abs=1e-6)
    with pytest.raises(DataError, match="x must vary for its variance to be explained; got 4 equal examples"):
        variance_explained(np.ones((4, 3)), np.zeros((4, 3)))


def test_structural_similarity_is_that_of_scikit_image() -> None:
    """The means over images of structural_similarity(x, y, gaussian_weights=True, sigma=1.5,
    use_sample_covariance=False, data_range=1.0) in scikit-image 0.26, with channel_axis=-1 for colours."""
    random = np.random.default_rng(0)
    x = random.random((3, 16, 20))
    y = np.clip(x + 0.2 * random.normal(size=x.shape), 0, 1)
    x, y = x.astype(np.float32), y.astype(np.float32)
    assert structural_similarity(x, y, (0.0, 1.0)) == pytest.approx(0.8004002148190016, abs=1e-9)
    assert structural_similarity(x[:1], y[:1], (0.0, 1.0)) == pytest.approx(0.8554261416338774, abs=1e-9)
    # It does not depend on the unit.
    assert structural_similarity(8 * x, 8 * y, (0.0, 8.0)) == pytest.approx(0.8004002148190016, abs=1e-9)
    colours = random.random((2, 14, 12, 3))
    rebuilt = np.clip(colours + 0.2 * random.normal(size=colours.shape), 0, 1).astype(np.float32)
    found = structural_similarity(colours.astype(np.float32), rebuilt, (0.0, 1.0))
    assert found == pytest.approx(0.8090251532540452, abs=1e-9)
    grey = random.integers(0, 256, (2, 12, 12), dtype=np.uint8)
    found = structural_similarity(grey, (0.5 * grey / 255 + 0.25).astype(np.float32), (0.0, 1.0))
    assert found == pytest.approx(0.800005523892866, abs=1e-7)


def test_structural_similarity_is_1_for_equal_images_and_needs_room_for_its_window() -> None:
    x = np.random.default_rng(0).random((2, 11, 11))
    assert structural_similarity(x, x, (0.0, 1.0)) == pytest.approx(1.0, abs=1e-12)
    for shape in ((2, 10, 30), (2, 121)):
        with pytest.raises(DataError, match="x must be images of 11 x 11 pixels or more; got shape"):
            structural_similarity(np.ones(shape), np.ones(shape), (0.0, 1.0))


def test_the_peak_ratio_is_in_decibels_of_the_values_range() -> None:
    assert peak_ratio(0.01, (0.0, 1.0)) == pytest.approx(20.0)
    assert peak_ratio(1.0, (-5.0, 5.0)) == pytest.approx(20.0)
    with pytest.raises(DataError, match="mse must be above 0 for a ratio in decibels; got 0"):
        peak_ratio(0.0, (0.0, 1.0))
