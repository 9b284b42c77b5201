"""Learning-rate schedules: factors of the learning rate over the whole of training."""

from collections.abc import Callable
from typing import Annotated

import jax.numpy as jnp

from aejax.settings import Named
from aejax.types import Scalar


def constant(progress: Scalar) -> Scalar:
    """One throughout."""
    return jnp.ones_like(progress)


def cosine(progress: Scalar) -> Scalar:
    """From 1 to 0 along half a cosine.

    References:
        Loshchilov & Hutter, SGDR, 2017, equation 5.
    """
    return 0.5 * (1.0 + jnp.cos(jnp.pi * progress))


def one_cycle(progress: Scalar) -> Scalar:
    """From 1/25 up to 1 over the first 30 %, then down to 1/250,000, each along half a cosine.

    References:
        Smith & Topin, Super-Convergence, 2018.
    """
    rise, start, end = 0.3, 1 / 25, 1 / 250_000
    up = start + (1 - start) * (1 - cosine(progress / rise))
    down = end + (1 - end) * cosine((progress - rise) / (1 - rise))
    return jnp.where(progress < rise, up, down)


SCHEDULES: dict[str, Callable[[Scalar], Scalar]] = {
    "constant": constant,
    "cosine": cosine,
    "one_cycle": one_cycle,
}

Schedule = Annotated[str, Named(SCHEDULES)]
