"""Where the random numbers of one batch come from."""

from typing import NamedTuple

import jax
from jaxtyping import Int

from aejax.types import Key


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
