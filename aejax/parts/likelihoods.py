"""Likelihoods: how the decoder's output is read, and what an error costs."""

from abc import ABC, abstractmethod
from typing import Annotated, ClassVar, Literal

import jax
import jax.numpy as jnp

from aejax.parts.activations import ACTIVATIONS, Activation
from aejax.settings import OneOf, Settings, parameter
from aejax.types import Logits, PerExample, Pixels


def sum_over_features(values: Pixels) -> PerExample:
    """The values of each example added up."""
    return values.reshape(values.shape[0], -1).sum(axis=1)


class Likelihood(Settings, ABC):
    """A distribution of examples given the decoder's output."""

    kind: str
    unit: ClassVar[str] = "nats"
    """What the cost, and so the loss, is counted in."""

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
    unit: ClassVar[str] = "squared error"
    output: Activation = parameter("linear", "Activation of the output: linear for any range, sigmoid for [0, 1]")

    def mean(self, logits: Logits) -> Pixels:
        return ACTIVATIONS[self.output].function(logits)

    def cost(self, x: Pixels, logits: Logits) -> PerExample:
        return sum_over_features(jnp.square(x - self.mean(logits)))


class Normal(Likelihood):
    """A normal distribution whose one variance is the batch's own mean squared error, the best there is; in nats.

    It makes squared error and a divergence commensurable without a weight to tune.

    References:
        Rybkin et al., Simple and Effective VAE Training with Calibrated Decoders, 2021, section 4.
    """

    kind: Literal["normal"] = "normal"
    output: Activation = parameter("linear", "Activation of the output: linear for any range, sigmoid for [0, 1]")

    def mean(self, logits: Logits) -> Pixels:
        return ACTIVATIONS[self.output].function(logits)

    def cost(self, x: Pixels, logits: Logits) -> PerExample:
        squares = jnp.square(x - self.mean(logits))
        variance = jnp.maximum(squares.mean(), 1e-8)
        return sum_over_features(0.5 * (squares / variance + jnp.log(2 * jnp.pi * variance)))


class ContinuousBernoulli(Likelihood):
    """The density on [0, 1] that binary cross-entropy lacks its normaliser to be; in nats, and may be negative.

    References:
        Loaiza-Ganem & Cunningham, The Continuous Bernoulli, 2019, equations 5 to 8.
    """

    kind: Literal["continuous_bernoulli"] = "continuous_bernoulli"

    def mean(self, logits: Logits) -> Pixels:
        # 1 / (1 - exp(-a)) - 1 / a, whose two terms cancel at a = 0 against all precision: 1/2 + a/12 there.
        small = jnp.abs(logits) < 0.05
        safe = jnp.where(small, 1.0, logits)
        return jnp.where(small, 0.5 + logits / 12, -1.0 / jnp.expm1(-safe) - 1.0 / safe)

    def cost(self, x: Pixels, logits: Logits) -> PerExample:
        # The normaliser is a / tanh(a / 2) for the logit a, with 2 + a^2 / 6 near zero.
        small = jnp.abs(logits) < 0.05
        safe = jnp.where(small, 1.0, logits)
        normaliser = jnp.where(small, 2.0 + jnp.square(logits) / 6, safe / jnp.tanh(safe / 2))
        return sum_over_features(jax.nn.softplus(logits) - x * logits - jnp.log(normaliser))

    @property
    def needs_unit_range(self) -> bool:
        return True


LIKELIHOODS: dict[str, type[Likelihood]] = {
    "bernoulli": Bernoulli,
    "continuous_bernoulli": ContinuousBernoulli,
    "mse": Mse,
    "normal": Normal,
}

AnyLikelihood = Annotated[Likelihood, OneOf(LIKELIHOODS)]
