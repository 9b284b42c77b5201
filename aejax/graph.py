"""The graph that joins each example to its nearest: found exactly once, and kept by a hash of the data."""

import os
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import safetensors.numpy
from jaxtyping import Float, Int
from safetensors import SafetensorError

from aejax.kept import digest
from aejax.place import cache_folder
from aejax.types import Count, Examples

_ROWS = 512
_BLOCK = 64
WORTH_KEEPING = 10**10
"""Products of numbers, examples squared times features, from which on a graph is kept on disk: about a second."""


class Graph(NamedTuple):
    """The k nearest other examples of each, the nearest first, and how far they are."""

    neighbours: Int[np.ndarray, "examples k"]
    distances: Float[np.ndarray, "examples k"]


def nearest(x: Examples, k: int) -> Graph:
    """The k nearest other rows of each row of `x` by Euclidean distance, or all others where there are fewer.

    A large set takes minutes the first time; its graph is then read from the user's cache, where there is one.
    """
    k = min(k, len(x) - 1)
    if len(x) ** 2 * np.asarray(x[0]).size < WORTH_KEEPING:
        return _search(x, k)
    path = _folder() / f"{digest(np.asarray(x))}-{k}.safetensors"
    try:
        kept = safetensors.numpy.load_file(path)
        return Graph(kept["neighbours"], kept["distances"])
    except (OSError, SafetensorError, KeyError):
        graph = _search(x, k)
        _keep(path, graph)
        return graph


def _folder() -> Path:
    return cache_folder() / "graphs"


def _keep(path: Path, graph: Graph) -> None:
    """Write the graph for the next training; where the disk does not let us, the next one searches again."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        safetensors.numpy.save_file(graph._asdict(), unfinished)
        unfinished.replace(path)
    except OSError:
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)


def _search(x: Examples, k: int) -> Graph:
    flat = np.asarray(x, np.float32).reshape(len(x), -1)
    # Centred, the norms are small, and less is lost when their sum and the product cancel.
    rows = jnp.asarray(flat - flat.mean(axis=0, dtype=np.float64).astype(np.float32))
    norms = jnp.square(rows).sum(axis=1)
    chunks = [_nearest_of_chunk(rows, norms, first, k) for first in range(0, len(rows), _ROWS)]
    neighbours, distances = (
        np.concatenate([np.asarray(part) for part in parts]) for parts in zip(*chunks, strict=True)
    )
    return Graph(neighbours[: len(rows)], distances[: len(rows)])


@partial(jax.jit, static_argnames="k")
def _nearest_of_chunk(rows: jax.Array, norms: jax.Array, first: Count, k: int) -> tuple[jax.Array, jax.Array]:
    """The neighbours of `_ROWS` rows from `first` on; beyond the last row, those of copies of it."""
    own = jnp.minimum(first + jnp.arange(_ROWS), len(rows) - 1)
    squares = norms[None] - 2 * rows[own] @ rows.T
    squares = squares.at[jnp.arange(_ROWS), own].set(jnp.inf)
    found = least(squares, k)
    # Measured again without cancellation, and put in the order of that.
    distances = jnp.sqrt(jnp.square(rows[own][:, None] - rows[found]).sum(axis=2))
    order = jnp.argsort(distances, axis=1)
    return jnp.take_along_axis(found, order, axis=1), jnp.take_along_axis(distances, order, axis=1)


def least(values: jax.Array, k: int, in_order: bool = False) -> jax.Array:
    """The columns of the k least values of each row, the least first.

    Only the k blocks with the least minima can hold them. With `in_order` the earlier column goes before others of an
    equal value; otherwise that of the better block does, and trainings rest on that.
    """
    padded = jnp.pad(values, ((0, 0), (0, -values.shape[1] % _BLOCK)), constant_values=jnp.inf)
    blocks = padded.reshape(len(values), -1, _BLOCK)
    _, chosen = jax.lax.top_k(-blocks.min(axis=2), min(k, blocks.shape[1]))
    chosen = jnp.sort(chosen, axis=1) if in_order else chosen
    columns = chosen[:, :, None] * _BLOCK + jnp.arange(_BLOCK)[None, None]
    candidates = jnp.take_along_axis(blocks, chosen[:, :, None], axis=1)
    _, best = jax.lax.top_k(-candidates.reshape(len(values), -1), k)
    return jnp.take_along_axis(columns.reshape(len(values), -1), best, axis=1)
