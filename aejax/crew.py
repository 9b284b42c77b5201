"""The processes that train for this server: hired, listened to, kept ready, sent home."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from aejax.place import keeping_compiled

_SECONDS_TO_END = 10.0
_SECONDS_BEFORE_A_SPARE = 15.0


@dataclass(eq=False)
class Worker:
    """One process, of another number than the rest; `run` is what it works on, None while it is idle."""

    process: subprocess.Popen[str]
    number: int
    run: str | None = None

    def send(self, command: Mapping[str, Any]) -> None:
        """Tell it something."""
        # Where the process has died, whoever listens to it hears of it.
        if self.process.stdin is not None:
            with suppress(OSError):
                self.process.stdin.write(json.dumps(command) + "\n")
                self.process.stdin.flush()

    def dismiss(self) -> None:
        """Let it write what it has to write, and end."""
        if self.process.stdin is not None:
            with suppress(OSError):
                self.process.stdin.close()


class Crew:
    """All workers of this server."""

    def __init__(
        self,
        compiled: Path,
        warm: Mapping[str, str] | None,
        heard: Callable[[Worker, Mapping[str, Any]], None],
        lost: Callable[[Worker, int], None],
        module: str = "aejax.worker",
    ) -> None:
        """Nobody yet.

        Args:
            compiled: Folder for compiled programs, which one worker reads back that another has written.
            warm: `data` and `model` for which a spare worker makes itself ready; None for no spare worker.
            heard: Called with a worker and what it says.
            lost: Called with a worker and its exit status once it has ended.
            module: What a worker runs.
        """
        self._compiled, self._warm, self._heard, self._lost, self._module = compiled, warm, heard, lost, module
        self._lock = threading.RLock()
        self._workers: list[Worker] = []
        self._closed = self._hiring = False

    @property
    def busy(self) -> int:
        """Workers that have a run."""
        with self._lock:
            return sum(worker.run is not None for worker in self._workers)

    def idle(self) -> Worker:
        """A worker without a run, hired if there is none."""
        with self._lock:
            return next(iter(self._spares()), None) or self._hire()

    def keep_one_spare(self) -> None:
        """Have one idle worker, no more; a new one not at once where others are busy, who need the processors now."""
        with self._lock:
            spares = self._spares()
            for worker in spares[1:]:
                self._workers.remove(worker)
                worker.dismiss()
            if spares or self._warm is None or self._closed or self._hiring:
                return
            self._hiring = True
            timer = threading.Timer(_SECONDS_BEFORE_A_SPARE if self._workers else 0.0, self._hire_a_spare)
            timer.daemon = True
            timer.start()

    def close(self) -> None:
        """Have every worker write a checkpoint and end."""
        with self._lock:
            self._closed = True
            workers = list(self._workers)
        for worker in workers:
            worker.dismiss()
        for worker in workers:
            try:
                worker.process.wait(_SECONDS_TO_END)
            except subprocess.TimeoutExpired:
                worker.process.kill()
                worker.process.wait()

    def _spares(self) -> list[Worker]:
        return [worker for worker in self._workers if worker.run is None]

    def _hire_a_spare(self) -> None:
        with self._lock:
            self._hiring = False
            if self._warm is not None and not self._closed and not self._spares():
                self._hire().send({"do": "warm", **self._warm})

    def _hire(self) -> Worker:
        taken = {worker.number for worker in self._workers}
        number = next(number for number in count() if number not in taken)
        process = subprocess.Popen(
            [sys.executable, "-m", self._module, str(number)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            env=self._environment(),
            # Ctrl-C in the server's terminal is for the server; a worker ends in good order when its input does.
            start_new_session=True,
        )
        worker = Worker(process, number)
        self._workers.append(worker)
        threading.Thread(target=self._listen, args=(worker,), daemon=True).start()
        return worker

    def _environment(self) -> dict[str, str]:
        home = str(Path(__file__).parents[1])
        path = os.pathsep.join(filter(None, [home, os.environ.get("PYTHONPATH")]))
        return {**keeping_compiled(self._compiled), **os.environ, "PYTHONPATH": path}

    def _listen(self, worker: Worker) -> None:
        # On leaving, both pipes are closed and the process is waited for.
        with worker.process as process:
            for line in process.stdout or ():
                self._heard(worker, json.loads(line))
        code = process.wait()
        with self._lock:
            if worker in self._workers:
                self._workers.remove(worker)
        if not self._closed:
            self._lost(worker, code)
