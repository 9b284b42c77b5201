"""Training examples as the loop takes them: all on the device at once, or shard after shard where they are too many.

A shard is made of blocks of neighbouring rows that are drawn at random, and is shuffled as a whole on the device while
a thread reads the next one. What is in it, and in which order, follows from the key and the step alone: a training that
is taken up again goes on with the very row that it would have come to.
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Any, NamedTuple, TypeAlias

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Integer

from aejax.arrays import as_finite
from aejax.layout import Layout
from aejax.loop import Examined, State, advance, refreshed, shuffled
from aejax.model import BOTTLENECK, Model
from aejax.pages import Pages
from aejax.parts.chance import Path, along
from aejax.row_groups import RowGroups
from aejax.spec import TrainSpec
from aejax.types import Count, Key, Numbers, Shape

# Read from a disk in one piece; and so many to a shard that even sorted examples are well mixed in it.
_BLOCK_BYTES, _FEWEST_BLOCKS = 1 << 18, 64

_Place: TypeAlias = tuple[bytes, int, int]
"""A key's bytes, an epoch and the number of a shard in it."""


class Shard(NamedTuple):
    """Examples on the device for the steps from `first` up to `last`; the first `examples` of them are in use."""

    data: Examined
    first: int
    last: int
    examples: int
    path: Path


class Supply(ABC):
    """Where the loop's examples come from.

    Attributes:
        per_epoch: Steps in an epoch.
        form: Shapes and types of what is on the device at a time.
        layout: How it lies on many devices; None where there is one.
    """

    per_epoch: int
    form: Examined
    layout: Layout | None

    @abstractmethod
    def at(self, key: Key, step: int, steps: int) -> Shard:
        """What step `step` of `steps` needs, in the order that `key` gives."""


class Resident(Supply):
    """All examples, which stay on the device, and whole on each of several."""

    def __init__(self, data: Examined, batch_size: int, layout: Layout | None = None) -> None:
        self._data = data if layout is None else layout.repeated(data)
        self.layout = layout
        self.per_epoch = math.ceil(len(data.x) / batch_size)
        self.form = jax.eval_shape(lambda found: found, data)

    def at(self, key: Key, step: int, steps: int) -> Shard:
        epoch = step // self.per_epoch
        first = epoch * self.per_epoch
        return Shard(self._data, first, first + self.per_epoch, len(self._data.x), of_epoch(epoch))


class Streamed(Supply):
    """Examples in memory or in a file, of which two shards at a time are on the device."""

    def __init__(
        self,
        rows: np.ndarray | RowGroups,
        known: Examined,
        batch_size: int,
        most_bytes: float,
        check: Callable[[np.ndarray], None],
        layout: Layout | None = None,
    ) -> None:
        """Read nothing yet.

        Args:
            rows: All examples, as numbers of any type.
            known: Whatever else there is to them; its `x` is not looked at.
            batch_size: Examples in each step.
            most_bytes: Bytes of examples that may be on the device.
            check: Called with the examples of each shard, to refuse what cannot be used.
            layout: How each shard lies on many devices; each process then reads only what its own hold.
        """
        self._rows, self._known, self._check, self._batch = rows, known, check, batch_size
        self.layout = layout
        if layout is not None:
            self._known = known._replace(prepared=layout.repeated(known.prepared))
        self._dtype = np.dtype(np.uint8 if rows.dtype == np.uint8 else np.float32)
        row_bytes = math.prod(rows.shape[1:]) * self._dtype.itemsize
        self.per_epoch = math.ceil(len(rows) / batch_size)
        most = max(1, int(most_bytes // (2 * row_bytes * batch_size)))
        # All but the last are of one size, for each size is compiled.
        self._steps = math.ceil(self.per_epoch / math.ceil(self.per_epoch / most))
        size = self._steps * batch_size
        self._block = max(1, min(_BLOCK_BYTES // row_bytes, size // _FEWEST_BLOCKS))
        if isinstance(rows, RowGroups):
            # A part of one costs as much as the whole.
            self._block = rows.block
        x, number = jax.ShapeDtypeStruct((size, *rows.shape[1:]), self._dtype), jax.ShapeDtypeStruct((size,), np.int32)
        prepared = jax.eval_shape(lambda found: found, known.prepared)
        form = Examined(x, prepared=prepared, numbers=number)  # type: ignore[arg-type]
        told: dict[str, Any] = {
            name: jax.ShapeDtypeStruct((size, *found.shape[1:]), found.dtype) for name, found in self._told().items()
        }
        self.form = form._replace(**told)
        self._pages = Pages(rows)
        self._reader = ThreadPoolExecutor(1, "aejax-shards")
        self._held: tuple[_Place, Shard] | None = None
        self._coming: tuple[_Place, Future[Shard]] | None = None

    def at(self, key: Key, step: int, steps: int) -> Shard:
        epoch, within = divmod(step, self.per_epoch)
        place = np.asarray(jax.random.key_data(key)).tobytes(), epoch, within // self._steps
        if self._held is not None and self._held[0] == place:
            return self._held[1]
        coming, self._held, self._coming = self._coming, None, None
        matches = coming is not None and coming[0] == place
        shard = coming[1].result() if coming is not None and matches else self._read(key, *place[1:])
        self._held = place, shard
        if shard.last < steps:
            after = divmod(shard.last, self.per_epoch)
            following = place[0], after[0], after[1] // self._steps
            self._coming = following, self._reader.submit(self._read, key, *following[1:])
        return shard

    def _read(self, key: Key, epoch: int, number: int) -> Shard:
        first = number * self._steps
        last = min(first + self._steps, self.per_epoch)
        numbers = self._drawn(along(key, of_epoch(epoch)), first * self._batch, last * self._batch)
        filled = np.zeros(len(self.form.x), np.int32)
        filled[: len(numbers)] = numbers
        told: dict[str, Any] = {
            name: self._placed(found.shape[1:], partial(_picked, np.asarray(found), filled))
            for name, found in self._told().items()
        }
        x = self._placed(self.form.x.shape[1:], lambda part: self._examples(numbers[part], part.stop - part.start))
        which = self._placed((), lambda part: filled[part])
        data = Examined(x, prepared=self._known.prepared, numbers=which)._replace(**told)
        start = epoch * self.per_epoch
        return Shard(data, start + first, start + last, len(numbers), (*of_epoch(epoch), 2 + number))

    def _placed(self, shape: Shape, read: Callable[[slice], np.ndarray]) -> jax.Array:
        """What `read` gives for the rows of a shard, on the device or devices."""
        size = len(self.form.x)
        if self.layout is None:
            return jnp.asarray(read(slice(0, size)))
        return self.layout.rows((size, *shape), read)

    def _examples(self, numbers: np.ndarray, size: int) -> np.ndarray:
        """The examples with these rising numbers, checked, and zeros behind them up to so many in all."""
        x = np.zeros((size, *self.form.x.shape[1:]), self._dtype)
        if len(numbers):
            _gather(self._rows, numbers, x, self._pages)
            self._check(x[: len(numbers)])
        return x

    def _told(self) -> dict[str, Any]:
        """What is known of each example beside itself."""
        found = {name: getattr(self._known, name) for name in ("labels", "lengths", "known")}
        return {name: value for name, value in found.items() if value is not None}

    def _drawn(self, key: Key, first: int, last: int) -> Integer[np.ndarray, " drawn"]:
        """The rows at these places of an epoch's order by blocks, rising; beyond its end it begins again."""
        count = len(self._rows)
        order = np.asarray(jax.random.permutation(jax.random.fold_in(key, 1), math.ceil(count / self._block)))
        starts = order.astype(np.int64) * self._block
        sizes = np.minimum(self._block, count - starts)
        ends = np.cumsum(sizes)
        parts = []
        for low, high in ((first, min(last, count)), (0, last - count)):
            touched = np.arange(np.searchsorted(ends, low, "right"), np.searchsorted(ends, high, "left") + 1)
            for block in touched if low < high else ():
                begins = ends[block] - sizes[block]
                skipped, kept = max(low - begins, 0), min(high - begins, sizes[block])
                parts.append(np.arange(starts[block] + skipped, starts[block] + kept))
        return np.sort(np.concatenate(parts))


def _picked(rows: np.ndarray, numbers: np.ndarray, part: slice) -> np.ndarray:
    return rows[numbers[part]]


def of_epoch(epoch: Count) -> Path:
    """What leads to the key of an epoch."""
    return (2 * epoch + 1,)


def _gather(rows: np.ndarray | RowGroups, numbers: np.ndarray, out: np.ndarray, pages: Pages) -> None:
    """Write the rows of these rising numbers into `out`, each run of neighbours in one piece.

    Raises:
        DataError: If one is not finite.
    """
    cuts = np.flatnonzero(np.diff(numbers) != 1) + 1
    runs = np.split(np.arange(len(numbers)), cuts)
    for run in runs:
        pages.expect(int(numbers[run[0]]), int(numbers[run[-1]]) + 1)
    for run in runs:
        piece = rows[numbers[run[0]] : numbers[run[-1]] + 1]
        out[run[0] : run[-1] + 1] = piece if out.dtype == np.uint8 else as_finite(piece, "x", numbers[run])


def device_bytes(rows: np.ndarray | RowGroups) -> int:
    """Bytes that the examples take on the device."""
    return rows.size * (1 if rows.dtype == np.uint8 else 4)


def taken(
    model: Model,
    recipe: TrainSpec,
    numbers: dict[str, Numbers],
    key: Key,
    state: State,
    supply: Supply,
    first: int,
    last: int,
    steps: int,
) -> State:
    """The state after the steps from `first` up to `last`, of `steps` in all, each with the examples that it needs."""
    while first < last:
        shard = supply.at(key, first, steps)
        begins = first % supply.per_epoch == 0
        if first == shard.first:
            state = shuffled(state, key, shard.path, shard.examples, begins)
        if begins and BOTTLENECK in state.memory:
            state = refreshed(model, state, along(key, (*shard.path, 0)), shard.data, supply.layout)
        stop = min(last, shard.last)
        state = advance(model, recipe, numbers, key, state, shard.data, first, stop, steps, shard.first, supply.layout)
        # Else the host would run ahead, and put shard upon shard on the device.
        jax.block_until_ready(state.sums)
        first = stop
    return state
