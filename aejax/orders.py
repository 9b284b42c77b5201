"""A training as the command line orders it, in this process or in one of several that train as one."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import typer

from aejax import report
from aejax.data import Data
from aejax.folder import RunFolder
from aejax.gang import any_of_all, from_first, is_alone, is_first
from aejax.layout import Layout
from aejax.overrides import overridden
from aejax.resuming import begin, kept, taken_up, trainer_of
from aejax.store import DOCUMENT
from aejax.task import Order
from aejax.trainer import Trainer
from aejax.training import Progress, progress_of

_SECONDS_BETWEEN_BARS = 0.25


class Stopped(Exception):  # noqa: N818 - not an error
    """A training that the user has stopped; says what is left of it."""


def obey(order: Order, load: Callable[[str], Data], has_come: Callable[[], bool], layout: Layout | None = None) -> None:
    """Train to the end, or until asked to stop, and say how it goes; of several processes, the first says it.

    Args:
        order: What to train.
        load: Gives the data set of a name.
        has_come: Whether the user has asked to stop.
        layout: How it lies on many devices.

    Raises:
        Stopped: If asked to stop.
        SpecError, DataError, StoreError, DivergedError: As the training does.
    """
    # The first process alone looks: it may have begun the run before another one comes to look.
    status = from_first(lambda: _status(order.out)) if order.or_resume else None
    if status == "done":
        if is_first() and not order.json:
            typer.echo(f"The run in {order.out} is over.")
        return
    order = order if status is None else replace(order, folder=order.out)
    title, place, trainer, data = _prepared(order, load, layout)
    speaker = report.Speaker(order.json) if is_first() else None
    if speaker is not None:
        speaker.start(title, trainer, data)
    _play(trainer, place, data, speaker, has_come)


def _status(out: str) -> str | None:
    """What a run's document says of it; None where there is none."""
    return str(RunFolder(Path(out)).document()["status"]) if (Path(out) / DOCUMENT).exists() else None


def _prepared(
    order: Order, load: Callable[[str], Data], layout: Layout | None
) -> tuple[str, RunFolder | None, Trainer, Data]:
    if order.folder:
        place, trainer, data = taken_up(Path(order.folder), layout, order.or_resume)
        return f"{order.folder}, from step {trainer.step} of {trainer.steps}", place, trainer, data
    entry = report.named(order.name)
    spec, recipe = overridden(entry.spec, entry.train, order.assignments)
    data = load(order.data)
    trainer = trainer_of(spec.for_sequences(data.ragged), recipe, data, layout)
    if not order.out:
        return order.name, None, trainer, data
    folder = Path(order.out)
    from_first(lambda: str(begin(folder, trainer, data).path))
    return order.name, RunFolder(folder), trainer, data


def _play(
    trainer: Trainer,
    folder: RunFolder | None,
    data: Data,
    speaker: report.Speaker | None,
    has_come: Callable[[], bool],
) -> None:
    bars = not is_alone() or (speaker is not None and speaker.has_bar)
    every = _SECONDS_BETWEEN_BARS if bars else None
    steps = progress_of(trainer, every) if folder is None else kept(folder, trainer, data)
    for progress in steps if speaker is None else speaker.over(steps):
        # While layers are pretrained, each process goes at its own pace: several then cannot agree to stop.
        asks = any_of_all(has_come()) if progress.layer is None else is_alone() and has_come()
        if asks:
            steps.close()
            # Whoever left before the first one has kept the run would count as gone.
            any_of_all(True)
            raise Stopped(_left(progress, folder))
    if speaker is None:
        return
    run = progress.run
    found = run.evaluate(data.x_test, labels=run.spec.told(data.y_test))
    speaker.done(run, found, None if folder is None else folder.path)


def _left(progress: Progress, folder: RunFolder | None) -> str:
    """What is left of a training that was stopped, in a sentence."""
    done = f"stopped after {progress.step} of {progress.steps} steps"
    if folder is None:
        return f"{done}; without --out nothing was saved"
    return f"{done}; the run so far is in {folder.path}: `aejax resume {folder.path}` goes on with it"
