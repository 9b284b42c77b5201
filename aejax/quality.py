"""How good a reconstruction or an embedding is; each measure with its unit and direction."""

import jax.numpy as jnp

from aejax.parts.likelihoods import sum_over_features
from aejax.types import Pixels, Terms

ERRORS = ("bce", "excess_bce", "mse", "sse")


def reconstruction_errors(x: Pixels, reconstruction: Pixels) -> Terms:
    """Errors of each reconstruction; the mean over examples of each is what one reports.

    Returns:
        `bce`: binary cross-entropy in nats per feature, the reconstruction clipped to [1e-7, 1 - 1e-7] as Keras
        does; NaN where `x` is not in [0, 1]. `excess_bce`: the same less the entropy of `x`, its floor. `mse`: squared
        error per feature. `sse`: squared error summed over features.
    """
    features = x[0].size
    probability = jnp.clip(reconstruction, 1e-7, 1 - 1e-7)
    bce = sum_over_features(_cross_entropy(x, probability)) / features
    floor = sum_over_features(_cross_entropy(x, jnp.clip(x, 1e-7, 1 - 1e-7))) / features
    inside = (x.reshape(len(x), -1) >= 0).all(axis=1) & (x.reshape(len(x), -1) <= 1).all(axis=1)
    bce = jnp.where(inside, bce, jnp.nan)
    sse = sum_over_features(jnp.square(x - reconstruction))
    return {"bce": bce, "excess_bce": bce - floor, "mse": sse / features, "sse": sse}


def _cross_entropy(x: Pixels, probability: Pixels) -> Pixels:
    return -(x * jnp.log(probability) + (1 - x) * jnp.log1p(-probability))
