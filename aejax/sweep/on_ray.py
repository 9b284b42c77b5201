"""A sweep on Ray: trials wherever a cluster has room, with the cores and accelerators that each declares.

All nodes must see the same folder of runs, as Ray's own results must: a trial whose process or node dies goes on from
its last checkpoint there, on whichever node takes it up.
"""

import os
import shutil
import sys
from collections.abc import Callable, Mapping
from contextlib import redirect_stdout
from itertools import chain, count
from pathlib import Path
from typing import Any

from aejax.folder import Workspace, this_process
from aejax.settings import SpecError
from aejax.sweep.advice import decoded, distributions, encoded, optuna_module
from aejax.sweep.folder import SweepFolder, Trial
from aejax.sweep.local import Told
from aejax.sweep.plan import Plan
from aejax.sweep.trial import mark_pruned, outcome_of, run_trial

INSTALL = 'pip install "aejax[ray]"'

_LIVES = 5
_ERROR, _COST, _EPOCH, _NUMBER = "held_out", "cost", "epoch", "number"
_WORST = 1e300
_CLAIMS = "claims"


def carry_out_on_ray(sweep: SweepFolder, where: str, told: Told) -> None:
    """Carry out what is left of a sweep.

    Args:
        sweep: What is to be done, in a folder that all nodes see.
        where: `local` for a cluster of this machine alone, `auto` for the one it belongs to, or an address.
        told: Called at the end, with what is over.

    Raises:
        SpecError: If Ray is not installed, there is no cluster there, or no node has what a trial declares.
        StoreError: If the sweep's folder cannot be written.
    """
    ray, tune = _modules()
    plan = sweep.plan
    begins = not ray.is_initialized()
    if begins:
        _connect(ray, where)
    sweep.update(status="running", message=None, worker=this_process())
    try:
        _check_room(ray, plan)
        # Whatever Tune prints must not come between the lines of a table.
        with redirect_stdout(sys.stderr):
            _fitted(tune, sweep, plan)
        _close(sweep, plan, told)
    except BaseException:
        sweep.update(status="stopped", worker=None)
        raise
    finally:
        if begins:
            ray.shutdown()


def _modules() -> tuple[Any, Any]:
    try:
        import ray
        from ray import tune
    except ImportError:
        raise SpecError(f"--ray needs Ray: {INSTALL}") from None
    return ray, tune


def _connect(ray: Any, where: str) -> None:
    home = str(Path(__file__).parents[2])
    path = os.pathsep.join(filter(None, [home, os.environ.get("PYTHONPATH")]))
    # Nodes of a cluster must run the same aejax as whoever began the sweep.
    runtime = {"env_vars": {"PYTHONPATH": path}}
    try:
        ray.init(
            address=None if where == "local" else where, runtime_env=runtime, log_to_driver=False, logging_level="ERROR"
        )
    except (ConnectionError, ValueError, RuntimeError) as error:
        raise SpecError(f"--ray {where!r}: there is no cluster to be reached: {str(error).splitlines()[0]}") from error


def _check_room(ray: Any, plan: Plan) -> None:
    nodes = [node["Resources"] for node in ray.nodes() if node["Alive"]]
    if not any(node.get("CPU", 0) >= plan.cores and node.get("GPU", 0) >= plan.gpus for node in nodes):
        raise SpecError(
            f"no node of the cluster has {plan.cores} cores and {plan.gpus:g} accelerators, which a trial declares"
        )


def _fitted(tune: Any, sweep: SweepFolder, plan: Plan) -> None:
    begun = {trial.number: trial for trial in sweep.trials()}
    # Of an earlier time, when Ray had other names for the trials.
    shutil.rmtree(sweep.path / _CLAIMS, ignore_errors=True)
    space, search, left = _search(tune, plan, begun)
    if not left:
        return
    work = tune.with_parameters(_carried_out, workspace=str(sweep.workspace.path), name=sweep.id)
    tuner = tune.Tuner(
        tune.with_resources(work, {"cpu": plan.cores, "gpu": plan.gpus}),
        param_space=space,
        tune_config=tune.TuneConfig(
            search_alg=search,
            scheduler=_scheduler(tune, plan),
            num_samples=left if search is not None else 1,
            reuse_actors=False,
            trial_dirname_creator=lambda trial: f"trial-{trial.trial_id}",
        ),
        run_config=tune.RunConfig(
            name=sweep.id,
            storage_path=str((sweep.path / "ray").resolve()),
            failure_config=tune.FailureConfig(max_failures=_LIVES),
            verbose=0,
        ),
    )
    tuner.fit()


def _search(tune: Any, plan: Plan, begun: Mapping[int, Trial]) -> tuple[Any, Any, int]:
    """What Tune varies, who proposes it, and how many trials are left."""
    points = plan.points()
    if points is not None:
        left = [number for number in range(len(points)) if number not in begun or not begun[number].over]
        return {_NUMBER: tune.grid_search(left)}, None, len(left)
    optuna_module()
    from ray.tune.search.optuna import OptunaSearch

    axes = distributions(plan.axes_by_name)
    again = [trial for trial in begun.values() if not trial.over]
    search = OptunaSearch(
        axes,
        metric=_COST,
        mode="min",
        seed=0,
        points_to_evaluate=[encoded(trial.settings, axes) for trial in again] or None,
    )
    for trial in begun.values():
        if trial.over and (cost := outcome_of(trial, plan).cost) is not None:
            search.add_evaluated_point(encoded(trial.settings, axes), cost)
    return {}, search, plan.runs - sum(trial.over for trial in begun.values())


def _scheduler(tune: Any, plan: Plan) -> Any:
    from ray.tune import schedulers

    epochs = plan.base[1].epochs
    if plan.pruning == "asha":
        return schedulers.ASHAScheduler(
            time_attr=_EPOCH, metric=_ERROR, mode="min", max_t=epochs + 1, grace_period=1, reduction_factor=3
        )
    if plan.pruning == "median":
        return schedulers.MedianStoppingRule(
            time_attr=_EPOCH, metric=_ERROR, mode="min", grace_period=1, min_samples_required=4
        )
    return schedulers.FIFOScheduler()


def _carried_out(config: Mapping[str, Any], workspace: str, name: str) -> None:
    """What a trial does, in a process of Ray's."""
    from ray import tune

    sweep = SweepFolder(Workspace(Path(workspace)), name)
    points = sweep.plan.points()
    if points is None:
        settings = decoded(config)
        number = _claimed(sweep, tune.get_context().get_trial_id(), settings)
    else:
        number = int(config[_NUMBER])
        settings = points[number]

    def heard(epoch: int, error: float) -> bool:
        tune.report({_EPOCH: epoch, _ERROR: error if error == error else _WORST, _COST: _WORST, _NUMBER: number})
        return False

    outcome = run_trial(sweep, number, settings, heard)
    cost = _WORST if outcome.cost is None else outcome.cost
    tune.report({_EPOCH: sweep.plan.base[1].epochs + 1, _ERROR: _WORST, _COST: cost, _NUMBER: number})


def _claimed(sweep: SweepFolder, name: str, settings: Mapping[str, Any]) -> int:
    """The number of a trial that Ray knows by a name: the same however often it is begun, and no other trial's."""
    claims = sweep.path / _CLAIMS
    claims.mkdir(exist_ok=True)
    for path in claims.iterdir():
        if path.read_text() == name:
            return int(path.name)
    begun = {trial.number: trial for trial in sweep.trials()}
    left = [number for number, trial in begun.items() if not trial.over and trial.settings == settings]
    for number in chain(left, (number for number in count() if number not in begun)):
        try:
            with (claims / str(number)).open("x") as file:
                file.write(name)
        except FileExistsError:
            continue
        return number
    raise AssertionError  # there are always more numbers


def _close(sweep: SweepFolder, plan: Plan, told: Callable[[int, int, Any], None]) -> None:
    """Say of what Tune has stopped that it was given up, and whether all is done."""
    for trial in sweep.trials():
        if not trial.over and plan.pruning != "none" and trial.status in ("running", "interrupted"):
            mark_pruned(trial.folder, "Given up early: others were better by then.")
    over = sum(trial.over for trial in sweep.trials())
    whole = over >= plan.runs
    message = None if whole else f"{plan.runs - over} trials could not be ended in {_LIVES + 1} tries"
    sweep.update(status="done" if whole else "stopped", message=message, worker=None)
    told(over, plan.runs, None)
