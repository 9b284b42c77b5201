"""Penalties on the codes as a whole: how far their distribution is from the prior."""

from typing import Any, ClassVar, Literal, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx

from aejax.parts.bottleneck import Bottleneck
from aejax.parts.networks import Layers
from aejax.parts.penalty import Context, Penalty
from aejax.parts.posteriors import GaussianPosterior, bounded_log_var
from aejax.settings import SpecError, parameter
from aejax.types import Examples, Latents, PerExample, Scalar, Shape


class Mmd(Penalty):
    """Distance of the batch of codes from as many draws of N(0, I): codes that fill the prior as a whole.

    The maximum mean discrepancy with inverse multiquadratic kernels of several scales, without bias: it is zero on
    average for codes that follow the prior, and may fall below.

    References:
        Tolstikhin et al., Wasserstein Auto-Encoders, 2018, algorithm 2 and section 4.
    """

    kind: Literal["mmd"] = "mmd"
    formula: ClassVar[str] = r"w\, \mathrm{MMD}^2\bigl(\{z\}, N(0, I)\bigr)"
    page: ClassVar[str] = "divergences"
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


class TotalCorrelation(Penalty):
    """How far the coordinates of the code are from being independent, over all examples: the beta-TC autoencoder.

    Added to the evidence bound, whose divergence holds it once already. The density of all codes is estimated from
    the batch by stratified sampling. The estimate is good for its slope, and biased in its value: it tells two moments
    of a training apart, not two models.

    References:
        Chen et al., Isolating Sources of Disentanglement in Variational Autoencoders, 2018, equation 2, appendix C.2.
    """

    kind: Literal["total_correlation"] = "total_correlation"
    formula: ClassVar[str] = r"w\, \mathrm{KL}\bigl(q(z) \,\Vert\, \textstyle\prod_j q(z_j)\bigr)"
    page: ClassVar[str] = "divergences"
    weight: float = parameter(
        5.0, "Nats for each nat of total correlation, beyond the bound's own", ge=0, le=1e6, live=True, log=True
    )

    def cost(self, context: Context) -> PerExample:
        mean, log_var = context.outputs[:, 0], bounded_log_var(context.outputs[:, 1])
        # Outside of training the batch stands for all examples.
        examples = len(mean) if context.companions is None else context.companions
        parts = decomposition(context.latents, mean, log_var, examples)
        return self.weight * parts.total_correlation

    def prepare(self, x: Examples) -> dict[str, np.ndarray]:
        return {"examples": np.asarray(len(x), np.float32)}

    def companions(self, prepared: dict[str, jax.Array], key: jax.Array, rows: jax.Array, x: Examples) -> Any:
        return prepared["examples"]

    def check(self, bottleneck: Bottleneck) -> None:
        if not isinstance(bottleneck, GaussianPosterior):
            raise SpecError(
                f"penalties: {self.kind} needs bottleneck 'gaussian': codes that are not drawn from a posterior have "
                f"no density to factor; got {bottleneck}"
            )


class Decomposition(NamedTuple):
    """The three parts of each example's divergence from the prior, in nats, from one draw of its code."""

    mutual_information: PerExample
    total_correlation: PerExample
    dimension_wise: PerExample


def decomposition(drawn: Latents, means: Latents, log_vars: Latents, examples: Any) -> Decomposition:
    """The divergence of the codes from the prior in three parts that sum to it.

    They are due to the code's telling examples apart, to its coordinates' depending on one another, and to each
    coordinate's own distribution.

    Args:
        drawn: A code from each posterior.
        means: The posteriors' means.
        log_vars: Logarithms of their variances.
        examples: How many there are in all, of which these are a batch.

    References:
        Chen et al., Isolating Sources of Disentanglement in Variational Autoencoders, 2018, equation 2.
    """
    latents, mean, log_var = (jnp.asarray(array) for array in (drawn, means, log_vars))
    shares = _stratified(len(mean), examples)

    def densities(code: jax.Array, share: jax.Array) -> tuple[jax.Array, jax.Array]:
        """Log density of all codes at `code`, and the sum of those of each coordinate."""
        pairs = log_normal(code[None], mean, log_var)
        joint = jax.nn.logsumexp(pairs.sum(axis=1), b=share)
        return joint, jax.nn.logsumexp(pairs, axis=0, b=share[:, None]).sum()

    # A few rows at a time: all pairs of a large batch, coordinate by coordinate, would not fit.
    joint, marginals = jax.lax.map(lambda row: densities(*row), (latents, shares), batch_size=64)
    own = log_normal(latents, mean, log_var).sum(axis=1)
    prior = log_normal(latents, jnp.zeros_like(latents), jnp.zeros_like(latents)).sum(axis=1)
    return Decomposition(own - joint, joint - marginals, marginals - prior)


def log_normal(values: jax.Array, mean: jax.Array, log_var: jax.Array) -> jax.Array:
    """Log density of N(mean, exp(log_var)) at each of `values`, in nats."""
    return -0.5 * (jnp.square(values - mean) * jnp.exp(-log_var) + log_var + jnp.log(2 * jnp.pi))


def _stratified(batch: int, examples: Any) -> jax.Array:
    """The share of each posterior of the batch, along the rows, in the density of all codes.

    An example's own posterior is known to be one of all; the others of the batch stand for the rest.

    References:
        Chen et al., Isolating Sources of Disentanglement in Variational Autoencoders, 2018, appendix C.2.
    """
    if batch == 1:
        return jnp.ones((1, 1))
    others = batch - 1
    own = jnp.eye(batch)
    last = jnp.roll(own, 1, axis=1)
    total = jnp.maximum(examples, batch)
    return (1 - own - last) / others + own / total + last * (total - others) / (total * others)


class Adversary(Penalty):
    """A discriminator that tells codes from draws of N(0, I), and codes that it cannot tell: adversarial matching.

    One loss trains both. The discriminator's own cross-entropy sees codes whose gradient is stopped, and the codes'
    cost sees a discriminator whose gradient is stopped, so that each moves only its own weights.

    References:
        Makhzani et al., Adversarial Autoencoders, 2015; Goodfellow et al., Generative Adversarial Networks, 2014,
        section 3 (the cost of the codes, which does not saturate).
    """

    kind: Literal["adversary"] = "adversary"
    formula: ClassVar[str] = (
        r"w\, \mathrm{softplus}(-D(z)) + \text{what the discriminator } D \text{ itself gets wrong}"
    )
    page: ClassVar[str] = "divergences"
    weight: float = parameter(
        10.0, "Nats for each nat by which the discriminator finds out a code", ge=0, le=1e6, live=True, log=True
    )
    width: int = parameter(128, "Width of the discriminator's two hidden layers", ge=1, le=4096)

    def cost(self, context: Context) -> PerExample:
        judge: Any = context.module
        graph, state = nnx.split(judge)
        fixed = nnx.merge(graph, jax.lax.stop_gradient(state))
        codes = jnp.asarray(context.latents)
        prior = jax.random.normal(context.key, codes.shape)
        # A score is the log odds of being a draw from the prior: softplus(-score) is its cross-entropy.
        told_apart = jax.nn.softplus(judge(jax.lax.stop_gradient(codes))) + jax.nn.softplus(-judge(prior))
        return (told_apart + self.weight * jax.nn.softplus(-fixed(codes)))[:, 0]

    def module(self, shape: Shape, latent: int, rngs: nnx.Rngs) -> nnx.Module:
        return Layers((latent, self.width, self.width, 1), "relu", "linear", rngs)
