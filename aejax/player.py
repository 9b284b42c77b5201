"""One training as a worker plays it: play, pause, step, tune, stop; its frames paced by time."""

import math
import time
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from aejax.checkpoints import resume
from aejax.folder import RunFolder
from aejax.loop import longer_chunk
from aejax.recorder import Recorder
from aejax.resuming import data_of, replayed, settings_of, trainer_of
from aejax.trainer import DivergedError, copied

_SECONDS_BETWEEN_FRAMES = 0.1
_SECONDS_BETWEEN_WEIGHTS = 0.5
_SECONDS_BETWEEN_CHECKPOINTS = 10.0
# Publishing takes at most a fifth of the time, keeping at most a twentieth.
_SHARE_OF_FRAMES, _SHARE_OF_CHECKPOINTS = 5, 20
_BLOWN_UP = 10.0

Tell = Callable[[Mapping[str, Any]], None]


class Player:
    """A training in progress, in the folder of its run."""

    def __init__(self, folder: RunFolder, parent: RunFolder | None, tell: Tell) -> None:
        """Load the data, and go to where the run is: its last checkpoint, or the moment it branched from, or its start.

        Raises:
            SpecError: If the model does not fit the data, or not the run that it branches from.
            DataError: If the data are not what the run began with.
            StoreError: If the folder cannot be read or written.
        """
        self._folder, self._tell = folder, tell
        document = folder.document()
        data = data_of(document)
        self.trainer = trainer_of(*settings_of(document), data)
        self._data, self._parent = data, None
        if not resume(self.trainer, folder) and parent is not None:
            self.trainer.adopt(replayed(parent, document["parent"]["step"], data))
            self._parent = parent
        self._changes = _kept_changes(document["changes"], self.trainer.step)
        self._playing, self._until = False, self.trainer.step
        self._chunk = 1
        self._next_frame = self._next_weights = 0.0
        self._next_checkpoint = time.monotonic() + (0 if self._parent else _SECONDS_BETWEEN_CHECKPOINTS)
        self._recorder: Recorder | None = None
        self._layers = self.trainer.pretrain(_SECONDS_BETWEEN_FRAMES)
        if document["train"].get("pretraining") is None or self.trainer.step or self._parent:
            self._open()

    def _open(self) -> None:
        """Make the folder's files, and publish where the training begins or goes on."""
        self._recorder = Recorder(self._folder, self.trainer, self._data)
        if self._parent is not None:
            self._recorder.inherit(self._parent)
        self._least = math.inf
        self._sound = self._shown = self.trainer.step, copied(self.trainer.state)
        self.show()

    def _learn_layer(self) -> None:
        """Pretrain for a moment; after the last layer the training begins."""
        layer, _ = next(self._layers, (None, None))
        if layer is None:
            self._open()
        else:
            self.told("running", f"Layer {layer.layer} learns by itself: epoch {layer.epoch}, error {layer.error:.4g}.")

    @property
    def waits(self) -> bool:
        """Whether there is nothing to do until the next command."""
        return self.trainer.step >= self._until

    @property
    def over(self) -> bool:
        """Whether all steps are done."""
        return self.trainer.step >= self.trainer.steps

    def play(self) -> None:
        """Go on to the end."""
        self._playing, self._until = True, self.trainer.steps
        self.told("running")

    def pause(self) -> None:
        """Wait for the next command, and show where the training stands."""
        self._playing, self._until = False, self.trainer.step
        self.show()
        self.told("paused")

    def step(self, unit: str) -> None:
        """Go on by one batch, or to the end of the epoch, and then wait."""
        per_epoch = self.trainer.per_epoch
        wanted = self.trainer.step + (1 if unit == "batch" else per_epoch - self.trainer.step % per_epoch)
        self._playing, self._until = False, min(wanted, self.trainer.steps)
        self.told("running")

    def tune(self, numbers: Mapping[str, float]) -> None:
        """Change numbers while training.

        Raises:
            SpecError: If one may not change while training, or is out of bounds.
        """
        self.trainer.tune(numbers)
        self._least = math.inf
        self._changes.append({"step": self.trainer.step, "numbers": dict(numbers)})
        settings = {name: getattr(self.trainer, name).model_dump(mode="json") for name in ("spec", "train")}
        self._folder.update(changes=self._changes, steps=self.trainer.steps, **settings)
        if self._playing:
            self._until = self.trainer.steps

    def turn(self) -> None:
        """Train for a moment, at most until the next frame is due.

        Raises:
            DivergedError: If the loss is no longer finite; the training is then where it last was sound.
        """
        if self._recorder is None:
            self._learn_layer()
            return
        try:
            self._advance()
            if time.monotonic() >= self._next_frame or self.waits:
                self.show()
        except DivergedError as error:
            raise self._taken_back(error) from None
        if self.waits and not self.over:
            self.told("paused")

    def show(self) -> None:
        """Publish a frame, and when it is time weights and a checkpoint too."""
        if self._recorder is None:
            return
        began = time.monotonic()
        self._check()
        self._recorder.frame()
        self._judge()
        if began >= self._next_weights or self.waits:
            self._recorder.weights()
        now = time.monotonic()
        self._next_frame = began + max(_SECONDS_BETWEEN_FRAMES, _SHARE_OF_FRAMES * (now - began))
        if began >= self._next_weights:
            self._next_weights = now + max(_SECONDS_BETWEEN_WEIGHTS, _SHARE_OF_FRAMES * (now - began))
        if now >= self._next_checkpoint:
            self.keep()

    def keep(self, **changes: Any) -> None:
        """Write a checkpoint, and change entries of the run's document."""
        if self._recorder is None:
            self._folder.update(**changes)
            return
        began = time.monotonic()
        self._recorder.checkpoint(**changes)
        now = time.monotonic()
        self._next_checkpoint = now + max(_SECONDS_BETWEEN_CHECKPOINTS, _SHARE_OF_CHECKPOINTS * (now - began))

    def end(self, status: str, message: str | None = None, kept_as: str | None = None) -> None:
        """Show and keep where the training stands, and say how it ended."""
        self._until = self.trainer.step
        self.show()
        self.keep(status=kept_as or status, message=message, worker=None)
        self.told(status, message, over=True)

    def told(self, status: str, message: str | None = None, over: bool = False) -> None:
        """Say what the training does now; `over` is said when this worker has done with it."""
        self._tell({"run": self._folder.id, "status": status, "message": message, "over": over})

    def _judge(self) -> None:
        """Take the last frame as sound if the loss since, which is that of its weights too, has not blown up."""
        loss = sum(self.trainer.terms().values())
        if self.trainer.step and loss - self._least <= _BLOWN_UP * (1 + abs(self._least)):
            self._sound, self._least = self._shown, min(self._least, loss)
        self._shown = self.trainer.step, copied(self.trainer.state)

    def _advance(self) -> None:
        assert self._recorder is not None  # noqa: S101 - once the layers have learned
        trainer, began = self.trainer, time.monotonic()
        before = trainer.step
        trainer.advance(min(self._chunk, self._until - before))
        self._check()
        if trainer.step % trainer.per_epoch == 0:
            epoch = trainer.close_epoch()
            trainer.check_finite(epoch.validation or {}, f"at step {trainer.step}, on held-out examples")
            self._recorder.epoch(epoch)
        now = time.monotonic()
        left = min(max(self._next_frame - now, 0.01), _SECONDS_BETWEEN_FRAMES)
        self._chunk = longer_chunk(self._chunk, trainer.step - before, left, now - began)

    def _check(self) -> None:
        trainer = self.trainer
        trainer.check_finite(trainer.terms(), f"at step {trainer.step}")
        # A step whose loss was finite can still lead to weights that are not.
        if not all(np.isfinite(value).all() for value in trainer.state.params.values()):
            trainer.check_finite({"weights": float("nan")}, f"at step {trainer.step}")

    def _taken_back(self, error: DivergedError) -> DivergedError:
        """Go back to the last frame that was sound; the error, with the very step at which it happened."""
        trainer, end, history = self.trainer, self.trainer.step, self.trainer.history
        step, state = self._sound
        trainer.take_back(state, step)
        try:
            while trainer.step < end:
                trainer.advance(1)
                self._check()
        except DivergedError as exact:
            error = exact
        trainer.history = history
        trainer.take_back(state, step)
        if self._recorder is not None:
            self._recorder.forget_later()
        self._shown = self._sound
        return error


def _kept_changes(changes: list[dict[str, Any]], step: int) -> list[dict[str, Any]]:
    """The changes as they are once the training goes on from `step`: those made later hold from there on."""
    kept = [change for change in changes if change["step"] <= step]
    later = {name: value for change in changes if change["step"] > step for name, value in change["numbers"].items()}
    return [*kept, {"step": step, "numbers": later}] if later else kept
