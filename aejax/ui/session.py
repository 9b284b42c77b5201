"""What one visitor has: a training, its latest snapshot and the choices made; no other file touches Streamlit's state.

A training runs in the visitor's own session, a bounded time at a call of `advance`, and only while someone calls it.
"""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import jax
import streamlit as st

from aejax.arrays import DataError
from aejax.data import Data
from aejax.run import Run
from aejax.settings import SpecError
from aejax.spec import ModelSpec, TrainSpec
from aejax.training import DivergedError, Progress, fit

_TRAINING = "training of this visitor"
_CHOICES = "choices of this visitor"
_SECONDS_BETWEEN_SNAPSHOTS = 0.25
_VALIDATION_EXAMPLES = 5000


@dataclass(frozen=True)
class Result:
    """What this visitor has trained, or is training: the latest snapshot."""

    data_name: str
    data: Data
    run: Run
    progress: Progress


@dataclass(eq=False)
class _Training:
    """One training; the lock is for the moment when one run of the page's script overtakes another."""

    data_name: str
    data: Data
    steps: Iterator[Progress] | None = None
    result: Result | None = None
    sound: Result | None = None
    """The snapshot at the end of the last whole epoch."""
    first: Progress | None = None
    failure: str | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)

    def advance(self, seconds: float) -> None:
        with self.lock:
            until = time.monotonic() + seconds
            while self.steps is not None and self._step() and time.monotonic() < until:
                pass

    def _step(self) -> bool:
        """Take one snapshot; whether there is more to come."""
        steps = self.steps
        try:
            progress = next(steps, None) if steps is not None else None
        except (SpecError, DataError, DivergedError, MemoryError, jax.errors.JaxRuntimeError) as error:
            # What was seen within the epoch that failed may be no more sound than its end.
            self.failure, progress, self.result = explained(error), None, self.sound
        if progress is None or self.steps is not steps:
            self.steps = None
            return False
        if self.first is None or self.first.layer is not None:
            self.first = progress
        # The pages show a model that is told classes as it is for the first one.
        run = progress.run.given(0) if progress.run.classes else progress.run
        self.result = Result(self.data_name, self.data, run, progress)
        if progress.epoch * progress.steps == progress.step * progress.run.train.epochs:
            self.sound = self.result
        if progress.step == progress.steps:
            self.steps = None
        return self.steps is not None


@dataclass(frozen=True)
class Choices:
    """What the visitor has chosen beside the pages; `problems` says why it cannot be trained, if it cannot."""

    data_name: str
    data: Data | None
    model: str
    spec: ModelSpec
    train: TrainSpec
    problems: tuple[str, ...] = ()


def explained(error: Exception) -> str:
    """One sentence for the visitor, with what to try."""
    if isinstance(error, MemoryError | jax.errors.JaxRuntimeError):
        if isinstance(error, MemoryError) or "RESOURCE_EXHAUSTED" in str(error):
            return "There is not enough memory for this model: try fewer or narrower layers, or a smaller batch."
        return f"The device could not run this model ({str(error).splitlines()[0]}): try a smaller one."
    sentence = str(error)
    return f"{sentence[:1].upper()}{sentence[1:]}{'' if sentence.endswith('.') else '.'}"


def start(data_name: str, data: Data, spec: ModelSpec, train: TrainSpec) -> None:
    """Begin a training in place of this visitor's last one; what cannot be trained is told by `failure`."""
    training = _Training(data_name, data)
    try:
        training.steps = fit(
            spec,
            train,
            data.x_train,
            data.x_test[:_VALIDATION_EXAMPLES],
            labels=spec.told(data.y_train),
            validation_labels=spec.told(None if data.y_test is None else data.y_test[:_VALIDATION_EXAMPLES]),
            every=_SECONDS_BETWEEN_SNAPSHOTS,
        )
    except (SpecError, DataError) as error:
        training.failure = explained(error)
    st.session_state[_TRAINING] = training


def advance(seconds: float) -> None:
    """Train for about so many seconds: at least one snapshot, if a training is in progress."""
    if (training := _current()) is not None:
        training.advance(seconds)


def stop() -> None:
    """End the training; its latest snapshot stays."""
    if (training := _current()) is not None:
        training.steps = None
        if training.result is None:
            training.failure = "Stopped before there was anything to show."


def training() -> bool:
    """Whether a training is in progress."""
    current = _current()
    return current is not None and current.steps is not None


def result() -> Result | None:
    """The latest snapshot of this visitor's training; None before there is one."""
    current = _current()
    return None if current is None else current.result


def seconds_per_step() -> float | None:
    """Seconds that a step takes, without compilation; None before two snapshots are known."""
    current = _current()
    if current is None or current.result is None or current.first is None:
        return None
    first, last = current.first, current.result.progress
    return (last.seconds - first.seconds) / (last.step - first.step) if last.step > first.step else None


def failure() -> str | None:
    """Why the last training ended before its time or did not begin, in one sentence; None if it did not."""
    current = _current()
    return None if current is None else current.failure


def choose(choices: Choices) -> None:
    """Keep what the sidebar shows, for the page that is drawn after it."""
    st.session_state[_CHOICES] = choices


def choices() -> Choices:
    """What the visitor has chosen."""
    chosen: Choices = st.session_state[_CHOICES]
    return chosen


def get(key: str, default: Any = None) -> Any:
    """The visitor's value of `key`: of a widget, or put there."""
    return st.session_state.get(key, default)


def put(key: str, value: Any) -> None:
    """Keep a value for this visitor; a widget of this key must not have been drawn yet in this run."""
    st.session_state[key] = value


def forget(prefix: str) -> None:
    """Drop all values whose key begins so; their widgets begin anew."""
    for key in [key for key in st.session_state if str(key).startswith(prefix)]:
        del st.session_state[key]


def _current() -> _Training | None:
    current: _Training | None = st.session_state.get(_TRAINING)
    return current
