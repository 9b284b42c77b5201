"""A sweep carried out by a process of its own, which outlasts whoever has begun it."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from aejax.folder import is_alive
from aejax.store import StoreError
from aejax.sweep.folder import SweepFolder

_LOG = "log.txt"


def launch(sweep: SweepFolder, at_once: int) -> None:
    """Begin a sweep, or go on with it.

    Raises:
        StoreError: If its folder cannot be written.
    """
    home = str(Path(__file__).parents[2])
    path = os.pathsep.join(filter(None, [home, os.environ.get("PYTHONPATH")]))
    # What a sweep imports must be the same as what began it.
    environment = {**os.environ, "AEJAX_WORKSPACE": str(sweep.workspace.path), "PYTHONPATH": path}
    command = [sys.executable, "-m", "aejax", "sweep", sweep.id, "--at-once", str(at_once)]
    try:
        with (sweep.path / _LOG).open("wb") as log:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=log,
                env=environment,
                start_new_session=True,
            )
    except OSError as error:
        raise StoreError(f"the sweep in {sweep.path} could not be begun: {error.strerror or error}") from error
    # Else it would stay in the system's list, as one that nobody has asked after, once it has ended.
    _waiting.append(process)
    _waiting[:] = [one for one in _waiting if one.poll() is None]


_waiting: list[subprocess.Popen[bytes]] = []


def stop(sweep: SweepFolder) -> None:
    """Ask the process that carries a sweep out to keep all where it stands, and end.

    Raises:
        StoreError: If the sweep cannot be read.
    """
    worker = sweep.document()["worker"]
    for process in _waiting:
        process.poll()
    if worker is not None and sweep.document()["status"] == "running" and is_alive(worker):
        os.kill(int(worker["pid"]), signal.SIGTERM)
