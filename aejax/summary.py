"""What a model is before it is trained: its layers, their shapes and how many numbers it learns."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import prod
from typing import Any, Literal

import jax
import jax.numpy as jnp
from flax import nnx

from aejax.model import Network
from aejax.parts.convolving import Conv
from aejax.spec import ModelSpec
from aejax.types import Shape

_KINDS: dict[type, Callable[[Any], str]] = {
    nnx.Linear: lambda layer: "fully connected",
    Conv: lambda layer: f"convolution {' x '.join(map(str, layer.kernel_size))}",
}

# Of a size that no other axis has, for in sequences it is not the first. Nothing is computed.
_BATCH = 1_000_003

_PARTS = {"encoder": "encoder", "condition": "encoder", "bottleneck": "code", "decoder": "decoder"}


@dataclass(frozen=True)
class Layer:
    """One row: a layer with its parameters' common path, or the code between encoder and decoder.

    `shape` is of one example's output, before any pooling; it is empty for a layer that the model does not use. What
    only the loss reads has the part `loss`, and for its shape the last axis of its parameters.
    """

    part: Literal["encoder", "code", "decoder", "loss"]
    name: str
    kind: str
    shape: Shape
    parameters: int


@dataclass(frozen=True)
class Summary:
    """The layers of a model in the order in which an example meets them, and its sizes."""

    sentence: str
    layers: tuple[Layer, ...]
    features: int
    latent: int
    remarks: tuple[str, ...] = ()
    """How the penalties go about it, where there is a choice."""

    @property
    def parameters(self) -> int:
        """Numbers that training changes."""
        return sum(layer.parameters for layer in self.layers)

    @property
    def compression(self) -> float:
        """Numbers in an example for each number in its code."""
        return self.features / self.latent


def summarise(spec: ModelSpec, shape: Shape) -> Summary:
    """The layers and sizes of `spec` for examples of `shape`; no array is computed.

    Raises:
        SpecError: If the parts do not fit one another or the shape.
    """
    latent = spec.latent_size(shape)
    called: dict[str, Layer] = {}
    layers: dict[str, Layer] = {}

    def trace(x: jax.Array) -> jax.Array:
        network = Network(spec, shape, nnx.Rngs(0))
        layers.update(_watched(network, called))
        labels = jnp.zeros(_BATCH, jnp.int32) if spec.classes else None
        return network.write(spec.bottleneck.mean(network.read(x, labels), network.bottleneck), labels)

    jax.eval_shape(trace, jax.ShapeDtypeStruct((_BATCH, *shape), jnp.float32))
    # In the order of the calls, then those that were not called.
    rows = (called | {name: layer for name, layer in layers.items() if name not in called}).values()
    own = next((layer for layer in rows if layer.part == "code"), None)
    name, parameters = ("code", 0) if own is None else (own.name, own.parameters)
    code = Layer("code", name, str(spec.bottleneck), spec.encoder.code_shape(shape, latent), parameters)
    others = {part: [layer for layer in rows if layer.part == part] for part in ("encoder", "decoder", "loss")}
    ordered = (*others["encoder"], code, *others["decoder"], *others["loss"])
    return Summary(str(spec), ordered, prod(shape), latent, _remarks(spec, latent))


def _remarks(spec: ModelSpec, latent: int) -> tuple[str, ...]:
    kernel = spec.encoder.only_kernel is not None and spec.bottleneck.heads == 1
    remarks = (penalty.remark(latent, kernel) for penalty in spec.penalties)
    return tuple(remark for remark in remarks if remark)


def _watched(network: nnx.Module, called: dict[str, Layer]) -> dict[str, Layer]:
    """A row for each layer of `network` with parameters; those that the model calls then write it into `called`."""
    modules, layers = dict(nnx.iter_modules(network)), {}
    for path, layer in modules.items():
        own = [value for value in vars(layer).values() if isinstance(value, nnx.Param)]
        if own:
            part: Any = _PARTS.get(str(path[0]), "loss")
            name = ".".join(map(str, path))
            kind = _KINDS.get(type(layer), lambda layer: type(layer).__name__)(layer)
            shape = own[0][...].shape[-1:] if part == "loss" else ()
            layers[name] = Layer(part, name, kind, shape, sum(value[...].size for value in own))
            if part not in ("encoder", "decoder"):
                continue
            # Past the module's own attribute checks, for the watcher is no part of the network.
            vars(modules[path[:-1]])[str(path[-1])] = _Watcher(layer, layers[name], called)
    return layers


class _Watcher:
    """Stands in for a layer and writes down its row with its output's shape, when called or asked for its kernel."""

    def __init__(self, layer: Any, row: Layer, called: dict[str, Layer]) -> None:
        self._layer, self._row, self._called = layer, row, called

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._layer, name)
        if name == "kernel":
            self._write(value.shape[-1:])
        return value

    def __call__(self, *inputs: Any, **options: Any) -> Any:
        output = self._layer(*inputs, **options)
        self._write(tuple(size for size in jax.tree.leaves(output)[0].shape if size != _BATCH))
        return output

    def _write(self, shape: Shape) -> None:
        self._called.setdefault(self._row.name, replace(self._row, shape=shape))
