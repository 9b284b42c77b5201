"""The one compiled loop: gather, corrupt, loss and update, many steps to a call, the state donated."""

from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import optax

from aejax.compiling import Program
from aejax.layout import Layout
from aejax.model import Model, Prepared
from aejax.parts.batch import Batch
from aejax.parts.chance import Chance, Path, along
from aejax.parts.penalty import Memory
from aejax.permutation import permutation
from aejax.schedules import SCHEDULES
from aejax.spec import TrainSpec
from aejax.types import Count, Key, Numbers, Params, Rows, Scalar, Terms

_EXAMPLES_TO_REFRESH_BY = 2048


class Examined(NamedTuple):
    """The training examples on the device, with what is known of them; `prepared` is by a penalty's name."""

    x: jax.Array
    labels: jax.Array | None = None
    lengths: jax.Array | None = None
    known: jax.Array | None = None
    prepared: Prepared = {}
    numbers: jax.Array | None = None
    """Which of all examples these are, where they are only some."""

    def batch(self, model: Model, chance: Chance) -> Batch:
        """The examples in the rows of `chance`, and their companions."""
        companions = model.companions(self.prepared, chance, self.x)
        told = self.x, self.labels, self.lengths, self.known
        x, labels, lengths, known = jax.tree.map(lambda found: _at(found, chance.rows), told)
        return Batch(x, labels, lengths, known, companions)


def _at(found: jax.Array, rows: jax.Array) -> jax.Array:
    """Rows that are there; taken as flat ones, for within axes of 28 numbers each XLA finds the row again."""
    flat = found.reshape(len(found), -1)
    return flat.at[rows].get(mode="promise_in_bounds").reshape(len(rows), *found.shape[1:])


class State(NamedTuple):
    """All that changes while training; `sums` are of the terms' means over the steps of this epoch."""

    params: Params
    optimizer: Any
    order: jax.Array
    sums: Terms
    memory: dict[str, Memory]


@partial(Program, soon=True, static_argnames=("model", "recipe", "layout"))
def begin_training(
    model: Model,
    recipe: TrainSpec,
    numbers: Numbers,
    key: Key,
    params: Params | None,
    data: Examined,
    layout: Layout | None = None,
) -> State:
    """The state before the first step; from fresh weights where `params` is None."""
    # A copy, for the state is donated to the loop and the caller's weights must outlive it.
    params = model.init(jax.random.fold_in(key, 0)) if params is None else jax.tree.map(jnp.copy, params)
    # The names of the terms are known only from a trace of the loss.
    zero = jnp.float32(0.0)
    order = jnp.arange(-(-len(data.x) // recipe.batch_size) * recipe.batch_size)
    chance = Chance(key, key, order[: recipe.batch_size])
    terms = jax.eval_shape(model.terms, params, numbers, chance, data.batch(model, chance), zero)
    state = State(params, _transformation(recipe).init(params), order, dict.fromkeys(terms, zero), model.memory())
    return _laid(state, layout)


def shuffled(state: State, key: Key, path: Path, examples: int, begins: bool) -> State:
    """The state with a new order of the first so many of the examples on the device, by what `path` makes of the key.

    Where an epoch `begins` with it, there are no sums yet.
    """
    order, sums = _shuffled(state.order, state.sums, key, path, examples, begins)
    return state._replace(order=order, sums=sums)


@partial(jax.jit, static_argnames=("examples", "begins"), donate_argnames=("order", "sums"))
def _shuffled(order: Rows, sums: Terms, key: Key, path: Path, examples: int, begins: bool) -> tuple[Rows, Terms]:
    order = jnp.resize(permutation(along(key, path), examples), order.shape)
    return order, jax.tree.map(jnp.zeros_like, sums) if begins else sums


@partial(jax.jit, static_argnames=("model", "layout"), donate_argnames="state")
def refreshed(model: Model, state: State, key: Key, data: Examined, layout: Layout | None = None) -> State:
    """The state after `shuffled`, with what the bottleneck does between epochs to what it learns."""
    rows = state.order[: min(len(data.x), _EXAMPLES_TO_REFRESH_BY)]
    batch = data._replace(prepared={}).batch(model, Chance(key, key, rows))
    params, memory = model.between_epochs(state.params, state.memory, batch, key)
    return _laid(state._replace(params=params, memory=memory), layout)


@partial(Program, static_argnames=("model", "recipe", "layout"), donate_argnames="state")
def advance(
    model: Model,
    recipe: TrainSpec,
    numbers: dict[str, Numbers],
    key: Key,
    state: State,
    data: Examined,
    first: Count,
    last: Count,
    steps: Count,
    origin: Count = 0,
    layout: Layout | None = None,
) -> State:
    """The state after the steps from `first` up to `last`, of `steps` in all; the order began at step `origin`."""
    transformation, size = _transformation(recipe), recipe.batch_size

    def one(step: Count, state: State) -> State:
        place = (step - origin) % (len(state.order) // size)
        rows = jax.lax.dynamic_slice_in_dim(state.order, place * size, size)
        progress = jnp.asarray(step / steps)
        chance = Chance(jax.random.fold_in(key, 2 * step + 2), key, rows)

        batch = data.batch(model, chance)
        batch = batch if layout is None else layout.split(batch)
        if data.numbers is not None:
            chance = chance._replace(rows=data.numbers[rows])

        def loss(params: Params) -> tuple[Scalar, tuple[Terms, dict[str, Memory]]]:
            terms, memory = model.step(params, numbers["spec"], chance, batch, progress, state.memory)
            # The only mean over a batch that there is.
            means = {name: values.mean() for name, values in terms.items()}
            return jnp.sum(jnp.stack(list(means.values()))), (means, memory)

        (value, (means, memory)), gradient = jax.value_and_grad(loss, has_aux=True)(state.params)
        updates, optimizer = transformation.update(
            gradient, state.optimizer, state.params, value=value, grad=gradient, value_fn=lambda p: loss(p)[0]
        )
        length = _length(recipe, numbers["train"], progress)
        if layout is None:
            length += _nothing(gradient)
        params = jax.tree.map(lambda weight, update: weight + length * update, state.params, updates)
        after = State(params, optimizer, state.order, jax.tree.map(jnp.add, state.sums, means), memory)
        return _laid(after, layout)

    return _laid(jax.lax.fori_loop(first, last, one, state), layout)


def longer_chunk(chunk: int, done: int, every: float, seconds: float) -> int:
    """Steps that should take `every` seconds, since the last `done` took `seconds`; at most 8 times the last chunk."""
    return max(1, min(int(done * every / seconds), 8 * chunk))


def _laid(state: State, layout: Layout | None) -> State:
    """The state with its weights, and what the optimizer keeps of each, on the devices where they belong."""
    if layout is None:
        return state
    return state._replace(params=layout.laid(state.params), optimizer=layout.laid(state.optimizer))


def _transformation(recipe: TrainSpec) -> optax.GradientTransformationExtraArgs:
    """The optimizer at learning rate 1, after clipping."""
    rule = recipe.optimizer.transformation()
    if recipe.gradient_clip > 0:
        rule = optax.chain(optax.clip_by_global_norm(recipe.gradient_clip), rule)
    return optax.with_extra_args_support(rule)


def _nothing(gradient: Params) -> Scalar:
    """Zero, known when all gradients are.

    A step that has to wait for it writes into the weights in place. XLA would not see that nobody needs the old ones
    any more, and copy them at each step: a sixth of the time of a small deep network.
    """
    return 0.0 * jnp.stack([leaf.ravel()[0] for leaf in jax.tree.leaves(gradient)]).sum()


def _length(recipe: TrainSpec, numbers: Numbers, progress: Scalar) -> Scalar:
    """The factor of the optimizer's steps, by the schedule; 1 for a rule that searches for its own."""
    if recipe.optimizer.searches:
        return jnp.float32(1.0)
    rise = jnp.where(progress < numbers["warm_up"], progress / jnp.maximum(numbers["warm_up"], 1e-6), 1.0)
    return numbers["learning_rate"] * rise * SCHEDULES[recipe.schedule](progress)
