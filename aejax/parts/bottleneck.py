"""What every bottleneck is: the way from the encoder's output to a code."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import ClassVar, NamedTuple

import jax.numpy as jnp
import numpy as np
from flax import nnx
from jaxtyping import Float

from aejax.parts.activations import ACTIVATIONS
from aejax.settings import Settings
from aejax.types import AnyArray, Counts, Heads, Key, Latents, Params, Scalar, Shape, Terms


class Code(NamedTuple):
    """Codes as the decoder sees them in training, and what they add to the loss (nats per example)."""

    latents: Latents
    terms: Terms
    counts: Counts = {}
    """What this batch adds to the counts of the epoch."""


class Bottleneck(Settings, ABC):
    """The way from the encoder's output to a code."""

    kind: str
    heads: ClassVar[int] = 1
    """Numbers that the encoder gives for each latent coordinate."""
    has_prior: ClassVar[bool] = False
    """Whether codes are meant to follow N(0, I)."""
    of_features: ClassVar[bool] = False
    """Whether the code is made of features as they are, so that there is nothing to encode."""
    settles: ClassVar[bool] = False
    """Whether what was learnt is made final after the last step, and the decoder fitted to it."""

    term_formulas: ClassVar[Mapping[str, str]] = {}
    """What each term that the kind adds to the loss is, in LaTeX, by the term's name."""

    @property
    @abstractmethod
    def activation_name(self) -> str:
        """Name of the activation that the encoder's output layer feeds, for its initialisation."""

    @property
    def bounds(self) -> tuple[float, float]:
        """Least and greatest value that a coordinate of the code can have."""
        entry = ACTIVATIONS[self.activation_name]
        return entry.low, entry.high

    @property
    def draws(self) -> int:
        """Codes drawn for each example in a step; of more than one, the loss is the importance weighted bound."""
        return 1

    @property
    def unit(self) -> int:
        """Numbers of which the code is made up at a time: its size is a multiple of them."""
        return 1

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

    def shown(self, outputs: Heads, latents: Latents, module: nnx.Module | None = None) -> dict[str, AnyArray]:
        """What is worth seeing of codes that came of these outputs, by its name; an example a row."""
        return {"code": latents}

    def deviation(self, outputs: Heads) -> Latents:
        """Standard deviation of each example's posterior; zero where a code is one point."""
        return jnp.zeros_like(outputs[:, 0])

    @abstractmethod
    def code(self, key: Key, outputs: Heads, progress: Scalar, module: nnx.Module | None = None) -> Code:
        """The code in training, when `progress` (0 to 1) of all steps are done."""

    def nearest(self, latents: Latents, module: nnx.Module | None = None) -> Latents:
        """The code nearest to each of `latents` of those that the kind can give."""
        return latents

    def bits(self, latent: int) -> float | None:
        """Bits that tell apart all codes of this size; None where they are not finitely many."""
        return None

    def prior(self, random: np.random.Generator, n: int, latent: int) -> Float[np.ndarray, "n latent"] | None:
        """Codes drawn from what the kind draws them towards; None where it has no such distribution."""
        return None

    def counts(self, latent: int) -> Counts:
        """What is counted over each epoch, at its beginning; nothing for kinds that count nothing."""
        return {}

    def refreshed(self, params: Params, counts: Counts, outputs: Heads, key: Key) -> Params:
        """The parameters of the kind's own module for the next epoch, given the counts of the last one.

        Before the first epoch the counts are those that an epoch begins with. `outputs` are the encoder's, for
        training examples in random order.
        """
        return params

    def settled(self, learnt: Params) -> Params:
        """The parameters of the kind's own module made final, where it `settles`."""
        return learnt
