"""Baselines that take long: each is fitted once for all visitors, beside the server, with a clock and a way to stop."""

import threading
from dataclasses import dataclass, field

import numpy as np
import streamlit as st

from aejax.data import Data
from aejax.fitting import Fitting
from aejax.projection import Fitted, Projection
from aejax.quality import sampled_rows
from aejax.settings import SpecError

_SECONDS_BETWEEN_LOOKS = 1.0
_KEPT = 16


@dataclass(eq=False)
class Task:
    """One fitting: in the hands of `work`, `found`, failed for a reason, or stopped by somebody."""

    data: Data
    way: Projection
    latent: int
    work: Fitting | None = None
    found: Fitted | None = None
    failure: str | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def over(self) -> bool:
        """Whether there is a result, or a reason why there is none."""
        work = self.work
        return self.found is not None or self.failure is not None or (work is not None and work.over)

    def begin(self) -> None:
        """Do it, unless it is being done."""
        with self._lock:
            if self.work is None and self.found is None:
                self.failure = None
                self.work = Fitting(self.way, self.data.x_train, self._asked(), self.latent)

    def stop(self) -> None:
        """Stop it for everyone; whoever wants it can begin it again."""
        with self._lock:
            if self.work is not None:
                self.work.stop()
                self.work = None

    def result(self) -> Fitted:
        """What came of it, once it is over.

        Raises:
            SpecError: If it could not be done.
        """
        with self._lock:
            if self.work is not None:
                self._take(self.work)
        if self.found is None:
            raise SpecError(self.failure or "the fitting was stopped")
        return self.found

    def _take(self, work: Fitting) -> None:
        try:
            self.found = work.result()
        except SpecError as error:
            self.failure = str(error)
        finally:
            work.stop()
            self.work = None

    def _asked(self) -> list[np.ndarray]:
        """All examples that a comparison looks at, held out and training."""
        known, held_out = sampled_rows(self.data, "test")
        others, measured = sampled_rows(self.data, "train")
        return [self.data.x_test[held_out], *(self.data.x_train[rows] for rows in (known, others, measured))]


@st.cache_resource(show_spinner=False)
def _tasks() -> dict[tuple[str, str, int], Task]:
    return {}


def ask(data: Data, way: Projection, latent: int) -> Task:
    """The fitting of these data: a new one is begun at once."""
    key = (data.content_hash, str(way), latent)
    fresh = Task(data, way, latent)
    task = _tasks().setdefault(key, fresh)
    if task is fresh:
        task.begin()
        _forget_oldest()
    return task


def _forget_oldest() -> None:
    idle = [key for key, task in list(_tasks().items()) if task.work is None]
    for key in idle[: max(0, len(_tasks()) - _KEPT)]:
        _tasks().pop(key, None)


def show(task: Task) -> None:
    """Say how long the work has been going on, with a button that stops it; when it is over, draw the page anew."""
    st.fragment(_look, run_every=None if task.work is None else _SECONDS_BETWEEN_LOOKS)(task)


def _look(task: Task) -> None:
    name, n = task.way.title, min(len(task.data.x_train), task.way.examples)
    work = task.work
    if task.over:
        st.rerun()
    if work is None:
        st.info(f"The fitting of {name} was stopped.", icon=":material/stop_circle:")
        st.button(f"Fit {name}", key=f"begin-{task.way.kind}", icon=":material/play_arrow:", on_click=task.begin)
        return
    st.info(
        f"Fitting {name} to {n:,} training examples: {work.seconds:.0f} s so far. It takes a minute or so on an idle "
        "machine, in a process of its own; the rest of the page can be used meanwhile.",
        icon=":material/hourglass_top:",
    )
    st.button(f"Stop fitting {name}", key=f"stop-{task.way.kind}", icon=":material/stop:", on_click=task.stop)
