"""What a baseline is: a way to codes that is not an autoencoder, and what it is once it has seen examples."""

import hashlib
import importlib.util
import warnings
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np
from jaxtyping import Float, Num

from aejax.arrays import DataError, as_examples, as_values
from aejax.batches import CHUNK
from aejax.embedder import Embedder
from aejax.errors import mean_errors
from aejax.settings import Settings, SpecError, parameter
from aejax.types import Examples, Shape

INSTALL = 'pip install "aejax[maps]"'
"""What brings the libraries that not everyone needs."""


class Projection(Settings, ABC):
    """A way to make codes of examples that is not an autoencoder."""

    kind: str
    title: ClassVar[str]
    module: ClassVar[str] = "sklearn"
    heavy: ClassVar[bool] = False
    """Whether it takes long, so that a page has it fitted in a process of its own."""
    greatest_latent: ClassVar[int | None] = None
    examples: int = parameter(60_000, "Training examples that it is fitted to, at most, drawn by the seed", ge=4)

    def fit(self, x: object, latent: int = 2, seed: int = 0) -> Embedder:
        """An embedder that has seen `x`.

        Args:
            x: Examples, one a row: uint8 is read as intensity / 255, other numbers as they are.
            latent: Size of the code.
            seed: Seed of whatever is drawn.

        Raises:
            SpecError: If such a code cannot be made of so many examples, or the library it needs is not installed.
            DataError: If `x` does not hold finite examples that differ.
        """
        examples = as_examples(x)
        if not self.installed():
            raise SpecError(f"{self.title} needs the library {self.module}, which is not installed: {INSTALL}")
        if latent > self.reachable(latent):
            raise SpecError(f"latent must be at most {self.greatest_latent} for {self.title}; got {latent}")
        examples = self.drawn(examples, seed)
        self.check(len(examples), examples[0].size, latent)
        if (examples == examples[0]).all():
            raise DataError(f"x must vary to be laid out; got {len(examples)} equal examples")
        with warnings.catch_warnings():
            # What these libraries warn of is their own affair, such as threads that a seed forbids.
            warnings.simplefilter("ignore")
            return self.embedder(examples, latent, seed)

    def drawn(self, x: np.ndarray, seed: int = 0) -> np.ndarray:
        """The examples that it is fitted to: all, or as many as it takes, drawn by the seed."""
        if len(x) <= self.examples:
            return x
        return x[np.sort(np.random.default_rng(seed).choice(len(x), self.examples, replace=False))]

    def reachable(self, latent: int) -> int:
        """The size of code nearest to `latent` that it can make."""
        return min(latent, self.greatest_latent or latent)

    def check(self, n: int, features: int, latent: int) -> None:
        """Refuse what cannot be.

        Raises:
            SpecError: With the limit.
        """
        most = min(n, features)
        if not 1 <= latent <= most:
            raise SpecError(
                f"latent must be between 1 and {most}, the lesser of {n} examples and {features} features; got {latent}"
            )

    @abstractmethod
    def embedder(self, examples: Examples, latent: int, seed: int) -> Embedder:
        """What has learnt from checked examples."""

    @classmethod
    def installed(cls) -> bool:
        """Whether the library it needs is there."""
        return importlib.util.find_spec(cls.module) is not None


class Fitted:
    """A projection with the interface of a `Run`; the examples that it has seen keep the codes that it gave them."""

    def __init__(
        self,
        examples: Examples,
        codes: Num[np.ndarray, "n latent"],
        encode: Callable[[np.ndarray], Any] | None = None,
        decode: Callable[[np.ndarray], Any] | None = None,
    ) -> None:
        """Remember what a library has made of examples.

        Args:
            examples: What it has seen.
            codes: The code of each.
            encode: Makes codes of a table of other examples; None where it cannot.
            decode: Makes a table of examples of codes; None where it cannot.
        """
        self._codes, self._encode, self._decode = np.asarray(codes, np.float32), encode, decode
        self._shape = examples.shape[1:]
        self._known = {_key(example): row for row, example in enumerate(examples)}

    @property
    def shape(self) -> Shape:
        """Shape of one example."""
        return self._shape

    @property
    def latent(self) -> int:
        """Size of the code."""
        return int(self._codes.shape[1])

    @property
    def decodes(self) -> bool:
        """Whether there is a way back from codes to examples."""
        return self._decode is not None

    def encode(self, x: object) -> Float[np.ndarray, "batch latent"]:
        """The code of each example: as it was laid out if it has been seen, else where the layout puts it afterwards.

        Raises:
            DataError: If `x` does not hold finite examples of the fitted shape, or holds others than those that were
                seen where others cannot be laid out.
        """
        examples = as_examples(x, "x", self.shape)
        rows = np.array([self._known.get(_key(example), -1) for example in examples])
        codes = self._codes[rows]
        others = np.flatnonzero(rows < 0)
        if len(others):
            if self._encode is None:
                raise DataError(f"x must hold examples whose codes are known; got {len(others)} others")
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                codes[others] = self._encode(as_table(examples[others]))
        return codes

    def decode(self, z: object) -> Float[np.ndarray, "batch *shape"]:
        """The example at each code.

        Raises:
            DataError: If there is no way back, or `z` is not of shape (n, latent), or not finite.
        """
        latents = as_examples(z, "z", (self.latent,)).astype(np.float32)
        if self._decode is None:
            raise DataError("codes cannot be decoded: this method only lays examples out")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            chunks = [self._decode(latents[at : at + CHUNK]) for at in range(0, len(latents), CHUNK)]
        return np.concatenate(chunks).astype(np.float32).reshape(len(latents), *self.shape)

    def reconstruct(self, x: object) -> Float[np.ndarray, "batch *shape"]:
        """Each example encoded and decoded."""
        return self.decode(self.encode(x))

    def evaluate(self, x: object) -> dict[str, float]:
        """`bce` and `excess_bce` in nats per feature, `mse` per feature, `sse` summed; means over examples."""
        return mean_errors(as_examples(x, "x", self.shape), self.reconstruct(x))


def as_table(examples: Examples) -> Float[np.ndarray, "n features"]:
    """The examples as rows of float32, bytes as intensities from 0 to 1."""
    return as_values(np.asarray(examples)).reshape(len(examples), -1)


def _key(example: np.ndarray) -> bytes:
    return hashlib.blake2b(np.ascontiguousarray(example).tobytes(), digest_size=16).digest()
