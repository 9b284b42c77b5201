"""Penalties on how encoder and decoder stretch space, and on the axes of the code."""

from typing import ClassVar, Literal

import jax
import jax.numpy as jnp

from aejax.parts.likelihoods import sum_over_features
from aejax.parts.penalty import Context, Penalty
from aejax.settings import parameter
from aejax.types import PerExample

EXACT_UP_TO = 8
"""Size of the code up to which a Jacobian is taken whole."""


class Contractive(Penalty):
    """Squared norm of the encoder's Jacobian at each input: codes that ignore small changes of it.

    Computed in closed form where one layer leads to the code; else exactly, with one backward pass a coordinate,
    up to 8 of them; else estimated with one random direction in code space, which needs fewer than in input space.

    References:
        Rifai et al., Contractive Auto-Encoders, 2011, equations 2 and 7; Hutchinson, 1990 (the estimate).
    """

    kind: Literal["contractive"] = "contractive"
    formula: ClassVar[str] = r"w \left\lVert \partial z / \partial x \right\rVert_F^2"
    page: ClassVar[str] = "maps"
    weight: float = parameter(0.1, "Nats for each unit of the squared norm", ge=0, le=1e6, live=True, log=True)

    def cost(self, context: Context) -> PerExample:
        if context.kernel is not None:
            norms = jnp.square(context.kernel).sum(axis=0, keepdims=True)
            return self.weight * (jnp.square(context.slope(context.outputs)) * norms).sum(axis=1)
        return self.weight * jacobian_norm(context)

    def remark(self, latent: int, kernel: bool) -> str:
        if kernel:
            return "contractive: closed form of the one layer"
        if latent <= EXACT_UP_TO:
            return f"contractive: exact, {latent} backward passes a step"
        return "contractive: estimated with one random direction in code space a step (Hutchinson)"


def jacobian_norm(context: Context) -> PerExample:
    """Squared Frobenius norm of the encoder's Jacobian at each example, exact for codes of up to 8 coordinates."""
    codes, pull = jax.vjp(context.encode, context.corrupted)
    latent = codes.shape[1]
    if latent <= EXACT_UP_TO:
        directions = jnp.broadcast_to(jnp.eye(latent)[:, None], (latent, *codes.shape))
    else:
        directions = jax.random.rademacher(context.key, (1, *codes.shape), codes.dtype)
    (rows,) = jax.vmap(pull)(directions)
    return jax.vmap(lambda row: sum_over_features(jnp.square(row)))(rows).sum(axis=0)


class Isometry(Penalty):
    """How far the decoder is from stretching the code alike in all places and directions: 0 where it keeps shapes.

    With H = J'J the metric that the decoder's Jacobian J pulls back, this is m E[tr H^2] / (E[tr H])^2 - 1 for m
    coordinates, the traces estimated with one random direction an example.

    References:
        Lee et al., Regularized Autoencoders for Isometric Representation Learning, 2022, equation 10.
    """

    kind: Literal["isometry"] = "isometry"
    formula: ClassVar[str] = (
        r"w \bigl(m\, \mathrm{E}[\mathrm{tr}\, H^2] / \mathrm{E}[\mathrm{tr}\, H]^2 - 1\bigr), \quad H = J^\top J"
    )
    page: ClassVar[str] = "maps"
    weight: float = parameter(1.0, "Nats for each unit of relative distortion", ge=0, le=1e6, live=True, log=True)

    def cost(self, context: Context) -> PerExample:
        codes = context.latents
        direction = jax.random.normal(context.key, codes.shape, codes.dtype)
        _, stretched = jax.jvp(context.decode, (codes,), (direction,))
        _, pull = jax.vjp(context.decode, codes)
        trace = sum_over_features(jnp.square(stretched)).mean()
        trace_of_square = sum_over_features(jnp.square(pull(stretched)[0])).mean()
        distortion = codes.shape[1] * trace_of_square / jnp.maximum(jnp.square(trace), 1e-12) - 1.0
        return jnp.full(len(codes), self.weight * distortion)


class Decorrelate(Penalty):
    """Squared correlations between different coordinates of the code, over the batch.

    References:
        Zbontar et al., Barlow Twins, 2021, equation 1 (its second term); Bardes et al., VICReg, 2022.
    """

    kind: Literal["decorrelate"] = "decorrelate"
    formula: ClassVar[str] = r"w \textstyle\sum_{i \ne j} \mathrm{corr}(z_i, z_j)^2"
    page: ClassVar[str] = "maps"
    weight: float = parameter(1.0, "Nats for each unit of squared correlation", ge=0, le=1e6, live=True, log=True)

    def cost(self, context: Context) -> PerExample:
        centred = context.latents - context.latents.mean(axis=0, keepdims=True)
        scaled = centred / jnp.sqrt(jnp.square(centred).mean(axis=0, keepdims=True) + 1e-6)
        correlation = scaled.T @ scaled / len(scaled)
        squares = jnp.square(correlation)
        return jnp.full(len(scaled), self.weight * (squares.sum() - jnp.trace(squares)))
