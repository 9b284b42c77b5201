"""Greedy pretraining: each layer learns to rebuild what the layers below it give; then all are unrolled into one net.

Unrolled, a layer's matrix is the encoder's and its transpose the decoder's: two copies, which training then changes
apart. The encoder has the layers' hidden biases, the decoder their visible ones.
"""

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from math import prod
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Shaped

from aejax.arrays import DataError
from aejax.batches import over_chunks
from aejax.history import LayerEpoch
from aejax.loop import longer_chunk
from aejax.model import Model, pixels
from aejax.parts.activations import ACTIVATIONS
from aejax.parts.boltzmann import UNITS, Weights
from aejax.parts.bottlenecks import Point
from aejax.parts.likelihoods import Bernoulli, Likelihood
from aejax.parts.networks import Dense, Linear, Network
from aejax.parts.pretrainings import Layer, Pretraining
from aejax.permutation import permutation
from aejax.settings import SpecError, with_numbers
from aejax.spec import ModelSpec
from aejax.types import AnyArray, Count, Examples, Key, Numbers, Params, Scalar, Shape, Terms

Flat = Shaped[AnyArray, "batch visible"]


@dataclass(frozen=True, eq=False)
class Moment:
    """Where a pretraining stands: a layer's epoch, perhaps in progress, those that are over, and all weights."""

    now: LayerEpoch
    over: tuple[LayerEpoch, ...]
    params: Params


class LayerState(NamedTuple):
    """All that changes while a layer learns; `errors` is the sum of the steps' mean errors in this epoch."""

    weights: Weights
    velocity: Weights
    errors: Scalar


def check_pretraining(spec: ModelSpec, pretraining: Pretraining | None, examples: int) -> None:
    """Refuse models whose layers cannot learn one by one, and a batch larger than the data.

    Raises:
        SpecError: With the part that does not suit and what would.
    """
    if pretraining is None:
        return
    if pretraining.batch_size > examples:
        given = f"the number of training examples; got {pretraining.batch_size}"
        raise SpecError(f"pretraining.batch_size must be at most {examples}, {given}")
    needs = f"pretraining {pretraining.kind!r} needs"
    _check_mirrored(spec, needs)
    if pretraining.logistic:
        _check_logistic(spec, needs)


def _check_mirrored(spec: ModelSpec, needs: str) -> None:
    """Refuse networks that are not dense layers read up and then down."""
    if not isinstance(spec.encoder, Dense | Linear):
        raise SpecError(f"{needs} encoder 'dense', a stack of layers; got {spec.encoder.kind!r}")
    if spec.decoder not in (None, spec.encoder):
        raise SpecError(f"{needs} decoder 'none', the encoder's mirror; got {spec.decoder}")
    if not isinstance(spec.bottleneck, Point):
        raise SpecError(f"{needs} bottleneck 'point', a plain code; got {spec.bottleneck.kind!r}")
    if spec.classes:
        raise SpecError(f"{needs} classes 0, for a decoder that is told them is no mirror; got {spec.classes}")
    if _output(spec.likelihood) is None:
        raise SpecError(f"{needs} a likelihood whose output is an activation; got {spec.likelihood.kind!r}")


def _check_logistic(spec: ModelSpec, needs: str) -> None:
    """Refuse units that a restricted Boltzmann machine does not have."""
    encoder, code = _dense(spec.encoder), spec.bottleneck.activation_name
    if encoder.widths and encoder.activation != "sigmoid":
        raise SpecError(f"{needs} logistic units, so encoder.activation 'sigmoid'; got {encoder.activation!r}")
    if code not in UNITS:
        raise SpecError(f"{needs} bottleneck.activation of {', '.join(UNITS)}; got {code!r}")
    if _output(spec.likelihood) != "sigmoid":
        raise SpecError(f"{needs} a logistic output, such as likelihood 'bernoulli'; got {spec.likelihood}")


def check_pretraining_range(spec: ModelSpec, pretraining: Pretraining | None, x: Examples, name: str = "x") -> None:
    """Refuse examples that logistic units cannot rebuild.

    Raises:
        DataError: If they go beyond [0, 1].
    """
    if pretraining is None or x.dtype == np.uint8 or _output(spec.likelihood) != "sigmoid":
        return
    low, high = float(x.min()), float(x.max())
    if low < 0.0 or high > 1.0:
        raise DataError(
            f"{name} must lie in [0, 1] for pretraining {pretraining.kind!r}; got {low:g} to {high:g}: scale it"
        )


def layers_of(spec: ModelSpec, shape: Shape) -> tuple[Layer, ...]:
    """The layers of a dense encoder, from the input to the code."""
    encoder = _dense(spec.encoder)
    sizes = (prod(shape), *encoder.widths, spec.latent_size(shape))
    hidden = [encoder.activation] * len(encoder.widths)
    below, above = [str(_output(spec.likelihood)), *hidden], [*hidden, spec.bottleneck.activation_name]
    return tuple(map(Layer, sizes[:-1], sizes[1:], below, above))


def _dense(encoder: Network) -> Dense:
    return encoder if isinstance(encoder, Dense) else Dense()


def _output(likelihood: Likelihood) -> str | None:
    return "sigmoid" if isinstance(likelihood, Bernoulli) else getattr(likelihood, "output", None)


def pretrain(
    model: Model,
    rule: Pretraining,
    key: Key,
    x: Examples,
    validation: Shaped[AnyArray, "held_out *shape"] | None = None,
    every: float | None = None,
) -> Iterator[Moment]:
    """Train the layers one after another, yielding after each epoch of each.

    Args:
        model: What the layers belong to; it must suit, as `check_pretraining` says.
        rule: How each layer learns.
        key: Where all chance comes from; with one key, one result.
        x: Training examples.
        validation: Held-out examples, to be rebuilt after each epoch.
        every: Seconds after which to yield even within an epoch; what is computed does not depend on it.

    Yields:
        Moments, whose weights are those of the layers that have learnt, unrolled, and fresh ones of the others.
    """
    began, spent, over = time.perf_counter(), 0.0, tuple[LayerEpoch, ...]()
    params = model.init(jax.random.fold_in(key, 0))
    layers = layers_of(model.spec, model.shape)
    data = [_flat(x)] if validation is None else [_flat(x), _flat(validation)]
    for index, layer in enumerate(layers):
        learner = _Learner(rule, layer, jax.random.fold_in(key, index + 1), *data)
        for epoch, whole, error, weights in learner.epochs(every):
            params = params | unrolled(weights, index, len(layers))
            held_out = learner.held_out(weights) if whole else (None, None)
            spent += time.perf_counter() - began
            now = LayerEpoch(index + 1, epoch, spent, error, *held_out)
            over = (*over, now) if whole else over
            yield Moment(now, over, params)
            began = time.perf_counter()
        if index + 1 < len(layers):
            data = [over_chunks(partial(_above, layer, weights), examples) for examples in data]


def unrolled(weights: Weights, index: int, layers: int) -> Params:
    """The parameters of an autoencoder that the layer numbered `index` of `layers`, from the input on, becomes."""
    up, down = f"encoder.body.layers.{index}", f"decoder.body.layers.{layers - 1 - index}"
    return {
        f"{up}.kernel": weights.kernel,
        f"{up}.bias": weights.hidden_bias,
        f"{down}.kernel": weights.kernel.T,
        f"{down}.bias": weights.visible_bias,
    }


def _flat(x: Examples) -> Flat:
    return x.reshape(len(x), -1)


@dataclass(frozen=True, eq=False)
class _Learner:
    """One layer's learning: the rule, the examples as the layers below give them, and the order of steps."""

    rule: Pretraining
    layer: Layer
    key: Key
    examples: Flat
    validation: Shaped[AnyArray, "held_out visible"] | None = None

    @property
    def form(self) -> Pretraining:
        """What the compiled loop depends on: the rule without its numbers."""
        return with_numbers(self.rule, dict.fromkeys(self.numbers(0), 0.0)).model_copy(
            update={"epochs": 1, "first_epochs": 0}
        )

    def numbers(self, epoch: int) -> Numbers:
        """The rule's numbers in an epoch, ready to be traced."""
        rule, entry = self.rule, ACTIVATIONS[self.layer.activation]
        momentum = rule.first_momentum if epoch < rule.first_epochs else rule.momentum
        rate = rule.learning_rate if math.isfinite(entry.high) else rule.linear_learning_rate
        numbers = {name: value for name, value in rule if isinstance(value, float)}
        return {n: jnp.float32(v) for n, v in (numbers | {"momentum": momentum, "learning_rate": rate}).items()}

    def epochs(self, every: float | None) -> Iterator[tuple[int, bool, float, Weights]]:
        """Epochs done, whether that is just now, the mean error of this one and the weights, after each chunk."""
        x, size = jnp.asarray(self.examples), self.rule.batch_size
        per_epoch = math.ceil(len(x) / size)
        weights = self.rule.start(jax.random.fold_in(self.key, 0), self.layer)
        state = LayerState(weights, jax.tree.map(jnp.zeros_like, weights), jnp.float32(0.0))
        step, chunk = 0, per_epoch if every is None else 1
        while step < per_epoch * self.rule.epochs:
            began, (epoch, within) = time.perf_counter(), divmod(step, per_epoch)
            if within == 0:
                order = permutation(jax.random.fold_in(self.key, 2 * epoch + 1), len(x))
                order, state = jnp.resize(order, (per_epoch * size,)), state._replace(errors=jnp.float32(0.0))
            last = min(step + chunk, (epoch + 1) * per_epoch)
            state = advance_layer(self.form, self.layer, self.numbers(epoch), self.key, state, x, order, step, last)
            error = float(state.errors) / (within + last - step)
            if every is not None:
                chunk = longer_chunk(chunk, last - step, every, time.perf_counter() - began)
            step = last
            yield step // per_epoch, step % per_epoch == 0, error, jax.tree.map(jnp.copy, state.weights)

    def held_out(self, weights: Weights) -> tuple[float | None, float | None]:
        """The mean error of held-out examples, and how far their free energy lies above that of training examples."""
        if self.validation is None:
            return None, None
        stride = max(1, len(self.examples) // len(self.validation))
        known = self.examples[::stride][: len(self.validation)]
        measure = partial(_measured, self.form, self.layer, self.numbers(self.rule.epochs), self.key, weights)
        means = [{n: float(np.mean(v)) for n, v in over_chunks(measure, x).items()} for x in (known, self.validation)]
        gap = means[1]["free_energy"] - means[0]["free_energy"] if "free_energy" in means[0] else None
        return means[1]["error"], gap


@partial(jax.jit, static_argnames=("form", "layer"), donate_argnames="state")
def advance_layer(
    form: Pretraining,
    layer: Layer,
    numbers: Numbers,
    key: Key,
    state: LayerState,
    x: jax.Array,
    order: jax.Array,
    first: Count,
    last: Count,
) -> LayerState:
    """The state after the steps from `first` up to `last`."""
    rule, size = with_numbers(form, numbers), form.batch_size

    def one(step: Count, state: LayerState) -> LayerState:
        rows = jax.lax.dynamic_slice_in_dim(order, (step % (len(order) // size)) * size, size)
        chance = jax.random.fold_in(key, 2 * step + 2)
        gradient, errors = rule.gradient(chance, state.weights, layer, pixels(x[rows]))
        gradient = gradient._replace(kernel=gradient.kernel + rule.weight_cost * state.weights.kernel)
        velocity = jax.tree.map(lambda v, g: rule.momentum * v - rule.learning_rate * g, state.velocity, gradient)
        weights = jax.tree.map(jnp.add, state.weights, velocity)
        return LayerState(weights, velocity, state.errors + errors.mean())

    return jax.lax.fori_loop(first, last, one, state)


@partial(jax.jit, static_argnames=("form", "layer"))
def _measured(
    form: Pretraining, layer: Layer, numbers: Numbers, key: Key, weights: Weights, x: jax.Array, number: Count
) -> Terms:
    """Each example's error with one fixed draw of the chance, and its free energy where it has one."""
    rule, visible = with_numbers(form, numbers), pixels(x)
    _, errors = rule.gradient(jax.random.fold_in(key, number), weights, layer, visible)
    energy = rule.free_energy(weights, layer, visible)
    return {"error": errors} | ({} if energy is None else {"free_energy": energy})


@partial(jax.jit, static_argnames="layer")
def _above(layer: Layer, weights: Weights, x: jax.Array, number: Count) -> jax.Array:
    """The means of the layer's units, which the next layer learns from."""
    return ACTIVATIONS[layer.activation].function(weights.up(pixels(x)))
