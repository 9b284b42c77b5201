"""The folder of a run in progress, as its worker writes it and everyone reads it."""

import os
import re
import secrets
import shutil
import socket
import subprocess
import time
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from aejax.data import Data
from aejax.frames import Frames
from aejax.place import workspace_folder
from aejax.settings import Settings
from aejax.store import DOCUMENT, HISTORY, StoreError, read_document, read_records, write_document

_ID = re.compile(r"\d{8}-\d{6}-[0-9a-f]{8}")
_SECONDS_IN_THE_TRASH = 30 * 24 * 3600
_FRAMES, _WEIGHTS, _DECODERS = "frames.ring", "weights.ring", "decoders.ring"


PROBES = {"split": "test", "count": 5000}
"""The examples whose codes every frame holds."""


class UnknownRunError(KeyError):
    """An identifier that no run here has."""

    def __str__(self) -> str:
        return str(self.args[0])


class RunFolder:
    """One run's folder: its document, its history and its frames.

    Attributes:
        path: Where it is.
        frames: The file of frames: terms, codes of the probes, reconstructions.
        weights: The file with the newest weights.
        decoders: The file with the decoder's weights, of every few frames.
        history: The file with a line an epoch.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.frames, self.weights, self.decoders = (path / name for name in (_FRAMES, _WEIGHTS, _DECODERS))
        self.history = path / HISTORY

    @property
    def id(self) -> str:
        """The run's identifier."""
        return self.path.name

    def document(self) -> dict[str, Any]:
        """What the run is, and how far it is.

        Raises:
            StoreError: If it cannot be read.
        """
        return read_document(self.path)

    def update(self, **changes: Any) -> dict[str, Any]:
        """Change entries of the document; for the process that the run belongs to at this moment.

        Raises:
            StoreError: If the folder cannot be written.
        """
        document = self.document() | changes
        write_document(self.path, document)
        return document

    def epochs(self) -> list[dict[str, Any]]:
        """The epochs that are over."""
        return read_records(self.history)

    def stamp(self) -> tuple[int, ...]:
        """What tells this state of the document from all others; zeros where it cannot be read."""
        try:
            about = (self.path / DOCUMENT).stat()
        except OSError:
            return (0, 0, 0)
        return about.st_mtime_ns, about.st_size, about.st_ino

    def forget_moments(self) -> None:
        """Remove the frames: the run can still be shown as it ended and gone on with, but not gone back in."""
        for path in (self.frames, self.weights, self.decoders):
            path.unlink(missing_ok=True)

    def open_frames(self) -> Frames:
        """The frames.

        Raises:
            FrameError: If there are none yet.
        """
        return Frames(self.frames)


class Workspace:
    """A folder of runs."""

    def __init__(self, path: Path | None = None) -> None:
        """Runs in `path`, else in the folder that the variable AEJAX_WORKSPACE names, else in the user's own."""
        self.path = path or workspace_folder()

    def create(self, document: Mapping[str, Any]) -> RunFolder:
        """A new run's folder, with an identifier of our own making.

        Raises:
            StoreError: If it cannot be written.
        """
        folder = RunFolder(self._runs / f"{time.strftime('%Y%m%d-%H%M%S')}-{secrets.token_hex(4)}")
        try:
            folder.path.mkdir(parents=True)
        except OSError as error:
            raise StoreError(f"no run can be kept in {self.path}: {error.strerror or error}") from error
        write_document(folder.path, document)
        return folder

    def find(self, name: str) -> RunFolder:
        """The folder of the run with that identifier.

        Raises:
            UnknownRunError: If there is none.
        """
        # An identifier may come from an address: nothing but one of our own form ever becomes a path.
        if not _ID.fullmatch(name) or not (self._runs / name).is_dir():
            raise UnknownRunError(f"there is no run {name[:40]!r} here")
        return RunFolder(self._runs / name)

    def all(self) -> list[RunFolder]:
        """All runs, newest first."""
        return [RunFolder(self._runs / name) for name in _named(self._runs)]

    def discard(self, name: str) -> None:
        """Put a run into the trash, from which `restore` takes it back; what has lain there for a month is removed.

        Raises:
            UnknownRunError: If there is none.
            StoreError: If it cannot be moved.
        """
        self._move(self.find(name).path, self._trash / name)
        for old in self._trash.iterdir():
            if _ID.fullmatch(old.name) and time.time() - old.stat().st_ctime > _SECONDS_IN_THE_TRASH:
                shutil.rmtree(old, ignore_errors=True)

    def restore(self, name: str) -> None:
        """Take a run back out of the trash.

        Raises:
            UnknownRunError: If it is not there.
            StoreError: If it cannot be moved.
        """
        if name not in self.discarded():
            raise UnknownRunError(f"there is no run {name[:40]!r} in the trash")
        self._move(self._trash / name, self._runs / name)

    def discarded(self) -> list[str]:
        """The runs in the trash, newest first."""
        return _named(self._trash)

    def empty_trash(self) -> None:
        """Remove for good what is in the trash."""
        for name in self.discarded():
            shutil.rmtree(self._trash / name, ignore_errors=True)

    def _move(self, path: Path, to: Path) -> None:
        try:
            to.parent.mkdir(parents=True, exist_ok=True)
            path.rename(to)
        except OSError as error:
            raise StoreError(f"{path} could not be moved to {to}: {error.strerror}") from error

    @property
    def _runs(self) -> Path:
        return self.path / "runs"

    @property
    def _trash(self) -> Path:
        return self._runs / ".trash"


def _named(folder: Path) -> list[str]:
    """The names of runs in a folder, newest first."""
    if not folder.is_dir():
        return []
    return sorted((path.name for path in folder.iterdir() if _ID.fullmatch(path.name)), reverse=True)


def new_document(
    data: Data,
    spec: Settings,
    train: Settings,
    *,
    parent: Mapping[str, Any] | None = None,
    probes: Mapping[str, Any] = PROBES,
) -> dict[str, Any]:
    """What a run's document says before it begins.

    Args:
        data: What it learns from.
        spec: What the model is.
        train: How it is trained.
        parent: The run that it branches from, and after which step.
        probes: The split from which every frame shows the codes of examples, and how many.
    """
    settings = {"spec": spec.model_dump(mode="json"), "train": train.model_dump(mode="json")}
    steps = -(-len(data.x_train) // settings["train"]["batch_size"]) * settings["train"]["epochs"]
    return {
        **settings,
        "began": settings,
        "changes": [],
        "shape": list(data.shape),
        "history": [],
        "data": {"name": data.name, "sha256": data.content_hash},
        "probes": dict(probes),
        "parent": parent,
        "created": datetime.now().astimezone().isoformat(),
        "status": "queued",
        "message": None,
        "server": this_process(),
        "worker": None,
        "step": 0,
        "epoch": 0,
        "steps": steps,
        "seconds": 0.0,
        "checkpoints": [],
        "files": {},
    }


def this_process() -> dict[str, Any]:
    """What tells this process from every other, of its machine and of others, past ones included."""
    return {"pid": os.getpid(), "started": _started(os.getpid()), "host": socket.gethostname()}


def is_alive(process: Mapping[str, Any] | None) -> bool:
    """Whether a process that `this_process` described still runs; of another machine's one supposes so."""
    if process is None:
        return False
    if process["host"] != socket.gethostname():
        return True
    # A process number is used again; with the time of its start it is not.
    started = _started(process["pid"])
    return started is not None and started == process["started"]


def _started(pid: int) -> str | None:
    """When a process began, in the system's own terms; None if there is none or the system does not say."""
    stat = Path(f"/proc/{pid}/stat")
    try:
        if Path("/proc/self/stat").exists():
            # Behind the name, which may hold anything, the 22nd field; "Z" is a process that only waits to be counted.
            fields = stat.read_text().rpartition(")")[2].split()
            return None if fields[0] == "Z" else fields[19]
        told = subprocess.run(["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False)
        return told.stdout.strip() or None
    except OSError:
        return None
