"""Corruptions: what is done to an input before it is encoded; the target stays clean."""

from abc import ABC, abstractmethod
from typing import Annotated, Literal

import jax
import jax.numpy as jnp

from aejax.settings import OneOf, Settings, parameter
from aejax.types import Key, Pixels


class Corruption(Settings, ABC):
    """A random change of the input, drawn anew at every step."""

    kind: str

    @abstractmethod
    def corrupt(self, key: Key, x: Pixels) -> Pixels:
        """The input with fresh noise."""

    @property
    def needs_unit_range(self) -> bool:
        """Whether the data must lie in [0, 1]."""
        return False


class Clean(Corruption):
    """No corruption: the model sees what it must rebuild."""

    kind: Literal["clean"] = "clean"

    def corrupt(self, key: Key, x: Pixels) -> Pixels:
        return x


class GaussianNoise(Corruption):
    """Additive normal noise.

    References:
        Vincent et al., Extracting and Composing Robust Features with Denoising Autoencoders, 2008.
    """

    kind: Literal["gaussian"] = "gaussian"
    sd: float = parameter(0.4, "Standard deviation of the noise, in the data's own units", ge=0, le=10, live=True)
    clip: bool = parameter(True, "Clip the noisy input to [0, 1], the range of pixels")

    def corrupt(self, key: Key, x: Pixels) -> Pixels:
        noisy = x + self.sd * jax.random.normal(key, x.shape, x.dtype)
        return jnp.clip(noisy, 0.0, 1.0) if self.clip else noisy

    @property
    def needs_unit_range(self) -> bool:
        return self.clip


CORRUPTIONS: dict[str, type[Corruption]] = {"clean": Clean, "gaussian": GaussianNoise}

AnyCorruption = Annotated[Corruption, OneOf(CORRUPTIONS)]
