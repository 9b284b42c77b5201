"""The states of a gated recurrent unit and all their derivatives, beside Flax's own cell called step by step."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx

from aejax.parts.gated import Walk, going, passed, unit

STEPS, BATCH, CHANNELS, HIDDEN = 5, 4, 3, 6
CELL, PARAMS = nnx.split(unit(CHANNELS, HIDDEN, nnx.Rngs(0)))
LENGTHS = jnp.array([5, 3, 1, 4])


def drawn(*shape: int) -> jax.Array:
    return jnp.asarray(np.random.default_rng(sum(shape)).normal(size=shape), jnp.float32)


def by_flax(cell: nnx.GRUCell, reverse: bool, start: jax.Array, x: jax.Array, goes_on: jax.Array | None) -> jax.Array:
    states, state = {}, start
    for step in range(STEPS)[::-1] if reverse else range(STEPS):
        after = cell(state, x[step] if len(x) > 1 else x[0])[0]
        state = states[step] = after if goes_on is None else jnp.where(goes_on[step], after, state)
    return jnp.stack([states[step] for step in range(STEPS)])


@pytest.fixture(params=[False, True], ids=["onwards", "back"])
def reverse(request):
    return request.param


@pytest.fixture(params=[STEPS, 1], ids=["each", "same"])
def told(request):
    return request.param


@pytest.fixture(params=[None, LENGTHS], ids=["whole", "ragged"])
def both(request, reverse, told):
    """The states as aejax and as Flax find them, as functions of all that they come from, and where to ask."""
    goes_on = None if request.param is None else going(request.param, STEPS)

    def ours(params, start, x):
        cell = nnx.merge(CELL, params)
        return passed(cell, Walk(STEPS, reverse), start, cell.dense_i(x), goes_on)

    def theirs(params, start, x):
        return by_flax(nnx.merge(CELL, params), reverse, start, x, goes_on)

    params = jax.tree.map(lambda weight: weight + 0.3 * drawn(*weight.shape), PARAMS)
    return ours, theirs, (params, drawn(BATCH, HIDDEN), drawn(told, BATCH, CHANNELS))


def assert_same(ours, theirs):
    for one, other in zip(jax.tree.leaves(ours), jax.tree.leaves(theirs), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-5)


def weighted(states):
    return lambda *given: jnp.sum(states(*given) * drawn(STEPS, BATCH, HIDDEN))


def test_states_are_those_of_flax(both):
    ours, theirs, given = both
    assert_same(ours(*given), theirs(*given))


def test_gradients_are_those_of_flax(both):
    ours, theirs, given = both
    assert_same(*(jax.grad(weighted(states), argnums=(0, 1, 2))(*given) for states in (ours, theirs)))


def test_directions_are_those_of_flax(both):
    ours, theirs, given = both
    moves = jax.tree.map(lambda value: drawn(*value.shape[::-1]).T, given)
    assert_same(*(jax.jvp(states, given, moves)[1] for states in (ours, theirs)))


def test_gradients_of_directions_are_those_of_flax(both):
    ours, theirs, given = both
    moves = jax.tree.map(lambda value: drawn(*value.shape[::-1]).T, given)

    def stretched(states):
        return jax.grad(lambda *given: jnp.sum(jax.jvp(states, given, moves)[1] ** 2), argnums=(0, 1, 2))

    assert_same(*(jax.jit(stretched(states))(*given) for states in (ours, theirs)))
