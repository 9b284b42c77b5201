"""Corruptions: what is done to an input before it is encoded; the target stays clean."""

from abc import ABC, abstractmethod
from typing import Annotated, Literal

import jax
import jax.numpy as jnp

from aejax.parts.chance import Chance
from aejax.settings import OneOf, Settings, parameter
from aejax.types import Key, Pixels


class Corruption(Settings, ABC):
    """A random change of the input, drawn anew at every step."""

    kind: str

    @abstractmethod
    def corrupt(self, key: Key, x: Pixels) -> Pixels:
        """The input with fresh noise."""

    def draw(self, chance: Chance, x: Pixels) -> Pixels:
        """The input with noise: new at every step, unless the kind keeps one draw an example."""
        return self.corrupt(chance.batch, x)

    @property
    def needs_unit_range(self) -> bool:
        """Whether the data must lie in [0, 1]."""
        return False


class Clean(Corruption):
    """No corruption: the model sees what it must rebuild."""

    kind: Literal["clean"] = "clean"

    def corrupt(self, key: Key, x: Pixels) -> Pixels:
        return x


class Noise(Corruption, ABC):
    """A corruption by chance.

    References:
        Vincent et al., Stacked Denoising Autoencoders, 2010.
    """

    fresh: bool = parameter(True, "New noise at every step; if not, each example keeps one draw")

    def draw(self, chance: Chance, x: Pixels) -> Pixels:
        if self.fresh:
            return self.corrupt(chance.batch, x)
        return jax.vmap(lambda key, example: self.corrupt(key, example[None])[0])(chance.keys(), x)


class GaussianNoise(Noise):
    """Additive normal noise."""

    kind: Literal["gaussian"] = "gaussian"
    sd: float = parameter(0.4, "Standard deviation of the noise, in the data's own units", ge=0, le=10, live=True)
    clip: bool = parameter(True, "Clip the noisy input to [0, 1], the range of pixels")

    def corrupt(self, key: Key, x: Pixels) -> Pixels:
        noisy = x + self.sd * jax.random.normal(key, x.shape, x.dtype)
        return jnp.clip(noisy, 0.0, 1.0) if self.clip else noisy

    @property
    def needs_unit_range(self) -> bool:
        return self.clip


class Masking(Noise):
    """Features set to zero, each with the same probability."""

    kind: Literal["masking"] = "masking"
    share: float = parameter(0.25, "Share of features set to zero", ge=0, le=1, live=True)

    def corrupt(self, key: Key, x: Pixels) -> Pixels:
        return jnp.where(jax.random.uniform(key, x.shape) < self.share, 0.0, x)


class SaltPepper(Noise):
    """Features set to 0 or 1, the ends of the range of pixels, each with the same probability."""

    kind: Literal["salt_pepper"] = "salt_pepper"
    share: float = parameter(0.25, "Share of features set to 0 or to 1", ge=0, le=1, live=True)

    def corrupt(self, key: Key, x: Pixels) -> Pixels:
        chance = jax.random.uniform(key, x.shape)
        return jnp.where(chance < self.share / 2, 0.0, jnp.where(chance < self.share, 1.0, x))

    @property
    def needs_unit_range(self) -> bool:
        return True


CORRUPTIONS: dict[str, type[Corruption]] = {
    "clean": Clean,
    "gaussian": GaussianNoise,
    "masking": Masking,
    "salt_pepper": SaltPepper,
}

AnyCorruption = Annotated[Corruption, OneOf(CORRUPTIONS)]
