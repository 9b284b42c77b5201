"""A function applied to more examples than a device should hold at once, in chunks of few distinct sizes."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from aejax.types import Examples

CHUNK = 1024


def over_chunks(function: Callable[[jax.Array, int], Any], x: Examples) -> Any:
    """The results of `function(examples, number_of_chunk)` for all of `x`, one row an example, as NumPy arrays.

    The last chunk is filled up with copies of its first example to a power of two, so that few sizes are ever
    compiled; what the copies give is dropped.
    """
    results = [function(_filled(x[at : at + CHUNK]), number) for number, at in enumerate(range(0, len(x), CHUNK))]
    return jax.tree.map(lambda *parts: np.concatenate([np.asarray(part) for part in parts])[: len(x)], *results)


def _filled(chunk: Examples) -> jax.Array:
    size = min(CHUNK, 1 << (len(chunk) - 1).bit_length())
    host = np.asarray(chunk)
    return jnp.asarray(np.concatenate([host, np.repeat(host[:1], size - len(host), axis=0)]))
