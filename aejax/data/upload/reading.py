"""What was brought, being read by a process of its own: how far it is, what came of it, how to stop it."""

import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
import weakref
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aejax.data.upload.limits import Limits
from aejax.data.upload.origins import Origin
from aejax.data.upload.plan import Plan
from aejax.place import workspace_folder
from aejax.store import StoreError

_SECONDS_KEPT = 24 * 3600
_GRACE = 5.0
_KEPT_VARIABLES = ("PATH", "HOME", "LANG", "LC_ALL", "SYSTEMROOT", "VIRTUAL_ENV", "LD_LIBRARY_PATH")
# How this machine reaches others, which only sets that are named do.
_NETWORK_VARIABLES = ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "HF_ENDPOINT")
_PROCESSES: weakref.WeakSet[subprocess.Popen[bytes]] = weakref.WeakSet()
_HOME = Path(__file__).parents[3]


@dataclass(frozen=True)
class Outcome:
    """What came of a reading: the folder with the data set, or the sentence that says why there is none."""

    folder: Path | None
    error: str | None


class Upload:
    """What a visitor has brought or named, and a folder of its own for it until it is kept or given up."""

    def __init__(self, content: bytes = b"", origin: Origin | None = None) -> None:
        """Write a file down under a name of our own making, or note where else the data come from.

        Raises:
            StoreError: If it cannot be written.
        """
        uploads = workspace_folder() / "uploads"
        self.folder = uploads / secrets.token_hex(8)
        self.path = self.folder / "file"
        self.origin = origin or Origin(name=str(self.path))
        try:
            _forget_old_ones(uploads)
            self.folder.mkdir(parents=True)
            if origin is None:
                self.path.write_bytes(content)
        except OSError as error:
            raise StoreError(f"the file could not be written to {uploads}: {error.strerror or error}") from error

    def forget(self) -> None:
        """Remove the file and whatever came of it."""
        shutil.rmtree(self.folder, ignore_errors=True)


class Reading:
    """One reading of an upload, according to one plan."""

    def __init__(self, upload: Upload, plan: Plan, limits: Limits) -> None:
        """Begin it.

        Raises:
            StoreError: If no process can be started for it.
        """
        if sum(process.poll() is None for process in _PROCESSES) >= limits.readings:
            raise StoreError("other visitors' files are being read at this moment: try again in a few seconds")
        self.plan, self._limits = plan, limits
        self.folder = upload.folder / secrets.token_hex(4)
        self._said, self._log = (self.folder.with_suffix(ending) for ending in (".said", ".log"))
        self._began = time.monotonic()
        self._stopped = False
        arguments = [
            upload.origin.model_dump_json(),
            plan.model_dump_json(),
            limits.model_dump_json(),
            str(self.folder),
        ]
        try:
            self.folder.mkdir()
            with self._said.open("wb") as said, self._log.open("wb") as log:
                self._process = subprocess.Popen(
                    [sys.executable, "-m", "aejax.data.upload.parsing", *arguments],
                    stdin=subprocess.DEVNULL,
                    stdout=said,
                    stderr=log,
                    cwd=self.folder,
                    env=_environment(upload.folder),
                    start_new_session=True,
                )
            _PROCESSES.add(self._process)
        except OSError as error:
            raise StoreError(f"the file cannot be read now: {error.strerror or error}") from error

    @property
    def running(self) -> bool:
        """Whether it goes on; one that overruns is ended here."""
        if self._process.poll() is None and time.monotonic() - self._began > self._limits.seconds + _GRACE:
            self._end()
        return self._process.poll() is None

    @property
    def share(self) -> float:
        """How much of it is done, from 0 to 1."""
        done, total = next((line["parts"] for line in reversed(self._lines()) if "parts" in line), (0, 1))
        return min(done / max(total, 1), 1.0)

    @property
    def seconds(self) -> float:
        """Since it began."""
        return time.monotonic() - self._began

    def stop(self) -> None:
        """End it at once."""
        self._stopped = True
        self._end()

    def wait(self) -> Outcome:
        """What came of it, once it is over."""
        while self.running:
            time.sleep(0.02)
        return self.outcome()

    def outcome(self) -> Outcome:
        """What came of it; for a reading that does not run any more."""
        last = next(iter(self._lines()[-1:]), {})
        if self._process.poll() == 0 and last.get("done"):
            return Outcome(self.folder, None)
        if "error" in last:
            return Outcome(None, _sentence(str(last["error"])))
        return Outcome(None, self._why())

    def _why(self) -> str:
        if self._stopped:
            return "Reading was stopped."
        if self._process.returncode == -getattr(signal, "SIGALRM", 0) or self.seconds >= self._limits.seconds:
            return f"Reading the file must take at most {self._limits.seconds} seconds; it took longer."
        if b"MemoryError" in self._log.read_bytes()[-2000:] or self._process.returncode == -signal.SIGKILL:
            return f"Reading the file takes more memory than the {self._limits.memory_bytes / 1e9:g} GB that it may."
        return "The file cannot be read: its reader broke down over it, and nothing else was touched."

    def _end(self) -> None:
        with suppress(OSError):
            self._process.kill()
        self._process.wait()

    def _lines(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        for line in self._said.read_bytes().splitlines():
            # The last line may be under way.
            with suppress(ValueError):
                found.append(json.loads(line))
        return found


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _environment(folder: Path) -> dict[str, str]:
    """What the reader needs to run, and no more of what the server knows."""
    names = (*_KEPT_VARIABLES, *_NETWORK_VARIABLES, *map(str.lower, _NETWORK_VARIABLES))
    kept = {name: value for name in names if (value := os.environ.get(name)) is not None}
    # Threads would only take memory: one image after another is read.
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "ARROW_NUM_THREADS"), "1")
    path = os.pathsep.join(filter(None, [str(_HOME), os.environ.get("PYTHONPATH")]))
    # What is unpacked or downloaded on the way goes when the upload goes.
    places = dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(folder))
    return {**kept, **threads, **places, "PYTHONPATH": path, "PYTHONIOENCODING": "utf-8"}


def _forget_old_ones(uploads: Path) -> None:
    """Remove what visitors have left a day ago."""
    if not uploads.is_dir():
        return
    for folder in uploads.iterdir():
        with suppress(OSError):
            if time.time() - folder.stat().st_mtime > _SECONDS_KEPT:
                shutil.rmtree(folder, ignore_errors=True)
