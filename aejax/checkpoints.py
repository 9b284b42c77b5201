"""What a training keeps in its run's folder to be gone on with: its epochs and its checkpoints."""

from dataclasses import asdict
from typing import Any

from aejax.folder import RunFolder
from aejax.frames import superfluous
from aejax.history import LAYER_EPOCHS, Epoch, epochs_of
from aejax.run import CodeStatistics
from aejax.store import StoreError, append_record, read_arrays, sweep, write_arrays, write_records
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


def resume(trainer: Trainer, folder: RunFolder, step: int | None = None) -> bool:
    """Take `trainer` to the newest checkpoint in `folder`, of those no later than `step`; whether there is one."""
    document = folder.document()
    for entry in reversed(document["checkpoints"]):
        if step is not None and entry["step"] > step:
            continue
        try:
            arrays = read_arrays(folder.path, entry["name"], document)
        except StoreError:
            continue  # a damaged one: there is an earlier
        trainer.history = epochs_of(folder.epochs())
        trainer.pretraining = LAYER_EPOCHS.validate_python(document.get("pretraining", ()))
        trainer.restore(arrays, entry["step"], entry["seconds"])
        if "codes.mean" in arrays:
            trainer.codes = CodeStatistics(arrays["codes.mean"], arrays["codes.covariance"])
        return True
    return False
