"""Where two maps of the same examples disagree: the points whose neighbourhoods differ most."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Int

from aejax.arrays import DataError, as_examples
from aejax.coranking import ExchangedRanks, exchanged_ranks
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


@dataclass(frozen=True)
class Changes:
    """The points that change most, and how many keep no neighbour at all."""

    greatest: tuple[Change, ...]
    none_kept: int


def kept_neighbours(a: object, b: object, k: int = NEIGHBOURS) -> Int[np.ndarray, " n"]:
    """How many of the k nearest rows of each row of `a` are among its k nearest in `b`.

    Raises:
        DataError: If the two do not hold as many finite codes that vary, or not more than k.
    """
    return _kept(_ranks(a, b, k))


def greatest_changes(a: object, b: object, most: int = 8, k: int = NEIGHBOURS) -> Changes:
    """The points that keep the fewest neighbours, and of those the ones whose neighbours have gone farthest first.

    How far neighbours have gone is their mean rank in the other map. Of points that lie together only one is told.

    Raises:
        DataError: If the two do not hold as many finite codes that vary, or not more than k.
    """
    ranks = _ranks(a, b, k)
    kept = _kept(ranks)
    gone = ranks.in_data.mean(axis=1) + ranks.in_codes.mean(axis=1)
    near = [nearest(as_examples(codes, name), k).neighbours for codes, name in ((a, "a"), (b, "b"))]
    found: list[Change] = []
    taken: set[int] = set()
    for point in np.lexsort((-gone, kept)).tolist():
        if len(found) == most or kept[point] == k:
            break
        members = sorted({*near[0][point].tolist(), *near[1][point].tolist()})
        if point not in taken:
            found.append(Change(point, int(kept[point]), tuple(members)))
            taken.update(members)
    return Changes(tuple(found), int((kept == 0).sum()))


def _kept(ranks: ExchangedRanks) -> Int[np.ndarray, " n"]:
    return (ranks.in_data <= ranks.k).sum(axis=1)


def _ranks(a: object, b: object, k: int) -> ExchangedRanks:
    first, second = as_examples(a, "a"), as_examples(b, "b")
    if len(first) != len(second):
        raise DataError(f"a and b must hold as many codes; got {len(first)} and {len(second)}")
    return exchanged_ranks(first, second, k)
