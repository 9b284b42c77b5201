"""A layer that learns which features to pass on."""

import jax
import jax.numpy as jnp
from flax import nnx
from jaxtyping import Float, Int

from aejax.types import Key, Scalar


class Selector(nnx.Module):
    """For each coordinate of a code, a choice among features: the logits are E W + b, whose factors are learnt.

    Logits that are themselves the parameters (the direct form) hardly concentrate: each is moved only where its own
    feature has been drawn. Here they share the factors, and so learn from one another.

    References:
        Nilsson et al., Indirectly Parameterized Concrete Autoencoders, 2024, section 4.
    """

    def __init__(self, features: int, chosen: int, rank: int, rngs: nnx.Rngs) -> None:
        self.embedding = nnx.Param(jax.random.normal(rngs.params(), (chosen, rank)))
        self.kernel = nnx.Param(jax.random.normal(rngs.params(), (rank, features)) / jnp.sqrt(rank))
        # One for each pair, not for each feature as in the paper: an assignment can be written into it.
        self.bias = nnx.Param(jnp.zeros((chosen, features)))

    def logits(self) -> Float[jax.Array, "latent features"]:
        """Logarithm of each choice's probability, up to a constant."""
        return self.embedding[...] @ self.kernel[...] + self.bias[...]

    def chosen(self) -> Int[jax.Array, " latent"]:
        """The likeliest feature of each coordinate."""
        return jnp.argmax(self.logits(), axis=1)

    def draw(self, key: Key, temperature: Scalar) -> Float[jax.Array, "latent features"]:
        """Weights that sum to 1 in each row: the hotter, the more even.

        References:
            Maddison et al., The Concrete Distribution, 2017, equation 10.
        """
        logits = self.logits()
        return jax.nn.softmax((logits + jax.random.gumbel(key, logits.shape)) / temperature)
