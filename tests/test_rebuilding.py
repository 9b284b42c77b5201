"""Errors, orders and noise, against the mean errors of a run, plain NumPy and the definition of a decibel."""

import numpy as np
import pytest
from visitors import trained

from aejax.arrays import DataError
from aejax.errors import errors_of_each
from aejax.parts.corruptions import GaussianNoise, Masking
from aejax.rebuilding import denoise, noise_of, ordered, psnr, rebuild, strength
from aejax.run import Run

RANDOM = np.random.default_rng(0)


@pytest.fixture
def run() -> Run:
    return trained("two numbers").run


@pytest.fixture
def x() -> np.ndarray:
    return trained("two numbers").data.x_test


def test_the_errors_of_examples_have_the_runs_errors_as_their_means(run: Run, x: np.ndarray) -> None:
    found, expected = rebuild(run, x), run.evaluate(x)
    for name, values in found.errors.items():
        assert values.mean() == pytest.approx(expected[name], rel=1e-4)


def test_squared_errors_are_what_numpy_says(run: Run, x: np.ndarray) -> None:
    found = rebuild(run, x)
    np.testing.assert_allclose(found.errors["sse"], np.square(found.difference).sum(axis=(1, 2)), rtol=1e-4)
    np.testing.assert_allclose(found.reconstruction, run.reconstruct(x), atol=1e-5)


def test_bytes_count_as_intensities() -> None:
    whole = RANDOM.integers(0, 256, (3, 4, 4), dtype=np.uint8)
    errors = errors_of_each(whole, np.zeros((3, 4, 4), np.float32))
    np.testing.assert_allclose(errors["mse"], np.square(whole / 255).mean(axis=(1, 2)), rtol=1e-5)


def test_orders_are_those_of_the_sorted_errors() -> None:
    errors = RANDOM.permutation(11).astype(np.float32)
    assert errors[ordered(errors, "best", 3)].tolist() == [0, 1, 2]
    assert errors[ordered(errors, "median", 3)].tolist() == [4, 5, 6]
    assert errors[ordered(errors, "worst", 3)].tolist() == [10, 9, 8]
    assert len(ordered(errors, "worst", 50)) == 11
    with pytest.raises(DataError, match="order must be best, median or worst; got 'odd'"):
        ordered(errors, "odd", 3)


@pytest.mark.parametrize("mse, peak, decibels", [(0.01, 1, 20), (1, 1, 0), (0.04, 2, 20), (0, 1, float("inf"))])
def test_decibels_are_ten_times_a_logarithm(mse: float, peak: float, decibels: float) -> None:
    assert psnr(mse, peak) == pytest.approx(decibels)


def test_noise_of_no_strength_leaves_all_as_it_was(run: Run, x: np.ndarray) -> None:
    found = denoise(run, x, GaussianNoise(sd=0))
    assert found.before == 0
    assert found.after == pytest.approx(run.evaluate(x)["mse"], rel=1e-4)


def test_noise_has_the_variance_that_its_strength_says(run: Run, x: np.ndarray) -> None:
    found = denoise(run, x, GaussianNoise(sd=0.1, clip=False).replace(clip=True))
    inner = (x > 0.4) & (x < 0.6)
    assert (found.noisy - x)[inner].std() == pytest.approx(0.1, rel=0.1)
    assert found.before == pytest.approx(np.square(found.noisy - x).mean(), rel=1e-4)


def test_a_run_keeps_its_own_noise_and_others_get_normal_noise(run: Run) -> None:
    assert noise_of(run, (0, 1)) == GaussianNoise(clip=True)
    assert noise_of(run, (-1, 1)) == GaussianNoise(clip=False)
    own = Run(run.spec.replace(corruption="masking"), run.train, run.shape, run.params)
    assert noise_of(own, (0, 1)) == Masking()
    assert strength(Masking(share=0.5)) == ("share", 0.5, "Share of features set to zero")
