"""Likelihoods: how the decoder's output is read, and what an error costs."""

from abc import ABC, abstractmethod
from typing import Annotated, Literal

import jax
import jax.numpy as jnp

from aejax.parts.activations import ACTIVATIONS, Activation
from aejax.settings import OneOf, Settings, parameter
from aejax.types import Logits, PerExample, Pixels


class Likelihood(Settings, ABC):
    """A distribution of examples given the decoder's output."""

    kind: str

    @abstractmethod
    def mean(self, logits: Logits) -> Pixels:
        """The expected example, in the data's own units."""

    @abstractmethod
    def cost(self, x: Pixels, logits: Logits) -> PerExample:
        """Cost of explaining `x`, summed over features: nats per example, or squared error where the kind says so."""

    @property
    def needs_unit_range(self) -> bool:
        """Whether the data must lie in [0, 1]."""
        return False


class Bernoulli(Likelihood):
    """Binary cross-entropy in nats, for data in [0, 1]; grey values count as probabilities.

    The least value for grey data is the entropy of its values, not zero.
    """

    kind: Literal["bernoulli"] = "bernoulli"

    def mean(self, logits: Logits) -> Pixels:
        return jax.nn.sigmoid(logits)

    def cost(self, x: Pixels, logits: Logits) -> PerExample:
        return sum_over_features(jax.nn.softplus(logits) - x * logits)

    @property
    def needs_unit_range(self) -> bool:
        return True


class Mse(Likelihood):
    """Squared error, summed over features; data of any range."""

    kind: Literal["mse"] = "mse"
    output: Activation = parameter("linear", "Activation of the output: linear for any range, sigmoid for [0, 1]")

    def mean(self, logits: Logits) -> Pixels:
        return ACTIVATIONS[self.output].function(logits)

    def cost(self, x: Pixels, logits: Logits) -> PerExample:
        return sum_over_features(jnp.square(x - self.mean(logits)))


def sum_over_features(values: Pixels) -> PerExample:
    """The values of each example added up."""
    return values.reshape(values.shape[0], -1).sum(axis=1)


LIKELIHOODS: dict[str, type[Likelihood]] = {"bernoulli": Bernoulli, "mse": Mse}

AnyLikelihood = Annotated[Likelihood, OneOf(LIKELIHOODS)]
