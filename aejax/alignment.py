"""Maps laid upon one another: the similarity that fits one set of points to another, and embedders seen through it."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from jaxtyping import Float

from aejax.arrays import DataError, as_examples
from aejax.embedder import Embedder, decodes
from aejax.quality import mean_errors
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
        map: Rotation or reflection, one scale, and a shift.
        residual: Squared distance that is left, as a share of the target's variance: 0 where the shapes are the same,
            1 where they have nothing in common.
    """

    map: Affine
    residual: float


def align(points: object, target: object) -> Alignment:
    """The rotation or reflection, scale and shift that bring `points` nearest to `target`, row for row.

    Args:
        points: Points to be moved, (n, d).
        target: Where they should come to lie, (n, d).

    Raises:
        DataError: If the two are not finite tables of one shape, or all points of one of them are the same.

    References:
        Schoenemann & Carroll, Fitting One Matrix to Another Under Choice of a Central Dilation and a Rigid Motion,
        1970; Gower, Generalized Procrustes Analysis, 1975.
    """
    moved, fixed = (
        as_examples(value, name).astype(np.float64) for value, name in ((points, "points"), (target, "target"))
    )
    if moved.ndim != 2 or moved.shape != fixed.shape:
        raise DataError(f"points and target must be tables of one shape; got {moved.shape} and {fixed.shape}")
    centre, shift = moved.mean(axis=0), fixed.mean(axis=0)
    a, b = moved - centre, fixed - shift
    sizes = np.square(a).sum(), np.square(b).sum()
    for name, size in zip(("points", "target"), sizes, strict=True):
        if not size:
            raise DataError(f"{name} must differ from one another to be aligned; got {len(moved)} equal ones")
    # |s a R - b|^2 is least for the R = U V' of a'b = U S V', and s = tr(S) / |a|^2.
    left, values, right = np.linalg.svd(a.T @ b)
    trace = values.sum()
    residual = max(0.0, 1.0 - trace**2 / (sizes[0] * sizes[1]))
    return Alignment(Affine(left @ right * (trace / sizes[0]), centre, shift), float(residual))


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
