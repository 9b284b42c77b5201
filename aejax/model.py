"""A spec made into a network: codes, reconstructions and the terms of the loss, as pure functions of parameters."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any, NamedTuple, TypeAlias

import jax
import jax.numpy as jnp
from flax import nnx

from aejax.parts.batch import Batch
from aejax.parts.bottleneck import Code
from aejax.parts.chance import Chance
from aejax.parts.condition import Condition
from aejax.parts.corruptions import Corrupted
from aejax.parts.gated import going
from aejax.parts.penalty import Context, Memory
from aejax.parts.posteriors import importance_weighted
from aejax.parts.recurrence import Lesson
from aejax.parts.stage import Stage
from aejax.settings import structure, with_numbers
from aejax.spec import ModelSpec
from aejax.types import (
    Counts,
    Examples,
    Heads,
    Key,
    Labels,
    Latents,
    Lengths,
    Logits,
    Numbers,
    Params,
    Pixels,
    Scalar,
    Shape,
    Terms,
)


class Network(nnx.Module):
    """The layers of an autoencoder, and nothing else."""

    def __init__(self, spec: ModelSpec, shape: Shape, rngs: nnx.Rngs) -> None:
        latent, bottleneck = spec.latent_size(shape), spec.bottleneck
        self.encoder: Any = spec.encoder.encoder(shape, latent, bottleneck.heads, bottleneck.activation_name, rngs)
        self.decoder: Any = spec.writer.decoder(shape, latent + spec.classes, rngs)
        self.by_steps, self.mean = spec.writer.takes_lengths, spec.likelihood.mean
        self.condition = Condition(spec.classes, shape) if spec.classes else None
        self.likelihood = spec.likelihood.module(shape)
        self.bottleneck = bottleneck.module(shape, latent, rngs)
        modules = {name: part.module(shape, latent, rngs) for name, part in spec.named_penalties.items()}
        self.penalties = nnx.Dict({name: module for name, module in modules.items() if module is not None})

    def read(self, x: Pixels, labels: Labels | None = None, lengths: Lengths | None = None) -> Heads:
        """The encoder's output, where it is told the classes if the model is."""
        told = x if self.condition is None else self.condition(x, _told(labels))
        return self.encoder(told) if lengths is None else self.encoder(told, lengths)

    def reading(self, x: Pixels, labels: Labels | None = None, lengths: Lengths | None = None) -> Iterator[Stage]:
        """What each layer of the encoder makes of the examples, as in `read`; layers are named by their paths."""
        told = x if self.condition is None else self.condition(x, _told(labels))
        if self.condition is not None:
            yield Stage("condition", r"h_0 = x + t_c", told)
        for stage in self.encoder.passage(told) if lengths is None else self.encoder.passage(told, lengths):
            yield stage._replace(layer=f"encoder.{stage.layer}")

    def write(
        self,
        latents: Latents,
        labels: Labels | None = None,
        lengths: Lengths | None = None,
        lesson: Lesson | None = None,
    ) -> Logits:
        """The decoder's output, where it is told the classes if the model is."""
        told = latents if self.condition is None else self.condition.beside(latents, _told(labels))
        return self.decoder(told, self.mean, lengths, lesson) if self.by_steps else self.decoder(told)

    def writing(
        self, latents: Latents, labels: Labels | None = None, lengths: Lengths | None = None
    ) -> Iterator[Stage]:
        """What each layer of the decoder makes of the codes, as in `write`; layers are named by their paths."""
        told = latents if self.condition is None else self.condition.beside(latents, _told(labels))
        for stage in self.decoder.passage(told, self.mean, lengths) if self.by_steps else self.decoder.passage(told):
            yield stage._replace(layer=f"decoder.{stage.layer}")


def _told(labels: Labels | None) -> Labels:
    if labels is None:
        raise TypeError("a model that is told the classes needs labels; got None")
    return labels


BOTTLENECK = "bottleneck"
"""Name under which the bottleneck counts, and before the names of what it learns."""

Prepared: TypeAlias = dict[str, dict[str, jax.Array]]


@dataclass(frozen=True)
class Model:
    """The structure of an autoencoder for examples of one shape; hashable, so that compiled code is kept by it.

    Parameters are a flat mapping from a layer's path (`encoder.body.layers.0.kernel`) to its array. The numbers of
    the spec that may change while training are left out of the structure, and passed as `numbers` where they matter.
    """

    spec: ModelSpec
    shape: Shape

    @staticmethod
    def of(spec: ModelSpec, shape: Shape) -> "Model":
        """The model of `spec` for examples of `shape`.

        Raises:
            SpecError: If the parts do not fit one another or the shape.
        """
        spec.latent_size(shape)
        return Model(structure(spec), shape)

    @property
    def latent(self) -> int:
        """Size of the code."""
        return self.spec.latent_size(self.shape)

    @property
    def parameters(self) -> int:
        """How many numbers are learnt."""
        return _graph(self)[2]

    def init(self, key: Key) -> Params:
        """Fresh parameters."""
        return _initialised(self, key)

    def encode(
        self, params: Params, x: Examples, labels: Labels | None = None, lengths: Lengths | None = None
    ) -> Latents:
        """The code of each example, without chance: the posterior's mean where there is a posterior."""
        network = self.network(params)
        return self.spec.bottleneck.mean(network.read(pixels(x), labels, lengths), network.bottleneck)

    def deviation(self, params: Params, x: Examples, labels: Labels | None = None) -> Latents:
        """Standard deviation of each example's posterior; zero where a code is one point."""
        return self.spec.bottleneck.deviation(self.network(params).read(pixels(x), labels))

    def decode(
        self, params: Params, latents: Latents, labels: Labels | None = None, lengths: Lengths | None = None
    ) -> Pixels:
        """The expected example of each code, in the data's own units; zero beyond the end of a sequence."""
        decoded = self.spec.likelihood.mean(self.network(params).write(latents, labels, lengths))
        weights = weighted_steps(lengths, decoded)
        return decoded if weights is None else decoded * weights

    def reconstruct(
        self, params: Params, x: Examples, labels: Labels | None = None, lengths: Lengths | None = None
    ) -> Pixels:
        """Each example encoded and decoded, without chance."""
        return self.decode(params, self.encode(params, x, labels, lengths), labels, lengths)

    def nearest(self, params: Params, latents: Latents) -> Latents:
        """The code nearest to each of `latents` of those that the bottleneck can give."""
        return self.spec.bottleneck.nearest(latents, self.network(params).bottleneck)

    def memory(self) -> dict[str, Memory]:
        """What is remembered before the first batch: by each penalty under its name, and the bottleneck's counts."""
        counts = self.spec.bottleneck.counts(self.latent)
        remembered = {name: penalty.memory(self.latent) for name, penalty in self.spec.named_penalties.items()}
        return remembered | ({BOTTLENECK: counts} if counts else {})

    def between_epochs(
        self, params: Params, memory: dict[str, Memory], batch: Batch, key: Key
    ) -> tuple[Params, dict[str, Memory]]:
        """Parameters and memory at the head of an epoch: the bottleneck's own, set right by what it has counted."""
        bottleneck = self.spec.bottleneck
        outputs = self.network(params).read(pixels(batch.x), batch.labels, batch.lengths)
        params = _with_own(params, lambda own: bottleneck.refreshed(own, memory[BOTTLENECK], outputs, key))
        return params, memory | {BOTTLENECK: bottleneck.counts(self.latent)}

    def settled(self, params: Params) -> Params:
        """The parameters after the last step, with what the bottleneck has learnt made final."""
        return _with_own(params, self.spec.bottleneck.settled)

    def companions(self, prepared: Prepared, chance: Chance, x: Examples) -> dict[str, Any]:
        """The training examples, of all in `x`, that each penalty must see with the batch of `chance`."""
        penalties = self.spec.named_penalties
        key = jax.random.fold_in(chance.batch, 1)
        return {name: penalties[name].companions(known, key, chance.rows, x) for name, known in prepared.items()}

    def terms(self, params: Params, numbers: Numbers, chance: Chance, batch: Batch, progress: Scalar) -> Terms:
        """The terms whose sum is the loss, in nats per example, when `progress` (0 to 1) of training is done."""
        return self.step(params, numbers, chance, batch, progress, None)[0]

    def step(
        self,
        params: Params,
        numbers: Numbers,
        chance: Chance,
        batch: Batch,
        progress: Scalar,
        memory: dict[str, Memory] | None,
    ) -> tuple[Terms, dict[str, Memory]]:
        """The terms of the loss as in `terms`, and what the penalties remember after this batch."""
        spec, network = with_numbers(self.spec, numbers), self.network(params)
        corrupted, clean, outputs, code, logits, terms = self.through(params, numbers, chance, batch, progress)
        _, _, penalty_key = jax.random.split(chance.batch, 3)
        context = Context(
            x=clean,
            corrupted=corrupted,
            outputs=outputs,
            # Penalties see one code an example: the first draw, where there are several.
            latents=code.latents[: len(clean)],
            logits=logits[: len(clean)],
            encode=partial(self.encode, params, labels=batch.labels, lengths=batch.lengths),
            decode=partial(self.decode, params, labels=batch.labels, lengths=batch.lengths),
            key=penalty_key,
            progress=progress,
            kernel=self._only_kernel(params),
            readout=self._readout(params),
            slope=partial(_slope, partial(spec.bottleneck.mean, module=network.bottleneck)),
            memory=None,
        )
        modules, companions = network.penalties, batch.companions or {}
        remembered = {} if memory is None or not code.counts else {BOTTLENECK: _added(memory[BOTTLENECK], code.counts)}
        for name, penalty in spec.named_penalties.items():
            own = context._replace(companions=companions.get(name), module=modules.get(name))
            own = own._replace(memory=None if memory is None else memory[name])
            terms[name], remembered[name] = penalty.cost(own), penalty.remember(own)
        return terms, remembered

    def through(self, params: Params, numbers: Numbers, chance: Chance, batch: Batch, progress: Scalar) -> "Through":
        """What becomes of a batch in `step` on its way through the network, before the penalties look at it."""
        spec, network = with_numbers(self.spec, numbers), self.network(params)
        noise, code_key, _ = jax.random.split(chance.batch, 3)
        corrupted, clean = _seen(spec, chance._replace(batch=noise), batch.x)
        outputs = network.read(corrupted.x, batch.labels, batch.lengths)
        weights = _weights_of(batch, clean, spec.corruption.weights(corrupted))
        given = batch._replace(x=clean, companions=None, known=None), outputs, weights
        return Through(corrupted.x, clean, outputs, *_coded(spec, network, code_key, given, progress))

    def _only_kernel(self, params: Params) -> jax.Array | None:
        name = self.spec.encoder.only_kernel
        return None if name is None or self.spec.bottleneck.heads > 1 else params[name]

    def _readout(self, params: Params) -> jax.Array | None:
        name = (self.spec.decoder or self.spec.encoder).first_kernel
        return None if name is None else params[name][: self.latent]

    def corrupt(self, numbers: Numbers, chance: Chance, x: Examples) -> Pixels:
        """The examples as the encoder sees them in `terms` by the same chance."""
        return self.posed(numbers, chance, x)[0]

    def posed(self, numbers: Numbers, chance: Chance, x: Examples) -> tuple[Pixels, Pixels]:
        """The examples as the encoder sees them in `terms` by the same chance, and what must be rebuilt."""
        noise, _, _ = jax.random.split(chance.batch, 3)
        corrupted, target = _seen(with_numbers(self.spec, numbers), chance._replace(batch=noise), x)
        return corrupted.x, target

    def network(self, params: Params) -> Network:
        """The layers with these parameters."""
        graph, paths, _ = _graph(self)
        state: Any = nnx.from_flat_state([(path, params[name]) for name, path in paths.items()])
        return nnx.merge(graph, state)


class Through(NamedTuple):
    """A batch on its way: corrupted, with its target, read, coded, written; and the terms of the loss that this gives.

    Of several draws of a code, all those that are each example's first come first.
    """

    corrupted: Pixels
    target: Pixels
    outputs: Heads
    code: Code
    logits: Logits
    terms: Terms


def _coded(
    spec: ModelSpec,
    network: Network,
    key: Key,
    given: tuple[Batch, Heads, Pixels | None],
    progress: Scalar,
) -> tuple[Code, jax.Array, Terms]:
    """Codes, what the decoder makes of them, and their terms; of several draws, all of the first one's come first."""
    draws = spec.bottleneck.draws
    batch, outputs, weights = jax.tree.map(partial(_repeated, draws), given)
    code = spec.bottleneck.code(key, outputs, progress, network.bottleneck)
    lesson = spec.writer.lesson(batch.x, jax.random.fold_in(key, 0), progress)
    logits = network.write(code.latents, batch.labels, batch.lengths, lesson)
    terms = {"reconstruction": spec.likelihood.cost(batch.x, logits, network.likelihood, weights), **code.terms}
    return code, logits, terms if draws == 1 else importance_weighted(terms, draws)


def _with_own(params: Params, change: Callable[[Params], Params]) -> Params:
    """The parameters with those of the bottleneck, under its own names for them, changed."""
    own = f"{BOTTLENECK}."
    changed = change({name.removeprefix(own): value for name, value in params.items() if name.startswith(own)})
    return params | {own + name: value for name, value in changed.items()}


def _repeated(draws: int, array: jax.Array) -> jax.Array:
    return array if draws == 1 else jnp.concatenate([array] * draws)


def _added(counts: Counts, more: Counts) -> Counts:
    return {name: value + more[name] for name, value in counts.items()}


def weighted_steps(lengths: Lengths | None, x: Pixels, weights: Pixels | None = None) -> Pixels | None:
    """The weights of features, or 1, with 0 beyond the end of each sequence; None where all weigh 1."""
    if lengths is None:
        return weights
    goes_on = jnp.moveaxis(going(lengths, x.shape[1]), 0, 1).reshape(*x.shape[:2], *[1] * (x.ndim - 2))
    return jnp.where(jnp.broadcast_to(goes_on, x.shape), 1.0 if weights is None else weights, 0.0)


def _seen(spec: ModelSpec, chance: Chance, x: Examples) -> tuple[Corrupted, Pixels]:
    """The examples under the corruption, and what must be rebuilt."""
    clean = pixels(x)
    corrupted = spec.corruption.draw(chance, clean)
    return corrupted, clean if corrupted.target is None else corrupted.target


def _weights_of(batch: Batch, clean: Pixels, weights: Pixels | None) -> Pixels | None:
    """How much each value of an example counts in the loss: nothing beyond its length, nor where it is not known."""
    weights = weighted_steps(batch.lengths, clean, weights)
    return weights if batch.known is None else jnp.where(batch.known, 1.0 if weights is None else weights, 0.0)


def _slope(mean: Callable[[Heads], Latents], outputs: Heads) -> Latents:
    return jax.jvp(mean, (outputs,), (jnp.ones_like(outputs),))[1]


def pixels(x: Examples) -> Pixels:
    """The examples as float32: bytes as intensities in [0, 1], anything else in its own units."""
    return jnp.asarray(x, jnp.float32) / 255.0 if x.dtype == jnp.uint8 else jnp.asarray(x, jnp.float32)


@lru_cache(maxsize=256)
def _graph(model: Model) -> tuple[nnx.GraphDef[Network], dict[str, tuple[Any, ...]], int]:
    """The network without its values, each parameter's path by its name, and how many numbers they are in all."""
    network = nnx.eval_shape(lambda: Network(model.spec, model.shape, nnx.Rngs(0)))
    graph, state = nnx.split(network, nnx.Param)
    sizes = [leaf.size for leaf in jax.tree.leaves(state)]
    return graph, {_name(path): path for path, _ in nnx.to_flat_state(state)}, sum(sizes)


@partial(jax.jit, static_argnames="model")
def _initialised(model: Model, key: Key) -> Params:
    state = nnx.state(Network(model.spec, model.shape, nnx.Rngs(key)), nnx.Param)
    return {_name(path): value[...] for path, value in nnx.to_flat_state(state)}


def _name(path: tuple[Any, ...]) -> str:
    return ".".join(map(str, path))
