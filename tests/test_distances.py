"""Distances, against scipy, ZADU and counting."""

import warnings

import numpy as np
import pytest
from scipy.spatial.distance import pdist
from scipy.stats import spearmanr

from aejax import distances
from aejax.arrays import DataError
from aejax.distances import TRIPLETS, distance_correlation, random_triplets, stress, triplet_accuracy

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from zadu.measures import scale_normalized_stress, spearman_rho

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(300, 4, 5)).astype(np.float32)
FLAT = X.reshape(300, -1).astype(np.float64)
Z = (FLAT[:, :2] + 0.1 * RANDOM.normal(size=(300, 2))).astype(np.float32)


def test_the_correlation_is_scipys_and_zadus() -> None:
    found = distance_correlation(X, Z)
    assert found == pytest.approx(spearmanr(pdist(FLAT), pdist(Z.astype(np.float64))).statistic, abs=1e-12)
    assert found == pytest.approx(spearman_rho.measure(FLAT, Z.astype(np.float64))["spearman_rho"], abs=1e-9)


def test_stress_is_zadus_at_the_best_scale_whatever_the_scale_of_the_codes() -> None:
    expected = scale_normalized_stress.measure(FLAT, Z.astype(np.float64))["scale_normalized_stress"]
    assert stress(X, Z) == pytest.approx(expected, abs=1e-9)
    assert stress(X, 1000 * Z) == pytest.approx(expected, abs=1e-6)
    assert stress(X, 2 * FLAT) == pytest.approx(0.0, abs=1e-6)


def test_of_many_examples_the_same_few_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(distances, "PAIRED", 100)
    found = distance_correlation(X, Z)
    assert found == distance_correlation(X, Z)
    assert found == pytest.approx(spearmanr(pdist(FLAT), pdist(Z)).statistic, abs=0.1)


def test_triplets_are_of_three_different_examples_and_all_are_drawn() -> None:
    drawn = random_triplets(6, 0)
    assert drawn.shape == (TRIPLETS, 6, 2)
    others = np.concatenate([random_triplets(6, seed) for seed in range(200)])
    own = np.broadcast_to(np.arange(6)[None, :, None], others.shape)
    assert (others != own).all()
    assert (others[:, :, 0] != others[:, :, 1]).all()
    counts = np.unique(others[:, 2].reshape(-1, 2), axis=0, return_counts=True)[1]
    assert len(counts) == 5 * 4
    assert counts.min() > 0.5 * counts.mean()


def test_triplet_accuracy_counts_orders_that_agree() -> None:
    agree = []
    for two in random_triplets(300, 3):
        for own, (first, second) in enumerate(two):
            nearer = [
                np.linalg.norm(table[first] - table[own]) < np.linalg.norm(table[second] - table[own])
                for table in (FLAT, Z.astype(np.float64))
            ]
            agree.append(nearer[0] == nearer[1])
    assert triplet_accuracy(X, Z, seed=3) == pytest.approx(np.mean(agree), abs=1e-12)
    assert triplet_accuracy(X, 3 * FLAT) == 1.0
    assert triplet_accuracy(X, RANDOM.normal(size=(300, 2))) == pytest.approx(0.5, abs=0.06)


@pytest.mark.parametrize("function", [distance_correlation, stress, triplet_accuracy])
@pytest.mark.parametrize(
    "x, z, message",
    [
        (np.eye(4), np.ones((4, 2)), "z must vary; got 4 equal rows"),
        (np.ones((4, 2)), np.eye(4), "x must vary; got 4 equal rows"),
        (np.eye(4), np.eye(3), "z must hold 4 codes"),
        (np.eye(4), np.full((4, 2), np.inf), "z must be finite"),
    ],
)
def test_what_has_no_distances_is_refused(function, x, z, message) -> None:
    with pytest.raises(DataError, match=message):
        function(x, z)


def test_equal_distances_and_two_examples_are_refused() -> None:
    with pytest.raises(DataError, match="x must have distances that differ; got 1.41421 for all of 6"):
        distance_correlation(np.eye(4), [[0.0], [1.0], [2.0], [4.0]])
    with pytest.raises(DataError, match="x must hold 3 examples or more for triplets; got 2"):
        triplet_accuracy(np.eye(2), np.eye(2))
