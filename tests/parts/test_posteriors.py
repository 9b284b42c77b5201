"""The variational bottleneck beyond its evidence bound: capacity, several draws, several terms."""

from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.special import logsumexp
from scipy.stats import norm

import aejax
from aejax.parts.bottlenecks import GaussianPosterior
from aejax.parts.posteriors import drawn, importance_weighted
from aejax.settings import SpecError
from aejax.spec import ModelSpec, TrainSpec

WHOLE = jnp.float32(1.0)
RANDOM = np.random.default_rng(0)
X = RANDOM.random((60, 9)).astype(np.float32)


def outputs(rows=4, latent=3):
    return jnp.asarray(np.random.default_rng(1).normal(size=(rows, 2, latent)), jnp.float32)


def test_the_ratio_of_a_draw_is_scipys_log_density_of_the_posterior_less_that_of_the_prior():
    heads = outputs()
    latents, ratio = (np.asarray(value, np.float64) for value in drawn(jax.random.key(0), heads))
    mean, sd = np.asarray(heads[:, 0]), np.exp(0.5 * np.asarray(heads[:, 1]))
    expected = (norm.logpdf(latents, mean, sd) - norm.logpdf(latents)).sum(axis=1)
    np.testing.assert_allclose(ratio, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("progress, aim", [(0.0, 0.0), (0.25, 5.0), (0.5, 10.0), (1.0, 10.0)])
def test_a_capacity_costs_the_distance_of_the_batchs_divergence_from_where_it_has_risen_to(progress, aim):
    heads = outputs()
    divergence = GaussianPosterior().code(jax.random.key(0), heads, WHOLE).terms["kl"].mean()
    bottleneck = GaussianPosterior(beta=100.0, capacity=10.0, warm_up=0.5)
    term = bottleneck.code(jax.random.key(0), heads, jnp.float32(progress)).terms["kl"]
    np.testing.assert_allclose(term, 100 * abs(float(divergence) - aim), rtol=1e-5)


def test_training_with_a_capacity_ends_at_that_divergence():
    bottleneck = {"kind": "gaussian", "beta": 100.0, "capacity": 3.0, "warm_up": 0.5}
    spec = ModelSpec(latent=2, bottleneck=bottleneck, likelihood="mse")
    run = aejax.train(spec, TrainSpec(epochs=150, batch_size=60, learning_rate=0.01, schedule="cosine"), X)
    assert run.divergence(X).sum() == pytest.approx(3.0, abs=0.1)


def test_the_terms_of_several_draws_sum_to_the_weighted_bound_and_so_do_their_gradients():
    reconstruction, ratio = RANDOM.normal(size=(2, 5, 6)) * 3

    def loss(costs):
        terms = {"reconstruction": costs[0].reshape(-1), "kl": costs[1].reshape(-1)}
        found = importance_weighted(terms, 5)
        return sum(values.sum() for values in found.values()), found

    costs = jnp.asarray(np.stack([reconstruction, ratio]), jnp.float32)
    (value, found), gradient = jax.value_and_grad(loss, has_aux=True)(costs)
    total = reconstruction + ratio
    assert float(value) == pytest.approx((np.log(5) - logsumexp(-total, axis=0)).sum(), rel=1e-5)
    weights = np.exp(-total - logsumexp(-total, axis=0))
    np.testing.assert_allclose(gradient, np.stack([weights, weights]), atol=1e-5)
    np.testing.assert_allclose(found["reconstruction"], (weights * reconstruction).sum(axis=0), rtol=1e-4)


def test_the_loss_with_several_draws_is_the_bound_that_log_likelihood_gives_and_more_draws_lower_it():
    spec = ModelSpec(latent=2, bottleneck="gaussian", likelihood={"kind": "normal", "variance": "one"})
    run = aejax.train(spec, TrainSpec(epochs=1, batch_size=20), X)
    # With so little noise in the output the posteriors are far too wide, and the bounds far apart.
    run = replace(run, params=run.params | {"likelihood.log_variance": jnp.float32(-1.0)})
    losses = {}
    for samples in (1, 5, 50):
        many = aejax.Run(spec.replace(**{"bottleneck.samples": samples}), run.train, run.shape, run.params)
        found = np.array([many.evaluate(X, seed=seed)["loss"] for seed in range(20)])
        bounds = np.array([run.log_likelihood(X, samples, seed=seed).mean() for seed in range(20)])
        error = np.sqrt((found.var() + bounds.var()) / 20)
        losses[samples] = found.mean()
        assert losses[samples] == pytest.approx(-bounds.mean(), abs=4 * error)
    assert losses[1] > losses[5] > losses[50]


def test_several_draws_train_with_penalties_that_see_one_of_them():
    spec = ModelSpec(latent=2, bottleneck={"kind": "gaussian", "samples": 5}, penalties=("l1", "decorrelate"))
    run = aejax.train(spec, TrainSpec(epochs=10, batch_size=20, learning_rate=0.02), X, X)
    assert run.history[-1].validation.keys() == {"reconstruction", "kl", "l1", "decorrelate"}
    assert sum(run.history[-1].terms.values()) < 0.95 * sum(run.history[0].terms.values())


@pytest.mark.parametrize(
    "settings, message",
    [
        ({"samples": 5, "free_bits": 1.0}, "free_bits must be 0 with samples=5"),
        ({"samples": 5, "capacity": 2.0}, "capacity must be 0 with samples=5, the weighted bound; got 2"),
        ({"capacity": 5.0, "free_bits": 0.5}, "free_bits must be 0 with capacity=5; got 0.5"),
    ],
)
def test_what_contradicts_itself_is_refused(settings, message):
    with pytest.raises(SpecError, match=message):
        GaussianPosterior(**settings)
