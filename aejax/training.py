"""Training: `fit` is a generator of `Progress`, and whoever calls it owns the progress bar."""

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import jax
import jax.numpy as jnp
from jaxtyping import Shaped

from aejax.arrays import as_examples, check_batch, check_range
from aejax.finishing import finished
from aejax.loop import Examined, State, advance, begin_training, shuffled
from aejax.model import Model
from aejax.run import CodeStatistics, Epoch, Run, code_statistics, device_numbers, mean_terms
from aejax.settings import SpecError, structure
from aejax.spec import ModelSpec, TrainSpec
from aejax.types import AnyArray, Examples, Params, Terms

_EXAMPLES_FOR_CODE_STATISTICS = 2048


class DivergedError(ArithmeticError):
    """A loss that is no longer finite."""


@dataclass(frozen=True)
class Progress:
    """Where a training stands, in numbers on the host.

    `epoch` counts whole epochs; `terms` are means over the epoch so far and `validation` those at its end, in nats
    per example; `seconds` were spent training and evaluating, not waiting for whoever asks for the next.
    """

    epoch: int
    step: int
    steps: int
    terms: dict[str, float]
    validation: dict[str, float] | None
    seconds: float
    run: Run

    @property
    def fraction(self) -> float:
        """Share of all steps that are done, 0 to 1."""
        return self.step / self.steps

    @property
    def loss(self) -> float:
        """Sum of the terms, in nats per example."""
        return sum(self.terms.values())


def train(
    spec: ModelSpec,
    train: TrainSpec,
    x: object,
    validation: object | None = None,
    *,
    start: Run | None = None,
    progress: bool = False,
) -> Run:
    """The run at the end of `fit`, with a progress bar on the terminal if asked for; arguments and errors are its."""
    from aejax.console import with_bar

    steps = fit(spec, train, x, validation, start=start)
    for last in with_bar(steps) if progress else steps:
        run = last.run
    return run


def fit(
    spec: ModelSpec,
    train: TrainSpec,
    x: object,
    validation: object | None = None,
    *,
    start: Run | None = None,
    every: float | None = None,
) -> Iterator[Progress]:
    """Train, yielding progress after each epoch; to stop, do not ask for the next.

    The whole set stays on the device, and each chunk of steps is one compiled loop. Each epoch is a new order of all
    examples, cut into batches; where they do not fill the last one, it is filled from the head of the same order.

    Args:
        spec: What the model is.
        train: How it is trained.
        x: Training examples, one a row: (n, features), (n, height, width) or (n, height, width, channels); bytes are
            read as intensities, 255 being 1.
        validation: Held-out examples of the same shape, evaluated after each epoch.
        start: A run with the same layers whose weights to go on from, with a fresh optimizer.
        every: Seconds after which to yield even within an epoch; what is computed does not depend on it.

    Yields:
        Progress, whose `run` holds the weights at that moment.

    Raises:
        SpecError: If the parts do not fit one another or the data.
        DataError: If the data cannot be used.
        DivergedError: If a term of the loss is no longer finite.
    """
    _check_specs(spec, train)
    examples = as_examples(x)
    check_range(spec, examples)
    check_batch(train.batch_size, len(examples))
    model = Model.of(spec, examples.shape[1:])
    held_out = None if validation is None else as_examples(validation, "validation", model.shape)
    if held_out is not None:
        check_range(spec, held_out, "validation")
    if start is not None:
        _check_start(start, model)
    return _Fit(spec, train, model, examples, held_out).progress(start, every)


def _check_specs(spec: object, train: object) -> None:
    for name, value, kind in (("spec", spec, ModelSpec), ("train", train, TrainSpec)):
        if not isinstance(value, kind):
            example = f'aejax.zoo["deep"].{name}'
            raise SpecError(f"{name} must be a {kind.__name__}, such as {example}; got a {type(value).__name__}")


def _check_start(start: Run, model: Model) -> None:
    wanted = jax.eval_shape(model.init, jax.random.key(0))
    if {n: v.shape for n, v in start.params.items()} != {n: v.shape for n, v in wanted.items()}:
        raise SpecError(f"start must be a run with the layers of {model.spec}; got {start.spec}")


@dataclass(frozen=True, eq=False)
class _Fit:
    """One training: what it is given, and the order of its steps."""

    spec: ModelSpec
    train: TrainSpec
    model: Model
    examples: Examples
    validation: Shaped[AnyArray, "held_out *shape"] | None

    @property
    def per_epoch(self) -> int:
        return math.ceil(len(self.examples) / self.train.batch_size)

    def progress(self, start: Run | None, every: float | None) -> Iterator[Progress]:
        began = time.perf_counter()
        spent, steps, history = 0.0, self.per_epoch * self.train.epochs, list[Epoch]()
        codes: CodeStatistics | None = None
        for step, state in self._states(start, every):
            epoch, within = divmod(step, self.per_epoch)
            terms = _means(state.sums, within or self.per_epoch)
            _check_finite(terms, step, self.train)
            params = jax.tree.map(jnp.copy, state.params)
            validation = None
            if not within:
                validation, codes = self._validation(params), self._codes(params)
                _check_finite(validation or {}, step, self.train)
                seconds = spent + time.perf_counter() - began
                history.append(Epoch(epoch, step, seconds, terms, validation))
            run = Run(self.spec, self.train, self.model.shape, params, tuple(history), codes)
            spent += time.perf_counter() - began
            yield Progress(epoch, step, steps, terms, validation, spent, run)
            began = time.perf_counter()

    def _states(self, start: Run | None, every: float | None) -> Iterator[tuple[int, State]]:
        """The number of steps done, and the state, after each chunk of steps."""
        # The loop is compiled for what is left when numbers that it does not depend on are taken out.
        recipe = self.train.model_copy(update={"epochs": 1, "seed": 0})
        begin, go_on = (partial(f, self.model, structure(recipe)) for f in (begin_training, advance))
        numbers = {"spec": device_numbers(self.spec), "train": device_numbers(self.train)}
        data, key, steps = self._examined(), jax.random.key(self.train.seed), self.per_epoch * self.train.epochs
        state = begin(numbers["spec"], key, None if start is None else start.params, data)
        step, chunk = 0, self.per_epoch if every is None else 1
        while step < steps:
            began = time.perf_counter()
            if step % self.per_epoch == 0:
                state = shuffled(state, jax.random.fold_in(key, 2 * (step // self.per_epoch) + 1), len(data.x))
            last = min(step + chunk, (step // self.per_epoch + 1) * self.per_epoch)
            state = go_on(numbers, key, state, data, step, last, steps)
            if last == steps:
                params = finished(self.model, self.train, numbers["spec"], state.params, data)
                state = state._replace(params=params)
            jax.block_until_ready(state.sums)
            if every is not None:
                wanted = (last - step) * every / (time.perf_counter() - began)
                chunk = max(1, min(int(wanted), 8 * chunk))
            step = last
            yield step, state

    def _examined(self) -> Examined:
        prepared = {name: penalty.prepare(self.examples) for name, penalty in self.spec.named_penalties.items()}
        known = {name: jax.tree.map(jnp.asarray, found) for name, found in prepared.items() if found}
        return Examined(jnp.asarray(self.examples), prepared=known)

    def _validation(self, params: Params) -> dict[str, float] | None:
        if self.validation is None:
            return None
        return mean_terms(self.model, params, device_numbers(self.spec), self.validation)

    def _codes(self, params: Params) -> CodeStatistics:
        stride = max(1, len(self.examples) // _EXAMPLES_FOR_CODE_STATISTICS)
        return code_statistics(self.model, params, self.examples[::stride][:_EXAMPLES_FOR_CODE_STATISTICS])


def _means(sums: Terms, steps: int) -> dict[str, float]:
    return {name: float(value) / steps for name, value in jax.device_get(sums).items()}


def _check_finite(terms: dict[str, float], step: int, train: TrainSpec) -> None:
    for name, value in terms.items():
        if not math.isfinite(value):
            raise DivergedError(
                f"the loss term {name!r} became {value} within {step} steps: lower the learning rate "
                f"(now {train.learning_rate:g}), or set gradient_clip"
            )
