"""What the coordinates of codes do: which of them are in use, how many at a time, and of how much of the code.

Each function takes codes of examples, (n, latent), as an encoder gives them.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from aejax.arrays import DataError, as_examples

ACTIVE_VARIANCE = 0.01
"""Variance of a posterior's mean over the data above which its coordinate counts as active (Burda et al. 2016)."""


@dataclass(frozen=True, eq=False)
class Activity:
    """What the coordinates of the codes of some examples do.

    Attributes:
        latent: Coordinates of a code.
        active: Coordinates whose variance over the examples is above `ACTIVE_VARIANCE`.
        dead: Share of the coordinates that have one value for every example.
        nonzero: Coordinates of a code that are not zero, on average.
        hoyer: Sparsity from 0, all coordinates alike, to 1, a single one on; None for codes of one coordinate.
        divergence: Divergence from the prior, in nats, a coordinate; None without a posterior.
        words: Codewords in use; None without a book of them.
    """

    latent: int
    active: int
    dead: float
    nonzero: float
    hoyer: float | None
    divergence: Float[np.ndarray, " latent"] | None = None
    words: int | None = None

    @property
    def remark(self) -> str:
        """What the numbers say of a posterior that has collapsed onto the prior; empty where it has not."""
        if self.divergence is None or self.active == self.latent:
            return ""
        idle = self.latent - self.active
        return (
            f"{idle} of {self.latent} coordinates are idle: their posterior is the prior's, whatever the example. "
            "A lower beta, a warm-up or free bits keep more of them in use."
        )


def activity(
    codes: object, divergence: Float[np.ndarray, " latent"] | None = None, words: int | None = None
) -> Activity:
    """All of these numbers for the codes of some examples.

    Raises:
        DataError: If `codes` is not a table of finite numbers.
    """
    table = _table(codes)
    latent = table.shape[1]
    sparsity = hoyer_sparsity(table) if latent > 1 and table.any() else None
    return Activity(latent, active_units(table), dead_units(table), nonzero_units(table), sparsity, divergence, words)


def active_units(codes: object, variance: float = ACTIVE_VARIANCE) -> int:
    """How many coordinates vary over the examples by more than `variance`.

    References:
        Burda et al., Importance Weighted Autoencoders, 2016, section 5.
    """
    return int((_table(codes).var(axis=0) > variance).sum())


def dead_units(codes: object) -> float:
    """Share of the coordinates that have one and the same value for every example."""
    return float((np.ptp(_table(codes), axis=0) == 0).mean())


def nonzero_units(codes: object) -> float:
    """Coordinates of a code that are not zero, on average: its L0 norm."""
    return float(np.count_nonzero(_table(codes), axis=1).mean())


def hoyer_sparsity(codes: object) -> float:
    """(sqrt n - |z|_1 / |z|_2) / (sqrt n - 1) of each code that is not all zero, on average.

    Raises:
        DataError: If codes have a single coordinate, or all of them are zero.

    References:
        Hoyer, Non-negative Matrix Factorization with Sparseness Constraints, 2004, section 3.1.
    """
    table = _table(codes)
    root, lengths = np.sqrt(table.shape[1]), np.linalg.norm(table, axis=1)
    if table.shape[1] < 2 or not lengths.any():
        raise DataError(f"codes must have 2 coordinates or more and not all be zero; got shape {table.shape}")
    on = lengths > 0
    ratios = np.abs(table[on]).sum(axis=1) / lengths[on]
    return float(((root - ratios) / (root - 1)).mean())


def words_used(codes: object, width: int) -> int:
    """Different vectors among the codes, each cut into vectors of `width` numbers.

    Raises:
        DataError: If `width` does not divide the size of the code.
    """
    table = _table(codes)
    if width < 1 or table.shape[1] % width:
        raise DataError(f"width must divide {table.shape[1]}, the size of the code; got {width}")
    return len(np.unique(table.reshape(-1, width), axis=0))


def _table(codes: object) -> Float[np.ndarray, "batch latent"]:
    table = as_examples(codes, "codes").astype(np.float64)
    if table.ndim != 2:
        raise DataError(f"codes must be of shape (n, latent); got {table.shape}")
    return table
