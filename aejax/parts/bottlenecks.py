"""Bottlenecks: how the encoder's output becomes a code."""

import math
from abc import ABC, abstractmethod
from typing import Annotated, ClassVar, Literal, NamedTuple

import jax
import jax.numpy as jnp
from flax import nnx

from aejax.parts.activations import ACTIVATIONS, Activation
from aejax.settings import OneOf, Settings, SpecError, parameter
from aejax.types import Heads, Key, Latents, Scalar, Shape, Terms


class Code(NamedTuple):
    """Codes as the decoder sees them in training, and what they add to the loss (nats per example)."""

    latents: Latents
    terms: Terms


class Bottleneck(Settings, ABC):
    """The way from the encoder's output to a code."""

    kind: str
    heads: ClassVar[int] = 1
    """Numbers that the encoder gives for each latent coordinate."""
    has_prior: ClassVar[bool] = False
    """Whether codes are meant to follow N(0, I)."""

    @property
    @abstractmethod
    def activation_name(self) -> str:
        """Name of the activation that the encoder's output layer feeds, for its initialisation."""

    @property
    def bounds(self) -> tuple[float, float]:
        """Least and greatest value that a coordinate of the code can have."""
        entry = ACTIVATIONS[self.activation_name]
        return entry.low, entry.high

    def check_latent(self, latent: int) -> None:
        """Refuse sizes of the code that the kind cannot have.

        Raises:
            SpecError: With the sizes it can.
        """

    def module(self, shape: Shape, latent: int, rngs: nnx.Rngs) -> nnx.Module | None:
        """What the kind itself learns, for examples of `shape`; None where it learns nothing."""
        return None

    @abstractmethod
    def mean(self, outputs: Heads, module: nnx.Module | None = None) -> Latents:
        """The code of each example, without chance."""

    def deviation(self, outputs: Heads) -> Latents:
        """Standard deviation of each example's posterior; zero where a code is one point."""
        return jnp.zeros_like(outputs[:, 0])

    @abstractmethod
    def code(self, key: Key, outputs: Heads, progress: Scalar, module: nnx.Module | None = None) -> Code:
        """The code in training, when `progress` (0 to 1) of all steps are done."""


class Point(Bottleneck):
    """A plain code: one point per example."""

    kind: Literal["point"] = "point"
    activation: Activation = parameter("linear", "Activation of the code")

    @property
    def activation_name(self) -> str:
        return self.activation

    def mean(self, outputs: Heads, module: nnx.Module | None = None) -> Latents:
        return ACTIVATIONS[self.activation].function(outputs[:, 0])

    def code(self, key: Key, outputs: Heads, progress: Scalar, module: nnx.Module | None = None) -> Code:
        return Code(self.mean(outputs), {})


class GaussianPosterior(Bottleneck):
    """A normal posterior N(mean, sd^2) per example, drawn towards the prior N(0, I): the variational autoencoder.

    References:
        Kingma & Welling, Auto-Encoding Variational Bayes, 2014; Higgins et al., beta-VAE, 2017;
        Kingma et al., Improved Variational Inference with Inverse Autoregressive Flow, 2016 (free bits).
    """

    kind: Literal["gaussian"] = "gaussian"
    heads: ClassVar[int] = 2
    has_prior: ClassVar[bool] = True
    beta: float = parameter(
        1.0, "Weight of the divergence from the prior; 1 is the evidence bound", ge=0, le=100, live=True
    )
    free_bits: float = parameter(
        0.0,
        "Divergence that each coordinate has for free, in nats, averaged over the batch",
        ge=0,
        le=10,
        live=True,
    )
    warm_up: float = parameter(0.0, "Share of training over which beta rises from 0", ge=0, le=1, live=True)

    @property
    def activation_name(self) -> str:
        return "linear"

    def mean(self, outputs: Heads, module: nnx.Module | None = None) -> Latents:
        return outputs[:, 0]

    def deviation(self, outputs: Heads) -> Latents:
        return jnp.exp(0.5 * bounded_log_var(outputs[:, 1]))

    def code(self, key: Key, outputs: Heads, progress: Scalar, module: nnx.Module | None = None) -> Code:
        mean, log_var = outputs[:, 0], bounded_log_var(outputs[:, 1])
        latents = mean + jnp.exp(0.5 * log_var) * jax.random.normal(key, mean.shape, mean.dtype)
        divergence = gaussian_kl(mean, log_var)
        # A coordinate below its free bits counts as the bound itself, which has no gradient.
        paid = jnp.where(divergence.mean(axis=0) > self.free_bits, divergence, self.free_bits)
        rise = jnp.where(progress < self.warm_up, progress / jnp.maximum(self.warm_up, 1e-6), 1.0)
        return Code(latents, {"kl": self.beta * rise * paid.sum(axis=1)})


def gaussian_kl(mean: Latents, log_var: Latents) -> Latents:
    """Divergence of each posterior N(mean, exp(log_var)) from N(0, 1), in nats, a coordinate.

    References:
        Kingma & Welling, Auto-Encoding Variational Bayes, 2014, appendix B.
    """
    return 0.5 * (jnp.square(mean) + jnp.exp(log_var) - 1.0 - log_var)


def bounded_log_var(raw: Latents) -> Latents:
    """The log variance kept in [-10, 10], where its exponential neither vanishes nor overflows in float32."""
    return jnp.clip(raw, -10.0, 10.0)


class TopK(Bottleneck):
    """A code of which only the k greatest coordinates of each example stay on.

    References:
        Makhzani & Frey, k-Sparse Autoencoders, 2013.
    """

    kind: Literal["top_k"] = "top_k"
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
        rows = jnp.arange(len(raw))[:, None]
        return raw * jnp.zeros_like(raw).at[rows, kept].set(1.0)

    def code(self, key: Key, outputs: Heads, progress: Scalar, module: nnx.Module | None = None) -> Code:
        return Code(self.mean(outputs), {})


class Quantise(Bottleneck):
    """A code whose coordinates have a few levels each, in [-1, 1]: finite scalar quantisation.

    References:
        Mentzer et al., Finite Scalar Quantization, 2024, section 3.
    """

    kind: Literal["quantise"] = "quantise"
    levels: int = parameter(8, "Values that each coordinate of the code can have", ge=2, le=1024)

    @property
    def activation_name(self) -> str:
        return "tanh"

    @property
    def bounds(self) -> tuple[float, float]:
        return -1.0, 1.0

    def mean(self, outputs: Heads, module: nnx.Module | None = None) -> Latents:
        # An even number of levels has none at zero: the range is shifted by half a level, and the input to match.
        half, offset = (self.levels - 1) * 1.001 / 2, 0.5 * (self.levels % 2 == 0)
        bounded = jnp.tanh(outputs[:, 0] + math.atanh(offset / half)) * half - offset
        # The gradient of rounding is zero everywhere; it is taken straight through instead.
        return (bounded + jax.lax.stop_gradient(jnp.round(bounded) - bounded)) / (self.levels // 2)

    def code(self, key: Key, outputs: Heads, progress: Scalar, module: nnx.Module | None = None) -> Code:
        return Code(self.mean(outputs), {})


BOTTLENECKS: dict[str, type[Bottleneck]] = {
    "point": Point,
    "gaussian": GaussianPosterior,
    "top_k": TopK,
    "quantise": Quantise,
}

AnyBottleneck = Annotated[Bottleneck, OneOf(BOTTLENECKS)]
