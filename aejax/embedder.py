"""What may take a trained autoencoder's place: anything that encodes and decodes."""

from typing import Any, Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float

from aejax.types import Shape


@runtime_checkable
class Embedder(Protocol):
    """What encodes and decodes: a trained `Run`, or a baseline that takes its place."""

    @property
    def shape(self) -> Shape:
        """Shape of one example."""

    @property
    def latent(self) -> int:
        """Size of the code."""

    def encode(self, x: object) -> Float[np.ndarray, "batch latent"]:
        """The code of each example."""

    def decode(self, z: object) -> Float[np.ndarray, "batch *shape"]:
        """The example of each code, in the data's own units."""

    def reconstruct(self, x: object) -> Float[np.ndarray, "batch *shape"]:
        """Each example encoded and decoded."""

    def evaluate(self, x: object) -> dict[str, float]:
        """How well the examples are rebuilt, as means over examples: at least `aejax.errors.ERRORS`."""


def decodes(embedder: object) -> bool:
    """Whether it makes examples of codes: autoencoders do, and baselines unless they say `decodes = False`."""
    return bool(getattr(embedder, "decodes", True))


def told(embedder: Embedder, labels: np.ndarray | None) -> dict[str, Any]:
    """The labels as an argument of the methods of an embedder that is told classes; nothing for any other."""
    return {"labels": labels} if getattr(embedder, "classes", 0) and labels is not None else {}
