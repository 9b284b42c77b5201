"""A gated recurrent unit: one step of it, and the states that it passes through."""

from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from flax import nnx
from jax.nn import initializers
from jaxtyping import Bool, Float

from aejax.types import Key, Lengths, Shape

States = Float[jax.Array, "batch hidden"]
Gates = Float[jax.Array, "batch gates"]
Kernel = Float[jax.Array, "hidden gates"]
AllStates = Float[jax.Array, "steps batch hidden"]
AllGates = Float[jax.Array, "told batch gates"]
Going = Bool[jax.Array, "steps batch 1"]


class Walk(NamedTuple):
    """How many steps are taken, and whether from the last to the first."""

    steps: int
    reverse: bool = False


def _recurrent_kernel(key: Key, shape: Shape, dtype: Any) -> jax.Array:
    """One orthogonal matrix for each gate, so that a state is neither lost nor blown up at first.

    References:
        Saxe et al., Exact Solutions to the Nonlinear Dynamics of Learning in Deep Linear Networks, 2014.
    """
    hidden, orthogonal = shape[0], initializers.orthogonal()
    return jnp.concatenate([orthogonal(each, (hidden, hidden), dtype) for each in jax.random.split(key, 3)], axis=1)


def unit(ins: int, hidden: int, rngs: nnx.Rngs) -> nnx.GRUCell:
    """A gated recurrent unit before it has learnt."""
    return nnx.GRUCell(ins, hidden, recurrent_kernel_init=_recurrent_kernel, rngs=rngs)


def going(lengths: Lengths, steps: int) -> Going:
    """Whether each step of each sequence is before its end."""
    return (jnp.arange(steps)[:, None] < jnp.asarray(lengths)[None])[..., None]


def while_going(valid: Bool[jax.Array, "batch 1"] | None, after: jax.Array, before: jax.Array) -> jax.Array:
    """What is after a step, or still before it for those sequences that are over."""
    return after if valid is None else jnp.where(valid, after, before)


def advanced(cell: nnx.GRUCell, state: States, told: Gates) -> States:
    """The state after a step, of whose input `told` is the cell's own linear image.

    That image needs no state, so that it is computed for all steps at once.

    References:
        Cho et al., Learning Phrase Representations using RNN Encoder-Decoder, 2014, equations 5 to 8.
    """
    return _after(_gates(told), cell.dense_h(state), state)


def passed(cell: nnx.GRUCell, walk: Walk, start: States, told: AllGates, goes_on: Going | None) -> AllStates:
    """The states after all steps.

    Args:
        cell: The unit.
        walk: Which steps it takes.
        start: The state before the first one.
        told: The linear image of each step's input, or the one of all of them.
        goes_on: Whether each sequence still goes on; the state of one that is over stays.
    """
    return _passed(walk, cell.dense_h.kernel[...], start, told, goes_on)


@partial(jax.custom_jvp, nondiff_argnums=(0,))
def _passed(walk: Walk, kernel: Kernel, start: States, told: AllGates, goes_on: Going | None) -> AllStates:
    # Each gate an array of its own: of a slice of a slice XLA makes a loop over single numbers, six times as slow.
    gates, is_same = _gates(told), len(told) == 1

    def one(state: States, step: tuple[Any, Any]) -> tuple[States, States]:
        now, valid = step
        now = [gate[0] for gate in gates] if is_same else now
        state = while_going(valid, _after(now, state @ kernel, state), state)
        return state, state

    return _scanned(walk, one, start, (None if is_same else gates, goes_on))


@_passed.defjvp
def _moved(walk: Walk, primals: tuple[Any, ...], tangents: tuple[Any, ...]) -> tuple[AllStates, AllStates]:
    """The states, and how they move with what they come from.

    A step moves by what moves its own gates, which is known of all steps at once, and by how the state before it moved.
    Only the latter needs a loop, which is linear, so that its transpose has no weights to add up at each step.
    """
    kernel, start, told, goes_on = primals
    of_kernel, of_start, of_told, _ = tangents
    states = _passed(walk, kernel, start, told, goes_on)
    ends = (states[1:], start[None]) if walk.reverse else (start[None], states[:-1])
    before = jnp.concatenate(ends)

    now, (reset, update, past) = _gates(told), _gates(before @ kernel)
    reset, keep = nnx.sigmoid(now[0] + reset), nnx.sigmoid(now[1] + update)
    candidate = jnp.tanh(now[2] + reset * past)
    by_new = (1.0 - keep) * (1.0 - candidate**2)
    by_update = (before - candidate) * keep * (1.0 - keep)
    by_reset, by_past = by_new * past * reset * (1.0 - reset), by_new * reset
    if goes_on is not None:
        by_new, by_update, by_reset, by_past = (
            jnp.where(goes_on, by, 0.0) for by in (by_new, by_update, by_reset, by_past)
        )
        keep = jnp.where(goes_on, keep, 1.0)

    of_now, of_past = _gates(of_told), _gates(before @ of_kernel)
    own = by_reset * (of_now[0] + of_past[0]) + by_update * (of_now[1] + of_past[1])
    own += by_new * of_now[2] + by_past * of_past[2]
    kernels = _gates(kernel)

    def one(move: States, step: tuple[jax.Array, ...]) -> tuple[States, States]:
        own, keep, *by = step
        move = own + keep * move + sum(factor * (move @ gate) for factor, gate in zip(by, kernels, strict=True))
        return move, move

    return states, _scanned(walk, one, of_start, (own, keep, by_reset, by_update, by_past))


def _scanned(walk: Walk, one: Any, start: States, steps: Any) -> AllStates:
    states: AllStates = jax.lax.scan(one, start, steps, length=walk.steps, reverse=walk.reverse)[1]
    return states


def _gates(of_all: jax.Array) -> list[jax.Array]:
    """What belongs to reset, update and the candidate."""
    return jnp.split(of_all, 3, axis=-1)


def _after(now: list[jax.Array], past: Gates, state: States) -> States:
    """The state after a step, from the images of its input and of the state before it."""
    past_reset, past_update, past_new = _gates(past)
    keep = nnx.sigmoid(now[1] + past_update)
    candidate = jnp.tanh(now[2] + nnx.sigmoid(now[0] + past_reset) * past_new)
    return (1.0 - keep) * candidate + keep * state
