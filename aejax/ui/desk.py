"""Baselines that take long: each is fitted once for all visitors, beside the server, with a clock and a way to stop."""

import threading
from dataclasses import dataclass, field

import streamlit as st

from aejax.data import Data
from aejax.fitting import Fitting
from aejax.projection import Fitted, Projection
from aejax.quality import sampled_rows

_SECONDS_BETWEEN_LOOKS = 1.0


@dataclass(eq=False)
class Task:
    """One fitting: `work` is None while nobody does it, because somebody has stopped it."""

    data: Data
    way: Projection
    latent: int
    work: Fitting | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)
    found: Fitted | None = None

    def begin(self) -> None:
        """Do it, unless it is being done."""
        with self.lock:
            if self.work is None:
                asked = [self.data.x_test[sampled_rows(self.data, "test")[1]], *self._training()]
                self.work = Fitting(self.way, self.data.x_train, asked, self.latent)

    def _training(self) -> list[object]:
        rows = [sampled_rows(self.data, "test")[0], *sampled_rows(self.data, "train")]
        return [self.data.x_train[chosen] for chosen in rows]

    def stop(self) -> None:
        """Stop it for everyone; whoever wants it can begin it again."""
        with self.lock:
            if self.work is not None and self.found is None:
                self.work.stop()
                self.work = None

    def result(self) -> Fitted:
        """What came of it.

        Raises:
            SpecError: If it could not be done.
        """
        with self.lock:
            if self.found is None and self.work is not None:
                self.found = self.work.result()
                self.work.stop()
        if self.found is None:
            raise RuntimeError("a task that nobody does has no result")
        return self.found


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
    return task


def show(task: Task) -> None:
    """Say how long the work has been going on, with a button that stops it; when it is over, draw the page anew."""
    st.fragment(_look, run_every=None if task.work is None else _SECONDS_BETWEEN_LOOKS)(task)


def _look(task: Task) -> None:
    name, n = task.way.title, min(len(task.data.x_train), task.way.examples)
    if task.work is None:
        st.info(f"The fitting of {name} was stopped.", icon=":material/stop_circle:")
        st.button(f"Fit {name}", key=f"begin-{task.way.kind}", icon=":material/play_arrow:", on_click=task.begin)
        return
    if task.work.over:
        st.rerun()
    st.info(
        f"Fitting {name} to {n:,} training examples: {task.work.seconds:.0f} s so far. It takes a minute or so on "
        "an idle machine, in a process of its own; the rest of the page can be used meanwhile.",
        icon=":material/hourglass_top:",
    )
    st.button(f"Stop fitting {name}", key=f"stop-{task.way.kind}", icon=":material/stop:", on_click=task.stop)
