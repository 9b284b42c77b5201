"""The ranks of rows by distance: all of them at once, or those of nearest neighbours, a few rows at a time."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float, Int, UInt16

from aejax.graph import least
from aejax.kept import kept
from aejax.types import Count

_ROWS = 256

Ranks = UInt16[np.ndarray, "examples examples"]


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


def ranks_of_nearest(
    x: np.ndarray, z: np.ndarray, k: int
) -> tuple[Int[np.ndarray, "examples k"], Int[np.ndarray, "examples k"]]:
    """The ranks in `x` of the k nearest in `z`, and in `z` of those in `x`; from distances in float32."""
    (examples, norms), (codes, code_norms) = _on_device(x), _on_device(z)
    chunks = [_ranks_of_chunk(examples, norms, codes, code_norms, first, k) for first in range(0, len(examples), _ROWS)]
    in_data, in_codes = (np.concatenate([np.asarray(part) for part in parts]) for parts in zip(*chunks, strict=True))
    return in_data[: len(x)], in_codes[: len(x)]


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
    return _rank(by_data, least(by_codes, k, in_order=True)), _rank(by_codes, least(by_data, k, in_order=True))


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
