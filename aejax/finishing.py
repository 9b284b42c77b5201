"""What is left to do after the last step: a choice made final, and the decoder fitted to what was chosen."""

import math

import jax
import jax.numpy as jnp
import numpy as np

from aejax.batches import CHUNK
from aejax.loop import begin_training
from aejax.model import Model, pixels
from aejax.optimizers import Adam
from aejax.parts.batch import Batch
from aejax.parts.chance import Chance, seeded
from aejax.parts.corruptions import Clean
from aejax.parts.likelihoods import Mse
from aejax.parts.penalty import Memory
from aejax.row_groups import RowGroups
from aejax.settings import live_numbers, structure
from aejax.shards import Supply, taken
from aejax.spec import ModelSpec, TrainSpec
from aejax.types import Examples, Numbers, Params, Scalar, Terms

SHARE = 0.2
"""Epochs for which a decoder of several layers learns on once the choice is final, for each epoch before."""
# A number that no step of the training has.
_FURTHER = 2**32 - 2
_KERNEL, _BIAS = "decoder.body.layers.0.kernel", "decoder.body.layers.0.bias"


class _Finished(Model):
    """A model that trains as at its end: the bottleneck's choice is final, and only the decoder still learns."""

    def step(
        self,
        params: Params,
        numbers: Numbers,
        chance: Chance,
        batch: Batch,
        progress: Scalar,
        memory: dict[str, Memory] | None,
    ) -> tuple[Terms, dict[str, Memory]]:
        return super().step(params, numbers, chance, batch, jnp.ones_like(progress), memory)


def finished(
    model: Model, train: TrainSpec, numbers: Numbers, params: Params, x: Examples | RowGroups, supply: Supply
) -> Params:
    """The parameters with the bottleneck's choice made final and the decoder fitted to it, if it makes one.

    A linear decoder under squared error becomes the unregularised regression of all training examples on their codes;
    any other goes on learning, by Adam, for a fifth of the epochs.

    Args:
        model: The model.
        train: How it was trained.
        numbers: The live numbers of its spec.
        params: The parameters after the last step.
        x: The training examples.
        supply: The same, as the loop takes them.
    """
    if not model.spec.bottleneck.settles:
        return params
    layout = supply.layout
    params = model.settled(params if layout is None else layout.local(params))
    is_regression = _is_regression(model.spec)
    if is_regression:
        params = params | _regression(model, params, x)
    params = params if layout is None else layout.spread(params)
    return params if is_regression else _trained_on(_Finished(model.spec, model.shape), train, numbers, params, supply)


def _is_regression(spec: ModelSpec) -> bool:
    squared = isinstance(spec.likelihood, Mse) and spec.likelihood.output == "linear"
    return squared and (spec.decoder or spec.encoder).is_linear and isinstance(spec.corruption, Clean)


def _regression(model: Model, params: Params, x: Examples | RowGroups) -> Params:
    """The linear decoder of least squared error, by the normal equations of the codes and a constant."""
    inputs = model.latent + 1
    gram, cross = np.zeros((inputs, inputs)), np.zeros((inputs, math.prod(model.shape)))
    for at in range(0, len(x), CHUNK):
        rows = pixels(x[at : at + CHUNK])
        codes = np.asarray(model.encode(params, rows), np.float64)
        known = np.hstack([codes, np.ones((len(codes), 1))])
        gram += known.T @ known
        cross += known.T @ np.asarray(rows, np.float64).reshape(len(rows), -1)
    *kernel, bias = np.linalg.lstsq(gram, cross, rcond=None)[0].astype(np.float32)
    return {_KERNEL: jnp.asarray(np.stack(kernel)), _BIAS: jnp.asarray(bias)}


def _trained_on(model: Model, train: TrainSpec, numbers: Numbers, params: Params, supply: Supply) -> Params:
    """The parameters after more epochs of the same loop, whose seed and recipe are its own."""
    steps = max(1, round(SHARE * train.epochs)) * supply.per_epoch
    further = TrainSpec(epochs=1, batch_size=train.batch_size, optimizer=Adam(), schedule="cosine")
    recipe, key = structure(further), jax.random.fold_in(seeded(train.seed), _FURTHER)
    known = {name: jnp.float32(value) for name, value in live_numbers(further).items()}
    state = begin_training(model, recipe, numbers, key, params, supply.at(key, 0, steps).data, supply.layout)
    return taken(model, recipe, {"spec": numbers, "train": known}, key, state, supply, 0, steps, steps).params
