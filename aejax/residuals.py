"""Where an autoencoder moves what it is given: its residual as a field of arrays in the plane.

Of a denoising autoencoder the residual is, for little noise, the noise's variance times the slope of the data's log
density: arrows point to where examples are frequent.

References:
    Alain & Bengio, What Regularized Auto-Encoders Learn from the Data-Generating Distribution, 2014, theorem 1.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Float

from aejax import latent
from aejax.arrays import DataError
from aejax.run import Run
from aejax.settings import SpecError


@dataclass(frozen=True, eq=False)
class Field:
    """Arrows in the plane of the data or of the codes: where each begins, and how far it goes."""

    space: Literal["data", "code"]
    places: Float[np.ndarray, "arrows 2"]
    moves: Float[np.ndarray, "arrows 2"]

    @property
    def lengths(self) -> Float[np.ndarray, " arrows"]:
        """Length of each arrow, in the units of the plane."""
        return np.linalg.norm(self.moves, axis=1)


def residual_field(run: Run, box: object, n: int = 20) -> Field:
    """What the run adds to each place of the plane: r(x) - x of data of two features, else e(d(z)) - z of codes of two.

    Args:
        run: A trained run; one that is told classes must have been `given` one.
        box: Least and greatest value of each of the two coordinates.
        n: Places along each side.

    Raises:
        SpecError: If neither the data nor the code have two coordinates.
        DataError: If the box is none.
    """
    sides = np.asarray(box, np.float64)
    if sides.shape != (2, 2) or not (sides[:, 0] < sides[:, 1]).all() or n < 1:
        raise DataError(f"box must hold ((least, greatest), (least, greatest)), and n be 1 or more; got {box!r}, {n}")
    if run.shape == (2,):
        places = _grid(_within(run, sides), n)
        return Field("data", places, run.reconstruct(places) - places)
    if run.latent != 2:
        raise SpecError(
            f"a field of arrows needs data of 2 features or a code of 2 numbers; got {run.shape} and {run.latent}"
        )
    places = _grid(sides, n)
    return Field("code", places, run.encode(_within(run, run.decode(places))) - places)


def data_box(x: Float[np.ndarray, "batch 2"], share: float = 0.1) -> Float[np.ndarray, "2 2"]:
    """The range of points of the plane, wider at each end by this share of it."""
    low, high = latent.ranges(x, 0.0, 1.0).T
    margin = share * (high - low)
    return np.stack([low - margin, high + margin], axis=1)


def _grid(sides: np.ndarray, n: int) -> Float[np.ndarray, "arrows 2"]:
    centres = (np.arange(n) + 0.5) / n
    across, up = sides[:, :1] + centres * (sides[:, 1:] - sides[:, :1])
    return np.stack(np.meshgrid(across, up), axis=-1).reshape(-1, 2).astype(np.float32)


def _within(run: Run, values: np.ndarray) -> np.ndarray:
    """The values cut to [0, 1] where a part of the model takes no others."""
    parts = (run.spec.likelihood, run.spec.corruption)
    return np.clip(values, 0.0, 1.0) if any(part.needs_unit_range for part in parts) else values
