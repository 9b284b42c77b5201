"""Recurrent bodies: a sequence read into one state, and written again from it."""

from math import prod

import jax
import jax.numpy as jnp
from flax import nnx

from aejax.parts.activations import ACTIVATIONS
from aejax.types import Shape


def steps_and_channels(shape: Shape) -> tuple[int, int]:
    """An example as a sequence: its first axis is time, what is left are channels."""
    return shape[0], prod(shape[1:])


class SequenceEncoder(nnx.Module):
    """A gated recurrent unit that reads all steps, and a layer from its last state to the code.

    References:
        Cho et al., Learning Phrase Representations using RNN Encoder-Decoder, 2014.
    """

    def __init__(self, shape: Shape, hidden: int, latent: int, heads: int, last: str, rngs: nnx.Rngs) -> None:
        _, channels = steps_and_channels(shape)
        self.cell = nnx.GRUCell(channels, hidden, rngs=rngs)
        self.head = nnx.Linear(hidden, heads * latent, kernel_init=ACTIVATIONS[last].initialiser, rngs=rngs)
        self.heads = heads

    def __call__(self, x: jax.Array) -> jax.Array:
        steps = jnp.moveaxis(x.reshape(len(x), x.shape[1], -1), 1, 0)
        start = jnp.zeros((len(x), self.cell.hidden_features))
        state, _ = jax.lax.scan(self.cell, start, steps)
        return self.head(state).reshape(len(x), self.heads, -1)


class SequenceDecoder(nnx.Module):
    """A gated recurrent unit that begins from the code and is told it again at each step.

    It writes the last step first: what the encoder read last, it remembers best.

    References:
        Srivastava et al., Unsupervised Learning of Video Representations using LSTMs, 2015, section 2.1.
    """

    def __init__(self, shape: Shape, hidden: int, latent: int, rngs: nnx.Rngs) -> None:
        _, channels = steps_and_channels(shape)
        self.start = nnx.Linear(latent, hidden, kernel_init=ACTIVATIONS["tanh"].initialiser, rngs=rngs)
        self.cell = nnx.GRUCell(latent, hidden, rngs=rngs)
        self.head = nnx.Linear(hidden, channels, kernel_init=ACTIVATIONS["linear"].initialiser, rngs=rngs)
        self.shape = shape

    def __call__(self, latents: jax.Array) -> jax.Array:
        told = jnp.broadcast_to(latents, (self.shape[0], *latents.shape))
        _, states = jax.lax.scan(self.cell, jnp.tanh(self.start(latents)), told, reverse=True)
        return jnp.moveaxis(self.head(states), 0, 1).reshape(len(latents), *self.shape)
