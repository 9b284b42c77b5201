"""Convolutional bodies: halving maps towards the code, doubling ones back."""

from math import prod

import jax
import jax.numpy as jnp
from flax import nnx

from aejax.parts.activations import ACTIVATIONS
from aejax.types import Shape


def map_sizes(shape: Shape, layers: int) -> list[tuple[int, int]]:
    """Height and width before the first layer and after each, halved and rounded up."""
    sizes = [(shape[0], shape[1])]
    for _ in range(layers):
        height, width = sizes[-1]
        sizes.append((-(-height // 2), -(-width // 2)))
    return sizes


def _convolution(ins: int, outs: int, kernel: int, following: str, rngs: nnx.Rngs) -> nnx.Conv:
    return nnx.Conv(ins, outs, (kernel, kernel), kernel_init=ACTIVATIONS[following].initialiser, rngs=rngs)


class ConvEncoder(nnx.Module):
    """Convolution, activation and pooling for each entry of `channels`, then the code.

    With `dense` None the last map is the code: it has no activation of its own, for the bottleneck brings one.
    """

    def __init__(
        self,
        shape: Shape,
        channels: tuple[int, ...],
        kernel: int,
        activation: str,
        dense: int | None,
        heads: int,
        last: str,
        rngs: nnx.Rngs,
    ) -> None:
        outs = list(channels)
        following = [activation] * len(channels)
        if dense is None:
            outs[-1] *= heads
            following[-1] = last
        ins = [prod(shape[2:]), *channels[:-1]]
        self.layers = nnx.List(
            _convolution(i, o, kernel, name, rngs) for i, o, name in zip(ins, outs, following, strict=True)
        )
        size = prod(map_sizes(shape, len(channels))[-1]) * channels[-1]
        self.head = (
            None
            if dense is None
            else nnx.Linear(size, heads * dense, kernel_init=ACTIVATIONS[last].initialiser, rngs=rngs)
        )
        self.activation, self.heads = activation, heads

    def __call__(self, x: jax.Array) -> jax.Array:
        x = x.reshape(*x.shape[:3], -1)
        function = ACTIVATIONS[self.activation].function
        for number, layer in enumerate(self.layers, 1):
            x = nnx.max_pool(layer(x), window_shape=(2, 2), strides=(2, 2), padding="SAME")
            # The greatest of the activated is the activated greatest, at a quarter of the work: all are monotone
            # but gelu and silu, for which this is the definition.
            if number < len(self.layers) or self.head is not None:
                x = function(x)
        if self.head is not None:
            return self.head(x.reshape(x.shape[0], -1)).reshape(x.shape[0], self.heads, -1)
        batch, height, width, outs = x.shape
        maps = x.reshape(batch, height, width, self.heads, outs // self.heads)
        return jnp.moveaxis(maps, 3, 1).reshape(batch, self.heads, -1)


class ConvDecoder(nnx.Module):
    """The mirror of `ConvEncoder`: each map is doubled, cropped to the encoder's size there, and convolved."""

    def __init__(
        self,
        shape: Shape,
        channels: tuple[int, ...],
        kernel: int,
        activation: str,
        dense: int | None,
        rngs: nnx.Rngs,
    ) -> None:
        sizes = map_sizes(shape, len(channels))
        size = (*sizes[-1], channels[-1])
        self.head = (
            None
            if dense is None
            else nnx.Linear(dense, prod(size), kernel_init=ACTIVATIONS[activation].initialiser, rngs=rngs)
        )
        ins = channels[::-1]
        outs = [*ins[1:], prod(shape[2:])]
        following = [activation] * (len(channels) - 1) + ["linear"]
        self.layers = nnx.List(
            _convolution(i, o, kernel, name, rngs) for i, o, name in zip(ins, outs, following, strict=True)
        )
        self.sizes, self.first, self.shape, self.activation = tuple(sizes[-2::-1]), size, shape, activation

    def __call__(self, latents: jax.Array) -> jax.Array:
        function = ACTIVATIONS[self.activation].function
        x = latents if self.head is None else function(self.head(latents))
        x = x.reshape(x.shape[0], *self.first)
        for number, (layer, (height, width)) in enumerate(zip(self.layers, self.sizes, strict=True), 1):
            doubled = x.repeat(2, axis=1).repeat(2, axis=2)
            x = layer(doubled[:, :height, :width])
            if number < len(self.layers):
                x = function(x)
        return x.reshape(x.shape[0], *self.shape)
