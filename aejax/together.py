"""Trainings of one structure that go on side by side: one compiled loop over several of them, by `jax.vmap`.

On a processor such loops run in as many threads as it has cores: XLA spreads a loop's products over them poorly, and
computes those of several lanes on one.
"""

import os
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, NamedTuple, TypeVar

import jax
import jax.numpy as jnp

from aejax.compiling import Program
from aejax.loop import Examined, State, advance, refreshed, shuffled
from aejax.model import BOTTLENECK, Model
from aejax.parts.chance import along
from aejax.settings import structure
from aejax.shards import Shard, of_epoch
from aejax.spec import TrainSpec
from aejax.trainer import DivergedError, Trainer, copied
from aejax.types import Count, Key, Numbers

LANES = {"cpu": 2}
"""Trainings in one loop at most, by the kind of device: more make a processor slower a training, not faster."""

T = TypeVar("T")

MOST_LOOPS = 8
MANY_LANES = 64

_STEPS_TO_TRY = 10


class Choice(NamedTuple):
    """How trainings of one structure are run, and why."""

    together: bool
    reason: str


def apart(trainer: Trainer) -> str | None:
    """Why a training cannot go on side by side with others; None where it can."""
    if trainer.train.pretraining is not None:
        return "layers that are pretrained learn one by one"
    if trainer.is_streamed:
        return "the examples are more than the device holds, and each seed has its own order of them"
    if trainer.train.optimizer.searches:
        return "each step would wait for the longest search along a line"
    return None


def form(trainer: Trainer) -> tuple[Any, ...]:
    """What trainings have in common that can go on side by side."""
    return structure(trainer.spec), trainer.recipe, trainer.train.epochs, trainer.model.shape


def loops() -> int:
    """How many loops run at once here."""
    return min(os.cpu_count() or 1, MOST_LOOPS) if jax.default_backend() == "cpu" else 1


def most() -> int:
    """How many trainings go on side by side here, at most."""
    return loops() * LANES.get(jax.default_backend(), MANY_LANES)


def split(trainers: Sequence[T], sets: int | None = None) -> list[Sequence[T]]:
    """The trainings in so many sets of nearly one size, or in as few as `most` allows: each size is compiled."""
    sets = -(-len(trainers) // most()) if sets is None else min(sets, len(trainers))
    ends = [len(trainers) * part // sets for part in range(sets + 1)]
    return [trainers[first:last] for first, last in zip(ends, ends[1:], strict=False)]


def chosen(trainers: Sequence[Trainer]) -> Choice:
    """Whether a few steps of these trainings, all before their first, take less time side by side or in turn."""
    if (reason := apart(trainers[0])) is not None:
        return Choice(False, reason)
    some = trainers[: most()]
    steps = min(_STEPS_TO_TRY, some[0].per_epoch)
    side_by_side = _seconds(_Loops(some), steps) / len(some)
    alone = _seconds(_Loops(some[:1]), steps)
    told = f"in a trial of {steps} steps {len(some)} at once took {1e3 * side_by_side / steps:.3g} ms a step and run"
    return Choice(side_by_side < alone, f"{told}, one alone {1e3 * alone / steps:.3g} ms")


def _seconds(loops: "_Loops", steps: int) -> float:
    """How long so many steps take once they are compiled."""
    loops.try_out(steps)
    began = time.perf_counter()
    loops.try_out(steps)
    return time.perf_counter() - began


def train_together(trainers: Sequence[Trainer], told: Callable[[int], None] = lambda epoch: None) -> dict[int, str]:
    """Train all to their ends; why those failed that did, by their places.

    Each ends where it would have ended alone, but for rounding: a product of many matrices is summed in another order.

    Args:
        trainers: Trainings of one `form`, all before their first step.
        told: Called at the end of each epoch, with the number of epochs that are over.
    """
    side_by_side, failed = _Loops(trainers), dict[int, str]()
    first = trainers[0]
    while first.step < first.steps:
        began = time.perf_counter()
        last = min((first.step // first.per_epoch + 1) * first.per_epoch, first.steps)
        side_by_side.go_to(last)
        share = (time.perf_counter() - began) / len(trainers)
        for place, (trainer, state) in enumerate(zip(trainers, side_by_side.states(), strict=True)):
            trainer.accept(state, last)
            trainer.seconds += share
            if place not in failed and (problem := _closed(trainer)) is not None:
                failed[place] = problem
        told(first.epoch)
    return failed


def _closed(trainer: Trainer) -> str | None:
    """Evaluate at the end of an epoch; what is not finite."""
    try:
        trainer.check_finite(trainer.terms(), f"within {trainer.step} steps")
        trainer.check_finite(trainer.close_epoch().validation or {}, f"within {trainer.step} steps")
    except DivergedError as error:
        return str(error)
    return None


class _Loops:
    """Trainings in as many loops as run at once."""

    def __init__(self, trainers: Sequence[Trainer]) -> None:
        self._lanes = [_Lanes(some) for some in split(trainers, loops())]

    def go_to(self, step: int) -> None:
        """Take the steps up to `step`, all of one epoch."""
        self._each(lambda lanes: lanes.go_to(step))

    def try_out(self, steps: int) -> None:
        """Take so many steps of the first epoch, from copies."""
        self._each(lambda lanes: jax.block_until_ready(lanes.after(steps)))

    def states(self) -> Iterator[State]:
        """The state of each training."""
        return (lanes.lane(place) for lanes in self._lanes for place in range(lanes.count))

    def _each(self, call: Callable[["_Lanes"], object]) -> None:
        # Threads, for what one thread hands to the device runs one after another.
        with ThreadPoolExecutor(len(self._lanes)) as pool:
            list(pool.map(call, self._lanes))


class _Lanes:
    """The states of trainings, stacked."""

    def __init__(self, trainers: Sequence[Trainer]) -> None:
        first = trainers[0]
        self._model, self._recipe, self._supply, self._steps = first.model, first.recipe, first.supply, first.steps
        self._numbers = _stacked([trainer.numbers for trainer in trainers])
        self._keys = jnp.stack([trainer.key for trainer in trainers])
        self._key, self._step = first.key, first.step
        self.count = len(trainers)
        self._states: State = _stacked([trainer.state for trainer in trainers])

    def go_to(self, step: int) -> None:
        """Take the steps up to `step`, all of one epoch."""
        self._states, self._step = self._taken(self._states, step), step
        jax.block_until_ready(self._states.sums)

    def after(self, steps: int) -> State:
        """The states after so many steps of the first epoch, from copies."""
        return self._taken(copied(self._states), self._step + steps)

    def lane(self, place: int) -> State:
        """The state of one training."""
        return jax.tree.map(lambda leaf: leaf[place], self._states)

    def _taken(self, states: State, last: int) -> State:
        shard = self._supply.at(self._key, self._step, self._steps)
        return _epoch(
            self._model, self._recipe, self._numbers, self._keys, states, shard.data, self._at(shard, last), self._steps
        )

    def _at(self, shard: Shard, last: int) -> tuple[int, int, int]:
        return shard.first // self._supply.per_epoch, shard.first, last


def _stacked(trees: Sequence[Any]) -> Any:
    return jax.tree.map(lambda *leaves: jnp.stack(leaves), *trees)


@partial(Program, static_argnames=("model", "recipe"), donate_argnames="states")
def _epoch(
    model: Model,
    recipe: TrainSpec,
    numbers: dict[str, Numbers],
    keys: jax.Array,
    states: State,
    data: Examined,
    at: tuple[Count, Count, Count],
    steps: Count,
) -> State:
    """The states after the steps from the first of an epoch on, whose number, first and last step `at` tells."""

    def one(numbers: dict[str, Numbers], key: Key, state: State) -> State:
        epoch, first, last = at
        state = shuffled(state, key, of_epoch(epoch), len(data.x), True)
        if BOTTLENECK in state.memory:
            state = refreshed(model, state, along(key, (*of_epoch(epoch), 0)), data)
        return advance.function(model, recipe, numbers, key, state, data, first, last, steps, first)

    return jax.vmap(one)(numbers, keys, states)
