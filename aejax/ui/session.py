"""What one visitor has: a run, its newest weights and the choices made; no other file touches Streamlit's state.

A run trains in a process of its own, whether anyone looks or not; the visitor holds its identifier, in the address too.
"""

import secrets
import time
from dataclasses import dataclass
from typing import Any

import streamlit as st

from aejax.data import Data, load_data, sources
from aejax.folder import UnknownRunError, Workspace
from aejax.jobs import JobError, Jobs, Standing
from aejax.run import Run
from aejax.settings import SpecError
from aejax.spec import ModelSpec, TrainSpec
from aejax.store import StoreError
from aejax.training import Progress
from aejax.ui import film
from aejax.worker import explained

DEFAULT_DATA = "mnist-sample"
DEFAULT_MODEL = "map"

_RUN = "run"
_WANTED = "run that is to be taken up"
_RESULT = "result of this visitor"
_REFUSAL = "what could not be done for this visitor"
_CHOICES = "choices of this visitor"
_TRAINS = ("queued", "starting", "running", "stopping")
_FAILED = ("failed", "diverged", "interrupted")


@dataclass(frozen=True)
class Result:
    """What this visitor has trained, or is training: the newest weights that are known."""

    data_name: str
    data: Data
    run: Run
    progress: Progress


@dataclass(frozen=True)
class Choices:
    """What the visitor has chosen beside the pages; `problems` says why it cannot be trained, if it cannot."""

    data_name: str
    data: Data | None
    model: str
    spec: ModelSpec
    train: TrainSpec
    problems: tuple[str, ...] = ()


@st.cache_resource(show_spinner=False)
def office() -> Jobs:
    """The trainings of this server."""
    return Jobs(Workspace(), warm={"data": DEFAULT_DATA, "model": DEFAULT_MODEL})


def attach() -> Standing | None:
    """Take up the run that was asked for, or at first the one that the address names; how it stands if just taken up.

    The address keeps the identifier from then on: a refresh, another tab and a later server find the run by it.
    """
    known = st.session_state.get(_RUN)
    named = st.session_state.pop(_WANTED, None) or (st.query_params.get(_RUN) if known is None else None)
    found = None
    if named is not None:
        try:
            found = office().standing(named)
            st.session_state[_RUN] = named
        except (UnknownRunError, StoreError):
            st.session_state[_REFUSAL] = "The run that the address names is not on this server (any more)"
    hold(run_id())
    return found


def run_id() -> str | None:
    """The identifier of this visitor's run."""
    held: str | None = st.session_state.get(_RUN)
    return held


def want(run: str) -> None:
    """Take up another run, settings and all, when the sidebar is drawn next."""
    st.session_state[_WANTED] = run


def hold(run: str | None) -> None:
    """Hold another run, or none, from now on; what the sidebar shows stays."""
    st.session_state[_RUN] = run
    if run is None:
        st.query_params.pop(_RUN, None)
    elif st.query_params.get(_RUN) != run:
        st.query_params[_RUN] = run


def standing() -> Standing | None:
    """How this visitor's run stands; None if there is none."""
    if (run := run_id()) is None:
        return None
    try:
        return office().standing(run)
    except (UnknownRunError, StoreError):
        hold(None)
        return None


def start(
    data_name: str,
    data: Data,
    spec: ModelSpec,
    train: TrainSpec,
    *,
    play: bool = True,
    parent: tuple[str, int] | None = None,
) -> None:
    """Begin a run in place of this visitor's last one; what cannot be kept is told by `failure`."""
    st.session_state[_REFUSAL] = None
    current = standing()
    mine = current.id if current is not None and current.own and current.active else None
    try:
        hold(office().start(data, spec, train, play=play, parent=parent, instead_of=mine))
    except (StoreError, JobError) as error:
        st.session_state[_REFUSAL] = explained(error)


def steer(act: str, *arguments: Any, run: str | None = None) -> None:
    """Do one of the acts of `Jobs` with a run, this visitor's if no other is named; `failure` tells a refusal."""
    st.session_state[_REFUSAL] = None
    held = run or run_id()
    acts = {
        name: getattr(office(), name)
        for name in ("play", "pause", "step", "stop", "tune", "extend", "delete", "restore")
    }
    try:
        if held is not None:
            acts[act](held, *arguments)
    except (JobError, UnknownRunError, StoreError, SpecError) as error:
        st.session_state[_REFUSAL] = explained(error)


def wait_while_running(seconds: float) -> None:
    """Return when this visitor's run does not train any more, but after so many seconds at the latest."""
    end = time.monotonic() + seconds
    while (current := standing()) is not None and current.status == "running" and time.monotonic() < end:
        time.sleep(0.01)


def fresh_seed() -> int:
    """Another seed, by chance."""
    return secrets.randbelow(2**31)


def training() -> bool:
    """Whether this visitor's run trains, or is about to."""
    current = standing()
    return current is not None and current.status in _TRAINS


def result() -> Result | None:
    """The newest weights of this visitor's run; None before there are any, or where the run diverged at once."""
    if (current := standing()) is None:
        return None
    stamp = film.stamp(current)
    held: tuple[object, Result | None] = st.session_state.get(_RESULT, (None, None))
    if stamp != held[0] or held[1] is None:
        held = stamp, result_of(current)
        st.session_state[_RESULT] = held
    return held[1]


def result_of(current: Standing) -> Result | None:
    """The newest weights of any run; None where there are none, or its data are not on this machine any more."""
    data = data_of(current)
    progress = None if data is None else film.progress(current, data)
    if data is None or progress is None or (current.status == "diverged" and not progress.step):
        return None
    return Result(data.name, data, progress.run, progress)


def data_of(current: Standing) -> Data | None:
    """What a run learns from; None where it is not on this machine any more."""
    name = current.document["data"]["name"]
    known = sources()
    if name not in known or not known[name].ready:
        return None
    try:
        data = load_data(name)
    except StoreError:
        return None
    return data if data.content_hash == current.document["data"]["sha256"] else None


def failure() -> str | None:
    """Why the last run ended before its time or did not begin, in one sentence; None if it did not."""
    refusal: str | None = st.session_state.get(_REFUSAL)
    current = standing()
    if refusal is not None or current is None:
        return refusal
    return current.message if current.status in _FAILED or current.active else None


def refuse(error: Exception) -> None:
    """Have `failure` tell of an error."""
    st.session_state[_REFUSAL] = explained(error)


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
