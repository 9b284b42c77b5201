"""What a training keeps in its run's folder to be gone on with: its epochs and its checkpoints."""

import json
from dataclasses import asdict
from typing import Any, NamedTuple

import numpy as np
import safetensors.numpy

from aejax.folder import RunFolder
from aejax.frames import superfluous
from aejax.gang import from_first
from aejax.history import LAYER_EPOCHS, Epoch, epochs_of
from aejax.run import CodeStatistics
from aejax.store import StoreError, append_record, arrays_of, read_arrays, sweep, write_arrays, write_records
from aejax.trainer import Trainer

_CHECKPOINTS = 8


class Checkpoints:
    """The history and the checkpoints of one training, in its folder."""

    def __init__(self, folder: RunFolder, trainer: Trainer) -> None:
        """Go on keeping them, or begin; what a process that was killed has left half done is removed.

        Raises:
            StoreError: If the folder cannot be read or written.
        """
        self._folder, self._trainer = folder, trainer
        document = folder.document()
        sweep(folder.path, document)
        self._checkpoints, self._files = document["checkpoints"], document["files"]
        self.align_history()

    def align_history(self) -> None:
        """Have the history say what the training's own does, once that has gone back in time."""
        known = [asdict(epoch) for epoch in self._trainer.history]
        if self._folder.epochs() != known:
            write_records(self._folder.history, known)

    def epoch(self, epoch: Epoch) -> None:
        """Enter an epoch into the history.

        Raises:
            StoreError: If the folder cannot be written.
        """
        append_record(self._folder.history, asdict(epoch))

    def checkpoint(self, **changes: Any) -> None:
        """Keep the whole state, from which the training can go on, and change entries of the document.

        Raises:
            StoreError: If the folder cannot be written; the checkpoints before are then as they were.
        """
        trainer = self._trainer
        name = self._fresh_name(trainer.step)
        arrays = trainer.kept()
        if trainer.codes is not None:
            arrays |= {"codes.mean": trainer.codes.mean, "codes.covariance": trainer.codes.covariance}
        self._files[name] = write_arrays(self._folder.path, name, arrays)
        kept = [entry for entry in self._checkpoints if entry["step"] < trainer.step]
        kept.append({"name": name, "step": trainer.step, "seconds": trainer.seconds})
        gone = [entry for entry in self._checkpoints if entry not in kept]
        if len(kept) > _CHECKPOINTS:
            gone.append(kept.pop(superfluous([entry["step"] for entry in kept])))
        for entry in gone:
            self._files.pop(entry["name"], None)
        self._checkpoints = kept
        learned = [asdict(epoch) for epoch in trainer.pretraining]
        where = {
            "step": trainer.step,
            "pretraining": learned,
            "epoch": trainer.epoch,
            "seconds": trainer.seconds,
            "weights": name,
            "last": asdict(trainer.history[-1]) if trainer.history else None,
        }
        self._folder.update(**where, checkpoints=kept, files=self._files, **changes)
        # Only when no document names them any more.
        for entry in gone:
            (self._folder.path / entry["name"]).unlink(missing_ok=True)

    def _fresh_name(self, step: int) -> str:
        """A name that no checkpoint has: what the document knows by a hash is never written over."""
        names = (f"checkpoint-{step:09d}{turn}.safetensors" for turn in ("", *range(10)))
        return next(name for name in names if name not in self._files)


class Follower:
    """Takes part in keeping a training that another process writes down."""

    def __init__(self, trainer: Trainer) -> None:
        self._trainer = trainer

    def epoch(self, epoch: Epoch) -> None:
        """Do nothing: the first process enters it."""

    def checkpoint(self, **changes: Any) -> None:
        """Hand over the weights that lie here."""
        self._trainer.kept()


class _Standing(NamedTuple):
    """Where a training was at a checkpoint, as JSON, and the arrays of its state."""

    told: dict[str, Any]
    arrays: dict[str, np.ndarray]

    def packed(self) -> bytes:
        told = json.dumps(self.told).encode()
        arrays = {name: np.asarray(value, order="C") for name, value in self.arrays.items()}
        return len(told).to_bytes(8, "little") + told + safetensors.numpy.save(arrays)

    @staticmethod
    def unpacked(data: bytes) -> "_Standing":
        end = 8 + int.from_bytes(data[:8], "little")
        return _Standing(json.loads(data[8:end]), arrays_of(data[end:], "the state that process 0 has sent"))


def resume(trainer: Trainer, folder: RunFolder, step: int | None = None) -> bool:
    """Take `trainer` to the newest checkpoint in `folder`, of those no later than `step`; whether there is one.

    Of several processes that train as one, only the first needs the folder.
    """
    there = from_first(lambda: _newest(folder, step), _Standing.packed, _Standing.unpacked)
    if not there.told:
        return False
    trainer.history = epochs_of(there.told["history"])
    trainer.pretraining = LAYER_EPOCHS.validate_python(there.told["pretraining"])
    trainer.restore(there.arrays, there.told["step"], there.told["seconds"])
    if "codes.mean" in there.arrays:
        trainer.codes = CodeStatistics(there.arrays["codes.mean"], there.arrays["codes.covariance"])
    return True


def _newest(folder: RunFolder, step: int | None) -> _Standing:
    document = folder.document()
    for entry in reversed(document["checkpoints"]):
        if step is not None and entry["step"] > step:
            continue
        try:
            arrays = read_arrays(folder.path, entry["name"], document)
        except StoreError:
            continue  # a damaged one: there is an earlier
        told = {"history": folder.epochs(), "pretraining": document.get("pretraining", [])}
        return _Standing(told | {"step": entry["step"], "seconds": entry["seconds"]}, arrays)
    return _Standing({}, {})
