"""Where two maps of the same examples disagree: the points that have the fewest neighbours in common."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Int, Integer

from aejax.arrays import DataError, as_examples
from aejax.graph import nearest

NEIGHBOURS = 10


@dataclass(frozen=True)
class Change:
    """A point whose neighbourhood is another in the other map.

    Attributes:
        point: Its row.
        kept: Neighbours that it has in both maps.
        members: Rows of its neighbours in either map.
    """

    point: int
    kept: int
    members: tuple[int, ...]


def kept_neighbours(a: object, b: object, k: int = NEIGHBOURS) -> Int[np.ndarray, " n"]:
    """How many of the k nearest rows of each row of `a` are among its k nearest in `b`.

    Raises:
        DataError: If the two do not hold as many finite codes, or not more than k.
    """
    first, second = _neighbours(a, b, k)
    return _kept(first, second)


def greatest_changes(a: object, b: object, most: int = 8, k: int = NEIGHBOURS) -> list[Change]:
    """The points that keep the fewest neighbours, the fewest first; of points that lie together only one.

    Raises:
        DataError: If the two do not hold as many finite codes, or not more than k.
    """
    first, second = _neighbours(a, b, k)
    kept = _kept(first, second)
    found: list[Change] = []
    taken: set[int] = set()
    for point in np.argsort(kept, kind="stable").tolist():
        if len(found) == most or kept[point] == k:
            break
        members = sorted({*first[point].tolist(), *second[point].tolist()})
        if point not in taken:
            found.append(Change(point, int(kept[point]), tuple(members)))
            taken.update(members)
    return found


def _kept(first: Integer[np.ndarray, "n k"], second: Integer[np.ndarray, "n k"]) -> Int[np.ndarray, " n"]:
    return (first[:, :, None] == second[:, None, :]).any(axis=2).sum(axis=1)


def _neighbours(a: object, b: object, k: int) -> tuple[Integer[np.ndarray, "n k"], Integer[np.ndarray, "n k"]]:
    first, second = as_examples(a, "a"), as_examples(b, "b")
    if len(first) != len(second):
        raise DataError(f"a and b must hold as many codes; got {len(first)} and {len(second)}")
    if not 1 <= k < len(first):
        raise DataError(f"k must be between 1 and {len(first) - 1}, one less than the codes; got {k}")
    return nearest(first, k).neighbours, nearest(second, k).neighbours
