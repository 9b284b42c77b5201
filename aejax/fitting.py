"""A projection fitted in a process of its own, which keeps a page's server free and can be stopped.

`python -m aejax.fitting FOLDER` is that process: it reads its task in the folder, and leaves codes or a reason there.
"""

import json
import os
import shutil
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from aejax.arrays import DataError
from aejax.projection import Fitted, Projection
from aejax.projections import projection
from aejax.settings import SpecError

_TASK, _REASON, _SEEN, _CODES = "task.json", "reason.txt", "seen.npy", "codes.npy"
_NICENESS = 10


class Fitting:
    """The work, from its start."""

    def __init__(
        self, how: Projection, seen: np.ndarray, asked: Sequence[np.ndarray], latent: int, seed: int = 0
    ) -> None:
        """Begin.

        Args:
            how: What is fitted.
            seen: What it is fitted to.
            asked: Examples whose codes are wanted.
            latent: Size of the code.
            seed: Seed of whatever is drawn.
        """
        self.began = time.monotonic()
        self._folder = TemporaryDirectory(prefix="aejax-fitting-")
        self._asked = np.concatenate(asked)
        folder = Path(self._folder.name)
        np.save(folder / _SEEN, how.drawn(seen, seed))
        np.save(folder / "asked.npy", self._asked)
        task = {"projection": how.model_dump(mode="json"), "latent": latent, "seed": seed}
        (folder / _TASK).write_text(json.dumps(task), "utf-8")
        command = [sys.executable, "-m", "aejax.fitting", str(folder)]
        # Nothing is ever written there: it ends when this process does, which the other one notices.
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
        weakref.finalize(self, self._process.kill)

    @property
    def seconds(self) -> float:
        """How long it has been at work."""
        return time.monotonic() - self.began

    @property
    def over(self) -> bool:
        """Whether it has come to an end, good or bad."""
        return self._process.poll() is not None

    def result(self) -> Fitted:
        """What encodes the examples that were asked for, once it is over; it neither encodes others nor decodes.

        Raises:
            SpecError: If it could not be fitted: with the reason.
        """
        self._process.wait()
        folder = Path(self._folder.name)
        if not (folder / _CODES).exists():
            reason = folder / _REASON
            raise SpecError(reason.read_text("utf-8") if reason.exists() else "the fitting was ended from outside")
        return Fitted(self._asked, np.load(folder / _CODES, allow_pickle=False))

    def stop(self) -> None:
        """End it, and remove what it has left."""
        self._process.kill()
        self._process.wait()
        if self._process.stdin is not None:
            self._process.stdin.close()
        self._folder.cleanup()


def work(folder: Path) -> None:
    """Do the task that is in the folder."""
    task = json.loads((folder / _TASK).read_text("utf-8"))
    how = projection(**task["projection"])
    seen, asked = (np.load(folder / name, allow_pickle=False) for name in (_SEEN, "asked.npy"))
    try:
        codes = how.fit(seen, task["latent"], task["seed"]).encode(asked)
    except Exception as error:  # noqa: BLE001 - it is reported, in a sentence
        (folder / _REASON).write_text(_explained(error), "utf-8")
        return
    unfinished = folder / f"unfinished-{_CODES}"
    np.save(unfinished, codes)
    unfinished.replace(folder / _CODES)


def _explained(error: Exception) -> str:
    if isinstance(error, MemoryError):
        return "there is not enough memory for it"
    return str(error) if isinstance(error, SpecError | DataError) else f"{type(error).__name__}: {error}"


def _end_with_the_other(folder: Path) -> None:
    """Wait until the process that has begun this one is gone; then leave nothing behind."""
    sys.stdin.buffer.read()
    shutil.rmtree(folder, ignore_errors=True)
    os._exit(1)


if __name__ == "__main__":
    os.nice(_NICENESS)
    threading.Thread(target=_end_with_the_other, args=(Path(sys.argv[1]),), daemon=True).start()
    work(Path(sys.argv[1]))
