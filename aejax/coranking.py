"""How well neighbours are kept: the ranks that examples have among one another, before and after.

`x` are examples and `z` their codes, one a row each, as arrays of any shape. The rank of j for i is one more than the
number of others that are nearer to i than j is; of two that are equally far, the earlier is the nearer.

References:
    Lee & Verleysen, Quality Assessment of Dimensionality Reduction: Rank-Based Criteria, 2009.
"""

from dataclasses import dataclass
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float, Int, UInt16

from aejax.arrays import DataError, as_examples
from aejax.graph import least
from aejax.kept import kept
from aejax.types import Count

NEIGHBOURS = 10
"""Neighbours of each example that count, unless one says otherwise."""

ALL_RANKS_UP_TO = 10_000
"""Examples up to which all ranks are held at once, 2 bytes each, from distances in float64."""

_ROWS = 256

Ranks = UInt16[np.ndarray, "examples examples"]


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


@kept(2)
def all_ranks(x: np.ndarray) -> Ranks:
    """Row i has the rank of each example for example i, which has itself rank 0.

    Those of the latest two arrays are kept, for many codes are measured against the same examples.
    """
    flat = _flat(x).astype(np.float64)
    norms, count = np.square(flat).sum(axis=1), len(flat)
    ranks = np.empty((count, count), np.uint16)
    for first in range(0, count, _ROWS):
        rows = slice(first, first + _ROWS)
        squares = np.maximum(norms[rows, None] + norms[None] - 2 * flat[rows] @ flat.T, 0.0)
        np.put_along_axis(ranks[rows], _order(squares, first), np.arange(count, dtype=np.uint16)[None], axis=1)
    ranks.flags.writeable = False
    return ranks


def _order(squares: Float[np.ndarray, "chunk examples"], first: int) -> Int[np.ndarray, "chunk examples"]:
    """The columns of each row from the least value to the greatest; row i begins with column `first` + i.

    Numbers that are not negative are in the order of their bits. The last of these make room for the column's number:
    to sort such numbers is twice as fast as a stable sort of columns, and differs where two distances differ by less
    than 1 in 10^11.
    """
    room = np.uint64((1 << squares.shape[1].bit_length()) - 1)
    columns = np.arange(squares.shape[1], dtype=np.uint64)
    # The sign bit is free; where it is off, a row's own column comes first.
    keys = (squares.view(np.uint64) & ~room) | columns[None] | np.uint64(1 << 63)
    own = np.arange(len(keys))
    keys[own, first + own] = columns[first + own]
    keys.sort(axis=1)
    return (keys & room).astype(np.int64)


def ranks_in_chunks(x: np.ndarray, z: np.ndarray, k: int) -> ExchangedRanks:
    """The exchanged ranks from distances in float32, of which a few rows at a time are held."""
    (examples, norms), (codes, code_norms) = _on_device(x), _on_device(z)
    chunks = [_ranks_of_chunk(examples, norms, codes, code_norms, first, k) for first in range(0, len(examples), _ROWS)]
    in_data, in_codes = (np.concatenate([np.asarray(part) for part in parts]) for parts in zip(*chunks, strict=True))
    return ExchangedRanks(in_data[: len(x)], in_codes[: len(x)])


def pair_of_tables(x: object, z: object) -> tuple[np.ndarray, np.ndarray]:
    """Examples and their codes, checked.

    Raises:
        DataError: If they are not as many finite rows, or either does not vary.
    """
    examples, codes = as_examples(x), as_examples(z, "z")
    if len(examples) != len(codes):
        raise DataError(f"z must hold {len(examples)} codes, one for each example of x; got {len(codes)}")
    for name, table in (("x", examples), ("z", codes)):
        check_varies(name, table)
    return examples, codes


def check_varies(name: str, table: np.ndarray) -> None:
    """Refuse rows that are all the same, among which nothing is near or far.

    Raises:
        DataError: If they are.
    """
    if (table == table[:1]).all():
        raise DataError(f"{name} must vary; got {len(table)} equal rows")


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


def _flat(x: np.ndarray) -> np.ndarray:
    return x.reshape(len(x), -1)


def _on_device(x: np.ndarray) -> tuple[jax.Array, jax.Array]:
    """The rows, centred so that less is lost when norms and products cancel, and the squares of their lengths."""
    flat = _flat(x)
    rows = jnp.asarray(flat - flat.mean(axis=0, dtype=np.float64).astype(np.float32)[None])
    return rows, jnp.square(rows).sum(axis=1)


@partial(jax.jit, static_argnames="k")
def _ranks_of_chunk(
    examples: jax.Array, norms: jax.Array, codes: jax.Array, code_norms: jax.Array, first: Count, k: int
) -> tuple[jax.Array, jax.Array]:
    """The exchanged ranks of `_ROWS` rows from `first` on; beyond the last row, those of copies of it."""
    own = jnp.minimum(first + jnp.arange(_ROWS), len(examples) - 1)
    by_data, by_codes = _squares(examples, norms, own), _squares(codes, code_norms, own)
    return _rank(by_data, least(by_codes, k)), _rank(by_codes, least(by_data, k))


def _squares(rows: jax.Array, norms: jax.Array, own: jax.Array) -> Float[jax.Array, "chunk examples"]:
    """Squared distances less the square of the own length, which is the same for all; infinite to itself."""
    squares = norms[None] - 2 * rows[own] @ rows.T
    return squares.at[jnp.arange(len(own)), own].set(jnp.inf)


def _rank(squares: jax.Array, columns: jax.Array) -> Int[jax.Array, "chunk k"]:
    """The rank of each of these columns in its row: counted, for k columns are few and sorting is slow."""
    place = jnp.arange(squares.shape[1])[None]

    def count(column: jax.Array) -> jax.Array:
        value = jnp.take_along_axis(squares, column[:, None], axis=1)
        nearer = (squares < value) | ((squares == value) & (place < column[:, None]))
        return 1 + nearer.sum(axis=1)

    return jax.lax.map(count, columns.T).T
