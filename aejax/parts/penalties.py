"""Penalties: what else a model is asked for, in nats per example."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Annotated, Any, Literal, NamedTuple, TypeAlias

import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx
from jaxtyping import Int

from aejax.parts.bottlenecks import Bottleneck
from aejax.parts.likelihoods import sum_over_features
from aejax.settings import OneOf, Settings, SpecError, parameter
from aejax.types import Examples, Heads, Key, Latents, Logits, PerExample, Pixels, Scalar, Shape

Memory: TypeAlias = dict[str, jax.Array]


class Context(NamedTuple):
    """What a penalty may look at while the model trains."""

    x: Pixels
    corrupted: Pixels
    outputs: Heads
    latents: Latents
    logits: Logits
    encode: Callable[[Pixels], Latents]
    decode: Callable[[Latents], Pixels]
    key: Key
    progress: Scalar
    kernel: jax.Array | None
    """The encoder's one matrix, (features, latent), where a single layer leads to a plain code."""
    slope: Callable[[Heads], Latents]
    """Derivative of each coordinate of a plain code by the encoder's output before it."""
    memory: Memory | None
    """What this penalty remembers of earlier batches; None outside of training."""
    companions: Any = None
    """What `Penalty.companions` has drawn for this batch; None outside of training."""
    module: nnx.Module | None = None
    """What this penalty itself learns."""


class Penalty(Settings, ABC):
    """A term added to the loss, its weight included."""

    kind: str
    weight: float = parameter(1.0, "Weight in the loss", ge=0, le=1e6, live=True, log=True)

    @abstractmethod
    def cost(self, context: Context) -> PerExample:
        """Nats per example, or one number for the batch repeated for each."""

    def module(self, shape: Shape, latent: int, rngs: nnx.Rngs) -> nnx.Module | None:
        """What the kind itself learns, for examples of `shape`; None where it learns nothing."""
        return None

    def prepare(self, x: Examples) -> dict[str, np.ndarray]:
        """What must be known of all training examples before the first step; it is kept on the device."""
        return {}

    def companions(self, prepared: dict[str, jax.Array], key: Key, rows: Int[jax.Array, " batch"], x: Examples) -> Any:
        """Other training examples that `cost` must see with the batch, of all those in `x`."""
        return None

    def memory(self, latent: int) -> Memory:
        """What there is to remember before the first batch, for codes of that size."""
        return {}

    def remember(self, context: Context) -> Memory:
        """What there is to remember after this batch."""
        return context.memory or {}

    def check(self, bottleneck: Bottleneck) -> None:
        """Refuse codes that the kind cannot work on.

        Raises:
            SpecError: With those it can.
        """


class L1(Penalty):
    """Sum of the absolute activations of the code: few of them stay on.

    References:
        Chollet, Building Autoencoders in Keras, 2016.
    """

    kind: Literal["l1"] = "l1"
    weight: float = parameter(0.1, "Nats for each unit of activation", ge=0, le=1e6, live=True, log=True)

    def cost(self, context: Context) -> PerExample:
        return self.weight * jnp.abs(context.latents).sum(axis=1)


class KLSparsity(Penalty):
    """Divergence of each unit's mean activation from a small target: every unit on, but seldom.

    The mean is over the batch and, in training, the batches before it, so that small batches do not mislead. It is of
    the very activations that the decoder reads, which must lie in [0, 1].

    References:
        Ng, Sparse Autoencoder (CS294A lecture notes), 2011, section 3.
    """

    kind: Literal["kl_sparsity"] = "kl_sparsity"
    weight: float = parameter(3.0, "Nats for each nat of divergence", ge=0, le=1e6, live=True, log=True)
    rho: float = parameter(0.05, "Mean activation that each unit should have", gt=0, lt=1, live=True)
    decay: float = parameter(0.9, "Share of the running mean that each batch keeps of it", ge=0, lt=1)

    def cost(self, context: Context) -> PerExample:
        batch = context.latents.mean(axis=0)
        mean = batch
        if context.memory is not None:
            memory = self.remember(context)
            running = memory["mean"] / (1.0 - self.decay ** memory["batches"])
            # The value is the running mean's; the gradient is the batch's, or it would shrink with the decay.
            mean = batch + jax.lax.stop_gradient(running - batch)
        mean = jnp.clip(mean, 1e-6, 1.0 - 1e-6)
        divergence = self.rho * jnp.log(self.rho / mean) + (1 - self.rho) * jnp.log((1 - self.rho) / (1 - mean))
        return jnp.full(len(context.latents), self.weight * divergence.sum())

    def memory(self, latent: int) -> Memory:
        return {"mean": jnp.zeros(latent), "batches": jnp.float32(0.0)}

    def remember(self, context: Context) -> Memory:
        if context.memory is None:
            return {}
        batch = jax.lax.stop_gradient(context.latents.mean(axis=0))
        mean = self.decay * context.memory["mean"] + (1.0 - self.decay) * batch
        return {"mean": mean, "batches": context.memory["batches"] + 1.0}

    def check(self, bottleneck: Bottleneck) -> None:
        low, high = bottleneck.bounds
        if low < 0.0 or high > 1.0:
            raise SpecError(
                f"penalties: {self.kind} needs a code in [0, 1], such as that of a sigmoid; got {bottleneck}"
            )


class Contractive(Penalty):
    """Squared norm of the encoder's Jacobian at each input: codes that ignore small changes of it.

    Computed in closed form where one layer leads to the code; else exactly, with one backward pass a coordinate,
    up to 8 of them; else estimated with one random direction in code space, which needs fewer than in input space.

    References:
        Rifai et al., Contractive Auto-Encoders, 2011, equations 2 and 7; Hutchinson, 1990 (the estimate).
    """

    kind: Literal["contractive"] = "contractive"
    weight: float = parameter(0.1, "Nats for each unit of the squared norm", ge=0, le=1e6, live=True, log=True)

    def cost(self, context: Context) -> PerExample:
        if context.kernel is not None:
            norms = jnp.square(context.kernel).sum(axis=0, keepdims=True)
            return self.weight * (jnp.square(context.slope(context.outputs)) * norms).sum(axis=1)
        return self.weight * jacobian_norm(context)


def jacobian_norm(context: Context) -> PerExample:
    """Squared Frobenius norm of the encoder's Jacobian at each example, exact for codes of up to 8 coordinates."""
    codes, pull = jax.vjp(context.encode, context.corrupted)
    latent = codes.shape[1]
    if latent <= 8:
        directions = jnp.broadcast_to(jnp.eye(latent)[:, None], (latent, *codes.shape))
    else:
        directions = jax.random.rademacher(context.key, (1, *codes.shape), codes.dtype)
    (rows,) = jax.vmap(pull)(directions)
    return jax.vmap(lambda row: sum_over_features(jnp.square(row)))(rows).sum(axis=0)


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


class Decorrelate(Penalty):
    """Squared correlations between different coordinates of the code, over the batch.

    References:
        Zbontar et al., Barlow Twins, 2021, equation 1 (its second term); Bardes et al., VICReg, 2022.
    """

    kind: Literal["decorrelate"] = "decorrelate"
    weight: float = parameter(1.0, "Nats for each unit of squared correlation", ge=0, le=1e6, live=True, log=True)

    def cost(self, context: Context) -> PerExample:
        centred = context.latents - context.latents.mean(axis=0, keepdims=True)
        scaled = centred / jnp.sqrt(jnp.square(centred).mean(axis=0, keepdims=True) + 1e-6)
        correlation = scaled.T @ scaled / len(scaled)
        squares = jnp.square(correlation)
        return jnp.full(len(scaled), self.weight * (squares.sum() - jnp.trace(squares)))


class Isometry(Penalty):
    """How far the decoder is from stretching the code alike in all places and directions: 0 where it keeps shapes.

    With H = J'J the metric that the decoder's Jacobian J pulls back, this is m E[tr H^2] / (E[tr H])^2 - 1 for m
    coordinates, the traces estimated with one random direction an example.

    References:
        Lee et al., Regularized Autoencoders for Isometric Representation Learning, 2022, equation 10.
    """

    kind: Literal["isometry"] = "isometry"
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


PENALTIES: dict[str, type[Penalty]] = {
    "l1": L1,
    "kl_sparsity": KLSparsity,
    "contractive": Contractive,
    "mmd": Mmd,
    "decorrelate": Decorrelate,
    "isometry": Isometry,
}

AnyPenalty = Annotated[Penalty, OneOf(PENALTIES)]
