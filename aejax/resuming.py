"""A training kept in a folder of its own while it goes on: begun, gone on with, and stopped between two steps."""

import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from aejax.arrays import DataError
from aejax.checkpoints import Checkpoints, Follower, resume
from aejax.data import Data, load_data, sources
from aejax.folder import RunFolder, is_alive, new_document, this_process
from aejax.gang import agreed, from_first, is_first
from aejax.history import epochs_of
from aejax.layout import Layout
from aejax.recipe import VALIDATION_EXAMPLES
from aejax.recorder import Recorder
from aejax.spec import ModelSpec, TrainSpec
from aejax.store import StoreError, write_document
from aejax.trainer import DivergedError, Trainer
from aejax.training import Progress, progress_of
from aejax.wishes import heeding

_SECONDS_BETWEEN_CHECKPOINTS = 10.0
_SHARE_OF_CHECKPOINTS = 20
_SECONDS_BETWEEN_LOOKS = 0.25


def trainer_of(spec: ModelSpec, train: TrainSpec, data: Data, layout: Layout | None = None) -> Trainer:
    """The training of a model on a data set, before its first step; the same wherever it is begun.

    Raises:
        SpecError: If the parts do not fit one another or the data.
        DataError: If the data cannot be used.
    """
    held_out, known = data.x_test[:VALIDATION_EXAMPLES], data.y_test
    labels, others = spec.told(data.y_train), spec.told(None if known is None else known[:VALIDATION_EXAMPLES])
    gaps = None if data.known_test is None else data.known_test[:VALIDATION_EXAMPLES]
    told = {"labels": labels, "validation_labels": others, "known": data.known_train, "validation_known": gaps}
    return Trainer(spec, train, data.x_train, held_out, layout=layout, **told)


def settings_of(document: dict[str, Any]) -> tuple[ModelSpec, TrainSpec]:
    """What the model of a run's document is, and how it is trained."""
    return ModelSpec(**document["spec"]), TrainSpec(**document["train"])


def begin(path: Path, trainer: Trainer, data: Data) -> RunFolder:
    """A new run's folder, known to be writable before the first step.

    Raises:
        StoreError: If it holds something already or cannot be written.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
        held = any(path.iterdir())
    except OSError as error:
        raise StoreError(f"--out must be a folder that can be written; {path}: {error.strerror}") from error
    if held:
        raise StoreError(f"--out must be a new or empty folder; {path} holds files already")
    write_document(path, new_document(data, trainer.spec, trainer.train) | _in_progress())
    return RunFolder(path)


def taken_up(path: Path, layout: Layout | None = None, is_vouched: bool = False) -> tuple[RunFolder, Trainer, Data]:
    """The run in a folder, where it was last kept, ready to go on, on many devices by a layout.

    Of several processes that train as one, only the first looks into the folder. Where a launcher vouches that nobody
    else trains it, a process on another machine that cannot be asked is taken to be gone.

    Raises:
        StoreError: If there is none, it cannot be gone on with, or it is in progress.
        DataError: If its data are not what they were.
    """
    folder = RunFolder(path)
    document = from_first(lambda: _resumable(folder, is_vouched))
    data = data_of(document)
    trainer = trainer_of(*settings_of(document), data, layout)
    if not resume(trainer, folder) and (parent := document["parent"]) is not None:
        if layout is not None:
            raise StoreError(f"the run in {path} is a branch without a checkpoint of its own: resume it on one device")
        origin = RunFolder(path.parent / Path(parent["run"]).name)
        trainer.adopt(replayed(origin, parent["step"], data))
    if trainer.step >= trainer.steps:
        raise StoreError(f"the run in {path} is over: all {trainer.train.epochs} epochs are done")
    from_first(lambda: folder.update(**_in_progress()))
    return folder, trainer, data


def _resumable(folder: RunFolder, is_vouched: bool) -> dict[str, Any]:
    """The document of a run that can be gone on with."""
    document = folder.document()
    if "checkpoints" not in document or "data" not in document:
        raise StoreError(f"the run in {folder.path} keeps no state to go on from: only its weights were saved")
    worker = document.get("worker") or {}
    is_gone = is_vouched and worker.get("host") != this_process()["host"]
    if document["status"] == "running" and is_alive(worker or None) and not is_gone:
        raise StoreError(f"the run in {folder.path} is in progress already, by process {worker['pid']}")
    return document


def data_of(document: dict[str, Any]) -> Data:
    """What a run learns from.

    Raises:
        DataError: If it is not here, or not what it was when the run began.
    """
    name = document["data"]["name"]
    if name not in sources():
        raise DataError(f"the data set {name!r} is not on this machine")
    data = load_data(name)
    if data.content_hash != document["data"]["sha256"]:
        raise DataError(f"the data set {name!r} is not what it was when this run began")
    return data


def _in_progress() -> dict[str, Any]:
    return {"status": "running", "message": None, "worker": this_process()}


def kept(folder: RunFolder, trainer: Trainer, data: Data) -> Generator[Progress, None, None]:
    """Train to the end and keep it; close it, between two items, to stop.

    Of several processes that train as one, the first keeps it, and all must go through this.

    Yields:
        Progress every quarter of a second or so, and at the end of each epoch.

    Raises:
        DivergedError: If the loss is no longer finite; the last checkpoint stands.
        StoreError: If the folder can no longer be written; likewise.
    """
    keeper: Checkpoints | Follower | None = None
    due = 0.0
    try:
        for progress in progress_of(trainer, _SECONDS_BETWEEN_LOOKS):
            if progress.layer is None:
                if keeper is None:
                    keeper = _keeper(folder, trainer, data)
                elif progress.validation is not None:
                    keeper.epoch(trainer.history[-1])
                if agreed(time.monotonic() >= due):
                    due = _keep(keeper, "running", this_process())
            yield progress
    except GeneratorExit:
        _end(folder, keeper, "stopped")
        raise
    except DivergedError as error:
        _tell(folder, status="diverged", message=str(error), worker=None)
        raise
    _end(folder, keeper, "done")


def _tell(folder: RunFolder, **changes: Any) -> None:
    if is_first():
        folder.update(**changes)


def _keeper(folder: RunFolder, trainer: Trainer, data: Data) -> Checkpoints | Follower:
    if not is_first():
        return Follower(trainer)
    # A run of the laboratory has frames, which would else tell of an earlier moment than its checkpoints; frames are
    # drawn by one device.
    has_frames = folder.frames.exists() and trainer.layout is None
    return Recorder(folder, trainer, data) if has_frames else Checkpoints(folder, trainer)


def _keep(keeper: Checkpoints | Follower, status: str, worker: dict[str, Any] | None) -> float:
    """Keep where the training stands; when to do so next."""
    began = time.monotonic()
    if isinstance(keeper, Recorder):
        keeper.frame()
        keeper.weights()
    keeper.checkpoint(status=status, worker=worker)
    now = time.monotonic()
    return now + max(_SECONDS_BETWEEN_CHECKPOINTS, _SHARE_OF_CHECKPOINTS * (now - began))


def _end(folder: RunFolder, keeper: Checkpoints | Follower | None, status: str) -> None:
    if keeper is None:
        _tell(folder, status=status, worker=None)
    else:
        _keep(keeper, status, None)


@contextmanager
def asked_to_stop() -> Iterator[Callable[[], bool]]:
    """Tell whether Ctrl-C or a request to end has come, so that it is obeyed between steps; a second one is at once."""
    came: list[bool] = []
    with heeding(lambda: came.append(True)):
        yield lambda: bool(came)


def replayed(folder: RunFolder, step: int, data: Data) -> Trainer:
    """The training of a run as it was after `step` steps, bit for bit: from a checkpoint on, with all its changes."""
    document = folder.document()
    trainer = trainer_of(*settings_of(document | document["began"]), data)
    resume(trainer, folder, step)
    for change in document["changes"]:
        if change["step"] <= trainer.step or change["step"] < step:
            _go_to(trainer, change["step"])
            trainer.tune(change["numbers"])
    _go_to(trainer, step)
    trainer.history = tuple(epoch for epoch in epochs_of(folder.epochs()) if epoch.step <= step)
    return trainer


def _go_to(trainer: Trainer, step: int) -> None:
    while trainer.step < min(step, trainer.steps):
        trainer.advance(step - trainer.step)
