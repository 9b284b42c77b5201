import jax
import jax.numpy as jnp
import numpy as np
import pytest

from aejax.parts.cross_entropy import cross_entropy


@pytest.mark.parametrize("features", [784, 64, 13, 17, 1])
def test_value_and_slopes_are_those_of_every_pixel_by_itself(features):
    rng = np.random.default_rng(0)
    x, logits = rng.random((5, features)), rng.normal(size=(5, features)) * 20
    given = jnp.asarray(x, jnp.float32), jnp.asarray(logits, jnp.float32)
    np.testing.assert_allclose(cross_entropy(*given), (np.logaddexp(0, logits) - x * logits).sum(axis=1), rtol=1e-6)
    by_x, by_logits = jax.grad(lambda x, logits: cross_entropy(x, logits).sum(), argnums=(0, 1))(*given)
    np.testing.assert_allclose(by_logits, 1 / (1 + np.exp(-logits)) - x, atol=1e-6)
    np.testing.assert_allclose(by_x, -logits, rtol=1e-6)
    forward = jax.jvp(cross_entropy, given, (jnp.zeros_like(given[0]), jnp.ones_like(given[1])))[1]
    np.testing.assert_allclose(forward, by_logits.sum(axis=1), atol=1e-4)


def test_logits_beyond_all_bounds_cost_what_they_must_and_no_numbers_stay_none():
    x = jnp.asarray([[1.0, 0.0, 0.0], [0.0, 0.5, 0.5], [0.5, 0.5, 0.5]])
    logits = jnp.asarray([[90.0, -90.0, 0.0], [200.0, -200.0, 200.0], [jnp.nan, 0.0, 0.0]])
    np.testing.assert_allclose(cross_entropy(x, logits), [np.log(2), 400.0, np.nan], rtol=1e-6)
    slope = jax.grad(lambda logits: cross_entropy(x, logits)[:2].sum())(logits)[:2]
    np.testing.assert_allclose(slope, [[0, 0, 0.5], [1, -0.5, 0.5]], atol=1e-6)
