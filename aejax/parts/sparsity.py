"""Penalties for codes of which little is on at a time."""

from typing import ClassVar, Literal

import jax
import jax.numpy as jnp

from aejax.parts.bottleneck import Bottleneck
from aejax.parts.penalty import Context, Memory, Penalty
from aejax.settings import SpecError, parameter
from aejax.types import PerExample


class L1(Penalty):
    """Sum of the absolute activations of the code: few of them stay on.

    Guarded, each activation counts by the length of the weights through which the decoder reads it. Without the guard
    the penalty is cheated: codes shrink, the decoder's weights grow by as much, and nothing is sparser. Where the
    decoder's first layer is not fully connected there is no such length, and the activations count as they are.

    References:
        Chollet, Building Autoencoders in Keras, 2016; Olshausen & Field, Emergence of Simple-Cell Receptive Field
        Properties by Learning a Sparse Code, 1996 (the length kept fixed); Conerly et al., Update on How We Train
        Sparse Autoencoders, 2024 (activations weighed by it).
    """

    kind: Literal["l1"] = "l1"
    formula: ClassVar[str] = r"w \textstyle\sum_j \lvert z_j \rvert\, \lVert W_j \rVert"
    page: ClassVar[str] = "sparse"
    weight: float = parameter(0.1, "Nats for each unit of activation", ge=0, le=1e6, live=True, log=True)
    guard: bool = parameter(True, "Count activations by the length of the decoder's weights, so that none can cheat")

    def cost(self, context: Context) -> PerExample:
        sizes = jnp.abs(context.latents)
        if self.guard and context.readout is not None:
            sizes = sizes * jnp.linalg.norm(context.readout, axis=1)[None]
        return self.weight * sizes.sum(axis=1)


class KLSparsity(Penalty):
    """Divergence of each unit's mean activation from a small target: every unit on, but seldom.

    The mean is over the batch and, in training, the batches before it, so that small batches do not mislead. It is of
    the very activations that the decoder reads, which must lie in [0, 1].

    References:
        Ng, Sparse Autoencoder (CS294A lecture notes), 2011, section 3.
    """

    kind: Literal["kl_sparsity"] = "kl_sparsity"
    formula: ClassVar[str] = (
        r"w \textstyle\sum_j \rho \ln \frac{\rho}{\hat\rho_j} + (1 - \rho) \ln \frac{1 - \rho}{1 - \hat\rho_j}"
    )
    page: ClassVar[str] = "sparse"
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
