from itertools import permutations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx
from scipy.stats import chisquare

from aejax.parts.bottlenecks import Select
from aejax.parts.selector import Selector

START, HALF, END = jnp.float32(0.0), jnp.float32(0.5), jnp.float32(1.0)


def sharp(choices, features=5):
    """A selector that all but surely makes these choices."""
    module = Selector(features, len(choices), 3, nnx.Rngs(0))
    module.bias[...] = 40.0 * jax.nn.one_hot(jnp.asarray(choices), features)
    return module


def test_the_logits_are_the_product_of_the_factors_and_the_bias():
    module = Selector(6, 2, 4, nnx.Rngs(3))
    module.bias[...] = jnp.arange(12.0).reshape(2, 6)
    expected = np.asarray(module.embedding[...]) @ np.asarray(module.kernel[...]) + np.arange(12.0).reshape(2, 6)
    np.testing.assert_allclose(module.logits(), expected, rtol=1e-5)


def test_at_a_low_temperature_features_are_drawn_with_their_probabilities():
    module = Selector(4, 1, 4, nnx.Rngs(0))
    draws = jax.vmap(lambda key: module.draw(key, jnp.float32(1e-3)))(jax.random.split(jax.random.key(0), 4000))
    counts = np.bincount(np.argmax(np.asarray(draws)[:, 0], axis=1), minlength=4)
    weights = np.exp(np.asarray(module.logits(), np.float64)[0])
    assert chisquare(counts, 4000 * weights / weights.sum()).pvalue > 1e-3


def test_the_temperature_falls_geometrically_and_mixtures_are_the_softmax_at_it():
    bottleneck = Select(rank=4, first_temperature=8.0, last_temperature=0.5)
    module, x = Selector(5, 2, 4, nnx.Rngs(1)), jax.random.normal(jax.random.key(2), (3, 1, 5))
    key = jax.random.key(7)
    noisy = np.asarray(module.logits() + jax.random.gumbel(key, (2, 5)), np.float64) / np.sqrt(8.0 * 0.5)
    weights = np.exp(noisy) / np.exp(noisy).sum(axis=1, keepdims=True)
    code = bottleneck.code(key, x, HALF, module)
    np.testing.assert_allclose(code.latents, np.asarray(x)[:, 0] @ weights.T, rtol=1e-4)


def test_without_chance_and_at_the_end_the_code_is_the_likeliest_features_themselves():
    x, module = jax.random.normal(jax.random.key(0), (3, 1, 5)), sharp([4, 1, 4])
    expected = np.asarray(x)[:, 0, [4, 1, 4]]
    np.testing.assert_array_equal(Select().mean(x, module), expected)
    np.testing.assert_array_equal(Select().code(jax.random.key(0), x, END, module).latents, expected)
    assert not np.allclose(Select().code(jax.random.key(0), x, START, module).latents, expected)


@pytest.mark.parametrize("seed", range(4))
def test_the_choice_made_final_is_the_distinct_one_of_greatest_joint_probability(seed):
    random = np.random.default_rng(seed)
    learnt = {"embedding": random.normal(size=(3, 2)), "kernel": random.normal(size=(2, 5)), "bias": np.zeros((3, 5))}
    learnt = {name: jnp.asarray(value, jnp.float32) for name, value in learnt.items()}
    # Two coordinates that want the same feature.
    learnt["embedding"] = learnt["embedding"].at[1].set(learnt["embedding"][0])
    logits = np.asarray(learnt["embedding"] @ learnt["kernel"])
    best = max(permutations(range(5), 3), key=lambda features: logits[range(3), features].sum())
    settled = Select().settled(learnt)
    final = np.asarray(settled["embedding"] @ settled["kernel"] + settled["bias"])
    assert len(set(final.argmax(axis=1))) == 3
    assert logits[range(3), final.argmax(axis=1)].sum() == pytest.approx(logits[range(3), best].sum(), rel=1e-5)


def test_choices_that_differ_already_are_left_as_they_are():
    module = sharp([3, 0, 2])
    learnt = {"embedding": module.embedding[...], "kernel": module.kernel[...], "bias": module.bias[...]}
    for name, value in Select().settled(learnt).items():
        np.testing.assert_array_equal(value, learnt[name])
