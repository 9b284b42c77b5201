import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.integrate import trapezoid
from scipy.special import expit
from scipy.stats import norm
from sklearn.metrics import log_loss, mean_squared_error

from aejax import DataError, ModelSpec, SpecError
from aejax.arrays import check_explained
from aejax.parts.activations import ACTIVATIONS
from aejax.parts.likelihoods import LIKELIHOODS, Bernoulli, ContinuousBernoulli, Mse, Normal


def test_bernoulli_cost_is_the_log_loss_summed_over_features():
    random = np.random.default_rng(0)
    x, logits = random.integers(0, 2, (5, 3, 4)).astype(np.float32), random.normal(size=(5, 3, 4)).astype(np.float32)
    cost = Bernoulli().cost(jnp.asarray(x), jnp.asarray(logits))
    expected = [
        log_loss(a.ravel(), expit(b.ravel().astype(np.float64)), normalize=False)
        for a, b in zip(x, logits, strict=True)
    ]
    np.testing.assert_allclose(cost, expected, rtol=1e-5)


def test_bernoulli_cost_of_grey_values_is_least_at_the_values_and_is_their_entropy():
    x = jnp.full((1, 10), 0.3)
    logit = float(np.log(0.3 / 0.7))
    costs = [float(Bernoulli().cost(x, jnp.full((1, 10), logit + shift))[0]) for shift in (-0.1, 0.0, 0.1)]
    assert costs[1] < min(costs[0], costs[2])
    assert costs[1] == pytest.approx(-10 * (0.3 * np.log(0.3) + 0.7 * np.log(0.7)), rel=1e-5)


@pytest.mark.parametrize("logit", [-1e4, -100.0, 100.0, 1e4])
def test_bernoulli_cost_and_its_gradient_stay_finite_at_extreme_logits(logit):
    def cost(logits):
        return Bernoulli().cost(jnp.array([[0.0, 0.5, 1.0]]), logits).sum()

    value, gradient = jax.value_and_grad(cost)(jnp.full((1, 3), logit))
    assert np.isfinite(value)
    assert np.isfinite(gradient).all()


def test_mse_cost_is_the_squared_error_summed_over_features():
    random = np.random.default_rng(0)
    x, logits = random.normal(size=(2, 6, 5)).astype(np.float32)
    expected = [mean_squared_error(a, b) * 5 for a, b in zip(x, logits, strict=True)]
    np.testing.assert_allclose(Mse().cost(jnp.asarray(x), jnp.asarray(logits)), expected, rtol=1e-5)
    squashed = Mse(output="sigmoid").cost(jnp.asarray(x), jnp.asarray(logits))
    np.testing.assert_allclose(squashed, ((x - expit(logits)) ** 2).sum(axis=1), rtol=1e-5)


@pytest.mark.parametrize("kind", list(LIKELIHOODS))
def test_every_likelihood_is_least_where_its_mean_is_the_example(kind):
    likelihood = LIKELIHOODS[kind]()
    logits = jax.random.normal(jax.random.key(0), (4, 7))
    logits = jnp.where(jnp.abs(logits) < 0.1, 0.5, logits)
    gradient = jax.grad(lambda given: likelihood.cost(likelihood.mean(logits), given).sum())(logits)
    np.testing.assert_allclose(gradient, 0.0, atol=1e-5)


@pytest.mark.parametrize("name", list(ACTIVATIONS))
def test_every_activation_stays_within_its_declared_range(name):
    entry = ACTIVATIONS[name]
    values = entry.function(jnp.linspace(-20.0, 20.0, 4001))
    assert float(values.min()) >= entry.low
    assert float(values.max()) <= entry.high


def test_the_normal_likelihood_is_scipys_at_the_best_variance_of_the_batch():
    random = np.random.default_rng(0)
    x, mean = random.normal(size=(2, 6, 5)).astype(np.float32)
    cost = np.asarray(Normal().cost(jnp.asarray(x), jnp.asarray(mean)))
    sd = np.sqrt(np.mean((x - mean) ** 2))
    np.testing.assert_allclose(cost, -norm.logpdf(x, mean, sd).sum(axis=1), rtol=1e-4)
    others = [-norm.logpdf(x, mean, sd * factor).sum() for factor in (0.9, 1.1)]
    assert cost.sum() < min(others)


@pytest.mark.parametrize("logit", [-30.0, -2.0, -0.051, -0.049, 0.0, 0.01, 0.06, 1.0, 20.0])
def test_the_continuous_bernoulli_is_a_density_with_its_stated_mean(logit):
    likelihood, x = ContinuousBernoulli(), np.linspace(0, 1, 20_001)
    logits = jnp.full((len(x), 1), logit)
    density = np.exp(-np.asarray(likelihood.cost(jnp.asarray(x[:, None], jnp.float32), logits), np.float64))
    assert trapezoid(density, x) == pytest.approx(1.0, rel=2e-3)
    assert float(likelihood.mean(logits)[0, 0]) == pytest.approx(trapezoid(x * density, x), abs=2e-3)


@pytest.mark.parametrize("kind", list(LIKELIHOODS))
def test_every_likelihood_has_finite_costs_and_gradients_far_out(kind):
    likelihood = LIKELIHOODS[kind]()
    logits = jnp.array([[-200.0, -1e-6, 0.0, 1e-6, 200.0]])
    value, gradient = jax.value_and_grad(lambda given: likelihood.cost(jnp.full((1, 5), 0.4), given).sum())(logits)
    assert np.isfinite(value)
    assert np.isfinite(gradient).all()
    assert np.isfinite(likelihood.mean(logits)).all()


def test_the_mixed_cost_is_the_squared_error_of_numbers_and_the_log_loss_of_truths():
    random = np.random.default_rng(0)
    x = random.normal(size=(5, 6)).astype(np.float32)
    x[:, [1, 4]] = random.integers(0, 2, (5, 2))
    logits = random.normal(size=(5, 6)).astype(np.float32)
    likelihood = LIKELIHOODS["mixed"](truths=(1, 4))
    squares = np.square(x - logits)[:, [0, 2, 3, 5]].sum(axis=1)
    crossed = [2 * log_loss(x[row, [1, 4]], expit(logits[row, [1, 4]]), labels=[0, 1]) for row in range(5)]
    np.testing.assert_allclose(likelihood.cost(jnp.asarray(x), jnp.asarray(logits)), squares + crossed, rtol=1e-5)
    np.testing.assert_allclose(likelihood.mean(jnp.asarray(logits))[:, [1, 4]], expit(logits[:, [1, 4]]), rtol=1e-6)
    np.testing.assert_array_equal(likelihood.mean(jnp.asarray(logits))[:, [0, 2, 3, 5]], logits[:, [0, 2, 3, 5]])
    with pytest.raises(SpecError, match="likelihood.truths must be below 4, the size of one example; got 4"):
        ModelSpec(latent=2, likelihood=likelihood).latent_size((4,))
    with pytest.raises(DataError, match="x: likelihood.truths must be columns from 0 to 1; column 1 goes beyond"):
        check_explained(ModelSpec(latent=2, likelihood=likelihood), x + 1)
