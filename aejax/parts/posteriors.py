"""The variational bottleneck: a normal posterior for each example."""

from collections.abc import Mapping
from typing import ClassVar, Literal, Self

import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx
from jaxtyping import Float
from pydantic import model_validator

from aejax.parts.bottleneck import Bottleneck, Code
from aejax.settings import SpecError, parameter
from aejax.types import AnyArray, Heads, Key, Latents, PerExample, Scalar, Terms


class GaussianPosterior(Bottleneck):
    """A normal posterior N(mean, sd^2) per example, drawn towards the prior N(0, I): the variational autoencoder.

    With `capacity` C the divergence is drawn towards C, which rises from 0, in place of 0: beta |KL - C|. With
    `samples` k the loss is the importance weighted bound, of the plain reparameterised gradient; it takes the place
    of beta's evidence bound, so neither free bits nor a capacity go with it.

    References:
        Kingma & Welling, Auto-Encoding Variational Bayes, 2014; Higgins et al., beta-VAE, 2017;
        Kingma et al., Improved Variational Inference with Inverse Autoregressive Flow, 2016 (free bits);
        Burgess et al., Understanding Disentangling in beta-VAE, 2018, equation 8 (capacity);
        Burda et al., Importance Weighted Autoencoders, 2016, equations 8 and 14.
    """

    kind: Literal["gaussian"] = "gaussian"
    formula: ClassVar[str] = r"z = \mu + s\,\varepsilon, \quad \varepsilon \sim N(0, I)"
    page: ClassVar[str] = "variational"
    term_formulas: ClassVar[Mapping[str, str]] = {
        "kl": r"\beta \textstyle\sum_j \tfrac12 \bigl(\mu_j^2 + s_j^2 - 1 - \ln s_j^2\bigr)"
    }
    heads: ClassVar[int] = 2
    has_prior: ClassVar[bool] = True
    beta: float = parameter(
        1.0, "Weight of the divergence from the prior; 1 is the evidence bound", ge=0, le=1000, live=True
    )
    free_bits: float = parameter(
        0.0,
        "Divergence that each coordinate has for free, in nats, averaged over the batch",
        ge=0,
        le=10,
        live=True,
    )
    capacity: float = parameter(
        0.0, "Divergence to keep to, in nats, averaged over the batch; 0 for none", ge=0, le=1000, live=True
    )
    warm_up: float = parameter(
        0.0, "Share of training over which beta, or the capacity if there is one, rises from 0", ge=0, le=1, live=True
    )
    samples: int = parameter(
        1, "Codes drawn for each example in a step; more than 1 for the importance weighted bound", ge=1, le=1000
    )

    @model_validator(mode="after")
    def _check_samples(self) -> Self:
        for name, value in (("free_bits", self.free_bits), ("capacity", self.capacity)):
            if self.samples > 1 and value > 0:
                raise SpecError(f"{name} must be 0 with samples={self.samples}, the weighted bound; got {value:g}")
        if self.capacity > 0 and self.free_bits > 0:
            raise SpecError(f"free_bits must be 0 with capacity={self.capacity:g}; got {self.free_bits:g}")
        return self

    @property
    def activation_name(self) -> str:
        return "linear"

    @property
    def draws(self) -> int:
        return self.samples

    def mean(self, outputs: Heads, module: nnx.Module | None = None) -> Latents:
        return outputs[:, 0]

    def deviation(self, outputs: Heads) -> Latents:
        return jnp.exp(0.5 * bounded_log_var(outputs[:, 1]))

    def shown(self, outputs: Heads, latents: Latents, module: nnx.Module | None = None) -> dict[str, AnyArray]:
        return {"mean": outputs[:, 0], "spread": self.deviation(outputs), "draw": latents}

    def code(self, key: Key, outputs: Heads, progress: Scalar, module: nnx.Module | None = None) -> Code:
        latents, ratio = drawn(key, outputs)
        rise = jnp.where(progress < self.warm_up, progress / jnp.maximum(self.warm_up, 1e-6), 1.0)
        if self.samples > 1:
            return Code(latents, {"kl": self.beta * rise * ratio})
        divergence = posterior_kl(outputs)
        # A coordinate below its free bits counts as the bound itself, which has no gradient.
        paid = jnp.where(divergence.mean(axis=0) > self.free_bits, divergence, self.free_bits).sum(axis=1)
        excess = jnp.abs(divergence.sum(axis=1).mean() - self.capacity * rise)
        return Code(latents, {"kl": self.beta * jnp.where(self.capacity > 0, excess, rise * paid)})

    def prior(self, random: np.random.Generator, n: int, latent: int) -> Float[np.ndarray, "n latent"]:
        return random.standard_normal((n, latent)).astype(np.float32)


def drawn(key: Key, outputs: Heads) -> tuple[Latents, PerExample]:
    """A code from each posterior, and the logarithm of the posterior's density over the prior's there, in nats."""
    log_var = bounded_log_var(outputs[:, 1])
    noise = jax.random.normal(key, log_var.shape, log_var.dtype)
    latents = outputs[:, 0] + jnp.exp(0.5 * log_var) * noise
    # log N(z; mean, sd) - log N(z; 0, 1), whose constants cancel.
    ratio = 0.5 * (jnp.square(latents) - jnp.square(noise) - log_var)
    return latents, ratio.sum(axis=1)


def posterior_kl(outputs: Heads) -> Latents:
    """Divergence of each posterior from the prior, in nats, a coordinate."""
    return gaussian_kl(outputs[:, 0], bounded_log_var(outputs[:, 1]))


def gaussian_kl(mean: Latents, log_var: Latents) -> Latents:
    """Divergence of each posterior N(mean, exp(log_var)) from N(0, 1), in nats, a coordinate.

    References:
        Kingma & Welling, Auto-Encoding Variational Bayes, 2014, appendix B.
    """
    return 0.5 * (jnp.square(mean) + jnp.exp(log_var) - 1.0 - log_var)


def bounded_log_var(raw: Latents) -> Latents:
    """The log variance kept in [-10, 10], where its exponential neither vanishes nor overflows in float32."""
    return jnp.clip(raw, -10.0, 10.0)


def importance_weighted(terms: Terms, draws: int) -> Terms:
    """Terms of each draw, all of the first one's first, as terms whose sum is the weighted bound of each example.

    With total costs t_k the bound's negative is L = log K - logsumexp_k(-t_k). Every term but `kl` is its mean under
    the normalised weights; `kl` is what is left of L: the divergence of the reweighted posterior from the prior.

    References:
        Burda et al., Importance Weighted Autoencoders, 2016, equation 8.
    """
    costs = {name: values.reshape(draws, -1) for name, values in terms.items()}
    total = jnp.stack(list(costs.values())).sum(axis=0)
    bound = jnp.log(float(draws)) - jax.nn.logsumexp(-total, axis=0)
    weights = jax.lax.stop_gradient(jax.nn.softmax(-total, axis=0))
    means = {name: (weights * cost).sum(axis=0) for name, cost in costs.items() if name != "kl"}
    return means | {"kl": bound - sum(means.values(), jnp.zeros_like(bound))}
