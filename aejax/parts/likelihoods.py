"""Likelihoods: how the decoder's output is read, and what an error costs."""

import math
from abc import ABC, abstractmethod
from typing import Annotated, ClassVar, Literal

import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx
from pydantic import Field

from aejax.parts.activations import ACTIVATIONS, Activation
from aejax.parts.cross_entropy import cross_entropy
from aejax.settings import Named, OneOf, Settings, SpecError, parameter
from aejax.types import Examples, Logits, PerExample, Pixels, Scalar, Shape

Position = Annotated[int, Field(ge=0, le=1_000_000)]


def sum_over_features(values: Pixels, weights: Pixels | None = None) -> PerExample:
    """The values of each example added up, each with its weight if there are weights."""
    values = values if weights is None else values * weights
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
    def cost(
        self, x: Pixels, logits: Logits, module: nnx.Module | None = None, weights: Pixels | None = None
    ) -> PerExample:
        """Cost of explaining `x`, summed over features: nats per example, or squared error where the kind says so.

        Each feature's cost counts with its weight, if there are weights.
        """

    def module(self, shape: Shape) -> nnx.Module | None:
        """What the kind itself learns, for examples of `shape`; None where it learns nothing."""
        return None

    def check_shape(self, shape: Shape) -> None:
        """Refuse examples of a shape that the kind cannot explain.

        Raises:
            SpecError: With the setting that does not fit.
        """

    def check_values(self, x: Examples) -> None:
        """Refuse examples some of whose features hold values that the kind cannot explain.

        Raises:
            SpecError: With the first such feature.
        """

    @property
    def is_density(self) -> bool:
        """Whether the cost is the negative logarithm of one example's own density, or probability."""
        return True

    @property
    def needs_unit_range(self) -> bool:
        """Whether the data must lie in [0, 1]."""
        return False


class Bernoulli(Likelihood):
    """Binary cross-entropy in nats, for data in [0, 1]; grey values count as probabilities.

    The least value for grey data is the entropy of its values, not zero.
    """

    kind: Literal["bernoulli"] = "bernoulli"
    formula: ClassVar[str] = r"-\textstyle\sum_i \bigl(x_i \ln \hat x_i + (1 - x_i) \ln (1 - \hat x_i)\bigr)"
    page: ClassVar[str] = "likelihoods"

    def mean(self, logits: Logits) -> Pixels:
        return jax.nn.sigmoid(logits)

    def cost(
        self, x: Pixels, logits: Logits, module: nnx.Module | None = None, weights: Pixels | None = None
    ) -> PerExample:
        if weights is None:
            flat = (len(logits), -1)
            return cross_entropy(x.reshape(flat), logits.reshape(flat))
        return sum_over_features(jax.nn.softplus(logits) - x * logits, weights)

    @property
    def needs_unit_range(self) -> bool:
        return True


class Mse(Likelihood):
    """Squared error, summed over features; data of any range."""

    kind: Literal["mse"] = "mse"
    formula: ClassVar[str] = r"\lVert x - \hat x \rVert^2"
    page: ClassVar[str] = "likelihoods"
    unit: ClassVar[str] = "squared error"
    output: Activation = parameter("linear", "Activation of the output: linear for any range, sigmoid for [0, 1]")

    def mean(self, logits: Logits) -> Pixels:
        return ACTIVATIONS[self.output].function(logits)

    def cost(
        self, x: Pixels, logits: Logits, module: nnx.Module | None = None, weights: Pixels | None = None
    ) -> PerExample:
        return sum_over_features(jnp.square(x - self.mean(logits)), weights)

    @property
    def is_density(self) -> bool:
        return False


class Mixed(Likelihood):
    """Squared error of columns of numbers, cross-entropy of columns of truths: for tables that have both.

    Both are nats, but for a constant: squared error is what a normal distribution of variance 1/2 costs.
    """

    kind: Literal["mixed"] = "mixed"
    formula: ClassVar[str] = (
        r"\textstyle\sum_{\text{numbers}} (x_i - \hat x_i)^2 "
        r"- \sum_{\text{truths}} \bigl(x_i \ln \hat x_i + (1 - x_i) \ln (1 - \hat x_i)\bigr)"
    )
    page: ClassVar[str] = "likelihoods"
    truths: tuple[Position, ...] = parameter((), "Positions of the columns that are 0 or 1, from 0", widget=False)

    def mean(self, logits: Logits) -> Pixels:
        return jnp.where(self._are_truths(logits), jax.nn.sigmoid(logits), logits)

    def cost(
        self, x: Pixels, logits: Logits, module: nnx.Module | None = None, weights: Pixels | None = None
    ) -> PerExample:
        crossed = jax.nn.softplus(logits) - x * logits
        return sum_over_features(jnp.where(self._are_truths(x), crossed, jnp.square(x - logits)), weights)

    def _are_truths(self, values: Pixels) -> np.ndarray:
        mask = np.zeros(math.prod(values.shape[1:]), np.bool_)
        mask[list(self.truths)] = True
        return mask.reshape(values.shape[1:])[None]

    def check_shape(self, shape: Shape) -> None:
        if max(self.truths, default=0) >= math.prod(shape):
            raise SpecError(
                f"likelihood.truths must be below {math.prod(shape)}, the size of one example; got {max(self.truths)}"
            )

    def check_values(self, x: Examples) -> None:
        columns = x.reshape(len(x), -1)
        wrong = [at for at in self.truths if columns[:, at].min() < 0 or columns[:, at].max() > 1]
        if wrong:
            raise SpecError(f"likelihood.truths must be columns from 0 to 1; column {wrong[0]} goes beyond")

    @property
    def is_density(self) -> bool:
        return False


VARIANCES = {
    "batch": "the mean squared error of each batch, the best that one variance can be",
    "one": "one that is learned",
    "feature": "one that is learned for each feature",
}


class OutputVariance(nnx.Module):
    """The logarithms of learned variances, one for all features or one for each."""

    def __init__(self, shape: Shape) -> None:
        self.log_variance = nnx.Param(jnp.zeros(shape))

    def __call__(self) -> jax.Array:
        """The log variance, bent so that it stays above -10: a pixel that never changes would take it to -infinity."""
        return jax.nn.softplus(self.log_variance[...] + 10.0) - 10.0


class Normal(Likelihood):
    """A normal distribution, in nats: squared error in the unit of a divergence, without a weight to tune.

    Its variance is by default the batch's own mean squared error, the best there is; or it is learned.

    References:
        Rybkin et al., Simple and Effective VAE Training with Calibrated Decoders, 2021, sections 3 and 4.
    """

    kind: Literal["normal"] = "normal"
    formula: ClassVar[str] = r"\lVert x - \hat x \rVert^2 / (2 \sigma^2) + \tfrac d2 \ln 2 \pi \sigma^2"
    page: ClassVar[str] = "likelihoods"
    variance: Annotated[str, Named(VARIANCES)] = parameter(
        "batch", "Variance: the batch's own mean squared error, or learned, one for all features or for each"
    )
    output: Activation = parameter("linear", "Activation of the output: linear for any range, sigmoid for [0, 1]")

    def mean(self, logits: Logits) -> Pixels:
        return ACTIVATIONS[self.output].function(logits)

    def cost(
        self, x: Pixels, logits: Logits, module: nnx.Module | None = None, weights: Pixels | None = None
    ) -> PerExample:
        squares = jnp.square(x - self.mean(logits))
        log_variance = module() if isinstance(module, OutputVariance) else jnp.log(_mean(squares, weights))
        log_variance = jnp.broadcast_to(log_variance, squares.shape)
        return sum_over_features(0.5 * (squares / jnp.exp(log_variance) + log_variance + jnp.log(2 * jnp.pi)), weights)

    def module(self, shape: Shape) -> nnx.Module | None:
        return None if self.variance == "batch" else OutputVariance(shape if self.variance == "feature" else ())

    @property
    def is_density(self) -> bool:
        return self.variance != "batch"


def _mean(squares: Pixels, weights: Pixels | None) -> Scalar:
    """The mean of the squares by their weights, and no less than 1e-8."""
    total = squares.size if weights is None else jnp.maximum(weights.sum(), 1e-8)
    return jnp.maximum(sum_over_features(squares, weights).sum() / total, 1e-8)


class ContinuousBernoulli(Likelihood):
    """The density on [0, 1] that binary cross-entropy lacks its normaliser to be; in nats, and may be negative.

    References:
        Loaiza-Ganem & Cunningham, The Continuous Bernoulli, 2019, equations 5 to 8.
    """

    kind: Literal["continuous_bernoulli"] = "continuous_bernoulli"
    formula: ClassVar[str] = (
        r"-\textstyle\sum_i \bigl(x_i \ln \lambda_i + (1 - x_i) \ln (1 - \lambda_i) "
        r"+ \ln C(\lambda_i)\bigr)"
    )
    page: ClassVar[str] = "likelihoods"

    def mean(self, logits: Logits) -> Pixels:
        # 1 / (1 - exp(-a)) - 1 / a, whose two terms cancel at a = 0 against all precision: 1/2 + a/12 there.
        small = jnp.abs(logits) < 0.05
        safe = jnp.where(small, 1.0, logits)
        return jnp.where(small, 0.5 + logits / 12, -1.0 / jnp.expm1(-safe) - 1.0 / safe)

    def cost(
        self, x: Pixels, logits: Logits, module: nnx.Module | None = None, weights: Pixels | None = None
    ) -> PerExample:
        # The normaliser is a / tanh(a / 2) for the logit a, with 2 + a^2 / 6 near zero.
        small = jnp.abs(logits) < 0.05
        safe = jnp.where(small, 1.0, logits)
        normaliser = jnp.where(small, 2.0 + jnp.square(logits) / 6, safe / jnp.tanh(safe / 2))
        return sum_over_features(jax.nn.softplus(logits) - x * logits - jnp.log(normaliser), weights)

    @property
    def needs_unit_range(self) -> bool:
        return True


LIKELIHOODS: dict[str, type[Likelihood]] = {
    "bernoulli": Bernoulli,
    "continuous_bernoulli": ContinuousBernoulli,
    "mixed": Mixed,
    "mse": Mse,
    "normal": Normal,
}

AnyLikelihood = Annotated[Likelihood, OneOf(LIKELIHOODS)]
