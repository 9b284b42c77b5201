"""Ranks of neighbours, against scikit-learn, ZADU and the definitions written out."""

import warnings

import numpy as np
import pytest
from scipy.spatial.distance import cdist
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA
from sklearn.manifold import trustworthiness as reference

from aejax.arrays import DataError
from aejax.coranking import (
    agreement_area,
    continuity,
    exchanged_ranks,
    mean_relative_rank_errors,
    neighbourhood_preservation,
    ranks_in_chunks,
    trustworthiness,
)
from aejax.ranks import all_ranks

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from zadu.measures import local_continuity_meta_criteria, mean_relative_rank_error, trustworthiness_continuity

DIGITS = load_digits().data.astype(np.float32)


def sheet(count: int) -> tuple[np.ndarray, np.ndarray]:
    """Points of a noisy surface in space, without ties, and a flat map of them."""
    random = np.random.default_rng(0)
    x = random.normal(size=(count, 6)) @ random.normal(size=(6, 30)) + 0.3 * random.normal(size=(count, 30))
    return x.astype(np.float32), PCA(2).fit_transform(x).astype(np.float32)


def jittered() -> tuple[np.ndarray, np.ndarray]:
    """Digits whose distances are all different, for scikit-learn orders equals at will; and a map of them."""
    x = DIGITS + np.random.default_rng(0).normal(0, 1e-2, DIGITS.shape).astype(np.float32)
    return x, PCA(2).fit_transform(x).astype(np.float32)


@pytest.mark.parametrize("way", [exchanged_ranks, ranks_in_chunks])
@pytest.mark.parametrize("pair, k", [(sheet(2500), 10), (sheet(300), 1), (sheet(64), 31), (jittered(), 12)])
def test_trustworthiness_and_continuity_are_those_of_scikit_learn(way, pair, k) -> None:
    x, z = pair
    found = way(x, z, k)
    assert found.trustworthiness == pytest.approx(reference(x, z, n_neighbors=k), abs=1e-6)
    assert found.continuity == pytest.approx(reference(z, x, n_neighbors=k), abs=1e-6)


@pytest.mark.parametrize("k", [1, 10])
def test_every_measure_of_ranks_is_zadus_on_digits_with_all_their_ties(k: int) -> None:
    x, z = DIGITS[:900], PCA(2).fit_transform(DIGITS[:900]).astype(np.float32)
    wide, narrow = x.astype(np.float64), z.astype(np.float64)
    both = trustworthiness_continuity.measure(wide, narrow, k)
    assert trustworthiness(x, z, k) == pytest.approx(both["trustworthiness"], abs=1e-9)
    assert continuity(x, z, k) == pytest.approx(both["continuity"], abs=1e-9)
    errors = mean_relative_rank_error.measure(wide, narrow, k)
    false, missing = mean_relative_rank_errors(x, z, k)
    assert 1 - false == pytest.approx(errors["mrre_false"], abs=1e-9)
    assert 1 - missing == pytest.approx(errors["mrre_missing"], abs=1e-9)
    above_chance = local_continuity_meta_criteria.measure(wide, narrow, k)["lcmc"]
    assert neighbourhood_preservation(x, z, k) == pytest.approx(above_chance + k / (len(x) - 1), abs=1e-9)


def test_the_passes_over_few_rows_agree_with_all_ranks_at_once() -> None:
    x, z = sheet(700)
    whole, chunks = exchanged_ranks(x, z, 7), ranks_in_chunks(x, z, 7)
    # Distances in float32 turn a few neighbours round.
    assert (whole.in_data == chunks.in_data).mean() > 0.999
    assert (whole.in_codes == chunks.in_codes).mean() > 0.999


def test_chunks_give_equal_distances_to_the_earlier_example() -> None:
    """Whole numbers around zero are exact in float32, and most have two others at each distance."""
    x = np.arange(-150, 151, dtype=np.float32)[:, None]
    z = np.random.default_rng(0).permutation(x)
    for one, other in ((x, z), (z, x)):
        whole, chunks = exchanged_ranks(one, other, 5), ranks_in_chunks(one, other, 5)
        np.testing.assert_array_equal(whole.in_data, chunks.in_data)
        np.testing.assert_array_equal(whole.in_codes, chunks.in_codes)


def test_all_ranks_are_places_in_a_stable_order() -> None:
    for x in (DIGITS[:300], np.repeat(DIGITS[:20], 3, axis=0)):
        distances = cdist(x, x, "sqeuclidean")
        np.fill_diagonal(distances, -1)
        expected = np.argsort(np.argsort(distances, axis=1, kind="stable"), axis=1)
        np.testing.assert_array_equal(all_ranks(x), expected)


def test_the_area_is_that_of_the_definition_written_out() -> None:
    x, z = sheet(60)
    n, total, weights = 60, 0.0, 0.0
    orders = [np.argsort(cdist(table, table) - 1e9 * np.eye(n), axis=1)[:, 1:] for table in (x, z)]
    for k in range(1, n - 1):
        kept = np.mean([len(set(one[:k]) & set(other[:k])) / k for one, other in zip(*orders, strict=True)])
        total += ((n - 1) * kept - k) / (n - 1 - k) / k
        weights += 1 / k
    assert agreement_area(x, z) == pytest.approx(total / weights, abs=1e-12)


def test_a_perfect_map_keeps_everything_and_a_random_one_nothing_above_chance() -> None:
    x, _ = sheet(500)
    same = exchanged_ranks(x, 3 * x, 10)
    assert (same.trustworthiness, same.continuity, same.preservation) == (1.0, 1.0, 1.0)
    assert (same.false_rank_error, same.missing_rank_error) == (0.0, 0.0)
    assert agreement_area(x, 3 * x) == pytest.approx(1.0)
    assert agreement_area(x, np.random.default_rng(1).normal(size=(500, 2))) == pytest.approx(0.0, abs=0.02)


@pytest.mark.parametrize(
    "x, z, k, message",
    [
        (np.eye(10), np.eye(10), 5, "k must be below 5, half the number of examples; got 5"),
        (np.eye(10), np.eye(10), 10, "k must be a whole number between 1 and 9, .*; got 10"),
        (np.eye(10), np.eye(10), 0, "got 0"),
        (np.eye(10), np.eye(9), 2, "z must hold 10 codes, one for each example of x; got 9"),
        (np.eye(10), np.ones((10, 2)), 2, "z must vary; got 10 equal rows"),
        (np.ones((10, 2)), np.eye(10), 2, "x must vary; got 10 equal rows"),
        (np.eye(10), np.full((10, 2), np.nan), 2, "z must be finite"),
    ],
)
def test_what_has_no_ranks_is_refused(x, z, k, message) -> None:
    with pytest.raises(DataError, match=message):
        trustworthiness(x, z, k)


def test_the_area_needs_three_examples() -> None:
    with pytest.raises(DataError, match="x must hold 3 to 10,000 examples for all ranks; got 2"):
        agreement_area([[0.0], [1.0]], [[0.0], [1.0]])
