"""Penalties on the codes as a whole: how far their distribution is from the prior."""

from typing import Literal

import jax
import jax.numpy as jnp

from aejax.parts.penalty import Context, Penalty
from aejax.settings import parameter
from aejax.types import Latents, PerExample, Scalar


class Mmd(Penalty):
    """Distance of the batch of codes from as many draws of N(0, I): codes that fill the prior as a whole.

    The maximum mean discrepancy with inverse multiquadratic kernels of several scales, without bias: it is zero on
    average for codes that follow the prior, and may fall below.

    References:
        Tolstikhin et al., Wasserstein Auto-Encoders, 2018, algorithm 2 and section 4.
    """

    kind: Literal["mmd"] = "mmd"
    weight: float = parameter(10.0, "Nats for each unit of the discrepancy", ge=0, le=1e6, live=True, log=True)

    def cost(self, context: Context) -> PerExample:
        prior = jax.random.normal(context.key, context.latents.shape)
        return jnp.full(len(context.latents), self.weight * maximum_mean_discrepancy(context.latents, prior))


def maximum_mean_discrepancy(codes: Latents, others: Latents) -> Scalar:
    """The unbiased estimate of the squared discrepancy between two samples of one size.

    References:
        Gretton et al., A Kernel Two-Sample Test, 2012, equation 4.
    """
    pairs = len(codes) * max(len(codes) - 1, 1)
    within = sum((_kernel(z, z).sum() - jnp.trace(_kernel(z, z))) / pairs for z in (codes, others))
    return within - 2 * _kernel(codes, others).mean()


def _kernel(first: Latents, second: Latents) -> jax.Array:
    """Inverse multiquadratics of the squared distances, C / (C + d^2), at seven scales about the prior's own."""
    squares = jnp.square(first[:, None] - second[None]).sum(axis=2)
    scales = [2.0 * first.shape[1] * scale for scale in (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)]
    return sum((scale / (scale + squares) for scale in scales), jnp.zeros_like(squares))
