"""How a training lies on many devices: batches cut along one axis of a mesh, weights along the other.

The loop is the same on one device and on many. A layout only says where arrays lie; XLA puts the sums over devices in,
and what is drawn at random hangs on keys and positions, not on who draws it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import jax
import numpy as np
from jax.sharding import AxisType, Mesh, NamedSharding, PartitionSpec

from aejax.settings import SpecError
from aejax.types import Shape

_DATA, _MODEL = "data", "model"

T = TypeVar("T")


@dataclass(frozen=True)
class Layout:
    """Devices of one process or of several, in rows that share out a batch and columns that share out the weights."""

    mesh: Mesh

    @staticmethod
    def over(devices: Sequence[jax.Device], model_shards: int = 1) -> "Layout":
        """The layout of these devices, with so many of them to hold the weights of one copy of the model.

        Raises:
            SpecError: If they do not come out even.
        """
        if model_shards < 1 or len(devices) % model_shards:
            raise SpecError(f"model_shards must divide the number of devices, {len(devices)}; got {model_shards}")
        # Neighbours share a model: their messages are the most frequent, and they are likeliest on one machine.
        grid = np.array(devices, dtype=object).reshape(-1, model_shards)
        return Layout(Mesh(grid, (_DATA, _MODEL), axis_types=(AxisType.Auto,) * 2))

    @property
    def parts(self) -> int:
        """Into how many pieces a batch is cut."""
        return int(self.mesh.shape[_DATA])

    @property
    def model_shards(self) -> int:
        """Into how many pieces the weights are cut."""
        return int(self.mesh.shape[_MODEL])

    def __str__(self) -> str:
        processes = len({device.process_index for device in self.mesh.devices.flat})
        devices = f"{self.mesh.size} devices in {processes} process{'es' if processes > 1 else ''}"
        return f"{devices}, {self.model_shards} to a copy of the model" if self.model_shards > 1 else devices

    def check_batch(self, batch_size: int) -> None:
        """Refuse a batch that cannot be cut into equal pieces.

        Raises:
            SpecError: If it cannot.
        """
        if batch_size % self.parts:
            raise SpecError(
                f"batch_size must be a multiple of {self.parts}, the devices that share out a batch; got {batch_size}"
            )

    @property
    def _whole(self) -> NamedSharding:
        return NamedSharding(self.mesh, PartitionSpec())

    @property
    def _rows(self) -> NamedSharding:
        return NamedSharding(self.mesh, PartitionSpec(_DATA))

    def _weights(self, shape: Shape) -> NamedSharding:
        """Where an array of weights, or of what an optimizer keeps for each of them, lies: cut along its longest axis.

        The first kernel of an encoder is so cut by features and the last of a decoder too, which are the largest.
        """
        even = [axis for axis, size in enumerate(shape) if size % self.model_shards == 0]
        if self.model_shards == 1 or len(shape) < 2 or not even:
            return self._whole
        longest = max(even, key=lambda axis: (shape[axis], axis))
        return NamedSharding(self.mesh, PartitionSpec(*[None] * longest, _MODEL))

    def split(self, batch: T) -> T:
        """The arrays of a batch, each cut by examples; within compiled code."""
        cut: T = jax.lax.with_sharding_constraint(batch, self._rows)
        return cut

    def laid(self, weights: T) -> T:
        """Weights, or an optimizer's state, where they belong; within compiled code."""

        def one(leaf: jax.Array) -> jax.Array:
            return jax.lax.with_sharding_constraint(leaf, self._weights(leaf.shape))

        laid: T = jax.tree.map(one, weights)
        return laid

    def repeated(self, tree: T) -> T:
        """Arrays that every process has, whole on every device."""
        repeated: T = jax.tree.map(lambda leaf: self._placed(np.asarray(leaf), self._whole), tree)
        return repeated

    def spread(self, tree: T) -> T:
        """Weights, or an optimizer's state, that every process has, where they belong."""

        def one(leaf: Any) -> jax.Array:
            host = np.asarray(leaf)
            return self._placed(host, self._weights(host.shape))

        spread: T = jax.tree.map(one, tree)
        return spread

    def rows(self, shape: Shape, read: Callable[[slice], np.ndarray]) -> jax.Array:
        """An array cut by rows, of which each process reads only those that its devices hold."""
        known: dict[tuple[int, int], np.ndarray] = {}

        def piece(index: tuple[slice, ...] | None) -> np.ndarray:
            first, last, _ = (index or (slice(None),))[0].indices(shape[0])
            if (first, last) not in known:
                known[first, last] = read(slice(first, last))
            return known[first, last]

        return jax.make_array_from_callback(shape, self._rows, piece)

    def local(self, tree: T) -> T:
        """The arrays whole, on one device of this process; where weights are cut, all processes must ask at once."""
        if self.model_shards > 1:
            tree = jax.jit(lambda found: found, out_shardings=self._whole)(tree)
        local: T = jax.tree.map(lambda leaf: leaf.addressable_data(0), tree)
        return local

    @staticmethod
    def _placed(host: np.ndarray, where: NamedSharding) -> jax.Array:
        return jax.make_array_from_callback(host.shape, where, lambda index: host[index or ...])
