"""Penalties: what else a model is asked for, in nats per example."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Annotated, Literal, NamedTuple

import jax
import jax.numpy as jnp

from aejax.parts.likelihoods import sum_over_features
from aejax.settings import OneOf, Settings, parameter
from aejax.types import Heads, Key, Latents, Logits, PerExample, Pixels, Scalar


class Context(NamedTuple):
    """What a penalty may look at while the model trains."""

    x: Pixels
    corrupted: Pixels
    outputs: Heads
    latents: Latents
    logits: Logits
    encode: Callable[[Pixels], Latents]
    decode: Callable[[Latents], Pixels]
    key: Key
    progress: Scalar
    kernel: jax.Array | None
    """The encoder's one matrix, (features, latent), where a single layer leads to a plain code."""
    slope: Callable[[Heads], Latents]
    """Derivative of each coordinate of a plain code by the encoder's output before it."""


class Penalty(Settings, ABC):
    """A term added to the loss, its weight included."""

    kind: str
    weight: float = parameter(1.0, "Weight in the loss", ge=0, le=1e6, live=True, log=True)

    @abstractmethod
    def cost(self, context: Context) -> PerExample:
        """Nats per example, or one number for the batch repeated for each."""


class L1(Penalty):
    """Sum of the absolute activations of the code: few of them stay on.

    References:
        Chollet, Building Autoencoders in Keras, 2016.
    """

    kind: Literal["l1"] = "l1"
    weight: float = parameter(0.1, "Nats for each unit of activation", ge=0, le=1e6, live=True, log=True)

    def cost(self, context: Context) -> PerExample:
        return self.weight * jnp.abs(context.latents).sum(axis=1)


class Contractive(Penalty):
    """Squared norm of the encoder's Jacobian at each input: codes that ignore small changes of it.

    Computed in closed form where one layer leads to the code; else exactly, with one backward pass a coordinate,
    up to 8 of them; else estimated with one random direction in code space, which needs fewer than in input space.

    References:
        Rifai et al., Contractive Auto-Encoders, 2011, equations 2 and 7; Hutchinson, 1990 (the estimate).
    """

    kind: Literal["contractive"] = "contractive"
    weight: float = parameter(0.1, "Nats for each unit of the squared norm", ge=0, le=1e6, live=True, log=True)

    def cost(self, context: Context) -> PerExample:
        if context.kernel is not None:
            norms = jnp.square(context.kernel).sum(axis=0, keepdims=True)
            return self.weight * (jnp.square(context.slope(context.outputs)) * norms).sum(axis=1)
        return self.weight * jacobian_norm(context)


def jacobian_norm(context: Context) -> PerExample:
    """Squared Frobenius norm of the encoder's Jacobian at each example, exact for codes of up to 8 coordinates."""
    codes, pull = jax.vjp(context.encode, context.corrupted)
    latent = codes.shape[1]
    if latent <= 8:
        directions = jnp.broadcast_to(jnp.eye(latent)[:, None], (latent, *codes.shape))
    else:
        directions = jax.random.rademacher(context.key, (1, *codes.shape), codes.dtype)
    (rows,) = jax.vmap(pull)(directions)
    return jax.vmap(lambda row: sum_over_features(jnp.square(row)))(rows).sum(axis=0)


PENALTIES: dict[str, type[Penalty]] = {"l1": L1, "contractive": Contractive}

AnyPenalty = Annotated[Penalty, OneOf(PENALTIES)]
