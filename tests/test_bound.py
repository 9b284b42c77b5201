"""The importance weighted bound, where the log-likelihood is known in closed form."""

import jax.numpy as jnp
import numpy as np
import pytest
from scipy.stats import multivariate_normal

import aejax
from aejax import DataError, ModelSpec, SpecError, TrainSpec

SPEC = ModelSpec(latent=2, encoder="linear", bottleneck="gaussian", likelihood={"kind": "normal", "variance": "one"})
FEATURES, LOG_VARIANCE = 6, -1.0


def linear_gaussian(error: float):
    """Probabilistic PCA with orthogonal loadings: its run, examples, and the log-likelihood of each of them.

    With W'W diagonal the posterior of z is independent in its coordinates, N((W'W + v)^-1 W'(x - b), v (W'W + v)^-1),
    which the encoder has exactly where `error` is 0; else its mean and log variance are off by that much.
    """
    random, variance = np.random.default_rng(0), np.exp(LOG_VARIANCE)
    loadings = np.linalg.qr(random.normal(size=(FEATURES, 2)))[0] * [2.0, 0.7]
    offset = random.normal(size=FEATURES)
    x = random.normal(size=(400, 2)) @ loadings.T + offset + np.sqrt(variance) * random.normal(size=(400, FEATURES))
    precision = (loadings**2).sum(axis=0) + variance
    kernel = np.concatenate([loadings / precision, np.zeros((FEATURES, 2))], axis=1)
    bias = np.concatenate([-offset @ loadings / precision + error, np.log(variance / precision) + error])
    params = {
        "encoder.body.layers.0.kernel": kernel,
        "encoder.body.layers.0.bias": bias,
        "decoder.body.layers.0.kernel": loadings.T,
        "decoder.body.layers.0.bias": offset,
        # The inverse of the bend that keeps a log variance above -10.
        "likelihood.log_variance": np.log(np.expm1(LOG_VARIANCE + 10.0)) - 10.0,
    }
    known = multivariate_normal(offset, loadings @ loadings.T + variance * np.eye(FEATURES)).logpdf(x)
    params = {name: jnp.asarray(value, jnp.float32) for name, value in params.items()}
    return aejax.Run(SPEC, TrainSpec(), (FEATURES,), params), x.astype(np.float32), known


def test_with_the_exact_posterior_every_bound_is_the_log_likelihood():
    run, x, known = linear_gaussian(error=0.0)
    for samples in (1, 7):
        np.testing.assert_allclose(run.log_likelihood(x, samples, chunk=4), known, atol=2e-4)


def test_with_another_posterior_the_bound_rises_with_the_draws_towards_the_log_likelihood():
    run, x, known = linear_gaussian(error=0.6)
    bounds = [run.log_likelihood(x, samples, chunk=50).mean() for samples in (1, 2, 5, 20, 100, 2000)]
    assert (np.diff(bounds) > 0).all()
    assert max(bounds) <= known.mean() + 1e-3
    assert known.mean() - bounds[0] > 0.5
    assert bounds[-1] == pytest.approx(known.mean(), abs=0.005)


def test_the_bound_of_one_draw_is_the_evidence_bound():
    run, x, _ = linear_gaussian(error=0.1)
    bounds = [run.log_likelihood(x, 1, seed=seed).mean() for seed in range(20)]
    assert np.mean(bounds) == pytest.approx(-np.mean([run.evaluate(x, seed=s)["loss"] for s in range(20)]), abs=0.03)


def test_chunks_change_nothing_but_the_order_of_adding():
    run, x, _ = linear_gaussian(error=0.6)
    whole, parts = (run.log_likelihood(x[:20], 30, chunk) for chunk in (30, 7))
    np.testing.assert_allclose(whole, parts, atol=1e-4)


def test_a_learned_variance_ends_at_the_noise_of_the_data_and_the_bound_at_its_log_likelihood():
    _, x, known = linear_gaussian(error=0.0)
    train = TrainSpec(epochs=200, batch_size=100, learning_rate=0.02, schedule="cosine")
    run = aejax.train(SPEC, train, x)
    learned = np.log1p(np.exp(float(run.params["likelihood.log_variance"]) + 10.0)) - 10.0
    assert learned == pytest.approx(LOG_VARIANCE, abs=0.15)
    # The best fit to these examples is a little above what the true parameters give.
    assert known.mean() - 0.05 < run.log_likelihood(x, 500, 50).mean() < known.mean() + 0.1


def test_a_variance_for_each_feature_is_that_of_each_feature():
    random = np.random.default_rng(0)
    scales = np.array([0.1, 1.0, 3.0, 0.5])
    x = (random.normal(size=(500, 4)) * scales).astype(np.float32)
    likelihood = {"kind": "normal", "variance": "feature"}
    # A heavy divergence shuts the code off, so that all variance is the output's.
    spec = ModelSpec(latent=1, encoder="linear", bottleneck={"kind": "gaussian", "beta": 500.0}, likelihood=likelihood)
    run = aejax.train(spec, TrainSpec(epochs=400, batch_size=100, learning_rate=0.03, schedule="cosine"), x)
    learned = np.logaddexp(0.0, np.asarray(run.params["likelihood.log_variance"], np.float64) + 10.0) - 10.0
    np.testing.assert_allclose(learned, np.log(x.var(axis=0)), atol=0.1)


@pytest.mark.parametrize(
    "spec, message",
    [
        (ModelSpec(latent=2), "log_likelihood needs bottleneck 'gaussian', a posterior; got point"),
        (ModelSpec(latent=2, bottleneck="gaussian", likelihood="mse"), "needs a likelihood that is a density"),
        (ModelSpec(latent=2, bottleneck="gaussian", likelihood="normal"), "such as normal with variance 'one'"),
    ],
)
def test_a_model_without_such_a_bound_says_so(spec, message):
    x = np.random.default_rng(0).random((40, 5))
    run = aejax.train(spec, TrainSpec(epochs=1, batch_size=20), x)
    with pytest.raises(SpecError, match=message):
        run.log_likelihood(x)


def test_numbers_of_draws_below_one_are_refused():
    run, x, _ = linear_gaussian(error=0.0)
    with pytest.raises(DataError, match="samples must be a whole number of at least 1; got 0"):
        run.log_likelihood(x, 0)
