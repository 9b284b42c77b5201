"""Where the random numbers of one batch come from."""

from functools import reduce
from typing import NamedTuple, TypeAlias

import jax
import numpy as np
from jaxtyping import Int

from aejax.types import Count, Key

Path: TypeAlias = tuple[Count, ...]
"""Numbers that lead from one key to another."""


def seeded(seed: int) -> Key:
    """The key of a seed, as `jax.random.key` gives it; but that compiles three programs for it."""
    if jax.config.jax_default_prng_impl != "threefry2x32" or not 0 <= seed < 2**32:  # type: ignore[attr-defined]
        return jax.random.key(seed)
    return jax.random.wrap_key_data(jax.device_put(np.array([0, seed], np.uint32)))


def along(key: Key, path: Path) -> Key:
    """The key with each number of the path folded in, one after the other."""
    return reduce(jax.random.fold_in, path, key)


class Chance(NamedTuple):
    """The key of this batch, the key of the whole run, and each example's number in its set.

    Noise that is to be new at every step hangs on `batch`; noise that an example keeps, on `run` and its row.
    """

    batch: Key
    run: Key
    rows: Int[jax.Array, " batch"]

    def keys(self) -> jax.Array:
        """A key for each example, the same at every step."""
        return jax.vmap(jax.random.fold_in, in_axes=(None, 0))(self.run, self.rows)
