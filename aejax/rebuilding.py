"""Examples beside what an autoencoder makes of them: each one's error, the best and the worst, and noise undone."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

import numpy as np
from jaxtyping import Float, Integer, Num

from aejax.arrays import DataError, as_values
from aejax.embedder import Embedder
from aejax.errors import errors_of_each, mean, peak_ratio
from aejax.parts.corruptions import Clean, Corruption, GaussianNoise, Shift
from aejax.run import Run

ORDERS: Mapping[str, str] = MappingProxyType(
    {"assorted": "Assorted", "best": "Best", "median": "Median", "worst": "Worst"}
)
"""The ways to choose examples, and their names for people."""

_STRENGTHS = {"gaussian": "sd", "masking": "share", "salt_pepper": "share", "patches": "share", "shift": "pixels"}


@dataclass(frozen=True, eq=False)
class Rebuilt:
    """Examples in the units of a reconstruction, their codes, what these decode to, and the error of each."""

    x: Float[np.ndarray, "batch *shape"]
    codes: Float[np.ndarray, "batch latent"]
    reconstruction: Float[np.ndarray, "batch *shape"]
    errors: dict[str, Float[np.ndarray, " batch"]]

    @property
    def difference(self) -> Float[np.ndarray, "batch *shape"]:
        """Reconstruction less example, feature by feature."""
        return self.reconstruction - self.x


def rebuild(embedder: Embedder, x: Num[np.ndarray, "batch *shape"], **told: Any) -> Rebuilt:
    """The examples encoded and decoded without chance.

    Args:
        embedder: What encodes and decodes.
        x: Examples of its shape.
        told: The labels, for an embedder that is told classes.

    Raises:
        DataError: If `x` does not hold finite examples of the embedder's shape and range.
    """
    codes = embedder.encode(x, **told)
    rebuilt = np.asarray(embedder.decode(codes, **told), np.float32)
    return Rebuilt(as_values(x), codes, rebuilt, errors_of_each(x, rebuilt))


def ordered(errors: Float[np.ndarray, " batch"], order: str, n: int) -> Integer[np.ndarray, " chosen"]:
    """Positions of `n` examples: `best` from the least error on, `worst` from the greatest, `median` around the middle.

    Raises:
        DataError: If the order is none of these.
    """
    if order not in ("best", "median", "worst"):
        raise DataError(f"order must be best, median or worst; got {order!r}")
    rising = np.argsort(errors, kind="stable")
    n = min(n, len(rising))
    start = {"best": 0, "median": (len(rising) - n) // 2, "worst": len(rising) - n}[order]
    chosen = rising[start : start + n]
    return chosen[::-1] if order == "worst" else chosen


def psnr(mean_squared_error: float, peak: float = 1.0) -> float:
    """Peak signal-to-noise ratio in decibels; infinite where there is no error.

    Args:
        mean_squared_error: Squared error per feature.
        peak: Width of the data's range, 1 for pixels.
    """
    return float("inf") if mean_squared_error <= 0 else peak_ratio(mean_squared_error, (0.0, peak))


@dataclass(frozen=True, eq=False)
class Denoised:
    """Examples with noise, and rebuilt from it; mean squared errors against the clean examples, per feature."""

    noisy: Float[np.ndarray, "batch *shape"]
    restored: Float[np.ndarray, "batch *shape"]
    before: float
    after: float


def noise_of(run: Run, value_range: tuple[float, float]) -> Corruption:
    """The corruption that the run was trained to undo; normal noise for a run that was trained to undo none.

    Args:
        run: A trained run.
        value_range: Least and greatest value of the data: noise on pixels is clipped to their range.
    """
    own = run.spec.corruption
    unit = value_range[0] >= 0 and value_range[1] <= 1
    undone = not isinstance(own, Clean) and not (isinstance(own, Shift) and own.follow)
    return own if undone else GaussianNoise(clip=unit)


def strength(corruption: Corruption) -> tuple[str, float, str]:
    """The number that says how strong a corruption is: its name, its value and what it means."""
    name = _STRENGTHS[corruption.kind]
    return name, getattr(corruption, name), str(type(corruption).model_fields[name].description)


def denoise(
    run: Run, x: Num[np.ndarray, "batch *shape"], corruption: Corruption, seed: int = 0, **told: Any
) -> Denoised:
    """The examples under one draw of the corruption, and what the run makes of them.

    Raises:
        DataError: If `x` does not hold finite examples of the run's shape and range.
    """
    noisy = replace(run, spec=run.spec.replace(corruption=corruption)).corrupt(x, seed)
    restored = run.reconstruct(noisy, **told)
    errors = [mean(errors_of_each(x, seen)["mse"]) for seen in (noisy, restored)]
    return Denoised(noisy, restored, *errors)
