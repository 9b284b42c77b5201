"""One training, some steps at a time: it can be tuned, put down, taken up again and gone on from.

What is computed depends on the settings and the steps alone, not on how the steps are cut into calls.
"""

import math
import time
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property, partial
from typing import Any, TypeVar

import jax
import jax.numpy as jnp
import numpy as np

from aejax.admission import admitted, check_plain
from aejax.arrays import as_examples, as_known, as_labels, as_lengths, check_batch, check_explained
from aejax.finishing import finished
from aejax.gang import same_weights
from aejax.history import Epoch, LayerEpoch
from aejax.layout import Layout
from aejax.loop import Examined, State, begin_training
from aejax.model import BOTTLENECK, Model
from aejax.parts.batch import Batch
from aejax.parts.chance import seeded
from aejax.pretraining import check_pretraining, check_pretraining_range, pretrain
from aejax.row_groups import RowGroups
from aejax.run import CodeStatistics, Run, code_statistics, device_numbers, mean_terms, some_rows
from aejax.settings import SpecError, live_numbers, structure
from aejax.shards import Resident, Streamed, Supply, taken
from aejax.spec import ModelSpec, TrainSpec
from aejax.stored import opened
from aejax.types import Numbers, Terms

_STATE = "state"

T = TypeVar("T")


class DivergedError(ArithmeticError):
    """A loss that is no longer finite."""


class Trainer:
    """A training and where it stands.

    Attributes:
        spec: What the model is, with the numbers in force.
        train: How it is trained, with the numbers in force.
        state: All that changes while training.
        step: Steps done.
        seconds: Time spent training and evaluating.
        history: The epochs that are over.
        codes: Mean and covariance of codes at the end of the last epoch.
        pretraining: The epochs of the layers that learnt one by one before the first step.
        layout: How it lies on many devices, of this process or of several that train as one; None on one device.
        is_streamed: Whether the examples are too many for the device at once.
    """

    def __init__(
        self,
        spec: ModelSpec,
        train: TrainSpec,
        x: object,
        validation: object | None = None,
        start: Run | None = None,
        labels: object | None = None,
        validation_labels: object | None = None,
        lengths: object | None = None,
        validation_lengths: object | None = None,
        known: object | None = None,
        validation_known: object | None = None,
        layout: Layout | None = None,
    ) -> None:
        """A training before its first step; arguments and errors are those of `aejax.fit`, and `layout` as above."""
        self.spec, self.train, self.layout = spec, train, layout
        self._examples, self.is_streamed = admitted(spec, train, x)
        check_batch(train.batch_size, len(self._examples))
        if layout is not None:
            layout.check_batch(train.batch_size)
        check_pretraining(spec, train.pretraining, len(self._examples))
        self.model = Model.of(spec, self._examples.shape[1:])
        self._labels = as_labels(spec, labels, len(self._examples))
        self._lengths = self._known = None
        if isinstance(self._examples, RowGroups):
            check_plain(spec, lengths, known)
        else:
            self._lengths, self._known = as_lengths(spec, lengths, self._examples), as_known(known, self._examples)
        told = validation_labels, validation_lengths, validation_known
        self._validation = None if validation is None else self._held_out(validation, *told)
        if start is not None:
            _check_start(start, self.model)
        self._weights = None if start is None else start.params
        self.pretraining: tuple[LayerEpoch, ...] = ()
        self.begin()

    def _held_out(self, x: object, labels: object | None, lengths: object | None, known: object | None) -> Batch:
        """What is evaluated after each epoch, checked as what is learnt from is."""
        examples = as_examples(opened(x, "validation"), "validation", self.model.shape)
        check_explained(self.spec, examples, "validation")
        check_pretraining_range(self.spec, self.train.pretraining, examples, "validation")
        told = as_labels(self.spec, labels, len(examples), "validation_labels")
        ends = as_lengths(self.spec, lengths, examples, "validation_lengths")
        return Batch(examples, told, ends, as_known(known, examples, "validation_known"))

    def begin(self) -> None:
        """Go to the moment before the first step; nothing is computed yet."""
        self._state: State | None = None
        self.step, self.seconds = 0, 0.0
        self.history: tuple[Epoch, ...] = ()
        self.codes: CodeStatistics | None = None

    @property
    def per_epoch(self) -> int:
        """Steps in an epoch."""
        return math.ceil(len(self._examples) / self.train.batch_size)

    @property
    def steps(self) -> int:
        """Steps in all."""
        return self.per_epoch * self.train.epochs

    @property
    def epoch(self) -> int:
        """Whole epochs done."""
        return self.step // self.per_epoch

    @property
    def state(self) -> State:
        """All that changes while training; the loop takes it over, so keep `copied(state)`."""
        if self._state is None:
            for _ in self.pretrain():
                pass
            self._state = self._fresh(self.supply.at(self.key, self.step, self.steps).data)
        return self._state

    def pretrain(self, every: float | None = None) -> Iterator[tuple[LayerEpoch, Run]]:
        """Let the layers learn one by one, if they are to and have not yet; where they stand, after each epoch of each.

        Args:
            every: Seconds after which to yield even within an epoch; what is computed does not depend on it.

        Raises:
            DivergedError: If a layer's error is no longer finite.
        """
        rule = self.train.pretraining
        if rule is None or self._weights is not None or self._state is not None:
            return
        # A number that no step has.
        key = jax.random.fold_in(self.key, 2**32 - 1)
        held_out = None if self._validation is None else self._validation.x
        for moment in pretrain(self.model, rule, key, self._examples, held_out, every):
            _check_layer(moment.now)
            self.seconds, self.pretraining = moment.now.seconds, moment.over
            params = moment.params
            yield moment.now, Run(self.spec, self.train, self.model.shape, params, pretraining=moment.over)
        self._weights = same_weights(params)

    def advance(self, count: int) -> None:
        """Take so many steps, but none beyond the end of the epoch or of the training."""
        began, epoch = time.perf_counter(), self.step // self.per_epoch
        state = self.state
        last = min(self.step + count, (epoch + 1) * self.per_epoch, self.steps)
        self.accept(
            taken(self.model, self.recipe, self.numbers, self.key, state, self.supply, self.step, last, self.steps),
            last,
        )
        self.seconds += time.perf_counter() - began

    def accept(self, state: State, step: int) -> None:
        """Go to the state after `step` steps, whoever has taken the last of them, and finish if there are no more."""
        if step == self.steps:
            known = self.numbers["spec"], state.params
            params = finished(self.model, self.train, *known, self._examples, self.supply)
            state = state._replace(params=params)
        jax.block_until_ready(state.sums)
        self._state, self.step = state, step

    def terms(self) -> dict[str, float]:
        """Means of the terms over the epoch so far, or over the last one at its end, in nats per example."""
        return _means(self.state.sums, self.step % self.per_epoch or self.per_epoch)

    def close_epoch(self) -> Epoch:
        """Evaluate at the end of an epoch, and enter it into the history."""
        began = time.perf_counter()
        params, validation = self._local(self.state.params), None
        if self._validation is not None:
            validation = mean_terms(self.model, params, device_numbers(self.spec), self._validation)
        self.codes = code_statistics(self.model, params, self._some)
        self.seconds += time.perf_counter() - began
        epoch = Epoch(self.epoch, self.step, self.seconds, self.terms(), validation, self._codes_used())
        self.history += (epoch,)
        return epoch

    def _codes_used(self) -> int | None:
        counts = self.state.memory.get(BOTTLENECK)
        return None if counts is None else int(np.count_nonzero(jax.device_get(counts["used"])))

    def _local(self, tree: T) -> T:
        """The arrays whole and on one device of this process."""
        return tree if self.layout is None else self.layout.local(tree)

    def check_finite(self, terms: Mapping[str, float], where: str) -> None:
        """Refuse terms that are not finite.

        Raises:
            DivergedError: With the first such term, and what to try.
        """
        for name, value in terms.items():
            if not math.isfinite(value):
                raise DivergedError(
                    f"the loss term {name!r} became {value} {where}: lower the learning rate "
                    f"(now {self.train.learning_rate:g}), or set gradient_clip"
                )

    def run(self) -> Run:
        """The autoencoder at this moment."""
        params = copied(self._local(self.state.params))
        return Run(self.spec, self.train, self.model.shape, params, self.history, self.codes, self.pretraining)

    def tune(self, changes: Mapping[str, float]) -> None:
        """Change numbers while training, `spec.bottleneck.beta` or `train.learning_rate`; nothing is compiled anew.

        `train.epochs`, by which the training is made longer or shorter, is such a number too.

        Raises:
            SpecError: If a number may not change while training, or is out of bounds.
        """
        self.spec, self.train = tuned(self.spec, self.train, changes)

    def kept(self) -> dict[str, np.ndarray]:
        """The whole state as named arrays, from which `restore` goes on bit for bit."""
        leaves, _ = jax.tree_util.tree_flatten_with_path(self._local(self.state))
        return {_name(path): np.asarray(leaf) for path, leaf in leaves}

    def restore(self, arrays: Mapping[str, np.ndarray], step: int, seconds: float) -> None:
        """Go to a state that `kept` gave when `step` steps were done.

        Raises:
            SpecError: If the state is that of another model, optimizer or batch size.
        """
        fresh = partial(self._fresh, begin=begin_training.function)
        leaves, tree = jax.tree_util.tree_flatten_with_path(jax.eval_shape(fresh, self.supply.form))
        names = [_name(path) for path, _ in leaves]
        found = {n: (v.shape, v.dtype) for n, v in arrays.items() if n.startswith(("params.", _STATE))}
        if found != {name: (leaf.shape, leaf.dtype) for name, (_, leaf) in zip(names, leaves, strict=True)}:
            raise SpecError("the state kept is not one of this model, optimizer and batch size")
        self.take_back(jax.tree_util.tree_unflatten(tree, [jnp.asarray(arrays[name]) for name in names]), step)
        self.seconds = seconds

    def take_back(self, state: State, step: int) -> None:
        """Go to an earlier state, when `step` steps were done; the history after it is forgotten."""
        self._state, self.step = copied(state) if self.layout is None else _spread(state, self.layout), step
        self.history = tuple(epoch for epoch in self.history if epoch.step <= step)

    def adopt(self, other: "Trainer") -> None:
        """Go on from where `other` stands with this one's own settings; what does not fit them begins anew.

        The weights must fit; with another batch size or seed the training begins at its first step.

        Raises:
            SpecError: If the layers are not the same.
        """
        _check_start(other.run(), self.model)
        fresh = self._fresh(self.supply.at(self.key, 0, self.steps).data) if self._state is None else self._state
        mine, theirs = fresh, copied(other.state)
        self.pretraining = other.pretraining
        continued = self.train.seed == other.train.seed and _alike(mine.order, theirs.order)
        if continued:
            self.step, self.seconds, self.history = other.step, other.seconds, other.history
            mine = mine._replace(order=theirs.order, sums=mine.sums | _common(mine.sums, theirs.sums))
        self._state = mine._replace(
            params=theirs.params,
            optimizer=theirs.optimizer if _alike(mine.optimizer, theirs.optimizer) else mine.optimizer,
            memory=mine.memory | _common(mine.memory, theirs.memory),
        )

    def _fresh(self, data: Examined, begin: Callable[..., State] = begin_training) -> State:
        weights = self._weights if self.layout is None or self._weights is None else self.layout.spread(self._weights)
        told = self.recipe, device_numbers(self.spec), self.key, weights, data
        return begin(self.model, *told, self.layout)

    @cached_property
    def supply(self) -> Supply:
        """The training examples as the loop takes them."""
        examples = self._examples
        if isinstance(examples, RowGroups):
            # Nothing but how many there are is asked of those that are streamed.
            examples = np.broadcast_to(np.zeros((), examples.dtype), examples.shape)
        prepared = {name: penalty.prepare(examples) for name, penalty in self.spec.named_penalties.items()}
        known = {name: jax.tree.map(jnp.asarray, found) for name, found in prepared.items() if found}
        batch_size = self.train.batch_size
        if self.is_streamed:
            told = Examined(self._examples[:0], self._labels, self._lengths, self._known, known)  # type: ignore[arg-type]
            most, check = 1e6 * self.train.device_megabytes, partial(check_explained, self.spec)
            return Streamed(self._examples, told, batch_size, most, check, self.layout)
        x, labels, lengths, gaps = jax.device_put((self._examples, self._labels, self._lengths, self._known))
        return Resident(Examined(x, labels, lengths, gaps, known), batch_size, self.layout)

    @cached_property
    def _some(self) -> Batch:
        """The examples whose codes stand for all."""
        batch = Batch(*map(some_rows, (self._examples, self._labels, self._lengths)))
        return batch._replace(x=as_examples(batch.x))

    @property
    def numbers(self) -> dict[str, Numbers]:
        """The live numbers of model and recipe, ready to be traced."""
        return {"spec": device_numbers(self.spec), "train": device_numbers(self.train)}

    @property
    def recipe(self) -> TrainSpec:
        """What of the recipe the loop is compiled for."""
        # All but the numbers that it does not depend on.
        others = {"epochs": 1, "seed": 0, "pretraining": None, "device_megabytes": 1.0}
        return structure(self.train.model_copy(update=others))

    @property
    def key(self) -> jax.Array:
        """What all chance of this training comes from."""
        return seeded(self.train.seed)


def _name(path: tuple[Any, ...]) -> str:
    """The name of an array of the state; those of the weights are as in a saved run."""
    return f"params.{path[1].key}" if path[0].name == "params" else _STATE + jax.tree_util.keystr(path)


def copied(tree: T) -> T:
    """A copy on the device, which outlives the loop's taking over of the original."""
    copy: T = _copied(tree)
    return copy


def _spread(state: State, layout: Layout) -> State:
    weights = {"params": layout.spread(state.params), "optimizer": layout.spread(state.optimizer)}
    rest = state._replace(params={}, optimizer=())
    return layout.repeated(rest)._replace(**weights)


@jax.jit
def _copied(tree: T) -> T:
    return jax.tree.map(jnp.copy, tree)


def tuned(spec: ModelSpec, train: TrainSpec, changes: Mapping[str, float]) -> tuple[ModelSpec, TrainSpec]:
    """Both records with numbers changed that may change while training, each by its name: `spec.bottleneck.beta`.

    Raises:
        SpecError: If one may not, or is out of bounds.
    """
    live = {f"spec.{name}" for name in live_numbers(spec)} | {f"train.{name}" for name in live_numbers(train)}
    for name in changes:
        if name not in live | {"train.epochs"}:
            raise SpecError(f"{name} cannot change while training; what can is {', '.join(sorted(live))}")
    parts = {
        root: {name.removeprefix(root): value for name, value in changes.items() if name.startswith(root)}
        for root in ("spec.", "train.")
    }
    return spec.replace(**parts["spec."]), train.replace(**parts["train."])


def _alike(one: Any, other: Any) -> bool:
    """Whether two trees hold arrays of the same shapes in the same places."""
    shapes = [jax.tree.map(lambda leaf: (leaf.shape, str(leaf.dtype)), tree) for tree in (one, other)]
    return bool(shapes[0] == shapes[1])


def _common(mine: Mapping[str, T], theirs: Mapping[str, T]) -> dict[str, T]:
    return {name: theirs[name] for name in mine if name in theirs and _alike(mine[name], theirs[name])}


def _check_start(start: Run, model: Model) -> None:
    wanted = jax.eval_shape(model.init, seeded(0))
    if {n: v.shape for n, v in start.params.items()} != {n: v.shape for n, v in wanted.items()}:
        raise SpecError(f"start must be a run with the layers of {model.spec}; got {start.spec}")


def _means(sums: Terms, steps: int) -> dict[str, float]:
    return {name: float(value) / steps for name, value in jax.device_get(sums).items()}


def _check_layer(layer: LayerEpoch) -> None:
    if not math.isfinite(layer.error):
        raise DivergedError(
            f"the error of layer {layer.layer} became {layer.error} while it was pretrained: lower "
            "pretraining.learning_rate, or pretraining.linear_learning_rate where its units are linear"
        )
