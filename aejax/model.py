"""A spec made into a network: codes, reconstructions and the terms of the loss, as pure functions of parameters."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any, TypeAlias

import jax
import jax.numpy as jnp
from flax import nnx

from aejax.parts.batch import Batch
from aejax.parts.chance import Chance
from aejax.parts.penalties import Context, Memory
from aejax.settings import structure, with_numbers
from aejax.spec import ModelSpec
from aejax.types import Examples, Heads, Key, Latents, Numbers, Params, Pixels, Scalar, Shape, Terms


class Network(nnx.Module):
    """The layers of an autoencoder, and nothing else."""

    def __init__(self, spec: ModelSpec, shape: Shape, rngs: nnx.Rngs) -> None:
        latent, bottleneck = spec.latent_size(shape), spec.bottleneck
        self.encoder = spec.encoder.encoder(shape, latent, bottleneck.heads, bottleneck.activation_name, rngs)
        self.decoder = (spec.decoder or spec.encoder).decoder(shape, latent, rngs)
        self.bottleneck = bottleneck.module(shape, latent, rngs)
        modules = {name: part.module(shape, latent, rngs) for name, part in spec.named_penalties.items()}
        self.penalties = nnx.Dict({name: module for name, module in modules.items() if module is not None})


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

    def init(self, key: Key) -> Params:
        """Fresh parameters."""
        return _initialised(self, key)

    def encode(self, params: Params, x: Examples) -> Latents:
        """The code of each example, without chance: the posterior's mean where there is a posterior."""
        network = self._network(params)
        return self.spec.bottleneck.mean(network.encoder(pixels(x)), network.bottleneck)

    def deviation(self, params: Params, x: Examples) -> Latents:
        """Standard deviation of each example's posterior; zero where a code is one point."""
        return self.spec.bottleneck.deviation(self._network(params).encoder(pixels(x)))

    def decode(self, params: Params, latents: Latents) -> Pixels:
        """The expected example of each code, in the data's own units."""
        return self.spec.likelihood.mean(self._network(params).decoder(latents))

    def reconstruct(self, params: Params, x: Examples) -> Pixels:
        """Each example encoded and decoded, without chance."""
        return self.decode(params, self.encode(params, x))

    def memory(self) -> dict[str, Memory]:
        """What the penalties remember before the first batch, each by its name."""
        return {name: penalty.memory(self.latent) for name, penalty in self.spec.named_penalties.items()}

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
        spec = with_numbers(self.spec, numbers)
        network = self._network(params)
        noise, code_key, penalty_key = jax.random.split(chance.batch, 3)
        clean = pixels(batch.x)
        corrupted = spec.corruption.draw(chance._replace(batch=noise), clean)
        outputs = network.encoder(corrupted)
        code = spec.bottleneck.code(code_key, outputs, progress, network.bottleneck)
        logits = network.decoder(code.latents)
        terms = {"reconstruction": spec.likelihood.cost(clean, logits), **code.terms}
        context = Context(
            x=clean,
            corrupted=corrupted,
            outputs=outputs,
            latents=code.latents,
            logits=logits,
            encode=partial(self.encode, params),
            decode=partial(self.decode, params),
            key=penalty_key,
            progress=progress,
            kernel=self._only_kernel(params),
            slope=partial(_slope, partial(spec.bottleneck.mean, module=network.bottleneck)),
            memory=None,
        )
        modules, companions = network.penalties, batch.companions or {}
        remembered = {}
        for name, penalty in spec.named_penalties.items():
            own = context._replace(companions=companions.get(name), module=modules.get(name))
            own = own._replace(memory=None if memory is None else memory[name])
            terms[name], remembered[name] = penalty.cost(own), penalty.remember(own)
        return terms, remembered

    def _only_kernel(self, params: Params) -> jax.Array | None:
        name = self.spec.encoder.only_kernel
        return None if name is None or self.spec.bottleneck.heads > 1 else params[name]

    def corrupt(self, numbers: Numbers, chance: Chance, x: Examples) -> Pixels:
        """The examples as the encoder sees them in `terms` by the same chance."""
        noise, _, _ = jax.random.split(chance.batch, 3)
        return with_numbers(self.spec, numbers).corruption.draw(chance._replace(batch=noise), pixels(x))

    def _network(self, params: Params) -> Network:
        graph, paths = _graph(self)
        state: Any = nnx.from_flat_state([(path, params[name]) for name, path in paths.items()])
        return nnx.merge(graph, state)


def _slope(mean: Callable[[Heads], Latents], outputs: Heads) -> Latents:
    return jax.jvp(mean, (outputs,), (jnp.ones_like(outputs),))[1]


def pixels(x: Examples) -> Pixels:
    """The examples as float32: bytes as intensities in [0, 1], anything else in its own units."""
    return jnp.asarray(x, jnp.float32) / 255.0 if x.dtype == jnp.uint8 else jnp.asarray(x, jnp.float32)


@lru_cache(maxsize=256)
def _graph(model: Model) -> tuple[nnx.GraphDef[Network], dict[str, tuple[Any, ...]]]:
    """The network without its values, and each parameter's path by its name."""
    network = nnx.eval_shape(lambda: Network(model.spec, model.shape, nnx.Rngs(0)))
    graph, state = nnx.split(network, nnx.Param)
    return graph, {_name(path): path for path, _ in nnx.to_flat_state(state)}


@partial(jax.jit, static_argnames="model")
def _initialised(model: Model, key: Key) -> Params:
    state = nnx.state(Network(model.spec, model.shape, nnx.Rngs(key)), nnx.Param)
    return {_name(path): value[...] for path, value in nnx.to_flat_state(state)}


def _name(path: tuple[Any, ...]) -> str:
    return ".".join(map(str, path))
