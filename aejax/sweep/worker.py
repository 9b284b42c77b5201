"""A process that carries out trials: `python -m aejax.sweep.worker [number]`, a line of JSON for each on its input.

When the input ends, whoever started it is gone: the trial is kept where it stands, and the process ends.
"""

import json
import os
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from aejax.folder import Workspace
from aejax.store import StoreError
from aejax.sweep.folder import SweepFolder
from aejax.sweep.trial import run_trial

_SECONDS_TO_END = 20.0
_NICENESS = 10


class TrialWorker:
    """Carries out one trial after another, as it is told."""

    def __init__(self, out: Any) -> None:
        self._out = out
        self._waiting: SimpleQueue[Mapping[str, Any]] = SimpleQueue()
        self._hopeless: set[int] = set()
        self.ends = threading.Event()

    def put(self, command: Mapping[str, Any]) -> None:
        """Take a command, from any thread."""
        if command["do"] == "prune":
            self._hopeless.add(command["number"])
        else:
            self._waiting.put(command)

    def work(self) -> None:
        """Do as told until told to end."""
        while not self.ends.is_set() and (command := self._waiting.get())["do"] == "trial":
            sweep = SweepFolder(Workspace(Path(command["workspace"])), command["sweep"])
            self._carry_out(sweep, command["number"], command["settings"])

    def _carry_out(self, sweep: SweepFolder, number: int, settings: Mapping[str, Any]) -> None:
        def heard(epoch: int, error: float) -> bool:
            self._tell(number, epoch=epoch, error=error if error == error else None)
            return number in self._hopeless

        try:
            found = run_trial(sweep, number, settings, heard, self.ends.is_set)
        except StoreError as error:
            self._tell(number, over="unwritten", message=str(error), cost=None)
        except Exception as error:  # noqa: BLE001 - it is reported, in a sentence
            self._tell(number, over="failed", message=f"{type(error).__name__}: {error}", cost=None)
        else:
            self._tell(number, over=found.status, message=found.message, cost=found.cost)

    def _tell(self, number: int, **about: Any) -> None:
        # Where nobody reads any more, the end of the input is about to say so.
        with suppress(OSError):
            self._out.write(json.dumps({"number": number, **about}) + "\n")


def main() -> None:
    """Take commands from standard input, and write what happens to standard output, a line of JSON each."""
    # Whatever else prints goes to the error stream, so that it cannot come between these lines.
    out = os.fdopen(os.dup(1), "w", buffering=1, encoding="utf-8")
    os.dup2(2, 1)
    if hasattr(os, "nice"):
        os.nice(_NICENESS)
    worker = TrialWorker(out)
    threading.Thread(target=_read, args=(worker,), daemon=True).start()
    worker.work()
    # No thread that compiles may hold the process back.
    os._exit(0)


def _read(worker: TrialWorker) -> None:
    for line in sys.stdin:
        worker.put(json.loads(line))
    worker.ends.set()
    worker.put({"do": "end"})
    ending = threading.Timer(_SECONDS_TO_END, os._exit, [1])
    ending.daemon = True
    ending.start()


if __name__ == "__main__":
    main()
