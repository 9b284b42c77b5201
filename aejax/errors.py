"""How far reconstructions are from the examples: one by one, and as one number for all of them."""

from collections.abc import Callable, Iterator

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from aejax.arrays import DataError, as_examples
from aejax.batches import over_chunks
from aejax.model import pixels
from aejax.parts.likelihoods import sum_over_features
from aejax.types import Examples, Pixels, Terms

ERRORS = ("bce", "excess_bce", "mse", "sse")

_ROWS = 512
_WINDOW = 1.5
_REACH = 5
"""Width of the window of `structural_similarity` in pixels, and how many of them it reaches to either side."""


def reconstruction_errors(x: Pixels, reconstruction: Pixels, weights: Pixels | None = None) -> Terms:
    """Errors of each reconstruction; the mean over examples of each is what one reports.

    With `weights`, which are 0 or 1, only the features of weight 1 count.

    Returns:
        `bce`: binary cross-entropy in nats per feature, the reconstruction clipped to [1e-7, 1 - 1e-7] as Keras
        does; NaN where `x` is not in [0, 1]. `excess_bce`: the same less the entropy of `x`, its floor. `mse`: squared
        error per feature. `sse`: squared error summed over features.
    """
    features = x[0].size if weights is None else sum_over_features(weights)
    probability = jnp.clip(reconstruction, 1e-7, 1 - 1e-7)
    bce = sum_over_features(_cross_entropy(x, probability), weights) / features
    floor = sum_over_features(_cross_entropy(x, jnp.clip(x, 1e-7, 1 - 1e-7)), weights) / features
    outside = sum_over_features(jnp.where((x >= 0) & (x <= 1), 0.0, 1.0), weights) > 0
    bce = jnp.where(outside, jnp.nan, bce)
    sse = sum_over_features(jnp.square(x - reconstruction), weights)
    return {"bce": bce, "excess_bce": bce - floor, "mse": sse / features, "sse": sse}


def _cross_entropy(x: Pixels, probability: Pixels) -> Pixels:
    return -(x * jnp.log(probability) + (1 - x) * jnp.log1p(-probability))


def errors_of_each(x: object, reconstruction: object) -> dict[str, Float[np.ndarray, " batch"]]:
    """The `reconstruction_errors` of every example, taken in chunks.

    Raises:
        DataError: If `x` and `reconstruction` are not finite examples of one shape and number.
    """
    examples, rebuilt = _pair(x, reconstruction)
    found: dict[str, np.ndarray] = over_chunks(
        lambda rows, _: _errors(examples[np.asarray(rows)], rebuilt[np.asarray(rows)]), np.arange(len(examples))
    )
    return found


def mean_errors(x: object, reconstruction: object) -> dict[str, float]:
    """The means over examples of `reconstruction_errors`.

    Raises:
        DataError: If `x` and `reconstruction` are not finite examples of one shape and number.
    """
    return {name: mean(values) for name, values in errors_of_each(x, reconstruction).items()}


def mean(values: np.ndarray) -> float:
    """The mean, summed in float64."""
    return float(np.mean(values, dtype=np.float64))


@jax.jit
def _errors(x: Examples, rebuilt: Examples) -> Terms:
    return reconstruction_errors(pixels(x), pixels(rebuilt))


def peak_ratio(mse: float, limits: tuple[float, float]) -> float:
    """Peak signal-to-noise ratio, in decibels: the square of the values' range by the mean squared error per feature.

    Raises:
        DataError: If there is no error, for the ratio has no bound then.
    """
    if mse <= 0:
        raise DataError(f"mse must be above 0 for a ratio in decibels; got {mse:g}")
    return float(10 * np.log10((limits[1] - limits[0]) ** 2 / mse))


def variance_explained(x: object, reconstruction: object) -> float:
    """1 - SSE / SST: the share of the examples' variance that the reconstructions account for; all features alike.

    The total SST is that of the distances to the mean of these examples. Below zero it is worse than that mean.

    Raises:
        DataError: If `x` and `reconstruction` are not finite examples of one shape and number, or `x` does not vary.
    """
    examples, rebuilt = _pair(x, reconstruction)
    middle = _total(lambda rows, _: rows, examples, rebuilt) / len(examples)
    total = _total(lambda rows, _: np.square(rows - middle), examples, rebuilt).sum()
    if total <= 0:
        raise DataError(f"x must vary for its variance to be explained; got {len(examples)} equal examples")
    return float(1 - _total(lambda rows, others: np.square(rows - others), examples, rebuilt).sum() / total)


def structural_similarity(x: object, reconstruction: object, limits: tuple[float, float]) -> float:
    """SSIM of images and their reconstructions: means, variances and covariance in a Gaussian window, compared.

    The window has a standard deviation of 1.5 pixels and ends 5 from its middle; where it would reach over the edge
    nothing is compared. Channels are averaged.

    References:
        Wang et al., Image Quality Assessment: From Error Visibility to Structural Similarity, 2004, equation 13.

    Raises:
        DataError: If these are not finite images of one shape and number, or they are smaller than the window.
    """
    examples, rebuilt = _pair(x, reconstruction)
    size = 2 * _REACH + 1
    if examples.ndim not in (3, 4) or min(examples.shape[1:3]) < size:
        raise DataError(f"x must be images of {size} x {size} pixels or more; got shape {examples.shape[1:]}")
    floors = tuple((factor * (limits[1] - limits[0])) ** 2 for factor in (0.01, 0.03))
    parts = [_similarities(rows, others, *floors) for rows, others in _chunks(examples, rebuilt)]
    return mean(np.concatenate(parts))


def _similarities(x: np.ndarray, y: np.ndarray, level: float, contrast: float) -> Float[np.ndarray, " batch"]:
    from scipy.ndimage import gaussian_filter

    def smooth(values: np.ndarray) -> np.ndarray:
        blurred = gaussian_filter(values, _WINDOW, axes=(1, 2), radius=_REACH)
        return np.asarray(blurred[:, _REACH:-_REACH, _REACH:-_REACH])

    mean_x, mean_y = smooth(x), smooth(y)
    spread_x, spread_y = smooth(x * x) - mean_x**2, smooth(y * y) - mean_y**2
    together = smooth(x * y) - mean_x * mean_y
    luminance = (2 * mean_x * mean_y + level) / (mean_x**2 + mean_y**2 + level)
    structure = (2 * together + contrast) / (spread_x + spread_y + contrast)
    return np.asarray((luminance * structure).reshape(len(x), -1).mean(axis=1))


def _pair(x: object, reconstruction: object) -> tuple[np.ndarray, np.ndarray]:
    examples = as_examples(x)
    rebuilt = as_examples(reconstruction, "reconstruction", examples.shape[1:])
    if len(examples) != len(rebuilt):
        raise DataError(f"reconstruction must hold {len(examples)} examples, as x does; got {len(rebuilt)}")
    return examples, rebuilt


def _chunks(examples: np.ndarray, rebuilt: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Some examples and their reconstructions at a time, in float64; bytes as intensities."""
    for first in range(0, len(examples), _ROWS):
        rows = slice(first, first + _ROWS)
        yield as_intensities(examples[rows]), as_intensities(rebuilt[rows])


def as_intensities(x: Examples) -> Float[np.ndarray, "batch *shape"]:
    """What `pixels` makes of examples, in float64."""
    return np.asarray(x, np.float64) / (255.0 if x.dtype == np.uint8 else 1.0)


def _total(
    function: Callable[[np.ndarray, np.ndarray], np.ndarray], examples: np.ndarray, rebuilt: np.ndarray
) -> np.ndarray:
    return sum((function(*pair).sum(axis=0) for pair in _chunks(examples, rebuilt)), np.zeros(examples.shape[1:]))
