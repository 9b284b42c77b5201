"""A function applied to more examples than a device should hold at once, in chunks of few distinct sizes."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from aejax.types import Examples

CHUNK = 1024


def over_chunks(function: Callable[[Any, int], Any], x: Any) -> Any:
    """The results of `function(examples, number_of_chunk)` for all of `x`, one row an example, as NumPy arrays.

    `x` is an array, or a tuple such as a `Batch` of several arrays with a row for each example.

    The last chunk is filled up with copies of its first example to a power of two, so that few sizes are ever
    compiled; what the copies give is dropped.
    """
    count = len(jax.tree.leaves(x)[0])
    starts = range(0, count, CHUNK)
    chunks = (jax.tree.map(lambda rows, at=at: _filled(rows[at : at + CHUNK]), x) for at in starts)
    results = [function(chunk, number) for number, chunk in enumerate(chunks)]
    return jax.tree.map(lambda *parts: np.concatenate([np.asarray(part) for part in parts])[:count], *results)


def _filled(chunk: Examples) -> jax.Array:
    size = min(CHUNK, 1 << (len(chunk) - 1).bit_length())
    host = np.asarray(chunk)
    return jnp.asarray(np.concatenate([host, np.repeat(host[:1], size - len(host), axis=0)]))
