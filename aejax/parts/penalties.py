"""Penalties: what else a model is asked for, in nats per example."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Annotated, Literal, NamedTuple

import jax.numpy as jnp

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


PENALTIES: dict[str, type[Penalty]] = {"l1": L1}

AnyPenalty = Annotated[Penalty, OneOf(PENALTIES)]
