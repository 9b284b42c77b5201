"""Adam as it is computed here, beside Optax's."""

import jax
import numpy as np
import optax
import pytest

from aejax.optimizers import Adam, AdamW

RATE = 0.01


@pytest.mark.parametrize(
    "ours, theirs",
    [
        (Adam(), optax.adam(1.0)),
        (Adam(b1=0.5, b2=0.9, eps=1e-3), optax.adam(1.0, 0.5, 0.9, 1e-3)),
        (Adam(b1=0.0), optax.adam(1.0, 0.0)),
        (AdamW(weight_decay=0.1), optax.adamw(1.0, weight_decay=0.1)),
    ],
)
def test_adam_steps_as_that_of_optax(ours, theirs):
    start = {"weight": jax.random.normal(jax.random.key(0), (5, 3)), "bias": jax.numpy.zeros(3)}
    ways = [(rule.init(start), start, rule) for rule in (ours.transformation(), theirs)]
    for step in range(20):
        scale = 10.0 ** (step % 5 - 3)
        gradient = {name: scale * jax.random.normal(jax.random.key(step), value.shape) for name, value in start.items()}
        ways = [_after(gradient, *way) for way in ways]
    (kept, params, _), (others_kept, others, _) = ways
    assert jax.tree.structure(kept) == jax.tree.structure(others_kept)
    jax.tree.map(lambda mine, its: np.testing.assert_allclose(mine, its, rtol=1e-4, atol=1e-6), params, others)
    jax.tree.map(lambda mine, its: np.testing.assert_allclose(mine, its, rtol=1e-5), kept, others_kept)


def _after(gradient, state, params, rule):
    updates, state = rule.update(gradient, state, params)
    return state, jax.tree.map(lambda weight, update: weight + RATE * update, params, updates), rule
