"""Neighbours kept, against brute force; the points where maps disagree most."""

import numpy as np
import pytest
from sklearn.neighbors import NearestNeighbors

from aejax.arrays import DataError
from aejax.changes import greatest_changes, kept_neighbours


def test_kept_neighbours_are_those_of_brute_force() -> None:
    random = np.random.default_rng(0)
    a, b = random.normal(size=(120, 3)), random.normal(size=(120, 2))
    expected = []
    near = [NearestNeighbors(n_neighbors=7).fit(z).kneighbors(return_distance=False) for z in (a, b)]
    for one, other in zip(*near, strict=True):
        expected.append(len(set(one) & set(other)))
    assert kept_neighbours(a, b, 7).tolist() == expected


def test_a_map_keeps_all_its_own_neighbours_and_nothing_has_changed() -> None:
    codes = np.random.default_rng(0).normal(size=(60, 2))
    assert (kept_neighbours(codes, codes * 3 + 1) == 10).all()
    assert greatest_changes(codes, codes * 3 + 1).greatest == ()


def test_the_point_that_was_moved_is_found_first() -> None:
    codes = np.random.default_rng(0).normal(size=(200, 2)).astype(np.float32)
    codes[:100] += 50
    moved = codes.copy()
    moved[17] = codes[150] + 0.01
    first, *others = greatest_changes(codes, moved).greatest
    assert (first.point, first.kept) == (17, 0)
    assert len(first.members) == 20
    assert all(change.kept >= first.kept for change in others)


def test_of_points_that_lie_together_only_one_is_told() -> None:
    codes = np.random.default_rng(0).normal(size=(300, 2)).astype(np.float32)
    shuffled = np.random.default_rng(1).permutation(codes)
    found = greatest_changes(codes, shuffled, most=5).greatest
    points = [change.point for change in found]
    assert len(set(points)) == 5
    for at, change in enumerate(found):
        assert not set(points[at + 1 :]) & set(change.members)


def test_of_points_that_keep_none_the_one_whose_neighbours_went_farthest_comes_first() -> None:
    codes = np.random.default_rng(0).normal(size=(300, 1)).astype(np.float32)
    codes[150:] += 100
    moved = np.random.default_rng(1).permutation(codes[:150]), codes[150:]
    other = np.concatenate(moved)
    other[7] = other[200] + 0.01
    changes = greatest_changes(codes, other)
    assert changes.none_kept == (kept_neighbours(codes, other) == 0).sum() > 20
    assert changes.greatest[0].point == 7


@pytest.mark.parametrize(
    "a, b, k, sentence",
    [
        (np.ones((5, 2)), np.ones((6, 2)), 3, "a and b must hold as many codes; got 5 and 6"),
        (np.eye(5), np.eye(5), 5, "k must be a whole number between 1 and 4"),
        (np.full((5, 2), np.nan), np.ones((5, 2)), 2, "a must be finite"),
    ],
)
def test_what_cannot_be_compared_says_why(a: np.ndarray, b: np.ndarray, k: int, sentence: str) -> None:
    with pytest.raises(DataError, match=sentence):
        greatest_changes(a, b, k=k)
