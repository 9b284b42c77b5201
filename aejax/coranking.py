"""How well neighbours are kept: the ranks that examples have among one another, before and after.

`x` are examples and `z` their codes, one a row each, as arrays of any shape. The rank of j for i is one more than the
number of others that are nearer to i than j is; of two that are equally far, the earlier is the nearer.

References:
    Lee & Verleysen, Quality Assessment of Dimensionality Reduction: Rank-Based Criteria, 2009.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Int

from aejax.arrays import DataError, pair_of_tables
from aejax.ranks import Ranks, all_ranks, ranks_of_nearest

NEIGHBOURS = 10
"""Neighbours of each example that count, unless one says otherwise."""

ALL_RANKS_UP_TO = 10_000
"""Examples up to which all ranks are held at once, 2 bytes each, from distances in float64."""

_ROWS = 256


@dataclass(frozen=True, eq=False)
class ExchangedRanks:
    """The ranks of each example's k nearest in the one space among all distances in the other, the nearest first.

    Attributes:
        in_data: Among the distances of the examples, the ranks of those with the k nearest codes.
        in_codes: Among the distances of the codes, the ranks of the k nearest examples.
    """

    in_data: Int[np.ndarray, "examples k"]
    in_codes: Int[np.ndarray, "examples k"]

    @property
    def k(self) -> int:
        """Neighbours of each example."""
        return self.in_data.shape[1]

    @property
    def trustworthiness(self) -> float:
        """1 less the mean rank, beyond k, of neighbours by code that are none by example; scaled to end at 0.

        Raises:
            DataError: If k is not below half the number of examples.

        References:
            Venna & Kaski, Neighborhood Preservation in Nonlinear Projection Methods, 2001, equation 1.
        """
        return _kept(self.in_data)

    @property
    def continuity(self) -> float:
        """1 less the mean rank, beyond k, of neighbours by example that are none by code; scaled to end at 0.

        Raises:
            DataError: If k is not below half the number of examples.

        References:
            Venna & Kaski, Neighborhood Preservation in Nonlinear Projection Methods, 2001, equation 2.
        """
        return _kept(self.in_codes)

    @property
    def preservation(self) -> float:
        """Q_NX(k): the share of the k nearest examples that are among those with the k nearest codes."""
        return float((self.in_data <= self.k).mean())

    @property
    def false_rank_error(self) -> float:
        """Mean relative rank error of neighbours by code; 0 where they have the same ranks by example.

        References:
            Lee & Verleysen, Nonlinear Dimensionality Reduction, 2007, section 1.
        """
        return _relative_error(self.in_data)

    @property
    def missing_rank_error(self) -> float:
        """Mean relative rank error of neighbours by example; 0 where they have the same ranks by code."""
        return _relative_error(self.in_codes)


def exchanged_ranks(x: object, z: object, k: int = NEIGHBOURS) -> ExchangedRanks:
    """All that trustworthiness and its kin are made of, in one pass over the distances.

    Of more than `ALL_RANKS_UP_TO` examples a few rows of distances are held at a time, in float32.

    Raises:
        DataError: If `x` and `z` are not as many finite rows that vary, or k is not between 1 and their number less 1.
    """
    examples, codes = pair_of_tables(x, z)
    _check_k(k, len(examples) - 1)
    if len(examples) <= ALL_RANKS_UP_TO:
        return exchanged(all_ranks(examples), all_ranks(codes), k)
    return ranks_in_chunks(examples, codes, k)


def trustworthiness(x: object, z: object, k: int = NEIGHBOURS) -> float:
    """`ExchangedRanks.trustworthiness` of `z` as a map of `x`."""
    return exchanged_ranks(x, z, k).trustworthiness


def continuity(x: object, z: object, k: int = NEIGHBOURS) -> float:
    """`ExchangedRanks.continuity` of `z` as a map of `x`."""
    return exchanged_ranks(x, z, k).continuity


def neighbourhood_preservation(x: object, z: object, k: int = NEIGHBOURS) -> float:
    """`ExchangedRanks.preservation` of `z` as a map of `x`: Q_NX(k)."""
    return exchanged_ranks(x, z, k).preservation


def mean_relative_rank_errors(x: object, z: object, k: int = NEIGHBOURS) -> tuple[float, float]:
    """The errors of false and of missing neighbours; ZADU reports 1 less each."""
    ranks = exchanged_ranks(x, z, k)
    return ranks.false_rank_error, ranks.missing_rank_error


def agreement_area(x: object, z: object) -> float:
    """Area under R_NX(k) over ln k: how many more neighbours are kept than by chance, at all sizes of neighbourhood.

    References:
        Lee et al., Multi-scale Similarities in Stochastic Neighbour Embedding, 2015, equation 14.

    Raises:
        DataError: If `x` and `z` are not as many finite rows that vary, fewer than 3 or more than `ALL_RANKS_UP_TO`.
    """
    examples, codes = pair_of_tables(x, z)
    if not 3 <= len(examples) <= ALL_RANKS_UP_TO:
        raise DataError(f"x must hold 3 to {ALL_RANKS_UP_TO:,} examples for all ranks; got {len(examples):,}")
    return area(all_ranks(examples), all_ranks(codes))


def area(in_data: Ranks, in_codes: Ranks) -> float:
    """`agreement_area` from all ranks in either space."""
    count = len(in_data)
    sizes = np.arange(1, count - 1)
    worse = [np.maximum(*rows) for rows in zip(_cut(in_data), _cut(in_codes), strict=True)]
    # The entry at k counts the pairs that are neighbours in both spaces from k on; each example is its own at 0.
    pairs = sum((np.bincount(rows.ravel(), minlength=count) for rows in worse), np.zeros(count, np.int64))
    preserved = np.cumsum(pairs[1:-1]) / (count * sizes)
    above_chance = ((count - 1) * preserved - sizes) / (count - 1 - sizes)
    return float((above_chance / sizes).sum() / (1 / sizes).sum())


def exchanged(in_data: Ranks, in_codes: Ranks, k: int) -> ExchangedRanks:
    """The exchanged ranks, out of all ranks in either space."""
    return ExchangedRanks(_of_nearest(in_data, in_codes, k), _of_nearest(in_codes, in_data, k))


def ranks_in_chunks(x: np.ndarray, z: np.ndarray, k: int) -> ExchangedRanks:
    """The exchanged ranks from distances in float32, of which a few rows at a time are held."""
    return ExchangedRanks(*ranks_of_nearest(x, z, k))


def _check_k(k: int, most: int) -> None:
    if isinstance(k, bool) or not isinstance(k, int | np.integer) or not 1 <= k <= most:
        raise DataError(f"k must be a whole number between 1 and {most}, the number of other examples; got {k!r}")


def _kept(ranks: Int[np.ndarray, "examples k"]) -> float:
    count, k = ranks.shape
    if 2 * k >= count:
        raise DataError(f"k must be below {count / 2:g}, half the number of examples; got {k}")
    beyond = np.maximum(ranks - k, 0).sum(dtype=np.float64)
    return float(1 - beyond * 2 / (count * k * (2 * count - 3 * k - 1)))


def _relative_error(ranks: Int[np.ndarray, "examples k"]) -> float:
    count, k = ranks.shape
    own = np.arange(1, k + 1)
    # What the errors add up to where the order is turned round.
    worst = (np.abs(count - 2 * own + 1) / own).sum()
    return float((np.abs(ranks - own[None]) / own[None]).sum(axis=1).mean() / worst)


def _of_nearest(ranks: Ranks, others: Ranks, k: int) -> Int[np.ndarray, "examples k"]:
    """For each row, those of `ranks` where `others` are 1 to k, in that order."""
    places = np.nonzero((others >= 1) & (others <= k))[1].reshape(len(others), k)
    order = np.argsort(np.take_along_axis(others, places, axis=1), axis=1)
    return np.take_along_axis(ranks, np.take_along_axis(places, order, axis=1), axis=1).astype(np.int64)


def _cut(ranks: Ranks) -> list[np.ndarray]:
    return [ranks[first : first + _ROWS] for first in range(0, len(ranks), _ROWS)]
