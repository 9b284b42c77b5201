"""A sweep that several machines carry out: each runs the same command, and a database tells who does what.

A machine that falls silent for a minute is taken for dead, and its trial is taken up again by another. Where the
machines share the folder of runs too, that one goes on from the last checkpoint; where not, it begins anew.
"""

import time
from collections.abc import Callable
from typing import Any

from aejax.folder import Workspace, this_process
from aejax.settings import SpecError
from aejax.store import StoreError
from aejax.sweep.advice import decoded, distributions, optuna_module, pruner, sampler
from aejax.sweep.folder import SweepFolder, create_sweep
from aejax.sweep.local import Told
from aejax.sweep.plan import Plan
from aejax.sweep.trial import run_trial

HEARTBEAT, GRACE = 10, 60
"""Seconds between signs of life, and without one until a trial is given to another machine."""

_PLACE, _ID, _READY = "place", "sweep", "ready"
_SECONDS_BETWEEN_LOOKS = 1.0
_SECONDS_TO_BEGIN = 60.0
_RETRIES = 5


def carry_out_with_others(
    workspace: Workspace,
    plan: Plan,
    storage: str,
    told: Told,
    stop: Callable[[], bool] = lambda: False,
    heartbeat: tuple[int, int] = (HEARTBEAT, GRACE),
) -> SweepFolder:
    """Take part in a sweep until all its trials are over; its folder on this machine.

    Args:
        workspace: Where the runs are kept that this machine carries out.
        plan: What is to be done; machines with the same plan share the work.
        storage: The database's address, as SQLAlchemy writes it.
        told: Called when a trial of this machine is over.
        stop: Whether to stop taking part.
        heartbeat: Seconds between signs of life, and without one until a trial is taken for dead.

    Raises:
        SpecError: If Optuna or the database's driver is not installed, or the database cannot be reached.
        StoreError: If the runs cannot be kept.
    """
    optuna = optuna_module()
    study = _study(optuna, plan, storage, heartbeat)
    folder = _folder(study, workspace, plan)
    folder.update(status="running", worker=this_process())
    work = _Work(optuna, study, folder, plan, told, stop)
    work.go_on()
    folder.update(status="stopped" if stop() else "done", worker=None)
    return folder


def _study(optuna: Any, plan: Plan, storage: str, heartbeat: tuple[int, int]) -> Any:
    """The study that all machines share; whoever makes it says what is to be done."""
    retry = optuna.storages.RetryHeartbeatStaleTrialCallback(max_retry=_RETRIES)
    try:
        kept = optuna.storages.RDBStorage(
            storage,
            heartbeat_interval=heartbeat[0],
            grace_period=heartbeat[1],
            heartbeat_stale_trial_callback=retry,
        )
    except Exception as error:  # each driver has errors of its own
        raise SpecError(f"--storage {storage.split('@')[-1]!r} cannot be used: {_first_line(error)}") from error
    name, how = f"aejax-{plan.digest[:16]}", {"sampler": sampler(plan), "pruner": pruner(plan)}
    try:
        study = optuna.create_study(study_name=name, storage=kept, **how)
    except optuna.exceptions.DuplicatedStudyError:
        return _joined(optuna, optuna.load_study(study_name=name, storage=kept, **how))
    study.set_user_attr(_ID, f"{time.strftime('%Y%m%d-%H%M%S')}-{plan.digest[:4]}")
    for place, _ in enumerate(plan.points() or ()):
        study.enqueue_trial({}, user_attrs={_PLACE: place})
    study.set_user_attr(_READY, True)
    return study


def _joined(optuna: Any, study: Any) -> Any:
    deadline = time.monotonic() + _SECONDS_TO_BEGIN
    while not study.user_attrs.get(_READY):
        if time.monotonic() > deadline:
            raise SpecError(
                f"the study {study.study_name} in the database was begun and never made ready: delete it there, "
                "and begin again"
            )
        time.sleep(_SECONDS_BETWEEN_LOOKS)
    return study


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]


def _folder(study: Any, workspace: Workspace, plan: Plan) -> SweepFolder:
    """The sweep's folder on this machine, which another may have made where the disk is shared."""
    folder = SweepFolder(workspace, study.user_attrs[_ID])
    try:
        return create_sweep(workspace, plan, folder.id)
    except StoreError:
        folder.document()
        return folder


class _NotOurs(Exception):  # noqa: N818 - not an error
    """A trial that the database made because nothing was left to do."""


class _Work:
    """What one machine does."""

    def __init__(
        self, optuna: Any, study: Any, folder: SweepFolder, plan: Plan, told: Told, stop: Callable[[], bool]
    ) -> None:
        self._optuna, self._study, self._folder, self._plan = optuna, study, folder, plan
        self._told, self._stop, self._points = told, stop, plan.points()
        self._axes = distributions(plan.axes_by_name) if self._points is None else {}

    def go_on(self) -> None:
        """Carry out trials while there are any, and wait for those of other machines, which may die."""
        while not self._stop():
            states = self._counts()
            if states["waiting"] or (self._points is None and states["asked"] < self._plan.runs):
                self._study.optimize(self._one, n_trials=1, catch=(_NotOurs,))
            elif states["running"]:
                time.sleep(_SECONDS_BETWEEN_LOOKS)
                self._optuna.storages.fail_stale_trials(self._study)
            else:
                return

    def _counts(self) -> dict[str, int]:
        """How many trials wait, run, and have been asked for; of a trial taken up again the last try counts."""
        known = self._optuna.trial.TrialState
        trials = self._study.get_trials(deepcopy=False)
        waiting = sum(trial.state == known.WAITING for trial in trials)
        running = sum(trial.state == known.RUNNING for trial in trials)
        asked = sum("failed_trial" not in trial.system_attrs for trial in trials)
        return {"waiting": waiting, "running": running, "asked": asked}

    def _one(self, trial: Any) -> float:
        """Carry out what the database has given this machine; its cost."""
        number, settings = self._point(trial)
        reported: set[int] = set()

        def heard(epoch: int, error: float) -> bool:
            if error == error and epoch not in reported:
                reported.add(epoch)
                trial.report(error, epoch)
            return bool(trial.should_prune())

        outcome = run_trial(self._folder, number, settings, heard, self._stop)
        if outcome.status == "stopped":
            # For whoever comes next it is a trial that waits.
            self._study.enqueue_trial(trial.params, user_attrs={_PLACE: number})
            raise _NotOurs
        self._told(self._over() + 1, self._plan.runs, outcome)
        if outcome.cost is None:
            raise self._optuna.TrialPruned
        return outcome.cost

    def _point(self, trial: Any) -> tuple[int, dict[str, Any]]:
        place = trial.user_attrs.get(_PLACE)
        if self._points is not None:
            if place is None:
                raise _NotOurs
            return int(place), self._points[int(place)]
        params = {name: trial._suggest(name, axis) for name, axis in self._axes.items()}
        if place is None:
            place = trial.number
            trial.set_user_attr(_PLACE, place)
        return int(place), decoded(params)

    def _over(self) -> int:
        known = self._optuna.trial.TrialState
        return sum(trial.state in (known.COMPLETE, known.PRUNED) for trial in self._study.get_trials(deepcopy=False))
