"""Seconds an epoch of aejax beside the same steps called one by one from Python, and the matrix products alone.

Rounds are interleaved, so that a machine whose speed drifts slows all alike; the ratio is taken round by round.
"""

import statistics
import time
from collections.abc import Callable, Iterator
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np

import aejax
from aejax.loop import Examined, State, advance, begin_training, shuffled
from aejax.model import Model
from aejax.run import device_numbers
from aejax.settings import structure

CASES = {"simple-64": 64, "deep": 64, "map": 128}
IMAGES, ROUNDS = 10_000, 5


def measure() -> Iterator[dict[str, float | str]]:
    """One row a case: seconds an epoch, least and median, and the median ratio to the other ways."""
    x = aejax.load_data("mnist-sample").x_train
    for name, batch_size in CASES.items():
        ways = {
            "aejax": loop(name, x, batch_size, together=True),
            "one by one": loop(name, x, batch_size, together=False),
            "products alone": products(name, len(x), batch_size),
        }
        seconds = {way: [] for way in ways}
        for _ in range(ROUNDS):
            for way, epoch in ways.items():
                began = time.perf_counter()
                epoch()
                seconds[way].append(time.perf_counter() - began)
        row: dict[str, float | str] = {"case": f"{name}, batch {batch_size}, {len(x):,} images"}
        for way, times in seconds.items():
            row[f"{way}: least s"], row[f"{way}: median s"] = min(times), statistics.median(times)
        for way in ("one by one", "products alone"):
            ratios = [other / ours for other, ours in zip(seconds[way], seconds["aejax"], strict=True)]
            row[f"{way} / aejax"] = statistics.median(ratios)
        yield row


def loop(name: str, x: np.ndarray, batch_size: int, together: bool) -> Callable[[], None]:
    """An epoch of the compiled loop, in one call or in one call a step, already compiled."""
    entry = aejax.zoo[name]
    model, recipe = Model.of(entry.spec, x.shape[1:]), structure(entry.train.replace(batch_size=batch_size, epochs=1))
    numbers = {"spec": device_numbers(entry.spec), "train": device_numbers(entry.train)}
    key, images, steps = jax.random.key(0), Examined(jnp.asarray(x)), -(-len(x) // batch_size)
    begun = begin_training(model, recipe, numbers["spec"], key, None, images)
    state: list[State] = [begun]
    calls = [(0, steps)] if together else [(step, step + 1) for step in range(steps)]

    def epoch() -> None:
        state[0] = shuffled(state[0], key, len(x))
        for first, last in calls:
            state[0] = advance(model, recipe, numbers, key, state[0], images, first, last, steps)
        jax.block_until_ready(state[0])

    epoch()
    return epoch


def products(name: str, examples: int, batch_size: int) -> Callable[[], None]:
    """The matrix products of an epoch's forward and backward passes, and nothing else: the machine's own limit."""
    entry = aejax.zoo[name]
    params = Model.of(entry.spec, (28, 28)).init(jax.random.key(0))
    kernels = [value for value in params.values() if value.ndim == 2]
    steps = -(-examples // batch_size)

    @partial(jax.jit, static_argnames="count")
    def multiply(kernels: list[jax.Array], count: int) -> list[jax.Array]:
        def one(_: int, weights: list[jax.Array]) -> list[jax.Array]:
            changed = []
            for weight in weights:
                signal = jnp.broadcast_to(weight[:1, :1], (batch_size, weight.shape[0]))
                forward = signal @ weight
                backward = forward @ weight.T
                changed.append(weight + 1e-30 * (backward.T @ forward))
            return changed

        return jax.lax.fori_loop(0, count, one, kernels)

    def epoch() -> None:
        jax.block_until_ready(multiply(kernels, steps))

    epoch()
    return epoch
