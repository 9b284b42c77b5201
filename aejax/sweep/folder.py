"""A sweep on disk: its plan in a folder of its own, its runs among all others, each under a number of the sweep."""

import json
import re
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from aejax import seeds
from aejax.files import read_plain, write_whole
from aejax.folder import RunFolder, Workspace, is_alive, this_process
from aejax.settings import SpecError
from aejax.store import DOCUMENT, StoreError
from aejax.sweep.plan import Plan

OVER = ("done", "diverged", "failed", "pruned")
"""What a trial can be that is not gone on with."""

_ID = re.compile(r"\d{8}-\d{6}-[0-9a-f]{4}")
_GREATEST_NUMBER = 0xFFFF
_SWEEP, _SCHEMA, _LARGEST = "sweep.json", 1, 4 << 20
_ENTRIES = ("plan", "digest", "created", "status", "message", "worker")


@dataclass(frozen=True)
class Trial:
    """One run of a sweep as it stands: its number, its point, its state, and its measures once it is over."""

    number: int
    folder: RunFolder
    document: Mapping[str, Any]

    @property
    def settings(self) -> dict[str, Any]:
        """Its place on each axis."""
        return dict(self.document["sweep"]["settings"])

    @property
    def status(self) -> str:
        """Its state: that of its run, or `pruned`; `interrupted` where its process is gone."""
        status = str(self.document["status"])
        if self.document["sweep"].get("pruned"):
            return "pruned"
        return "interrupted" if status == "running" and not is_alive(self.document["worker"]) else status

    @property
    def over(self) -> bool:
        """Whether there is nothing to go on with."""
        return self.status in OVER and (self.status != "done" or "measured" in self.document)

    @property
    def measured(self) -> dict[str, float | None]:
        """Its metrics."""
        return dict(self.document.get("measured") or {})


class SweepFolder:
    """One sweep's folder, and its runs in the same workspace."""

    def __init__(self, workspace: Workspace, name: str) -> None:
        self.workspace, self.id = workspace, name
        self.path = workspace.path / "sweeps" / name

    def document(self) -> dict[str, Any]:
        """What it is to do, and how it stands.

        Raises:
            StoreError: If it cannot be read.
        """
        try:
            found = json.loads(read_plain(self.path / _SWEEP, _LARGEST))
            if found["schema"] > _SCHEMA:
                raise StoreError(f"the sweep in {self.path} is of a later aejax, of form {found['schema']}")
            return {name: found[name] for name in _ENTRIES}
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise StoreError(f"{self.path / _SWEEP} is not a sweep's description") from error
        except StoreError:
            raise
        except OSError as error:
            raise StoreError(f"no sweep in {self.path}: {error.strerror or error}") from error

    def update(self, **changes: Any) -> None:
        """Change entries of the document; for the process that carries the sweep out.

        Raises:
            StoreError: If the folder cannot be written.
        """
        text = json.dumps({"schema": _SCHEMA, **self.document(), **changes}, indent=1, allow_nan=False)
        _written(self.path / _SWEEP, text.encode())

    @property
    def plan(self) -> Plan:
        """What it is to do.

        Raises:
            StoreError: If that cannot be read.
        """
        try:
            return Plan(**self.document()["plan"])
        except (SpecError, KeyError, TypeError) as error:
            raise StoreError(f"the sweep in {self.path} has a plan that cannot be: {error}") from error

    @property
    def status(self) -> str:
        """Its state: `interrupted` where the process that carried it out is gone."""
        document = self.document()
        gone = document["status"] == "running" and not is_alive(document["worker"])
        return "interrupted" if gone else str(document["status"])

    def run(self, number: int) -> RunFolder:
        """Where the run of that number is, whether there is one yet or not."""
        return RunFolder(self.workspace.path / "runs" / f"{self.id}{number:04x}")

    def trials(self) -> list[Trial]:
        """The runs that have begun, by their numbers; one that cannot be read is left out."""
        found = []
        for path in sorted((self.workspace.path / "runs").glob(f"{self.id}????")):
            with suppress(StoreError):
                if (trial := trial_in(RunFolder(path))) is not None:
                    found.append(trial)
        return found

    def table(self, trials: Sequence[Trial]) -> list[dict[str, Any]]:
        """A row for each point: its runs, and of each metric a `Spread` over its seeds."""
        return seeds.table([trial.settings for trial in trials], [trial.measured for trial in trials])


def trial_in(folder: RunFolder) -> Trial | None:
    """The trial in a run's folder; None where there is none yet.

    Raises:
        StoreError: If it cannot be read.
    """
    if not (folder.path / DOCUMENT).exists():
        return None
    document = folder.document()
    about = document.get("sweep")
    if not isinstance(about, dict) or "trial" not in about or "settings" not in about:
        return None
    return Trial(int(about["trial"]), folder, document)


def create_sweep(workspace: Workspace, plan: Plan, name: str | None = None) -> SweepFolder:
    """A new sweep, under a name that it has elsewhere, or one of our own making.

    Raises:
        SpecError: If it has more runs than can be numbered.
        StoreError: If it cannot be written.
    """
    if plan.runs > _GREATEST_NUMBER:
        raise SpecError(f"a sweep has at most {_GREATEST_NUMBER:,} runs; got {plan.runs:,}")
    folder = SweepFolder(workspace, name or f"{time.strftime('%Y%m%d-%H%M%S')}-{plan.digest[:4]}")
    try:
        folder.path.mkdir(parents=True)
        (workspace.path / "runs").mkdir(exist_ok=True)
    except OSError as error:
        raise StoreError(f"no sweep can be kept in {workspace.path}: {error.strerror or error}") from error
    document = {
        "plan": plan.model_dump(mode="json"),
        "digest": plan.digest,
        "created": datetime.now().astimezone().isoformat(),
        "status": "queued",
        "message": None,
        "worker": this_process(),
    }
    _written(folder.path / _SWEEP, json.dumps({"schema": _SCHEMA, **document}, indent=1, allow_nan=False).encode())
    return folder


def _written(path: Path, data: bytes) -> None:
    try:
        write_whole(path, data)
    except OSError as error:
        raise StoreError(f"the sweep could not be written to {path.parent}: {error.strerror or error}") from error


def all_sweeps(workspace: Workspace) -> list[SweepFolder]:
    """The sweeps of a workspace, newest first."""
    home = workspace.path / "sweeps"
    if not home.is_dir():
        return []
    names = sorted((path.name for path in home.iterdir() if _ID.fullmatch(path.name)), reverse=True)
    return [SweepFolder(workspace, name) for name in names]


def find_sweep(workspace: Workspace, name: str) -> SweepFolder | None:
    """The sweep of that name, which anyone may have written; None if there is none."""
    folder = SweepFolder(workspace, name) if _ID.fullmatch(name) else None
    return folder if folder is not None and (folder.path / _SWEEP).exists() else None


def sweep_of(workspace: Workspace, plan: Plan) -> SweepFolder:
    """The newest sweep with that plan, to be gone on with; a new one where there is none.

    Raises:
        StoreError: If it cannot be written.
    """
    for folder in all_sweeps(workspace):
        with suppress(StoreError):
            if folder.document()["digest"] == plan.digest:
                return folder
    return create_sweep(workspace, plan)
