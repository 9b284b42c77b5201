"""The class that an example is of, told to encoder and decoder."""

import jax
import jax.numpy as jnp
from flax import nnx
from jaxtyping import Float

from aejax.types import Labels, Latents, Pixels, Shape


class Condition(nnx.Module):
    """A learned template for each class, added to what the encoder reads; the decoder reads the class beside the code.

    For a dense first layer W the template t adds W t to its output, which is a row of weights for each class: what
    joining the class to the input gives. As a sum it works for any body.

    References:
        Kingma et al., Semi-Supervised Learning with Deep Generative Models, 2014 (M2); Sohn et al., Learning
        Structured Output Representation using Deep Conditional Generative Models, 2015.
    """

    def __init__(self, classes: int, shape: Shape) -> None:
        self.template = nnx.Param(jnp.zeros((classes, *shape)))

    def __call__(self, x: Pixels, labels: Labels) -> Pixels:
        """The examples with the templates of their classes."""
        return x + self.template[...][labels]

    def beside(self, latents: Latents, labels: Labels) -> Float[jax.Array, "batch coordinates"]:
        """The codes, with a coordinate for each class after them."""
        told = jax.nn.one_hot(labels, len(self.template[...]))
        return jnp.concatenate([jnp.asarray(latents), told], axis=1)
