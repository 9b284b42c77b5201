"""A process that trains: `python -m aejax.worker [number]`, with a line of JSON for each command on its standard input.

When the input ends, whoever started it is gone: the worker writes a checkpoint and ends within ten seconds.
"""

import json
import os
import queue
import signal
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import jax

from aejax.arrays import DataError
from aejax.data import DownloadError, load_data
from aejax.folder import RunFolder, Workspace, new_document, this_process
from aejax.frames import FrameError
from aejax.player import Player
from aejax.settings import SpecError
from aejax.store import StoreError
from aejax.trainer import DivergedError
from aejax.zoo import ZOO

_SECONDS_TO_END = 8.0
_NICENESS = 10
_REFUSALS = (SpecError, DataError, StoreError, DownloadError, FrameError, MemoryError, jax.errors.JaxRuntimeError)

Command = Mapping[str, Any]


class Worker:
    """Plays one run after another, as it is told."""

    def __init__(self, tell: Callable[[Command], None]) -> None:
        self._tell = tell
        self._player: Player | None = None
        self._run = ""
        # The only queue into which a signal's handler may put something.
        self._commands: queue.SimpleQueue[Command] = queue.SimpleQueue()

    def put(self, command: Command) -> None:
        """Hand over a command, from any thread."""
        self._commands.put(command)

    def work(self) -> None:
        """Do as told until told to end."""
        while True:
            waits = self._player is None or self._player.waits
            try:
                command = self._commands.get(block=waits)
            except queue.Empty:
                self._guarded(self._turn)
                continue
            if command["do"] == "end":
                self._finish("interrupted")
                return
            self._guarded(partial(self._obey, command))

    def _guarded(self, act: Callable[[], None]) -> None:
        """Do something with the run; what makes that impossible ends the run, and not the worker."""
        try:
            act()
        except DivergedError as error:
            self._finish("diverged", explained(error))
        except _REFUSALS as error:
            # What could not be written down can be once there is room again: the last checkpoint stands.
            status = "interrupted" if isinstance(error, StoreError) and self._player is not None else "failed"
            self._player = None
            self._fail(status, explained(error))

    def _fail(self, status: str, message: str) -> None:
        with suppress(StoreError):
            self._folder.update(status=status, message=message, worker=None)
        self._tell({"run": self._folder.id, "status": status, "message": message, "over": True})

    def _turn(self) -> None:
        if self._player is not None:
            self._player.turn()
            self._finish_if_over()

    def _obey(self, command: Command) -> None:
        if command["do"] == "run":
            self._begin(command)
        elif command["do"] == "warm":
            _warm(command["data"], command["model"])
        elif self._player is not None and command.get("run") == self._folder.id:
            self._play(self._player, command)
            self._finish_if_over()

    def _begin(self, command: Command) -> None:
        self._folder = RunFolder(Path(command["folder"]))
        parent = command.get("parent")
        self._folder.update(status="running", message=None, worker=this_process())
        self._player = Player(self._folder, None if parent is None else RunFolder(Path(parent)), self._tell)
        if command["tune"]:
            self._tune(self._player, command["tune"])
        if command["play"]:
            self._player.play()
        else:
            self._player.told("paused")
        self._finish_if_over()

    def _play(self, player: Player, command: Command) -> None:
        acts: dict[str, Callable[[], None]] = {
            "play": player.play,
            "pause": player.pause,
            "step": lambda: player.step(command["unit"]),
            "tune": lambda: self._tune(player, command["numbers"]),
            "stop": lambda: self._finish("stopped"),
            # For a later server it is a run that was stopped.
            "park": lambda: self._finish("paused", kept_as="stopped"),
        }
        acts[command["do"]]()

    def _tune(self, player: Player, numbers: Mapping[str, float]) -> None:
        try:
            player.tune(numbers)
        except SpecError as error:
            self._tell({"run": self._folder.id, "refused": explained(error)})

    def _finish_if_over(self) -> None:
        if self._player is not None and self._player.over:
            self._finish("done")

    def _finish(self, status: str, message: str | None = None, kept_as: str | None = None) -> None:
        if self._player is not None:
            player, self._player = self._player, None
            player.end(status, message, kept_as)


def _warm(data_name: str, model_name: str) -> None:
    """Compile what the first moments of a usual training need, by having them."""
    data, entry = load_data(data_name), ZOO[model_name]
    with TemporaryDirectory() as folder:
        document = new_document(data, entry.spec, entry.train)
        player = Player(Workspace(Path(folder)).create(document), None, lambda message: None)
        player.step("batch")
        player.turn()
        player.trainer.close_epoch()


def explained(error: Exception) -> str:
    """One sentence for people, with what to try."""
    if isinstance(error, MemoryError | jax.errors.JaxRuntimeError):
        if isinstance(error, MemoryError) or "RESOURCE_EXHAUSTED" in str(error):
            return "There is not enough memory for this model: try fewer or narrower layers, or a smaller batch."
        return f"The device could not run this model ({str(error).splitlines()[0]}): try a smaller one."
    sentence = str(error)
    return f"{sentence[:1].upper()}{sentence[1:]}{'' if sentence.endswith('.') else '.'}"


def main() -> None:
    """Take commands from standard input, and write what happens to standard output, a line of JSON each."""
    # Whatever else prints goes to the error stream, so that it cannot come between these lines.
    out = os.fdopen(os.dup(1), "w", buffering=1, encoding="utf-8")
    os.dup2(2, 1)
    _give_way(int(sys.argv[1]) if len(sys.argv) > 1 else 0)
    worker = Worker(lambda message: _write(out, message))
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: worker.put({"do": "end"}))
    threading.Thread(target=_read, args=(worker,), daemon=True).start()
    _write(out, {"ready": True})
    worker.work()
    # No thread that compiles, nor one that waits for the input, may hold the process back.
    os._exit(0)


def _give_way(number: int) -> None:
    """Leave what matters to those who look on: priority, and one processor of several, each worker another.

    The threads of a step wait for one another, so that whoever takes a processor from one of them stops them all: one
    of two processors, left alone, trains faster than both while a page is open, and slower by a fifth to a third while
    none is.
    """
    if hasattr(os, "nice"):
        os.nice(_NICENESS)
    if hasattr(os, "sched_setaffinity") and len(own := sorted(os.sched_getaffinity(0))) > 1:
        os.sched_setaffinity(0, set(own) - {own[number % len(own)]})


def _write(out: Any, message: Command) -> None:
    # Where nobody reads any more, the end of the input is about to say so.
    with suppress(OSError):
        out.write(json.dumps(message) + "\n")


def _read(worker: Worker) -> None:
    for line in sys.stdin:
        worker.put(json.loads(line))
    worker.put({"do": "end"})
    ending = threading.Timer(_SECONDS_TO_END, os._exit, [1])
    ending.daemon = True
    ending.start()


if __name__ == "__main__":
    main()
