"""One trial of a sweep, in whatever process it is: begun or taken up in its run's folder, judged, measured."""

import json
import math
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from aejax.arrays import DataError
from aejax.checkpoints import resume
from aejax.data import Data, load_data
from aejax.folder import RunFolder, new_document, this_process
from aejax.metrics import METRICS
from aejax.quality import evidence, measure
from aejax.resuming import kept, settings_of, trainer_of
from aejax.run import Run
from aejax.settings import SpecError
from aejax.store import StoreError, write_document
from aejax.sweep.folder import SweepFolder, Trial, trial_in
from aejax.sweep.places import write_places
from aejax.sweep.plan import Plan
from aejax.trainer import DivergedError, Trainer
from aejax.training import Progress

_SECONDS_BETWEEN_MAPS = 1.0
_SAMPLE = 1000


@dataclass(frozen=True)
class Outcome:
    """How a trial ended: its state, its measure as a cost to be made small, and why it failed, if it did.

    A state of `stopped` is that of a trial that is to be gone on with.
    """

    status: str
    cost: float | None = None
    message: str | None = None


def run_trial(
    sweep: SweepFolder,
    number: int,
    settings: Mapping[str, Any],
    heard: Callable[[int, float], bool] = lambda epoch, error: False,
    stop: Callable[[], bool] = lambda: False,
) -> Outcome:
    """Carry out a trial from where it stands, in the folder that is its own in every process.

    Args:
        sweep: What it belongs to.
        number: Its number there.
        settings: Its place on the axes.
        heard: Called with each epoch and the held-out reconstruction error in it; whether to give the trial up.
        stop: Whether to stop, and let another process go on.

    Raises:
        StoreError: If the folder cannot be written: nothing is said of the trial then.
    """
    plan = sweep.plan
    known = trial_in(sweep.run(number))
    if known is not None and known.over:
        return outcome_of(known, plan)
    data = load_data(plan.data)
    try:
        folder, trainer = _opened(sweep, plan, number, settings, data)
        for epoch in trainer.history:
            heard(epoch.epoch, _error(epoch.validation))
        ended = _trained(folder, trainer, data, heard, stop)
        if ended is not None:
            return ended
        return _measured(folder, trainer.run(), plan, data)
    except DivergedError as error:
        return Outcome("diverged", message=str(error))
    except StoreError:
        raise
    except (SpecError, DataError, MemoryError) as error:
        _mark(sweep, plan, number, settings, data, str(error) or "there is not enough memory for it")
        return Outcome("failed", message=str(error))


def outcome_of(trial: Trial, plan: Plan) -> Outcome:
    """What is known of a trial that is over."""
    value = trial.measured.get(plan.measure)
    return Outcome(trial.status, None if value is None else plan.sign * value, trial.document["message"])


def told_epochs(trial: Trial) -> dict[int, float]:
    """The held-out reconstruction error of each epoch that a trial has finished."""
    return {int(each["epoch"]): _error(each["validation"]) for each in trial.folder.epochs()}


def _opened(
    sweep: SweepFolder, plan: Plan, number: int, settings: Mapping[str, Any], data: Data
) -> tuple[RunFolder, Trainer]:
    """The trial's folder and its training, at the last checkpoint if there is one."""
    folder = sweep.run(number)
    if trial_in(folder) is None:
        _begin(sweep, plan, number, settings, data)
    trainer = trainer_of(*settings_of(folder.document()), data)
    resume(trainer, folder)
    folder.update(status="running", message=None, worker=this_process())
    return folder, trainer


def _begin(sweep: SweepFolder, plan: Plan, number: int, settings: Mapping[str, Any], data: Data) -> None:
    found = plan.member(settings)
    document = new_document(data, found.spec.for_sequences(data.ragged), found.train)
    about = {"id": sweep.id, "trial": number, "settings": json.loads(json.dumps(settings)), "pruned": False}
    path = sweep.run(number).path
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"no run can be kept in {path.parent}: {error.strerror or error}") from error
    write_document(path, document | {"sweep": about, "status": "running", "worker": this_process()})


def _trained(
    folder: RunFolder,
    trainer: Trainer,
    data: Data,
    heard: Callable[[int, float], bool],
    stop: Callable[[], bool],
) -> Outcome | None:
    """Train to the end; how the trial ended where that is before."""
    steps, due = kept(folder, trainer, data), 0.0
    for progress in steps:
        if stop():
            steps.close()
            return Outcome("stopped")
        if progress.validation is None:
            continue
        if time.monotonic() >= due or progress.step == progress.steps:
            _show(folder, progress, data)
            due = time.monotonic() + _SECONDS_BETWEEN_MAPS
        if heard(progress.epoch, _error(progress.validation)) and progress.step < progress.steps:
            steps.close()
            return _pruned(folder, progress.epoch)
    return None


def _show(folder: RunFolder, progress: Progress, data: Data) -> None:
    try:
        write_places(folder.path, progress.run, data)
    except OSError as error:
        raise StoreError(f"the run could not be written to {folder.path}: {error.strerror or error}") from error


def _pruned(folder: RunFolder, epoch: int) -> Outcome:
    message = f"Given up after epoch {epoch}: others were better by then."
    mark_pruned(folder, message)
    return Outcome("pruned", message=message)


def mark_pruned(folder: RunFolder, message: str) -> None:
    """Say of a trial that it was given up.

    Raises:
        StoreError: If its folder cannot be read or written.
    """
    about = folder.document()["sweep"]
    folder.update(sweep={**about, "pruned": True}, status="stopped", message=message, worker=None)


def _measured(folder: RunFolder, run: Run, plan: Plan, data: Data) -> Outcome:
    found = measure(evidence(run, data, _SAMPLE), plan.measured)
    values = {name: one.value if one.value is None or math.isfinite(one.value) else None for name, one in found.items()}
    folder.update(measured=values, status="done", worker=None)
    value = values[plan.measure]
    if value is None:
        return Outcome("done", message=f"{METRICS[plan.measure].title} has no value: {found[plan.measure].reason}")
    return Outcome("done", plan.sign * value)


def mark_failed(sweep: SweepFolder, number: int, message: str) -> None:
    """Say of a trial that it could not be carried out, so that it is not tried again and again.

    Raises:
        StoreError: If its folder cannot be written.
    """
    folder = sweep.run(number)
    if trial_in(folder) is not None:
        folder.update(status="failed", message=message, worker=None)


def _mark(sweep: SweepFolder, plan: Plan, number: int, settings: Mapping[str, Any], data: Data, message: str) -> None:
    # A point that is no run at all has no folder.
    with suppress(SpecError):
        if trial_in(sweep.run(number)) is None:
            _begin(sweep, plan, number, settings, data)
        mark_failed(sweep, number, message)


def _error(terms: Mapping[str, float] | None) -> float:
    return math.nan if not terms else float(terms["reconstruction"])
