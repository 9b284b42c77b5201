"""One sweep as it stands, as far as its figures and tables need to know: read anew only where a file has changed."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from aejax import seeds
from aejax.arrays import as_values
from aejax.axes import but_seed
from aejax.data import Data, load_data
from aejax.folder import RunFolder
from aejax.history import epochs_of
from aejax.spec import ModelSpec
from aejax.store import StoreError
from aejax.sweep.folder import SweepFolder, Trial, trial_in
from aejax.sweep.places import read_places
from aejax.sweep.plan import Plan

Stamp = tuple[int, ...]


@dataclass(frozen=True, eq=False)
class View:
    """A sweep, its plan, its state, and its trials by their numbers."""

    sweep: SweepFolder
    plan: Plan
    status: str
    message: str | None
    trials: tuple[Trial, ...]

    @property
    def active(self) -> bool:
        """Whether a process carries it out, or is about to."""
        return self.status in ("queued", "running")

    @property
    def over(self) -> int:
        """Trials that are over."""
        return sum(trial.over for trial in self.trials)

    @property
    def groups(self) -> list[tuple[str, list[Trial]]]:
        """The trials of each setting, under a name that says where it is on the axes."""
        found = seeds.grouped([trial.settings for trial in self.trials])
        return [(named(shared), [self.trials[place] for place in places]) for shared, places in found]


def view(sweep: SweepFolder) -> View:
    """How a sweep stands.

    Raises:
        StoreError: If it cannot be read.
    """
    document = sweep.document()
    trials = []
    for path in sorted((sweep.workspace.path / "runs").glob(f"{sweep.id}????")):
        with suppress(StoreError):
            if (trial := _trial(path, RunFolder(path).stamp())) is not None:
                trials.append(trial)
    return View(sweep, _plan(sweep, document["digest"]), sweep.status, document["message"], tuple(trials))


@lru_cache(maxsize=64)
def _plan_by(path: Path, digest: str) -> Plan:
    from aejax.folder import Workspace

    return SweepFolder(Workspace(path.parents[1]), path.name).plan


def _plan(sweep: SweepFolder, digest: str) -> Plan:
    return _plan_by(sweep.path, digest)


@lru_cache(maxsize=20_000)
def _trial(path: Path, stamp: Stamp) -> Trial | None:
    return trial_in(RunFolder(path))


def course(trial: Trial) -> tuple[list[int], list[float]]:
    """The epochs of a trial, and its held-out reconstruction error after each."""
    return _course(trial.folder.path, _stamp(trial.folder.history))


@lru_cache(maxsize=20_000)
def _course(path: Path, stamp: Stamp) -> tuple[list[int], list[float]]:
    try:
        epochs = epochs_of(RunFolder(path).epochs())
    except StoreError:
        return [], []
    known = [(each.epoch, each.validation["reconstruction"]) for each in epochs if each.validation]
    return [epoch for epoch, _ in known], [error for _, error in known]


def places(trial: Trial) -> np.ndarray | None:
    """The small map of a trial; None where there is none yet."""
    return _places(trial.folder.path, _stamp(trial.folder.path / "places.npy"))


@lru_cache(maxsize=2_000)
def _places(path: Path, stamp: Stamp) -> np.ndarray | None:
    return read_places(path)


def _stamp(path: Path) -> Stamp:
    try:
        about = path.stat()
    except OSError:
        return (0, 0)
    return about.st_mtime_ns, about.st_size


def named(settings: dict[str, Any]) -> str:
    """A point of the axes in few words, the seed left out."""
    return ", ".join(
        f"{name.rpartition('.')[2].replace('_', ' ')} {_value(v)}" for name, v in but_seed(settings).items()
    )


@lru_cache(maxsize=4096)
def latent(spec: str, shape: tuple[int, ...]) -> int:
    """Numbers in the code of a model that is written as JSON."""
    return ModelSpec.model_validate_json(spec).latent_size(shape)


def axes_named(settings: dict[str, Any]) -> str:
    """The axes but the seed's, in the order of `values_named`."""
    return " · ".join(name.rpartition(".")[2].replace("_", " ") for name in but_seed(settings))


def values_named(settings: dict[str, Any]) -> str:
    """Where a run is on each axis, in fewer words still."""
    return " · ".join(str(_value(value)) for value in but_seed(settings).values()) or "all"


def value(of: Any) -> Any:
    """A value for a cell of a table."""
    return of if of is None or isinstance(of, int | float | str) else _value(of)


def view_title(sweep: SweepFolder) -> str:
    """The name of a sweep for people.

    Raises:
        StoreError: If it cannot be read.
    """
    return _plan(sweep, sweep.document()["digest"]).title


@lru_cache(maxsize=16)
def _variance(name: str, digest: str) -> float:
    rows = as_values(load_data(name).x_test).astype(np.float64)
    return float(np.square(rows - rows.mean(axis=0)).mean())


def variance(data: Data) -> float:
    """The squared distance of held-out examples to their mean, a feature."""
    return _variance(data.name, data.content_hash)


def _value(value: Any) -> str:
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "-".join(map(str, value))
    return f"{value:g}" if isinstance(value, float) else str(value)
