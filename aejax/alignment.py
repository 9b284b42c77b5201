"""Maps laid upon one another: the similarity that fits one set of points to another, and embedders seen through it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from jaxtyping import Float

from aejax.arrays import DataError, as_examples
from aejax.embedder import Embedder, decodes
from aejax.errors import mean_errors
from aejax.types import Shape


@dataclass(frozen=True, eq=False)
class Affine:
    """The map z -> (z - centre) matrix + shift, from codes to a plane."""

    matrix: Float[np.ndarray, "latent plane"]
    centre: Float[np.ndarray, " latent"]
    shift: Float[np.ndarray, " plane"]

    def __call__(self, codes: Float[np.ndarray, "n latent"]) -> Float[np.ndarray, "n plane"]:
        """The place of each code."""
        return (codes - self.centre) @ self.matrix + self.shift

    def back(self, places: Float[np.ndarray, "n plane"]) -> Float[np.ndarray, "n latent"]:
        """The code nearest to the centre among those that have each place."""
        return (places - self.shift) @ self.inverse + self.centre

    @cached_property
    def inverse(self) -> Float[np.ndarray, "plane latent"]:
        """The pseudoinverse of the matrix."""
        return np.linalg.pinv(self.matrix)

    def then(self, other: "Affine") -> "Affine":
        """This map, and after it another."""
        return Affine(self.matrix @ other.matrix, self.centre, (self.shift - other.centre) @ other.matrix + other.shift)


@dataclass(frozen=True, eq=False)
class Alignment:
    """How one set of points is laid upon another.

    Attributes:
        map: The map that does it.
        residual: Squared distance that is left, as a share of the target's variance: 0 where the shapes are the same,
            1 where they have nothing in common.
    """

    map: Affine
    residual: float


def align(points: object, target: object, kind: str = "similarity") -> Alignment:
    """The map of a kind that brings `points` nearest to `target`, row for row.

    Args:
        points: Points to be moved, (n, d).
        target: Where they should come to lie, (n, d).
        kind: `similarity` for a rotation or reflection with one scale and a shift, which keeps the shape; `affine`
            for any straight map, which may stretch and shear: two linear models that have learnt one subspace differ
            by no more than that.

    Raises:
        DataError: If the two are not finite tables of one shape, or all points of one of them are the same.

    References:
        Schoenemann & Carroll, Fitting One Matrix to Another Under Choice of a Central Dilation and a Rigid Motion,
        1970; Gower, Generalized Procrustes Analysis, 1975.
    """
    if kind not in _KINDS:
        raise DataError(f"kind must be one of {', '.join(_KINDS)}; got {kind!r}")
    moved, fixed = as_examples(points, "points").astype(np.float64), as_examples(target, "target").astype(np.float64)
    if moved.ndim != 2 or moved.shape != fixed.shape:
        raise DataError(f"points and target must be tables of one shape; got {moved.shape} and {fixed.shape}")
    for name, table in (("points", moved), ("target", fixed)):
        if not np.ptp(table, axis=0).any():
            raise DataError(f"{name} must differ from one another to be aligned; got {len(table)} equal ones")
    centre, shift = moved.mean(axis=0), fixed.mean(axis=0)
    matrix = _KINDS[kind](moved - centre, fixed - shift)
    left = np.square((moved - centre) @ matrix - (fixed - shift)).sum() / np.square(fixed - shift).sum()
    return Alignment(Affine(matrix, centre, shift), float(left))


def _similarity(points: np.ndarray, target: np.ndarray) -> Float[np.ndarray, "d d"]:
    # |s a R - b|^2 is least for the R = U V' of a'b = U S V', and s = tr(S) / |a|^2.
    left, values, right = np.linalg.svd(points.T @ target)
    scaled: np.ndarray = left @ right * (values.sum() / np.square(points).sum())
    return scaled


def _affine(points: np.ndarray, target: np.ndarray) -> Float[np.ndarray, "d d"]:
    return np.linalg.lstsq(points, target)[0]


_KINDS: dict[str, Callable[[np.ndarray, np.ndarray], np.ndarray]] = {"similarity": _similarity, "affine": _affine}


def main_plane(codes: Float[np.ndarray, "n latent"]) -> Affine:
    """The map to two coordinates: codes of two as they are, of more along their two principal components.

    A code of one coordinate is put on a line.
    """
    latent = codes.shape[1]
    if latent <= 2:
        return Affine(np.eye(latent, 2), np.zeros(latent), np.zeros(2))
    centre = codes.mean(axis=0, dtype=np.float64)
    _, vectors = np.linalg.eigh(np.cov((codes - centre).T))
    axes = vectors[:, :-3:-1]
    signs = np.sign(axes[np.abs(axes).argmax(axis=0), [0, 1]])
    return Affine(axes * signs, centre, np.zeros(2))


class Placed:
    """An embedder whose codes are the places of its codes on a plane; what it decodes lies in that plane."""

    def __init__(self, embedder: Embedder, place: Affine) -> None:
        """Look at `embedder` through `place`."""
        self.embedder, self.place = embedder, place

    @property
    def shape(self) -> Shape:
        """Shape of one example."""
        return self.embedder.shape

    @property
    def latent(self) -> int:
        """Coordinates of the plane."""
        return self.place.matrix.shape[1]

    @property
    def decodes(self) -> bool:
        """Whether places can be decoded."""
        return decodes(self.embedder)

    def encode(self, x: object) -> Float[np.ndarray, "batch latent"]:
        """The place of each example."""
        return self.place(self.embedder.encode(x)).astype(np.float32)

    def decode(self, z: object) -> Float[np.ndarray, "batch *shape"]:
        """The example of each place."""
        places = as_examples(z, "z", (self.latent,)).astype(np.float64)
        return self.embedder.decode(self.place.back(places).astype(np.float32))

    def reconstruct(self, x: object) -> Float[np.ndarray, "batch *shape"]:
        """Each example's place decoded."""
        return self.decode(self.encode(x))

    def evaluate(self, x: object) -> dict[str, float]:
        """How well examples are rebuilt from their places alone."""
        return mean_errors(x, self.reconstruct(x))
