"""A sweep on this machine: trials in processes of their own, so many at once; what dies is taken up again."""

import os
from collections.abc import Callable, Mapping
from queue import Empty, SimpleQueue
from typing import Any

from aejax.crew import Crew, Worker
from aejax.folder import this_process
from aejax.store import StoreError
from aejax.sweep.advice import advice
from aejax.sweep.folder import SweepFolder
from aejax.sweep.trial import Outcome, mark_failed

Told = Callable[[int, int, Outcome | None], None]
"""Called with trials over, trials in all, and how the last of them ended."""

_SECONDS_BETWEEN_LOOKS = 0.2
_DEATHS = 3


class LocalSweep:
    """Carries out a sweep, from wherever it stands."""

    def __init__(
        self, sweep: SweepFolder, at_once: int | None = None, told: Told = lambda over, runs, last: None
    ) -> None:
        """Read the plan and what has been done.

        Args:
            sweep: What is to be done.
            at_once: Trials at once, else as many as there are processors for.
            told: Called when a trial is over.

        Raises:
            SpecError: If the plan needs what is not installed, or cannot be.
            StoreError: If the folder cannot be read.
        """
        self._sweep, self._plan, self._told = sweep, sweep.plan, told
        begun = sweep.trials()
        self._advice = advice(self._plan, begun)
        self._over = sum(trial.over for trial in begun)
        self._at_once = at_once or max(1, (os.cpu_count() or 1) // self._plan.cores)
        self._again: list[tuple[int, dict[str, Any]]] = []
        self._deaths: dict[int, int] = {}
        self._at_work: dict[Worker, tuple[int, dict[str, Any]]] = {}
        self._events: SimpleQueue[tuple[Worker, Mapping[str, Any] | int]] = SimpleQueue()
        self._problem: str | None = None

    def carry_out(self, stop: Callable[[], bool] = lambda: False) -> str | None:
        """Go on until all trials are over, or until asked to stop; why it could not go on, if it could not.

        Raises:
            StoreError: If the sweep's own folder cannot be written.
        """
        self._sweep.update(status="running", message=None, worker=this_process())
        heard, lost = self._noted, self._noted
        crew = Crew(self._sweep.workspace.path / "compiled", None, heard, lost, "aejax.sweep.worker")
        try:
            while not stop() and self._problem is None and self._fill(crew):
                self._attend()
            whole = not stop() and self._problem is None
        finally:
            # Closing a worker's input has it keep its trial where it stands.
            crew.close()
        self._sweep.update(status="done" if whole else "stopped", message=self._problem, worker=None)
        return self._problem

    def _noted(self, worker: Worker, event: Mapping[str, Any] | int) -> None:
        self._events.put((worker, event))

    def _fill(self, crew: Crew) -> bool:
        """Give trials to workers while there is room; whether anything goes on."""
        while len(self._at_work) < self._at_once:
            found = self._again.pop(0) if self._again else self._advice.propose()
            if found is None:
                break
            worker = crew.idle()
            number, settings = found
            worker.run = str(number)
            self._at_work[worker] = found
            place = {"workspace": str(self._sweep.workspace.path), "sweep": self._sweep.id}
            worker.send({"do": "trial", **place, "number": number, "settings": settings})
        return bool(self._at_work)

    def _attend(self) -> None:
        """Heed the next event, if there is one soon."""
        try:
            worker, event = self._events.get(timeout=_SECONDS_BETWEEN_LOOKS)
        except Empty:
            return
        if worker not in self._at_work:
            return
        if isinstance(event, int):
            self._mourn(worker, event)
        elif "over" in event:
            self._end(worker, event)
        elif event["error"] is not None and self._advice.heard(event["number"], event["epoch"], event["error"]):
            worker.send({"do": "prune", "number": event["number"]})

    def _end(self, worker: Worker, event: Mapping[str, Any]) -> None:
        number, _ = self._at_work.pop(worker)
        worker.run = None
        if event["over"] == "unwritten":
            self._problem = event["message"]
        elif event["over"] != "stopped":
            self._learn(number, Outcome(event["over"], event["cost"], event["message"]))

    def _learn(self, number: int, outcome: Outcome) -> None:
        self._advice.over(number, outcome)
        self._over += 1
        self._told(self._over, self._plan.runs, outcome)

    def _mourn(self, worker: Worker, code: int) -> None:
        """Have another process take up what one has left; a trial that kills each of them is left."""
        number, settings = self._at_work.pop(worker)
        self._deaths[number] = self._deaths.get(number, 0) + 1
        if self._deaths[number] <= _DEATHS:
            self._again.append((number, settings))
            return
        how = f"by signal {-code}" if code < 0 else f"with status {code}"
        message = f"Its process ended {how}, {_DEATHS + 1} times."
        try:
            mark_failed(self._sweep, number, message)
        except StoreError as error:
            self._problem = str(error)
        self._learn(number, Outcome("failed", message=message))
