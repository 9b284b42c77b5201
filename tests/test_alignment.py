"""Alignment against scipy's Procrustes analysis and brute force; embedders looked at through an affine map."""

import numpy as np
import pytest
import scipy.optimize
import scipy.spatial
from sklearn import decomposition
from sklearn.datasets import load_digits
from sklearn.linear_model import LinearRegression

from aejax.alignment import Affine, Placed, align, main_plane
from aejax.arrays import DataError
from aejax.baselines import PCA


def points(n: int = 60, d: int = 2, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(n, d)) * np.arange(1, d + 1) + 3


def test_a_turned_scaled_and_shifted_copy_is_laid_back_exactly() -> None:
    original = points(d=3)
    rotation, _ = np.linalg.qr(np.random.default_rng(1).normal(size=(3, 3)))
    found = align(2.5 * original @ rotation - 7, original)
    assert found.residual == pytest.approx(0, abs=1e-9)
    assert found.map(2.5 * original @ rotation - 7) == pytest.approx(original, abs=1e-5)


def test_the_residual_is_scipys_disparity() -> None:
    one, other = points(seed=0), points(seed=1)
    *_, disparity = scipy.spatial.procrustes(other, one)
    assert align(one, other).residual == pytest.approx(disparity, rel=1e-6)


def test_no_similarity_of_the_plane_comes_nearer() -> None:
    one, other = points(seed=2), points(seed=3)

    def left(parameters: np.ndarray, mirror: int) -> float:
        a, b, x, y = parameters
        matrix = np.array([[a, b], [-b * mirror, a * mirror]])
        return float(np.square(one @ matrix + (x, y) - other).sum())

    best = min(scipy.optimize.minimize(left, np.ones(4), args=(mirror,)).fun for mirror in (-1, 1))
    assert np.square(align(one, other).map(one) - other).sum() == pytest.approx(best, rel=1e-5)


def test_a_sheared_copy_is_laid_back_by_an_affine_map_alone() -> None:
    original = points()
    sheared = original @ np.array([[2.0, 1.0], [0.0, 0.1]]) + 5
    assert align(sheared, original, "affine").residual == pytest.approx(0, abs=1e-9)
    assert align(sheared, original).residual > 0.05


def test_the_affine_residual_is_what_a_regression_leaves() -> None:
    one, other = points(seed=2), points(seed=3)
    score = LinearRegression().fit(one, other).predict(one)
    left = np.square(other - score).sum() / np.square(other - other.mean(axis=0)).sum()
    assert align(one, other, "affine").residual == pytest.approx(left, rel=1e-6)


def test_a_kind_that_is_none_is_told_with_those_that_are() -> None:
    with pytest.raises(DataError, match="kind must be one of similarity, affine; got 'rigid'"):
        align(points(), points(), "rigid")


@pytest.mark.parametrize(
    "one, other, sentence",
    [
        (points(5), points(6), r"points and target must be tables of one shape; got \(5, 2\) and \(6, 2\)"),
        (np.ones((5, 2)), points(5), "points must differ from one another to be aligned; got 5 equal ones"),
        (points(5), np.ones((5, 2)), "target must differ"),
        (np.full((5, 2), np.nan), points(5), "points must be finite"),
    ],
)
def test_what_cannot_be_aligned_says_why(one: np.ndarray, other: np.ndarray, sentence: str) -> None:
    with pytest.raises(DataError, match=sentence):
        align(one, other)


def test_one_map_after_another_is_their_composition() -> None:
    random = np.random.default_rng(0)
    first = Affine(random.normal(size=(5, 2)), random.normal(size=5), random.normal(size=2))
    second = Affine(random.normal(size=(2, 2)), random.normal(size=2), random.normal(size=2))
    codes = random.normal(size=(7, 5))
    assert first.then(second)(codes) == pytest.approx(second(first(codes)))
    assert first(first.back(first(codes))) == pytest.approx(first(codes))


def test_codes_of_more_than_two_are_seen_along_their_principal_components() -> None:
    codes = points(200, 5)
    expected = decomposition.PCA(2, svd_solver="full").fit_transform(codes)
    found = main_plane(codes)(codes)
    assert np.abs(found) == pytest.approx(np.abs(expected), abs=1e-6)


@pytest.mark.parametrize("latent", [1, 2])
def test_codes_of_one_or_two_are_seen_as_they_are(latent: int) -> None:
    codes = points(20, latent)
    found = main_plane(codes)(codes)
    assert found[:, :latent] == pytest.approx(codes)
    assert found.shape == (20, 2)


@pytest.mark.parametrize("latent", [1, 2, 5])
def test_a_place_decodes_to_what_its_code_decodes_to(latent: int) -> None:
    x = load_digits().images.astype(np.float32) / 16
    inner = PCA(latent).fit(x)
    codes = inner.encode(x)
    turn = Affine(np.array([[0.0, 2.0], [-2.0, 0.0]]), np.ones(2), np.array([3.0, 4.0]))
    placed = Placed(inner, main_plane(codes).then(turn))
    assert placed.latent == 2
    assert placed.decodes
    if latent <= 2:
        assert placed.reconstruct(x) == pytest.approx(inner.reconstruct(x), abs=1e-4)
        assert placed.evaluate(x) == pytest.approx(inner.evaluate(x), rel=1e-3)
    else:
        best_plane = PCA(2).fit(x).reconstruct(x)
        assert placed.reconstruct(x) == pytest.approx(best_plane, abs=1e-3)
