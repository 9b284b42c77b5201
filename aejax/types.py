"""Array types of the core; an axis name means the same everywhere.

`batch` counts examples, `*shape` is the shape of one example, `latent` counts latent coordinates and `heads` the
numbers that an encoder gives for each of them (one for a point, two for a Gaussian's mean and log variance).
"""

from typing import TypeAlias

import jax
import numpy as np
from jaxtyping import Float, Int, PRNGKeyArray, Shaped

AnyArray: TypeAlias = jax.Array | np.ndarray

Examples = Shaped[AnyArray, "batch *shape"]
Pixels = Float[jax.Array, "batch *shape"]
Logits = Float[jax.Array, "batch *shape"]
Latents = Float[AnyArray, "batch latent"]
Heads = Float[jax.Array, "batch heads latent"]
PerExample = Float[jax.Array, " batch"]
Scalar = Float[jax.Array, ""]
Labels = Int[AnyArray, " batch"]
Lengths = Int[AnyArray, " batch"]
Rows = Int[jax.Array, " batch"]
Key = PRNGKeyArray
Count: TypeAlias = int | Int[jax.Array, ""]

Shape: TypeAlias = tuple[int, ...]
Params: TypeAlias = dict[str, jax.Array]
Numbers: TypeAlias = dict[str, jax.Array]
Terms: TypeAlias = dict[str, jax.Array]
Counts: TypeAlias = dict[str, jax.Array]
