"""Training: `fit` is a generator of `Progress`, and whoever calls it owns the progress bar."""

import math
from collections.abc import Generator, Iterator
from dataclasses import dataclass

from aejax.gang import agreed
from aejax.history import LayerEpoch
from aejax.layout import Layout
from aejax.loop import longer_chunk
from aejax.run import Run
from aejax.settings import SpecError
from aejax.spec import ModelSpec, TrainSpec
from aejax.trainer import DivergedError, Trainer

_SECONDS_BETWEEN_BARS = 0.25

__all__ = ["DivergedError", "Progress", "fit", "train"]


@dataclass(frozen=True)
class Progress:
    """Where a training stands, in numbers on the host.

    `epoch` counts whole epochs; `terms` are means over the epoch so far and `validation` those at its end, in nats
    per example; `seconds` were spent training and evaluating, not waiting for whoever asks for the next. While layers
    are pretrained, `layer` is the latest record of that, perhaps of an epoch in progress, and there are no terms yet.
    """

    epoch: int
    step: int
    steps: int
    terms: dict[str, float]
    validation: dict[str, float] | None
    seconds: float
    run: Run
    layer: LayerEpoch | None = None

    @property
    def fraction(self) -> float:
        """Share of all steps that are done, 0 to 1."""
        return self.step / self.steps

    @property
    def throughput(self) -> float:
        """Examples a second, over all steps that are done; NaN before there are any."""
        return self.step * self.run.train.batch_size / self.seconds if self.step else math.nan

    @property
    def loss(self) -> float:
        """Sum of the terms, in nats per example; NaN before there are any."""
        return sum(self.terms.values()) if self.terms else math.nan


def train(
    spec: ModelSpec,
    train: TrainSpec,
    x: object,
    validation: object | None = None,
    *,
    labels: object | None = None,
    validation_labels: object | None = None,
    lengths: object | None = None,
    validation_lengths: object | None = None,
    known: object | None = None,
    validation_known: object | None = None,
    start: Run | None = None,
    layout: Layout | None = None,
    progress: bool = False,
) -> Run:
    """The run at the end of `fit`, with a progress bar on the terminal if asked for; arguments and errors are its."""
    from aejax.console import with_bar

    steps = fit(
        spec,
        train,
        x,
        validation,
        labels=labels,
        validation_labels=validation_labels,
        lengths=lengths,
        validation_lengths=validation_lengths,
        known=known,
        validation_known=validation_known,
        start=start,
        layout=layout,
        every=_SECONDS_BETWEEN_BARS if progress else None,
    )
    for last in with_bar(steps) if progress else steps:
        run = last.run
    return run


def fit(
    spec: ModelSpec,
    train: TrainSpec,
    x: object,
    validation: object | None = None,
    *,
    labels: object | None = None,
    validation_labels: object | None = None,
    lengths: object | None = None,
    validation_lengths: object | None = None,
    known: object | None = None,
    validation_known: object | None = None,
    start: Run | None = None,
    layout: Layout | None = None,
    every: float | None = None,
) -> Iterator[Progress]:
    """Train, yielding progress after each epoch; to stop, do not ask for the next.

    The whole set stays on the device, and each chunk of steps is one compiled loop. Each epoch is a new order of all
    examples, cut into batches; where they do not fill the last one, it is filled from the head of the same order.

    A set of more than `train.device_megabytes` is streamed instead, never read whole: each epoch is drawn anew in
    blocks of neighbouring rows, which are gathered to shards of half of what the device may hold and shuffled there.
    What is in each step still follows from the seed alone; a value that cannot be used is refused when it is read.

    Args:
        spec: What the model is.
        train: How it is trained.
        x: Training examples, one a row: (n, features), (n, height, width) or (n, height, width, channels); bytes are
            read as intensities, 255 being 1. A memory map, or the path of an npy or a Parquet file of numbers or a
            folder of the latter, too.
        validation: Held-out examples of the same shape, evaluated after each epoch.
        labels: Class of each training example, 0 to spec.classes - 1, where the model is told it.
        validation_labels: Class of each held-out example, likewise.
        lengths: Steps of each training sequence that count, where they differ; what stands in the others changes
            nothing. Encoder and decoder must be recurrent.
        validation_lengths: Those of each held-out sequence, likewise.
        known: True for each feature of each training example that is known; what stands in the others, such as their
            column's median, is what the encoder sees there, and counts in no term of the reconstruction.
        validation_known: The same of each held-out example.
        start: A run with the same layers whose weights to go on from, with a fresh optimizer and no pretraining.
        layout: The devices that share out each batch, `Layout.over(jax.devices())`; one device if none is given. Of
            several processes, each must call this with the same arguments.
        every: Seconds after which to yield even within an epoch; what is computed does not depend on it.

    Yields:
        Progress, whose `run` holds the weights at that moment.

    Raises:
        SpecError: If the parts do not fit one another or the data.
        DataError: If the data cannot be used.
        DivergedError: If a term of the loss is no longer finite.
    """
    _check_specs(spec, train)
    told = labels, validation_labels, lengths, validation_lengths, known, validation_known
    trainer = Trainer(spec, train, x, validation, start, *told, layout)
    return progress_of(trainer, every)


def _check_specs(spec: object, train: object) -> None:
    for name, value, kind in (("spec", spec, ModelSpec), ("train", train, TrainSpec)):
        if not isinstance(value, kind):
            example = f'aejax.zoo["deep"].{name}'
            raise SpecError(f"{name} must be a {kind.__name__}, such as {example}; got a {type(value).__name__}")


def progress_of(trainer: Trainer, every: float | None = None) -> Generator[Progress, None, None]:
    """Train to the end from where `trainer` stands, yielding progress as `fit` does; errors are its."""
    for layer, run in trainer.pretrain(every):
        yield Progress(0, 0, trainer.steps, {}, None, trainer.seconds, run, layer)
    chunk = trainer.per_epoch if every is None else 1
    while trainer.step < trainer.steps:
        before, spent = trainer.step, trainer.seconds
        trainer.advance(chunk)
        if every is not None:
            # Processes that train as one must take equally many steps at a time, and their clocks differ.
            chunk = agreed(longer_chunk(chunk, trainer.step - before, every, trainer.seconds - spent))
        terms, validation = trainer.terms(), None
        trainer.check_finite(terms, f"within {trainer.step} steps")
        if trainer.step % trainer.per_epoch == 0:
            validation = trainer.close_epoch().validation
            trainer.check_finite(validation or {}, f"within {trainer.step} steps")
        yield Progress(trainer.epoch, trainer.step, trainer.steps, terms, validation, trainer.seconds, trainer.run())
