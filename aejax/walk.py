"""One example's way through a model, stop by stop: noise, layers, code, layers, output, loss."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial
from typing import Any, Literal

import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx

from aejax.model import Model, Network, pixels
from aejax.parts.batch import Batch
from aejax.parts.chance import Chance, seeded
from aejax.parts.corruptions import Clean
from aejax.parts.stage import Stage
from aejax.run import Run, device_numbers
from aejax.settings import SpecError
from aejax.spec import ModelSpec
from aejax.summary import summarise
from aejax.types import Key, Numbers, Params, Shape

Part = Literal["input", "noise", "encoder", "code", "decoder", "output", "loss"]

COMPANY = 64
"""Examples that go the way together, at most: some terms of a loss compare an example with its batch."""


@dataclass(frozen=True, eq=False)
class Stop:
    """One stop on the way.

    Attributes:
        part: Where in the model it is.
        name: Path of the layer, or the part's own name; unlike that of any other stop.
        kind: What does the work there, in words.
        formula: What is computed, in LaTeX; within a body h_0 is what it is given.
        shape: Of what leaves it.
        parameters: Numbers that training changes there.
        values: What leaves it, by name, of one example; empty before there is a trained model.
    """

    part: Part
    name: str
    kind: str
    formula: str
    shape: Shape
    parameters: int = 0
    values: Mapping[str, np.ndarray] = field(default_factory=dict)


@dataclass(frozen=True)
class Term:
    """A term of the loss of one example: its formula in LaTeX, and its value in the unit of the loss."""

    name: str
    formula: str
    value: float


@dataclass(frozen=True, eq=False)
class Walk:
    """The way of one example: each stop with its values, and the loss at the end of it."""

    stops: tuple[Stop, ...]
    terms: tuple[Term, ...]

    @property
    def loss(self) -> float:
        """Sum of the terms."""
        return sum(term.value for term in self.terms)


@lru_cache(maxsize=64)
def stops(spec: ModelSpec, shape: Shape) -> tuple[Stop, ...]:
    """The stops of any example of `shape`, without values; no array is computed.

    Raises:
        SpecError: If the parts do not fit one another or the shape.
    """
    summary = summarise(spec, shape)
    parameters = {layer.name: layer.parameters for layer in summary.layers}
    kinds = {layer.name: layer.kind for layer in summary.layers}
    code = next(layer for layer in summary.layers if layer.part == "code")
    found = {part: _layers(spec, shape, part) for part in ("encoder", "decoder")}

    def layer(part: Any, stage: Stage) -> Stop:
        own = [stage.layer, *(f"{stage.layer.removesuffix('cell')}{name}" for name in _BESIDE if "cell" in stage.layer)]
        inner = [name for name in parameters if name in own or name.startswith(f"{stage.layer}.")]
        kind = _WORDS.get(stage.layer.rpartition(".")[2]) or kinds.get(stage.layer, part)
        size = tuple(stage.values.shape[1:])
        return Stop(part, stage.layer, kind, stage.formula, size, sum(parameters[name] for name in inner))

    noise = [Stop("noise", "noise", str(spec.corruption), spec.corruption.formula, shape)]
    return (
        Stop("input", "input", "example", "x", shape),
        *(noise if not isinstance(spec.corruption, Clean) else []),
        *(layer("encoder", stage) for stage in found["encoder"]),
        Stop("code", "code", code.kind, spec.bottleneck.formula, code.shape, code.parameters),
        *(layer("decoder", stage) for stage in found["decoder"]),
        Stop("output", "output", "reconstruction", r"\hat x = \mathrm{E}[x \mid z]", shape),
        Stop("loss", "loss", str(spec.likelihood), r"L = \textstyle\sum \text{terms}", (), _others(parameters)),
    )


_WORDS = {"cell": "gated recurrent unit", "backward": "gated recurrent unit, backwards", "condition": "class told"}
_BESIDE = ("feedback",)
"""Layers that count with the unit that they feed, and are no stop of their own."""


def _others(parameters: Mapping[str, int]) -> int:
    """Parameters that only the loss reads."""
    ways = ("encoder", "condition", "bottleneck", "decoder")
    return sum(count for name, count in parameters.items() if not name.startswith(ways) and name != "code")


def _layers(spec: ModelSpec, shape: Shape, part: str) -> list[Stage]:
    """The stages of encoder or decoder, with the shapes of their values in place of these."""
    found: list[Stage] = []

    def trace(x: jax.Array) -> None:
        network, labels = Network(spec, shape, nnx.Rngs(0)), jnp.zeros(1, jnp.int32) if spec.classes else None
        if part == "encoder":
            stages = network.reading(x, labels)
        else:
            stages = network.writing(jnp.zeros((1, spec.latent_size(shape))), labels)
        found.extend(
            stage._replace(values=jax.ShapeDtypeStruct(stage.values.shape, jnp.float32))  # type: ignore[arg-type]
            for stage in stages
        )

    jax.eval_shape(trace, jax.ShapeDtypeStruct((1, *shape), jnp.float32))
    return found


def walk(
    run: Run, x: object, row: int = 0, *, seed: int = 0, labels: object | None = None, lengths: object | None = None
) -> Walk:
    """The way of one example through a trained model, as training has it at its end: with noise, and a drawn code.

    Without noise and chance the code is that of `Run.encode` and the output that of `Run.decode`.

    Args:
        run: A trained run.
        x: The example and its company: where a term of the loss compares examples, it is with these.
        row: Which of them is followed.
        seed: Seed of the noise and of the draw of the code.
        labels: Class of each, where the model is told it.
        lengths: Steps of each sequence that count, where they differ.

    Raises:
        DataError: If `x` does not hold finite examples of the run's shape and range, or labels do not fit.
        SpecError: If `row` is not among them, or there are more than `COMPANY`.
    """
    batch = run.batch(x, labels, lengths)
    if not 0 <= row < len(batch.x) <= COMPANY:
        raise SpecError(f"row must be one of at most {COMPANY} examples in x; got {row} of {len(batch.x)}")
    key = seeded(seed)
    values, terms = jax.tree.map(
        lambda found: np.asarray(found)[row], _walked(run.model, run.params, device_numbers(run.spec), key, batch)
    )
    found = tuple(replace(stop, values=values.get(stop.name, {})) for stop in stops(run.spec, run.shape))
    formulas = _term_formulas(run.spec)
    return Walk(found, tuple(Term(name, formulas[name], float(value)) for name, value in terms.items()))


def _term_formulas(spec: ModelSpec) -> dict[str, str]:
    penalties = {name: penalty.formula for name, penalty in spec.named_penalties.items()}
    return {"reconstruction": spec.likelihood.formula, **spec.bottleneck.term_formulas, **penalties}


@partial(jax.jit, static_argnames="model")
def _walked(
    model: Model, params: Params, numbers: Numbers, key: Key, batch: Batch
) -> tuple[dict[str, dict[str, jax.Array]], dict[str, jax.Array]]:
    """What leaves each stop, and the terms of the loss; an example a row."""
    network, clean = model.network(params), pixels(batch.x)
    chance = Chance(jax.random.fold_in(key, 0), key, jnp.arange(len(clean)))
    end = jnp.float32(1.0)
    through = model.through(params, numbers, chance, batch, end)
    latents = through.code.latents[: len(clean)]
    told: dict[str, Any] = {"input": {"example": clean}, "noise": {"as the model sees it": through.corrupted}}
    reading = network.reading(through.corrupted, batch.labels, batch.lengths)
    told |= {stage.layer: {"activations": stage.values} for stage in reading}
    told["code"] = model.spec.bottleneck.shown(through.outputs, latents, network.bottleneck)
    writing = network.writing(latents, batch.labels, batch.lengths)
    told |= {stage.layer: {"activations": stage.values} for stage in writing}
    told["output"] = {"reconstruction": model.decode(params, latents, batch.labels, batch.lengths)}
    terms = model.terms(params, numbers, chance, batch, end)
    return told, {name: jnp.broadcast_to(value, (len(clean),)) for name, value in terms.items()}
