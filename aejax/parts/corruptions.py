"""Corruptions: what is done to an input before it is encoded; the target stays clean."""

from abc import ABC, abstractmethod
from math import prod
from typing import Annotated, ClassVar, Literal, NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Bool, Float

from aejax.parts.chance import Chance
from aejax.parts.shapes import check_images
from aejax.settings import OneOf, Settings, SpecError, parameter
from aejax.types import Key, PerExample, Pixels, Shape

Mask = Bool[jax.Array, "batch *shape"]


class Corrupted(NamedTuple):
    """Examples with noise; `where` says which features it struck, and is None for noise on all of them or none.

    What must be rebuilt is `target`, or the clean example where that is None.
    """

    x: Pixels
    where: Mask | None = None
    target: Pixels | None = None


class Corruption(Settings, ABC):
    """A random change of the input, drawn anew at every step."""

    kind: str

    @abstractmethod
    def corrupt(self, key: Key, x: Pixels) -> Corrupted:
        """The input with fresh noise."""

    def draw(self, chance: Chance, x: Pixels) -> Corrupted:
        """The input with noise: new at every step, unless the kind keeps one draw an example."""
        return self.corrupt(chance.batch, x)

    def weights(self, corrupted: Corrupted) -> Pixels | None:
        """Weight of the error on each feature; None where all weigh the same."""
        return None

    def check_shape(self, shape: Shape) -> None:
        """Refuse settings that leave nothing to learn, and shapes that the kind cannot corrupt.

        Raises:
            SpecError: With those it can.
        """

    @property
    def needs_unit_range(self) -> bool:
        """Whether the data must lie in [0, 1]."""
        return False


class Clean(Corruption):
    """No corruption: the model sees what it must rebuild."""

    kind: Literal["clean"] = "clean"
    formula: ClassVar[str] = r"\tilde x = x"
    page: ClassVar[str] = "denoising"

    def corrupt(self, key: Key, x: Pixels) -> Corrupted:
        return Corrupted(x)


class Noise(Corruption, ABC):
    """A corruption by chance.

    References:
        Vincent et al., Stacked Denoising Autoencoders, 2010.
    """

    fresh: bool = parameter(True, "New noise at every step; if not, each example keeps one draw")

    def draw(self, chance: Chance, x: Pixels) -> Corrupted:
        if self.fresh:
            return self.corrupt(chance.batch, x)
        drawn = jax.vmap(lambda key, example: self.corrupt(key, example[None]))(chance.keys(), x)
        return jax.tree.map(lambda each: each[:, 0], drawn)


class GaussianNoise(Noise):
    """Additive normal noise."""

    kind: Literal["gaussian"] = "gaussian"
    formula: ClassVar[str] = r"\tilde x = x + \sigma \varepsilon, \quad \varepsilon \sim N(0, I)"
    page: ClassVar[str] = "denoising"
    sd: float = parameter(0.4, "Standard deviation of the noise, in the data's own units", ge=0, le=10, live=True)
    clip: bool = parameter(True, "Clip the noisy input to [0, 1], the range of pixels")

    def corrupt(self, key: Key, x: Pixels) -> Corrupted:
        noisy = x + self.sd * jax.random.normal(key, x.shape, x.dtype)
        return Corrupted(jnp.clip(noisy, 0.0, 1.0) if self.clip else noisy)

    @property
    def needs_unit_range(self) -> bool:
        return self.clip


class PartialNoise(Noise, ABC):
    """A corruption of some features, on which the error may weigh more or less than on the others.

    References:
        Vincent et al., Stacked Denoising Autoencoders, 2010 (emphasis on corrupted dimensions).
    """

    # Not live, for whether they leave any error to count is checked with the other settings.
    corrupted_weight: float = parameter(1.0, "Weight of the error on features that are corrupted", ge=0, le=100)
    untouched_weight: float = parameter(1.0, "Weight of the error on the other features", ge=0, le=100)

    def weights(self, corrupted: Corrupted) -> Pixels | None:
        if self.corrupted_weight == self.untouched_weight == 1:
            return None
        return jnp.where(jnp.asarray(corrupted.where), self.corrupted_weight, self.untouched_weight)

    def check_shape(self, shape: Shape) -> None:
        if self.corrupted_weight == self.untouched_weight == 0:
            raise SpecError("corruption: corrupted_weight and untouched_weight must not both be 0, or no error counts")


class Masking(PartialNoise):
    """Features set to zero, each with the same probability."""

    kind: Literal["masking"] = "masking"
    formula: ClassVar[str] = r"\tilde x_i = 0 \text{ with probability } p, \text{ else } x_i"
    page: ClassVar[str] = "denoising"
    share: float = parameter(0.25, "Share of features set to zero", ge=0, le=1, live=True)

    def corrupt(self, key: Key, x: Pixels) -> Corrupted:
        where = jax.random.uniform(key, x.shape) < self.share
        return Corrupted(jnp.where(where, 0.0, x), where)


class SaltPepper(PartialNoise):
    """Features set to 0 or 1, the ends of the range of pixels, each with the same probability."""

    kind: Literal["salt_pepper"] = "salt_pepper"
    formula: ClassVar[str] = r"\tilde x_i = 0 \text{ or } 1 \text{ with probability } p/2 \text{ each, else } x_i"
    page: ClassVar[str] = "denoising"
    share: float = parameter(0.25, "Share of features set to 0 or to 1", ge=0, le=1, live=True)

    def corrupt(self, key: Key, x: Pixels) -> Corrupted:
        chance = jax.random.uniform(key, x.shape)
        noisy = jnp.where(chance < self.share / 2, 0.0, jnp.where(chance < self.share, 1.0, x))
        return Corrupted(noisy, chance < self.share)

    @property
    def needs_unit_range(self) -> bool:
        return True


class Patches(PartialNoise):
    """Square patches of an image set to zero, the same number in every image.

    References:
        He et al., Masked Autoencoders Are Scalable Vision Learners, 2022, section 3.
    """

    kind: Literal["patches"] = "patches"
    formula: ClassVar[str] = r"\tilde x_i = 0 \text{ in a share } p \text{ of all patches, else } x_i"
    page: ClassVar[str] = "masked"
    size: int = parameter(4, "Side of a patch, in pixels", ge=1, le=1024)
    share: float = parameter(0.75, "Share of patches set to zero", ge=0, le=1, live=True)

    def corrupt(self, key: Key, x: Pixels) -> Corrupted:
        rows, columns = self._grid(x.shape[1:])
        chance = jax.random.uniform(key, (len(x), rows * columns))
        place = jnp.argsort(jnp.argsort(chance, axis=1), axis=1)
        hidden = (place < jnp.round(self.share * rows * columns)).reshape(len(x), rows, columns)
        pixels = hidden.repeat(self.size, axis=1).repeat(self.size, axis=2)[:, : x.shape[1], : x.shape[2]]
        where = jnp.broadcast_to(pixels.reshape(*pixels.shape, *[1] * (x.ndim - 3)), x.shape)
        return Corrupted(jnp.where(where, 0.0, x), where)

    def check_shape(self, shape: Shape) -> None:
        super().check_shape(shape)
        check_images(f"corruption {self.kind!r}", shape)
        if prod(self._grid(shape)) < 2:
            raise SpecError(f"corruption.size must be below {max(shape[:2])}, the side of an image; got {self.size}")

    def _grid(self, shape: Shape) -> tuple[int, int]:
        """Rows and columns of patches; the last of each are cut off where the image ends."""
        return -(-shape[0] // self.size), -(-shape[1] // self.size)


class Shift(Noise):
    """An image moved off its place, by as much as it happens to be up to a limit each way; black comes in at the edge.

    The code then need not say where an image lies. Between whole pixels the image is interpolated linearly.

    References:
        Simard et al., Best Practices for Convolutional Neural Networks, 2003, section 2 (displacements).
    """

    kind: Literal["shift"] = "shift"
    formula: ClassVar[str] = r"\tilde x(i, j) = x(i - u_1, j - u_2), \quad u \sim U(-s, s)^2"
    page: ClassVar[str] = "denoising"
    pixels: float = parameter(1.0, "Most pixels by which an image is moved along each axis", ge=0, le=100, live=True)
    follow: bool = parameter(False, "Whether the image is to be rebuilt where it now lies, as if there were more data")

    def corrupt(self, key: Key, x: Pixels) -> Corrupted:
        down, right = jax.random.uniform(key, (2, len(x)), x.dtype, -1.0, 1.0) * self.pixels
        rows, columns = (_moving(by, size) for by, size in zip((down, right), x.shape[1:3], strict=True))
        moved = jnp.einsum("nij,njk...,nlk->nil...", rows, x, columns)
        return Corrupted(moved, target=moved if self.follow else None)

    def check_shape(self, shape: Shape) -> None:
        check_images(f"corruption {self.kind!r}", shape)


def _moving(by: PerExample, size: int) -> Float[jax.Array, "batch size size"]:
    """The matrices that move a row of pixels by so many each, and interpolate linearly between two."""
    place = jnp.arange(size, dtype=by.dtype)
    return jnp.maximum(0.0, 1.0 - jnp.abs(place[None, :, None] - by[:, None, None] - place[None, None, :]))


CORRUPTIONS: dict[str, type[Corruption]] = {
    "clean": Clean,
    "gaussian": GaussianNoise,
    "masking": Masking,
    "salt_pepper": SaltPepper,
    "patches": Patches,
    "shift": Shift,
}

AnyCorruption = Annotated[Corruption, OneOf(CORRUPTIONS)]
