"""What is not known of examples, filled in by encoding and decoding them again and again."""

from typing import Any

import numpy as np
from jaxtyping import Bool, Float

from aejax.embedder import Embedder


def settled(
    embedder: Embedder,
    x: Float[np.ndarray, "batch *shape"],
    known: Bool[np.ndarray, "batch *shape"],
    rounds: int,
    tolerance: float,
    **told: Any,
) -> Float[np.ndarray, "batch *shape"]:
    """The examples with what is not known replaced by its reconstruction, as long as that makes what is known better.

    Without chance the reconstruction's reconstruction need not settle: of a model that was trained on masked input it
    may grow without end. So each example stays where what is known of it comes out best.

    Args:
        embedder: What encodes and decodes.
        x: Examples in its units, with a first guess of what is not known.
        known: True where they are known.
        rounds: Times that they are encoded and decoded, at most.
        tolerance: Change of a feature below which nothing goes on.
        told: The labels, for an embedder that is told classes.
    """
    filled, least = x, np.full(len(x), np.inf)
    for _ in range(rounds):
        rebuilt = np.asarray(embedder.reconstruct(filled, **told))
        error = np.square(np.where(known, rebuilt - filled, 0)).reshape(len(x), -1).sum(axis=1, dtype=np.float64)
        is_better = error < least
        # One that comes out worse is left for good.
        least = np.where(is_better, error, -np.inf)
        moved = np.where(is_better.reshape(-1, *[1] * (x.ndim - 1)) & ~known, rebuilt, filled)
        change, filled = float(np.abs(moved - filled).max()), moved
        if change <= tolerance:
            break
    return filled
