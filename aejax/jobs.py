"""Trainings in progress on this server, each in a process of its own, so many at once and the rest in a queue."""

import os
import signal
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from aejax.crew import Crew, Worker
from aejax.data import Data
from aejax.folder import RunFolder, UnknownRunError, Workspace, is_alive, new_document
from aejax.place import compiled_folder
from aejax.settings import Settings
from aejax.store import StoreError

ACTIVE = ("queued", "starting", "running", "paused", "stopping")
"""What a run can be while it has a worker, or waits for one."""

_RUNS_WITH_MOMENTS = 60


class JobError(RuntimeError):
    """Something that cannot be done with a run as it is: one sentence."""


@dataclass(frozen=True)
class Standing:
    """How a run stands; `place` is in the queue, from 1, and `own` whether this server can steer it."""

    folder: RunFolder
    document: Mapping[str, Any]
    status: str
    message: str | None
    place: int | None
    own: bool

    @property
    def id(self) -> str:
        """The run's identifier."""
        return self.folder.id

    @property
    def active(self) -> bool:
        """Whether it trains, or is about to, or waits for someone to go on."""
        return self.status in ACTIVE


@dataclass(eq=False)
class _Job:
    """A run that this server has in its hands."""

    folder: RunFolder
    status: str = "queued"
    message: str | None = None
    refusal: str | None = None
    play: bool = True
    tune: dict[str, float] = field(default_factory=dict)
    pending: list[dict[str, Any]] = field(default_factory=list)
    worker: Worker | None = None


class Jobs:
    """The runs of a workspace, and the workers of this server."""

    def __init__(self, workspace: Workspace, limit: int | None = None, warm: Mapping[str, str] | None = None) -> None:
        """Find the runs of `workspace`.

        Args:
            workspace: Where runs are kept.
            limit: Trainings at once, else what the variable AEJAX_JOBS says, else the number of processors.
            warm: `data` and `model` by whose names an idle worker is kept ready; None for no such worker.
        """
        self.workspace = workspace
        self.limit = limit or int(os.environ.get("AEJAX_JOBS") or os.cpu_count() or 1)
        self._lock = threading.RLock()
        self._jobs: dict[str, _Job] = {}
        self._queue: list[str] = []
        self._documents: dict[str, tuple[tuple[int, ...], Mapping[str, Any]]] = {}
        self._crew = Crew(compiled_folder(workspace.path), warm, self._hear, self._lose)
        self._crew.keep_one_spare()

    def start(
        self,
        data: Data,
        spec: Settings,
        train: Settings,
        *,
        play: bool = True,
        parent: tuple[str, int] | None = None,
        instead_of: str | None = None,
        **probes: Any,
    ) -> str:
        """Begin a run, and give its identifier.

        Args:
            data: What it learns from.
            spec: What the model is.
            train: How it is trained.
            play: Whether it trains at once, or waits at its beginning.
            parent: The run that it branches from, and after which step.
            instead_of: A run that makes room for it.
            probes: `split` and `count` of the examples whose codes each frame shows.

        Raises:
            StoreError: If it cannot be kept.
        """
        if instead_of is not None and self.standing(instead_of).active:
            self.stop(instead_of)
        origin = None if parent is None else {"run": parent[0], "step": parent[1]}
        document = new_document(data, spec, train, parent=origin)
        folder = self.workspace.create(document | {"probes": document["probes"] | probes})
        self._forget_old_moments()
        with self._lock:
            self._enqueue(_Job(folder, play=play))
        return folder.id

    def play(self, run: str) -> None:
        """Go on to the end; a run that has ended before it, by whatever, is taken up again."""
        with self._lock:
            job = self._taken_up(run, play=True)
            self._tell(job, "running", do="play")

    def pause(self, run: str) -> None:
        """Wait where the training stands.

        Raises:
            JobError: If it is over.
        """
        with self._lock:
            job = self._own(run, active=True)
            self._tell(job, "paused", do="pause")

    def step(self, run: str, unit: str) -> None:
        """Go on by one `batch`, or to the end of the `epoch`, and wait there."""
        with self._lock:
            job = self._taken_up(run, play=False)
            self._tell(job, "running", do="step", unit=unit)

    def tune(self, run: str, numbers: Mapping[str, float]) -> None:
        """Change numbers by their names, such as `train.learning_rate`, while the run goes on.

        Raises:
            JobError: If it is over.
        """
        with self._lock:
            job = self._own(run, active=True)
            self._tell(job, job.status, do="tune", numbers=dict(numbers))

    def extend(self, run: str, epochs: int) -> None:
        """Train further, to so many epochs in all."""
        with self._lock:
            job = self._jobs.get(run)
            if job is not None and job.status in ACTIVE:
                self.tune(run, {"train.epochs": epochs})
                self.play(run)
            else:
                self._taken_up(run, play=True, tune={"train.epochs": epochs})

    def stop(self, run: str) -> None:
        """End a run where it stands; asked a second time, end its process."""
        with self._lock:
            job = self._own(run)
            if job.worker is None:
                self._leave_queue(job, "stopped")
            elif job.status == "stopping":
                job.worker.process.kill()
            else:
                self._tell(job, "stopping", do="stop")

    def delete(self, run: str) -> None:
        """Put a run that is not in progress into the trash, whence `restore` takes it back.

        Raises:
            JobError: If it is.
        """
        with self._lock:
            standing = self.standing(run)
            if standing.active:
                raise JobError(f"run {run} is {standing.status}: stop it first")
            self._jobs.pop(run, None)
            self.workspace.discard(run)

    def restore(self, run: str) -> None:
        """Take a run back out of the trash.

        Raises:
            UnknownRunError: If it is not there.
        """
        self.workspace.restore(run)

    def standing(self, run: str) -> Standing:
        """How a run stands.

        Raises:
            UnknownRunError: If there is no such run.
            StoreError: If its document cannot be read.
        """
        folder = self.workspace.find(run)
        with self._lock:
            job = self._jobs.get(run)
            place = self._queue.index(run) + 1 if run in self._queue else None
            told = None if job is None else (job.status, job.refusal or job.message)
        document = self._document(folder)
        status, message = told or _told_by(document)
        return Standing(folder, document, status, message, place, told is not None or status not in ACTIVE)

    def runs(self) -> list[Standing]:
        """How all runs stand, newest first; a folder that cannot be read is left out."""
        found = []
        for folder in self.workspace.all():
            with suppress(StoreError, UnknownRunError):
                found.append(self.standing(folder.id))
        # Identifiers tell runs apart by the second only.
        return sorted(found, key=lambda standing: str(standing.document["created"]), reverse=True)

    def _document(self, folder: RunFolder) -> Mapping[str, Any]:
        """The run's document, read anew only where its file is another than before."""
        stamp = folder.stamp()
        known = self._documents.get(folder.id)
        if known is None or known[0] != stamp or not stamp[0]:
            known = self._documents[folder.id] = stamp, folder.document()
        return known[1]

    def close(self) -> None:
        """Have all workers write a checkpoint and end."""
        with self._lock:
            self._queue.clear()
        self._crew.close()

    def _own(self, run: str, active: bool = False) -> _Job:
        standing = self.standing(run)
        if not standing.own or run not in self._jobs or (active and not standing.active):
            raise JobError(f"run {run} is {standing.status}, and not in this server's hands to steer")
        return self._jobs[run]

    def _taken_up(self, run: str, play: bool, tune: Mapping[str, float] | None = None) -> _Job:
        """The run in this server's hands, taken up again if it has ended."""
        standing = self.standing(run)
        if not standing.own:
            raise JobError(f"run {run} is {standing.status} on another server")
        job = self._jobs.get(run)
        if job is None or job.worker is None and run not in self._queue:
            job = _Job(standing.folder, play=play, tune=dict(tune or {}))
            self._enqueue(job)
        return job

    def _tell(self, job: _Job, status: str, **command: Any) -> None:
        command["run"], job.refusal = job.folder.id, None
        if job.worker is None:
            job.play = job.play or command["do"] == "play"
            job.pending.append(command)
            return
        job.status = status
        job.worker.send(command)

    def _enqueue(self, job: _Job) -> None:
        self._jobs[job.folder.id] = job
        self._queue.append(job.folder.id)
        self._place()

    def _leave_queue(self, job: _Job, status: str) -> None:
        if job.folder.id in self._queue:
            self._queue.remove(job.folder.id)
        job.status = status
        job.folder.update(status=status)

    def _place(self) -> None:
        """Give waiting runs to workers while there is room; a run that only pauses makes some."""
        while self._queue:
            if self._crew.busy >= self.limit:
                self._park()
                return
            self._give(self._jobs[self._queue.pop(0)], self._crew.idle())
            self._crew.keep_one_spare()

    def _park(self) -> None:
        paused = (job for job in self._jobs.values() if job.status == "paused" and job.worker is not None)
        if (job := next(paused, None)) is not None:
            self._tell(job, "stopping", do="park")

    def _give(self, job: _Job, worker: Worker) -> None:
        job.worker, job.status, worker.run = worker, "starting", job.folder.id
        parent = job.folder.document()["parent"]
        origin = None
        if parent is not None:
            with suppress(UnknownRunError):
                origin = str(self.workspace.find(parent["run"]).path)
        worker.send({"do": "run", "folder": str(job.folder.path), "parent": origin, "play": job.play, "tune": job.tune})
        for command in job.pending:
            worker.send(command)
        job.pending, job.tune = [], {}

    def _hear(self, worker: Worker, message: Mapping[str, Any]) -> None:
        with self._lock:
            self._heed(worker, message)

    def _heed(self, worker: Worker, message: Mapping[str, Any]) -> None:
        job = self._jobs.get(message.get("run", ""))
        if job is None or job.worker is not worker:
            return
        if "refused" in message:
            # It stands until the next command, whatever the worker says of its progress meanwhile.
            job.refusal = message["refused"]
            return
        job.status, job.message = message["status"], message["message"]
        if message.get("over"):
            job.worker = worker.run = None
            self._place()
            self._crew.keep_one_spare()

    def _lose(self, worker: Worker, code: int) -> None:
        """Say of a run that its worker has died."""
        with self._lock:
            if worker.run is not None:
                self._mourn(self._jobs[worker.run], code)
            self._place()

    def _mourn(self, job: _Job, code: int) -> None:
        job.worker = None
        if job.status == "stopping":
            job.status, job.message = "stopped", None
        else:
            how = f"by {signal.Signals(-code).name}" if code < 0 else f"with status {code}"
            # Of a mapped file that finds no room.
            how += ": the disk may be full" if code == -getattr(signal, "SIGBUS", 0) else ""
            job.status, job.message = "interrupted", f"Its process was ended {how}."
        with suppress(StoreError):
            job.folder.update(status=job.status, message=job.message, worker=None)

    def _forget_old_moments(self) -> None:
        """Keep the frames, which are large, of the newest runs alone; all else of every run stays."""
        for standing in self.runs()[_RUNS_WITH_MOMENTS:]:
            if not standing.active:
                standing.folder.forget_moments()


def _told_by(document: Mapping[str, Any]) -> tuple[str, str | None]:
    """Status and message of a run that another server began, or an earlier one."""
    status, message = document["status"], document["message"]
    owner = document["worker"] if status == "running" else document["server"] if status == "queued" else None
    if status in ("running", "queued") and not is_alive(owner):
        return "interrupted", message
    return status, message
