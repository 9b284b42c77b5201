"""Bottlenecks without chance: one point per example."""

from typing import ClassVar, Literal

import jax
import jax.numpy as jnp
from flax import nnx

from aejax.parts.activations import ACTIVATIONS, Activation
from aejax.parts.bottleneck import Bottleneck, Code
from aejax.settings import SpecError, parameter
from aejax.types import Heads, Key, Latents, Scalar


class Point(Bottleneck):
    """A plain code: one point per example."""

    kind: Literal["point"] = "point"
    formula: ClassVar[str] = r"z = f(h)"
    page: ClassVar[str] = "networks"
    activation: Activation = parameter("linear", "Activation of the code")

    @property
    def activation_name(self) -> str:
        return self.activation

    def mean(self, outputs: Heads, module: nnx.Module | None = None) -> Latents:
        return ACTIVATIONS[self.activation].function(outputs[:, 0])

    def code(self, key: Key, outputs: Heads, progress: Scalar, module: nnx.Module | None = None) -> Code:
        return Code(self.mean(outputs), {})


class TopK(Bottleneck):
    """A code of which only the k greatest coordinates of each example stay on.

    References:
        Makhzani & Frey, k-Sparse Autoencoders, 2013.
    """

    kind: Literal["top_k"] = "top_k"
    formula: ClassVar[str] = r"z_j = h_j \text{ if among the } k \text{ greatest, else } 0"
    page: ClassVar[str] = "sparse"
    k: int = parameter(8, "Coordinates that stay on in each code; at most the size of the code", ge=1, le=16384)

    @property
    def activation_name(self) -> str:
        return "linear"

    def check_latent(self, latent: int) -> None:
        if self.k > latent:
            raise SpecError(f"bottleneck.k must be at most {latent}, the size of the code; got {self.k}")

    def mean(self, outputs: Heads, module: nnx.Module | None = None) -> Latents:
        raw = outputs[:, 0]
        # By index and not by threshold, for among equals a threshold keeps more than k.
        _, kept = jax.lax.top_k(raw, self.k)
        rows = jnp.arange(raw.shape[0])[:, None]
        return raw * jnp.zeros_like(raw).at[rows, kept].set(1.0)

    def code(self, key: Key, outputs: Heads, progress: Scalar, module: nnx.Module | None = None) -> Code:
        return Code(self.mean(outputs), {})
