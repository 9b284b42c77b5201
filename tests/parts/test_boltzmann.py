"""Restricted Boltzmann machines so small that every state of their hidden units can be counted."""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.integrate import dblquad
from scipy.special import expit, logsumexp
from sklearn.neural_network import BernoulliRBM

from aejax.parts.activations import ACTIVATIONS
from aejax.parts.boltzmann import UNITS, Weights, contrastive_divergence, free_energy, reconstruction

VISIBLE, HIDDEN = 5, 3
STATES = np.array(list(itertools.product((0.0, 1.0), repeat=HIDDEN)))


@pytest.fixture(scope="module")
def weights():
    random = np.random.default_rng(3)
    kernel = random.normal(size=(VISIBLE, HIDDEN)).astype(np.float32)
    return Weights(*map(jnp.asarray, (kernel, kernel[:, 0] / 2, kernel[0] / 2)))


@pytest.fixture(scope="module")
def x():
    return jnp.asarray(np.random.default_rng(4).uniform(size=(2, VISIBLE)), jnp.float32)


def energy(weights, visible, hidden):
    """Of one example and one state of the hidden units; Hinton 2010, equation 1."""
    kernel, below, above = (np.asarray(part, np.float64) for part in weights)
    return -(visible @ below + hidden @ above + visible @ kernel @ hidden)


def test_the_free_energy_is_that_of_all_hidden_states_together(weights, x):
    counted = [-logsumexp([-energy(weights, row, state) for state in STATES]) for row in np.asarray(x, np.float64)]
    np.testing.assert_allclose(free_energy(weights, "sigmoid", x), counted, rtol=1e-5)


def test_the_free_energy_is_scikit_learns(weights, x):
    machine = BernoulliRBM(HIDDEN)
    machine.components_ = np.asarray(weights.kernel).T
    machine.intercept_visible_, machine.intercept_hidden_ = map(np.asarray, weights[1:])
    np.testing.assert_allclose(free_energy(weights, "sigmoid", x), machine._free_energy(np.asarray(x)), rtol=1e-5)


def test_the_free_energy_of_linear_units_is_the_integral_over_them(weights, x):
    two = Weights(weights.kernel[:, :2], weights.visible_bias, weights.hidden_bias[:2])

    def integrated(row):
        def density(first, second):
            state = np.array([first, second])
            return np.exp(-energy(two, row, state) - state @ state / 2)

        return -np.log(dblquad(density, -12, 12, -12, 12, epsrel=1e-8)[0]) + np.log(2 * np.pi)

    counted = [integrated(row) for row in np.asarray(x, np.float64)]
    np.testing.assert_allclose(free_energy(two, "linear", x), counted, rtol=1e-4)


@pytest.mark.parametrize("units", UNITS)
def test_a_units_mean_is_the_slope_of_its_log_partition_and_the_mean_of_its_draws(units):
    inputs = jnp.linspace(-3, 3, 7)[:, None]
    slope = jax.jvp(UNITS[units].log_partition, (inputs,), (jnp.ones_like(inputs),))[1]
    np.testing.assert_allclose(slope, ACTIVATIONS[units].function(inputs), atol=1e-6)
    draws = UNITS[units].draw(jax.random.key(0), jnp.broadcast_to(inputs, (7, 40_000)))
    np.testing.assert_allclose(draws.mean(axis=1), slope[:, 0], atol=0.02)
    if units == "linear":
        np.testing.assert_allclose(draws.std(axis=1), 1.0, atol=0.02)
    else:
        assert set(np.unique(draws)) == {0.0, 1.0}


def brute_force(weights, x):
    """The expected step downhill with every hidden state of the Gibbs step weighed by its probability."""
    kernel, below, above = (np.asarray(part, np.float64) for part in weights)
    sums = [np.zeros_like(kernel), np.zeros_like(below), np.zeros_like(above)]
    for row in np.asarray(x, np.float64):
        mean = expit(row @ kernel + above)
        for state in STATES:
            chance = np.prod(np.where(state == 1, mean, 1 - mean))
            rebuilt = expit(kernel @ state + below)
            after = expit(rebuilt @ kernel + above)
            sums[0] += chance * (np.outer(rebuilt, after) - np.outer(row, mean)) / len(x)
            sums[1] += chance * (rebuilt - row) / len(x)
            sums[2] += chance * (after - mean) / len(x)
    return sums


def test_the_step_of_contrastive_divergence_is_on_average_that_of_all_hidden_states(weights, x):
    many = jnp.repeat(x, 50_000, axis=0)
    found, _ = jax.jit(contrastive_divergence, static_argnums=2)(jax.random.key(0), weights, "sigmoid", many)
    for ours, counted in zip(found, brute_force(weights, x), strict=True):
        np.testing.assert_allclose(ours, counted, atol=5 * 0.5 / np.sqrt(len(many)))
        assert np.abs(counted).max() > 0.05


def test_given_its_draw_a_step_is_the_difference_of_the_two_correlations(weights, x):
    key = jax.random.key(1)
    for units in UNITS:
        mean = ACTIVATIONS[units].function
        found, rebuilt = contrastive_divergence(key, weights, units, x)
        np.testing.assert_array_equal(rebuilt, reconstruction(key, weights, units, x))
        before, after = np.asarray(mean(weights.up(x))), np.asarray(mean(weights.up(rebuilt)))
        np.testing.assert_allclose(found.kernel, (np.asarray(rebuilt).T @ after - x.T @ before) / 2, atol=1e-6)
        np.testing.assert_allclose(found.visible_bias, (rebuilt - x).mean(axis=0), atol=1e-6)
        np.testing.assert_allclose(found.hidden_bias, (after - before).mean(axis=0), atol=1e-6)
