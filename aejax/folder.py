"""The folder of a run in progress, as its worker writes it and everyone reads it."""

import os
import re
import secrets
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
from aejax.store import HISTORY, StoreError, read_document, read_records, write_document

_ID = re.compile(r"\d{8}-\d{6}-[0-9a-f]{8}")
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
        if not self._runs.is_dir():
            return []
        names = sorted((path.name for path in self._runs.iterdir() if _ID.fullmatch(path.name)), reverse=True)
        return [RunFolder(self._runs / name) for name in names]

    @property
    def _runs(self) -> Path:
        return self.path / "runs"


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
