"""Baselines that take long: each is fitted once for all visitors, beside the server, with a clock and a way to stop."""

import os
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
    """One fitting: waiting while it is `wanted`, in the hands of `work`, `found`, failed for a reason, or stopped."""

    data: Data
    way: Projection
    latent: int
    wanted: bool = True
    work: Fitting | None = None
    found: Fitted | None = None
    failure: str | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def over(self) -> bool:
        """Whether there is a result, or a reason why there is none."""
        work = self.work
        return self.found is not None or self.failure is not None or (work is not None and work.over)

    def want(self) -> None:
        """Let it wait its turn, after it was stopped or has failed."""
        with self._lock:
            self.wanted, self.failure = True, None

    def begin(self) -> None:
        """Do it, unless it is being done."""
        with self._lock:
            if self.wanted and self.work is None and self.found is None:
                self.work = Fitting(self.way, self.data.x_train, self._asked(), self.latent)

    def stop(self) -> None:
        """Stop it for everyone; whoever wants it can begin it again."""
        with self._lock:
            self.wanted = False
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
            self.wanted, self.work = False, None

    def _asked(self) -> list[np.ndarray]:
        """All examples that a comparison looks at, held out and training."""
        known, held_out = sampled_rows(self.data, "test")
        others, measured = sampled_rows(self.data, "train")
        return [self.data.x_test[held_out], *(self.data.x_train[rows] for rows in (known, others, measured))]


class Desk:
    """All fittings of a server: few at once, the others wait their turn."""

    def __init__(self, at_once: int | None = None) -> None:
        self._at_once = at_once or max(1, (os.cpu_count() or 1) // 2)
        self._tasks: dict[tuple[str, str, int], Task] = {}
        self._lock = threading.Lock()

    def ask(self, data: Data, way: Projection, latent: int) -> Task:
        """The fitting of these data: a new one waits its turn."""
        with self._lock:
            task = self._tasks.setdefault((data.content_hash, str(way), latent), Task(data, way, latent))
            idle = [key for key, other in self._tasks.items() if other is not task and not other.wanted]
            for key in idle[: max(0, len(self._tasks) - _KEPT)]:
                del self._tasks[key]
        self.advance()
        return task

    def advance(self) -> None:
        """Begin what waits, as long as there is room."""
        with self._lock:
            tasks = list(self._tasks.values())
            room = self._at_once - sum(task.work is not None and not task.over for task in tasks)
            for task in [task for task in tasks if task.wanted and task.work is None and not task.over][: max(0, room)]:
                task.begin()


@st.cache_resource(show_spinner=False)
def desk() -> Desk:
    """The fittings of this server."""
    return Desk()


def show(task: Task) -> None:
    """Say how long the work has been going on, with a button that stops it; when it is over, draw the page anew."""
    st.fragment(_look, run_every=_SECONDS_BETWEEN_LOOKS)(task)


def _look(task: Task) -> None:
    if task.over and task.failure is None:
        st.rerun()
    desk().advance()
    name, work = task.way.title, task.work
    if task.failure is not None:
        st.warning(f"{name} cannot be shown: {task.failure}.", icon=":material/block:")
    elif not task.wanted:
        st.info(f"The fitting of {name} was stopped.", icon=":material/stop_circle:")
    elif work is None:
        st.info(f"{name} waits until another fitting has ended.", icon=":material/hourglass_empty:")
    else:
        n = min(len(task.data.x_train), task.way.examples)
        st.info(
            f"Fitting {name} to {n:,} training examples: {work.seconds:.0f} s so far. It takes a minute or so on an "
            "idle machine, in a process of its own; the rest of the page can be used meanwhile.",
            icon=":material/hourglass_top:",
        )
    if task.wanted and task.failure is None:
        tip = "It is fitted once for all who look at these data: whoever stops it stops it for them too"
        st.button(
            f"Stop fitting {name}", key=f"stop-{task.way.kind}", icon=":material/stop:", on_click=task.stop, help=tip
        )
    else:
        icon = ":material/play_arrow:"
        st.button(f"Fit {name}", key=f"begin-{task.way.kind}", icon=icon, on_click=task.want)
