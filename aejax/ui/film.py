"""The frames of a run, as the pages read them: moments of its training, its newest weights, its epochs."""

import math
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import jax.numpy as jnp
import numpy as np
from jaxtyping import Float, Integer, UInt16

from aejax.arrays import as_lengths
from aejax.data import Data
from aejax.frames import FrameError, Frames, restored
from aejax.history import Epoch, LayerEpoch, epochs_of
from aejax.jobs import Standing
from aejax.parts.batch import Batch
from aejax.run import CodeStatistics, Run, code_statistics, load_run
from aejax.spec import ModelSpec, TrainSpec
from aejax.store import StoreError
from aejax.training import Progress
from aejax.types import Params


@dataclass(frozen=True, eq=False)
class Moment:
    """One frame: where the training stood, and what became of the probes."""

    number: int
    step: int
    epoch: int
    seconds: float
    terms: dict[str, float]
    validation: dict[str, float] | None
    levels: UInt16[np.ndarray, "points latent"]
    bounds: Float[np.ndarray, "latent 2"]
    seen: Float[np.ndarray, "strip *shape"]
    rebuilt: Float[np.ndarray, "strip *shape"]

    @property
    def codes(self) -> Float[np.ndarray, "points latent"]:
        """The codes of the probes."""
        return restored(self.levels, self.bounds)

    @property
    def loss(self) -> float:
        """Sum of the terms, per example."""
        return sum(self.terms.values())


class Film:
    """The frames of one run."""

    def __init__(self, standing: Standing, frames: Frames) -> None:
        self.standing, self._frames = standing, frames
        self.steps = frames.steps()

    @property
    def split(self) -> str:
        """The split of the data set that the probes are of."""
        return str(self._frames.about["split"])

    @property
    def rows(self) -> Integer[np.ndarray, " points"]:
        """The probes' positions in their split."""
        return np.asarray(self._frames.about["rows"], np.int64)

    @property
    def strip(self) -> Integer[np.ndarray, " strip"]:
        """Positions of the examples whose reconstructions are shown."""
        return np.asarray(self._frames.about["strip"], np.int64)

    @property
    def unit(self) -> str:
        """Unit of the loss."""
        return settings(self.standing)[0].loss_unit

    def moment(self, number: int | None = None) -> Moment | None:
        """One frame, or the newest; where it has made room for another, the one kept that is nearest to it."""
        if number is None:
            return self._newest
        if number not in self.steps and self.steps:
            wanted = number
            number = min(self.steps, key=lambda kept: abs(kept - wanted))
        fields = self._frames.read(number)
        return self._newest if fields is None else self._moment(number, fields)

    @cached_property
    def _newest(self) -> Moment | None:
        newest = self._frames.newest()
        return None if newest is None else self._moment(*newest)

    def _moment(self, number: int, fields: dict[str, Any]) -> Moment:
        names = self._frames.about["terms"]
        terms, validation = ([float(value) for value in fields[name]] for name in ("terms", "validation"))
        return Moment(
            number=number,
            step=int(fields["step"]),
            epoch=int(fields["epoch"]),
            seconds=float(fields["seconds"]),
            terms=dict(zip(names, terms, strict=True)),
            validation=None if math.isnan(validation[0]) else dict(zip(names, validation, strict=True)),
            levels=fields["levels"],
            bounds=fields["bounds"],
            seen=fields["seen"],
            rebuilt=fields["rebuilt"],
        )

    def age(self, step: int) -> int:
        """How often the number of epochs that are over has doubled at that step, from one on; 0 before the first."""
        document = self.standing.document
        return (step * int(document["train"]["epochs"]) // max(1, int(document["steps"]))).bit_length()

    @property
    def fraction(self) -> float:
        """Share of all steps that are done, 0 to 1."""
        return min(1.0, max(self.steps.values()) / max(1, self.standing.document["steps"]))

    def history(self) -> tuple[Epoch, ...]:
        """The epochs that are over, and what is known so far of the one in progress."""
        over, newest = epochs(self.standing), self.moment()
        if newest is None or (over and newest.step <= over[-1].step) or not newest.step:
            return over
        return (*over, Epoch(newest.epoch + 1, newest.step, newest.seconds, newest.terms))

    def decoder_step(self, step: int) -> int | None:
        """The step of the decoder's weights that are nearest to `step`."""
        try:
            kept = Frames(self.standing.folder.decoders).steps().values()
        except FrameError:
            return None
        return min(kept, key=lambda each: abs(each - step), default=None)

    def decoder(self, step: int) -> Params | None:
        """The decoder's weights nearest to that step, of those kept."""
        return _weights(self.standing.folder.decoders, step)

    def seconds_per_step(self) -> float | None:
        """Seconds that a step takes, without compilation; None before two frames are known."""
        known = [moment for number in list(self.steps)[1:2] if (moment := self.moment(number)) is not None]
        last = self.moment()
        if last is None or not known or last.step <= known[0].step:
            return None
        return (last.seconds - known[0].seconds) / (last.step - known[0].step)


def film(standing: Standing) -> Film | None:
    """The frames of a run; None before there are any."""
    try:
        found = Film(standing, standing.folder.open_frames())
    except FrameError:
        return None
    return found if found.steps else None


def settings(standing: Standing) -> tuple[ModelSpec, TrainSpec]:
    """What the run's model is and how it is trained, with the numbers in force."""
    return ModelSpec(**standing.document["spec"]), TrainSpec(**standing.document["train"])


def epochs(standing: Standing) -> tuple[Epoch, ...]:
    """The epochs that are over."""
    return epochs_of(standing.folder.epochs() or standing.document["history"])


def stamp(standing: Standing) -> tuple[object, ...]:
    """What tells the newest weights from all others."""
    try:
        newest = list(Frames(standing.folder.weights).steps().items())[-1:]
    except FrameError:
        newest = [(-1, standing.document["step"])]
    return standing.id, newest, standing.document["spec"], standing.document["train"]


def progress(standing: Standing, data: Data) -> Progress | None:
    """Where the run stood when it last published its weights; None if it has not yet."""
    found, shown = _newest_weights(standing), film(standing)
    if found is None or shown is None:
        return _kept(standing, data)
    step, params = found
    numbers = {kept: number for number, kept in shown.steps.items()}
    moment = shown.moment(numbers.get(step))
    if moment is None:
        return None
    spec, train = settings(standing)
    per_epoch = math.ceil(len(data.x_train) / train.batch_size)
    history = tuple(epoch for epoch in epochs(standing) if epoch.step <= step)
    learned = tuple(LayerEpoch(**epoch) for epoch in standing.document.get("pretraining", ()))
    run = Run(spec, train, data.shape, params, history, None, learned)
    run = Run(spec, train, data.shape, params, history, _codes(run, data), learned)
    # The pages show a model that is told classes as it is for the first one.
    run = run.given(0) if run.classes else run
    validation = history[-1].validation if history and history[-1].step == step else None
    return Progress(step // per_epoch, step, per_epoch * train.epochs, moment.terms, validation, moment.seconds, run)


def _kept(standing: Standing, data: Data) -> Progress | None:
    """Where a run without frames was last kept, which an imported one is, or an old one."""
    if standing.active or not standing.document["files"]:
        return None
    try:
        run = load_run(standing.folder.path)
    except StoreError:
        return None
    run = run.given(0) if run.classes else run
    last = run.history[-1] if run.history else None
    per_epoch = math.ceil(len(data.x_train) / run.train.batch_size)
    step, seconds = int(standing.document["step"]), float(standing.document["seconds"])
    terms, validation = (last.terms, last.validation) if last is not None else ({}, None)
    return Progress(step // per_epoch, step, per_epoch * run.train.epochs, terms, validation, seconds, run)


def _codes(run: Run, data: Data) -> CodeStatistics:
    lengths = as_lengths(run.spec, None, data.x_train)
    return code_statistics(run.model, run.params, Batch(data.x_train, run.spec.told(data.y_train), lengths))


def _newest_weights(standing: Standing) -> tuple[int, Params] | None:
    try:
        frames = Frames(standing.folder.weights)
    except FrameError:
        return None
    newest = frames.newest()
    return None if newest is None else (frames.steps().get(newest[0], 0), _arrays(frames, newest[1]))


def _weights(path: Path, step: int) -> Params | None:
    try:
        frames = Frames(path)
    except FrameError:
        return None
    kept = frames.steps()
    if not kept:
        return None
    fields = frames.read(min(kept, key=lambda number: abs(kept[number] - step)))
    return None if fields is None else _arrays(frames, fields)


def _arrays(frames: Frames, fields: dict[str, Any]) -> Params:
    """The flat values of a frame as arrays by their names."""
    layout = frames.about["layout"]
    ends = np.cumsum([math.prod(shape) for shape in layout.values()])
    parts = np.split(fields["values"], ends[:-1])
    return {name: jnp.asarray(part.reshape(shape)) for (name, shape), part in zip(layout.items(), parts, strict=True)}
