from itertools import permutations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx
from scipy.stats import norm
from sklearn.datasets import load_digits

import aejax
from aejax.parts.divergences import Adversary, log_normal, maximum_mean_discrepancy
from aejax.parts.divergences import decomposition as decomposed
from aejax.parts.penalty import Context
from aejax.parts.posteriors import gaussian_kl
from aejax.run import Run
from aejax.settings import SpecError
from aejax.spec import ModelSpec, TrainSpec

decomposition = jax.jit(decomposed, static_argnums=3)
RANDOM = np.random.default_rng(0)
MEAN, LOG_VAR = RANDOM.normal(size=(2, 6, 3)).astype(np.float32)
X = (load_digits().images / 16).astype(np.float32)


def context(**given):
    return Context(**dict.fromkeys(Context._fields) | given)


@jax.jit
def drawn(key, mean, log_var):
    return mean + jnp.exp(0.5 * log_var) * jax.random.normal(key, mean.shape)


def test_the_three_parts_sum_to_the_divergence_from_the_prior():
    def total(key):
        return sum(decomposition(drawn(key, MEAN, LOG_VAR), MEAN, LOG_VAR, 50))

    totals = np.asarray(jax.jit(jax.vmap(total))(jax.random.split(jax.random.key(0), 20_000)))
    np.testing.assert_allclose(totals.mean(axis=0), gaussian_kl(MEAN, LOG_VAR).sum(axis=1), atol=0.1)
    np.testing.assert_allclose(
        log_normal(jnp.float32(0.7), jnp.float32(0.2), jnp.float32(0.4)), norm(0.2, np.exp(0.2)).logpdf(0.7), rtol=1e-5
    )


def test_the_density_of_all_codes_is_estimated_without_bias():
    """Over every batch of three with the same first example, the mean estimate there is the whole mixture's density."""
    latents = np.asarray(drawn(jax.random.key(1), MEAN, LOG_VAR))
    mixture = np.mean(np.prod(norm(MEAN, np.exp(0.5 * LOG_VAR)).pdf(latents[0]), axis=1))
    batches = np.array([(0, *others) for others in permutations(range(1, 6), 2)])

    def density(rows):
        parts = decomposition(*(jnp.asarray(array)[rows] for array in (latents, MEAN, LOG_VAR)), 6)
        own = log_normal(*(jnp.asarray(array)[rows[0]] for array in (latents, MEAN, LOG_VAR))).sum()
        return jnp.exp(own - parts.mutual_information[0])

    np.testing.assert_allclose(np.mean(jax.jit(jax.vmap(density))(jnp.asarray(batches))), mixture, rtol=1e-4)


def test_the_total_correlation_of_a_gaussian_is_its_closed_form():
    covariance = np.array([[1.0, 0.8], [0.8, 1.0]])
    mean = jnp.asarray(RANDOM.multivariate_normal([0, 0], covariance, 2000), jnp.float32)
    log_var = jnp.full((2000, 2), np.log(0.1), jnp.float32)
    parts = decomposition(drawn(jax.random.key(0), mean, log_var), mean, log_var, 2000)
    expected = -0.5 * np.log(1 - (0.8 / 1.1) ** 2)
    assert float(parts.total_correlation.mean()) == pytest.approx(expected, abs=0.06)
    lone = decomposition(MEAN[:1], MEAN[:1], LOG_VAR[:1], 1)
    assert float(lone.total_correlation[0]) == pytest.approx(0.0, abs=1e-5)


def test_total_correlation_needs_a_posterior():
    with pytest.raises(SpecError, match="total_correlation needs bottleneck 'gaussian': .*; got point"):
        ModelSpec(latent=2, penalties=("total_correlation",)).latent_size((8, 8))


def adversary_gradients(weight):
    penalty = Adversary(weight=weight, width=8)

    @jax.jit
    def slopes(codes):
        graph, state = nnx.split(penalty.module((8, 8), 3, nnx.Rngs(0)))

        def cost(codes, state):
            module = nnx.merge(graph, state)
            return penalty.cost(context(latents=codes, module=module, key=jax.random.key(1))).mean()

        return jax.grad(cost, argnums=(0, 1))(codes, state)

    return slopes(jnp.asarray(MEAN))


def test_the_discriminator_moves_no_code_and_the_codes_cost_moves_no_discriminator():
    without, own = adversary_gradients(0.0)
    moved, same = adversary_gradients(5.0)
    assert not np.any(without)
    assert np.any(moved)
    assert all(jax.tree.leaves(jax.tree.map(lambda a, b: bool((a == b).all()), own, same)))
    assert any(np.any(leaf) for leaf in jax.tree.leaves(own))


class First(nnx.Module):
    def __call__(self, codes):
        return codes[:, :1]


def test_codes_go_where_the_discriminator_takes_them_for_the_priors():
    """A judge whose score is the first coordinate: what the codes pay falls where it rises."""

    def cost(codes):
        return Adversary(weight=1.0).cost(context(latents=codes, module=First(), key=jax.random.key(0))).sum()

    slope = np.asarray(jax.jit(jax.grad(cost))(jnp.asarray(MEAN)))
    np.testing.assert_allclose(slope[:, 0], -1 / (1 + np.exp(MEAN[:, 0])), rtol=1e-4)
    assert not slope[:, 1:].any()


def test_the_adversary_draws_codes_towards_the_prior():
    spec = ModelSpec(latent=2, encoder={"kind": "dense", "widths": (64,), "activation": "silu"})
    recipe = TrainSpec(epochs=40, batch_size=100, learning_rate=3e-3, schedule="cosine")
    prior = jax.random.normal(jax.random.key(0), (1000, 2))
    apart = []
    for penalties in ((), ({"kind": "adversary", "width": 32},)):
        codes = aejax.train(spec.replace(penalties=penalties), recipe, X[:1000]).encode(X[:1000])
        apart.append(float(maximum_mean_discrepancy(jnp.asarray(codes), prior)))
    assert apart[1] < apart[0] / 2


def test_the_info_vae_weighs_its_terms_by_alpha_and_lambda():
    alpha, lambda_ = 0.5, 100.5
    spec = aejax.zoo["info-vae"].spec.replace(latent=3, **{"encoder.widths": (5,)})
    plain = spec.replace(**{"bottleneck.beta": 1.0, "penalties.0.weight": 1.0})
    run = aejax.train(spec, TrainSpec(epochs=1, batch_size=50), X[:50])
    weighed, terms = (Run(s, run.train, run.shape, run.params).evaluate(X[:50]) for s in (spec, plain))
    assert weighed["kl"] == pytest.approx((1 - alpha) * terms["kl"], rel=1e-4)
    assert weighed["mmd"] == pytest.approx((alpha + lambda_ - 1) * terms["mmd"], rel=1e-4)
