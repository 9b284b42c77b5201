"""Recurrent bodies: a sequence read into one state, and written again from it."""

from collections.abc import Callable, Iterator
from math import prod
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from flax import nnx
from jaxtyping import Float

from aejax.parts.activations import ACTIVATIONS
from aejax.parts.gated import AllStates, Gates, Going, States, Walk, advanced, going, passed, unit, while_going
from aejax.parts.stage import Stage, outcome
from aejax.types import Key, Lengths, Logits, Pixels, Scalar, Shape

READINGS = {
    "last": "the state after the last step",
    "mean": "the mean of the states after all steps",
    "both_ways": "the last states of two units, one of which reads backwards",
}


class Lesson(NamedTuple):
    """The sequences to be written, of which a decoder is told each step before the next with this probability."""

    x: Pixels
    key: Key
    probability: Scalar


def steps_and_channels(shape: Shape) -> tuple[int, int]:
    """An example as a sequence: its first axis is time, what is left are channels."""
    return shape[0], prod(shape[1:])


class SequenceEncoder(nnx.Module):
    """A gated recurrent unit that reads all steps, and a layer from its states to the code."""

    def __init__(
        self, shape: Shape, hidden: int, latent: int, heads: int, last: str, reading: str, rngs: nnx.Rngs
    ) -> None:
        _, channels = steps_and_channels(shape)
        self.cell = unit(channels, hidden, rngs)
        self.backward = unit(channels, hidden, rngs) if reading == "both_ways" else None
        size = hidden if self.backward is None else 2 * hidden
        self.head = nnx.Linear(size, heads * latent, kernel_init=ACTIVATIONS[last].initialiser, rngs=rngs)
        self.heads, self.reading = heads, reading

    def passage(self, x: jax.Array, lengths: Lengths | None = None) -> Iterator[Stage]:
        """The states after each step, and what is made of them."""
        steps = jnp.moveaxis(x.reshape(*x.shape[:2], -1), 1, 0)
        goes_on = None if lengths is None else going(lengths, steps.shape[0])
        states = _read(self.cell, steps, goes_on)
        yield Stage("cell", r"s_t = \mathrm{GRU}(s_{t-1}, x_t)", jnp.moveaxis(states, 0, 1))
        state, told = states[-1], "s_T"
        if self.reading == "mean":
            state, told = _mean(states, goes_on), r"\bar s"
        if self.backward is not None:
            back = _read(self.backward, steps, goes_on, reverse=True)
            yield Stage("backward", r"s'_t = \mathrm{GRU}'(s'_{t+1}, x_t)", jnp.moveaxis(back, 0, 1))
            state, told = jnp.concatenate([state, back[0]], axis=1), "[s_T, s'_1]"
        yield Stage("head", rf"h = W {told} + b", self.head(state))

    def __call__(self, x: jax.Array, lengths: Lengths | None = None) -> jax.Array:
        return outcome(self.passage(x, lengths)).reshape(x.shape[0], self.heads, -1)


def _mean(states: Float[jax.Array, "steps batch hidden"], goes_on: Going | None) -> States:
    """The mean of the states after all valid steps."""
    if goes_on is None:
        return states.mean(axis=0)
    return jnp.where(goes_on, states, 0.0).sum(axis=0) / goes_on.sum(axis=0)


def _read(cell: nnx.GRUCell, steps: jax.Array, goes_on: Going | None, reverse: bool = False) -> AllStates:
    """The states after all steps, from none; a step beyond the end changes nothing."""
    start = jnp.zeros((steps.shape[1], cell.hidden_features))
    return passed(cell, Walk(len(steps), reverse), start, cell.dense_i(steps), goes_on)


class SequenceDecoder(nnx.Module):
    """A gated recurrent unit that begins from the code and is told it again at each step.

    It writes the last step first: what the encoder read last, it remembers best. With `feedback` it also reads each
    step before it writes the next: its own, or in training at times the true one.

    References:
        Srivastava et al., Unsupervised Learning of Video Representations using LSTMs, 2015, section 2.1; Williams &
        Zipser, A Learning Algorithm for Continually Running Fully Recurrent Neural Networks, 1989 (teacher forcing).
    """

    def __init__(self, shape: Shape, hidden: int, latent: int, feedback: bool, rngs: nnx.Rngs) -> None:
        _, channels = steps_and_channels(shape)
        self.start = nnx.Linear(latent, hidden, kernel_init=ACTIVATIONS["tanh"].initialiser, rngs=rngs)
        self.cell = unit(latent, hidden, rngs)
        self.head = nnx.Linear(hidden, channels, kernel_init=ACTIVATIONS["linear"].initialiser, rngs=rngs)
        self.feedback = nnx.Linear(channels, 3 * hidden, use_bias=False, rngs=rngs) if feedback else None
        self.shape = shape

    def passage(
        self,
        latents: jax.Array,
        mean: Callable[[Logits], Pixels] = jnp.asarray,
        lengths: Lengths | None = None,
        lesson: Lesson | None = None,
    ) -> Iterator[Stage]:
        """The state before the first step that is written, those after each, and what is written."""
        start, told = jnp.tanh(self.start(latents)), self.cell.dense_i(latents)
        yield Stage("start", r"s_{T+1} = \tanh(W z + b)", start)
        goes_on = None if lengths is None else going(lengths, self.shape[0])
        if self.feedback is None:
            walk = Walk(self.shape[0], reverse=True)
            states, formula = passed(self.cell, walk, start, told[None], goes_on), r"s_t = \mathrm{GRU}(s_{t+1}, z)"
            logits = self.head(states)
        else:
            states, logits = self._written(start, told, goes_on, mean, lesson)
            formula = r"s_t = \mathrm{GRU}(s_{t+1}, z, \hat x_{t+1})"
        yield Stage("cell", formula, jnp.moveaxis(states, 0, 1))
        yield Stage("head", r"h_t = W s_t + b", jnp.moveaxis(logits, 0, 1))

    def __call__(
        self,
        latents: jax.Array,
        mean: Callable[[Logits], Pixels] = jnp.asarray,
        lengths: Lengths | None = None,
        lesson: Lesson | None = None,
    ) -> jax.Array:
        return outcome(self.passage(latents, mean, lengths, lesson)).reshape(latents.shape[0], *self.shape)

    def _written(
        self,
        start: States,
        told: Gates,
        goes_on: Going | None,
        mean: Callable[[Logits], Pixels],
        lesson: Lesson | None,
    ) -> tuple[AllStates, Float[jax.Array, "steps batch channels"]]:
        steps, batch, channels = self.shape[0], len(start), self.head.out_features
        true, taught = jnp.zeros((steps, batch, channels)), jnp.zeros((steps, batch, 1), bool)
        if lesson is not None:
            true = jnp.moveaxis(lesson.x.reshape(batch, steps, channels), 1, 0)
            taught = jax.random.uniform(lesson.key, taught.shape) < lesson.probability
        assert self.feedback is not None  # noqa: S101 - only then is this called
        feedback = self.feedback

        def one(carry: tuple[States, jax.Array], step: tuple[Any, ...]) -> tuple[tuple[States, jax.Array], Any]:
            (state, before), (valid, correct, is_taught) = carry, step
            state = while_going(valid, advanced(self.cell, state, told + feedback(before)), state)
            logits = self.head(state)
            after = jnp.where(is_taught, correct, mean(logits))
            return (state, while_going(valid, after, before)), (state, logits)

        first = start, jnp.zeros((batch, channels))
        return jax.lax.scan(one, first, (goes_on, true, taught), reverse=True)[1]
