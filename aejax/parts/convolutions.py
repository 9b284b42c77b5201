"""Convolutional bodies: halving maps towards the code, doubling ones back."""

from collections.abc import Iterator
from math import prod

import jax
import jax.numpy as jnp
from flax import nnx

from aejax.parts.activations import ACTIVATIONS
from aejax.parts.convolving import Conv, halved
from aejax.parts.stage import Stage, outcome, weighed
from aejax.types import Shape


def map_sizes(shape: Shape, layers: int) -> list[tuple[int, int]]:
    """Height and width before the first layer and after each, halved and rounded up."""
    sizes = [(shape[0], shape[1])]
    for _ in range(layers):
        height, width = sizes[-1]
        sizes.append((-(-height // 2), -(-width // 2)))
    return sizes


def _convolution(ins: int, outs: int, kernel: int, following: str, rngs: nnx.Rngs) -> Conv:
    return Conv(ins, outs, (kernel, kernel), kernel_init=ACTIVATIONS[following].initialiser, rngs=rngs)


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

    def passage(self, x: jax.Array) -> Iterator[Stage]:
        """What each layer makes of the examples, in turn: maps, pooled."""
        x = x.reshape(*x.shape[:3], -1)
        for number, layer in enumerate(self.layers, 1):
            x = halved(layer(x))
            # The greatest of the activated is the activated greatest, at a quarter of the work: all are monotone
            # but gelu and silu, for which this is the definition.
            name = self.activation if number < len(self.layers) or self.head is not None else "linear"
            x = ACTIVATIONS[name].function(x)
            yield Stage(f"layers.{number - 1}", _pooled(number, name), x)
        if self.head is not None:
            yield Stage("head", weighed(len(self.layers) + 1, "linear"), self.head(x.reshape(x.shape[0], -1)))

    def __call__(self, x: jax.Array) -> jax.Array:
        x = outcome(self.passage(x))
        if self.head is not None:
            return x.reshape(x.shape[0], self.heads, -1)
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

    def passage(self, latents: jax.Array) -> Iterator[Stage]:
        """What each layer makes of the codes, in turn: maps."""
        function, before = ACTIVATIONS[self.activation].function, 0 if self.head is None else 1
        x = latents if self.head is None else function(self.head(latents))
        x = x.reshape(x.shape[0], *self.first)
        if self.head is not None:
            yield Stage("head", weighed(1, self.activation), x)
        for number, (layer, (height, width)) in enumerate(zip(self.layers, self.sizes, strict=True), 1):
            x = layer(x, doubled=(height, width))
            if number < len(self.layers):
                x = function(x)
            name = self.activation if number < len(self.layers) else "linear"
            yield Stage(f"layers.{number - 1}", _doubled(number + before, name), x)

    def __call__(self, latents: jax.Array) -> jax.Array:
        return outcome(self.passage(latents)).reshape(latents.shape[0], *self.shape)


def _pooled(number: int, activation: str) -> str:
    """The formula of a convolution whose maps are halved: of each square of four pixels the greatest stays."""
    convolved = weighed(number, "linear", " * ").partition(" = ")[2]
    inner = rf"\max_{{2 \times 2}}\left({convolved}\right)"
    name = activation.replace("_", r"\_")
    return rf"h_{{{number}}} = " + (inner if activation == "linear" else rf"\mathrm{{{name}}}\,{inner}")


def _doubled(number: int, activation: str) -> str:
    """The formula of a convolution of maps that have been doubled."""
    return weighed(number, activation, r" * \mathrm{double}\,")
