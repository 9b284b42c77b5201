"""The command `aejax sweep`: a plan carried out, on this machine, on Ray, or with others over a database."""

import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from aejax.data import Data
    from aejax.sweep.folder import SweepFolder
    from aejax.sweep.plan import Plan
    from aejax.sweep.trial import Outcome


def sweep(
    file: Annotated[str, typer.Argument(metavar="FILE", help="A plan in YAML, or the name of a sweep that has begun.")],
    ray: Annotated[
        str | None, typer.Option("--ray", metavar="WHERE", help="On Ray: local, auto, or a cluster's address.")
    ] = None,
    storage: Annotated[
        str | None, typer.Option("--storage", metavar="URL", help="With other machines that share this database.")
    ] = None,
    at_once: Annotated[int | None, typer.Option("--at-once", min=1, help="Trials at once on this machine.")] = None,
    anew: Annotated[bool, typer.Option("--anew", help="Begin again, though this plan has been carried out.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object a line, and nothing else.")] = False,
) -> None:
    """Train many runs as a plan says, and tell what came of them: mean and spread over the seeds.

    \b
    aejax sweep ladder.yaml                                  in processes of this machine
    aejax sweep ladder.yaml --ray auto                       on the Ray cluster that this machine belongs to
    aejax sweep ladder.yaml --storage postgresql://db/ours   the same on each machine; they share the work

    The plan, here all that it may hold but the first two lines' defaults:

    \b
    data: mnist-sample
    model: map
    set: {train.epochs: 5}
    axes:
      latent: [2, 4, 8, 16, 32, 64]
      learning_rate: {low: 1.0e-4, high: 1.0e-2, log: true, count: 3}
    sampler: grid          grid, random or tpe
    seeds: 3
    budget: 30             points of the axes
    pruning: asha          none, median or asha
    measure: mse           by which runs are ranked

    A trial is a run: the laboratory lists it on its Runs page. What is killed goes on from its last checkpoint; the
    same command, given again, goes on with what is left and repeats none. Ctrl-C keeps all where it stands.
    """  # noqa: D301
    from aejax import report
    from aejax.folder import Workspace
    from aejax.settings import SpecError

    if ray is not None and storage is not None:
        raise SpecError("--ray and --storage are two ways to share the work: give one of them")
    workspace = Workspace()
    plan, known = _plan(file, workspace)
    _ready(plan)
    speaker = _Speaker(json)
    if storage is not None:
        from aejax.resuming import asked_to_stop
        from aejax.sweep.storage import carry_out_with_others

        with asked_to_stop() as asked:
            folder = carry_out_with_others(workspace, plan, storage, speaker.told, asked)
            _obey(asked, folder)
    else:
        folder = known if known is not None else _folder(workspace, plan, anew)
        speaker.begins(folder, plan)
        _carry_out(folder, ray, at_once, speaker.told)
    report.table(rows(folder), json)


def _plan(file: str, workspace: Any) -> "tuple[Plan, SweepFolder | None]":
    """The plan, and the sweep that has begun where it was named."""
    from pathlib import Path

    from aejax.sweep.folder import find_sweep
    from aejax.sweep.plan import read_plan

    known = None if Path(file).exists() else find_sweep(workspace, file)
    return (read_plan(Path(file)), None) if known is None else (known.plan, known)


def _ready(plan: "Plan") -> "Data":
    """The data set; the plan is refused before anything of it is kept."""
    from aejax.console import with_download_bar
    from aejax.data import sources

    if plan.data not in sources() or sources()[plan.data].ready or not sys.stderr.isatty():
        return plan.checked()
    with with_download_bar(sources()[plan.data].title) as progress:
        from aejax.data import load_data

        load_data(plan.data, progress)
    return plan.checked()


def _folder(workspace: Any, plan: "Plan", anew: bool) -> "SweepFolder":
    from aejax.sweep.folder import create_sweep, sweep_of

    return create_sweep(workspace, plan) if anew else sweep_of(workspace, plan)


def _carry_out(
    folder: "SweepFolder", ray: str | None, at_once: int | None, told: "Callable[[int, int, Outcome | None], None]"
) -> None:
    from aejax.resuming import asked_to_stop
    from aejax.store import StoreError
    from aejax.sweep.local import LocalSweep

    if ray is not None:
        from aejax.sweep.on_ray import carry_out_on_ray

        carry_out_on_ray(folder, ray, told)
        return
    engine = LocalSweep(folder, at_once, told)
    with asked_to_stop() as asked:
        if (problem := engine.carry_out(asked)) is not None:
            raise StoreError(f"{problem}; what was done is kept: the same command goes on with it")
        _obey(asked, folder)


def _obey(asked: Callable[[], bool], folder: "SweepFolder") -> None:
    """End as the user has asked."""
    from aejax.train_command import Failed

    if asked():
        raise Failed(f"stopped; `aejax sweep {folder.id}` goes on with it", 130)


def rows(folder: "SweepFolder") -> list[dict[str, Any]]:
    """What came of a sweep, best first: a row for each point of its axes, numbers as text with their spread."""
    plan = folder.plan
    found = folder.table(folder.trials())
    found.sort(key=lambda row: _rank(row.get(plan.measure), plan.sign))
    return [{name: _cell(value) for name, value in row.items()} for row in found]


def _rank(spread: Any, sign: float) -> float:
    return float("inf") if spread is None else sign * float(spread.mean)


def _cell(value: Any) -> Any:
    from aejax.seeds import Spread

    if isinstance(value, Spread):
        return str(value)
    return value if isinstance(value, int | float | str) or value is None else str(value)


class _Speaker:
    """Says on standard error how a sweep goes on."""

    def __init__(self, is_silent: bool) -> None:
        self._is_silent = is_silent

    def begins(self, folder: "SweepFolder", plan: "Plan") -> None:
        done: Sequence[Any] = [trial for trial in folder.trials() if trial.over]
        self._say(f"Sweep {folder.id}, {plan.title}: {plan.runs} runs, {len(done)} of them over.")

    def told(self, over: int, runs: int, last: "Outcome | None") -> None:
        about = "" if last is None else f", the last {last.status}" + (f": {last.message}" if last.message else "")
        self._say(f"{over} of {runs} over{about}")

    def _say(self, sentence: str) -> None:
        if not self._is_silent:
            typer.echo(sentence, err=True)
