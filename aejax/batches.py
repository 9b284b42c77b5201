"""A function applied to more examples than a device should hold at once, in chunks of few distinct sizes."""

from collections.abc import Callable, Iterator
from typing import Any

import jax
import numpy as np

from aejax.types import Examples

CHUNK = 1024


class Chunks:
    """Examples that are looked at again and again: cut up and put on the device once."""

    def __init__(self, x: Any) -> None:
        """Cut up `x`, an array or a tuple such as a `Batch` of several arrays with a row for each example."""
        self.count, self.chunks = _count(x), list(_cut(x))


def over_chunks(function: Callable[[Any, int], Any], x: Any) -> Any:
    """The results of `function(examples, number_of_chunk)` for all of `x`, one row an example, as NumPy arrays.

    `x` is what `Chunks` are made of, or such chunks.

    The last chunk is filled up with copies of its first example to a power of two, so that few sizes are ever
    compiled; what the copies give is dropped.
    """
    count, chunks = (x.count, x.chunks) if isinstance(x, Chunks) else (_count(x), _cut(x))
    results = _one_ahead(function(chunk, number) for number, chunk in enumerate(chunks))
    whole: Any = None
    for start, parts in zip(range(0, count, CHUNK), results, strict=True):
        if whole is None:
            whole = jax.tree.map(lambda part: np.empty((count, *part.shape[1:]), part.dtype), parts)
        for rows, part in zip(jax.tree.leaves(whole), jax.tree.leaves(parts), strict=True):
            rows[start : start + CHUNK] = np.asarray(part)[: count - start]
    return whole


def _one_ahead(results: Iterator[Any]) -> Iterator[Any]:
    """The same results, of which the next is asked for before one is given, so that the device does not wait."""
    held = next(results)
    for ahead in results:
        yield held
        held = ahead
    yield held


def _count(x: Any) -> int:
    return len(jax.tree.leaves(x)[0])


def _cut(x: Any) -> Iterator[Any]:
    for start in range(0, _count(x), CHUNK):
        yield jax.tree.map(lambda rows, at=start: _filled(rows[at : at + CHUNK]), x)


def _filled(chunk: Examples) -> jax.Array:
    size = min(CHUNK, 1 << (len(chunk) - 1).bit_length())
    host = np.asarray(chunk)
    return jax.device_put(np.concatenate([host, np.repeat(host[:1], size - len(host), axis=0)]))
