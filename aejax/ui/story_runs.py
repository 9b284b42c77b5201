"""The trainings of a story: begun, watched, stopped, and what came of them."""

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from aejax.arrays import DataError
from aejax.data import Data, load_data
from aejax.folder import UnknownRunError
from aejax.jobs import JobError, Standing
from aejax.settings import SpecError
from aejax.store import StoreError
from aejax.stories import STORIES
from aejax.story import Finding, Story
from aejax.ui import audience, film, monitor, session
from aejax.ui.session import Result

_RUNS = "trained"
_BETWEEN = "."
_LONGEST = 400


@dataclass(frozen=True, eq=False)
class Told:
    """A story as far as a visitor has it.

    Attributes:
        name: Name of the story.
        data: What it is about.
        standings: Its trainings, if they have begun.
        results: What came of them, once all have ended well.
        finding: What was measured then.
        refusal: Why it could not be measured, where it could not.
    """

    name: str
    data: Data
    standings: tuple[Standing, ...] = ()
    results: tuple[Result, ...] = ()
    finding: Finding | None = None
    refusal: str | None = None

    @property
    def story(self) -> Story:
        """What is told."""
        return STORIES[self.name]

    @property
    def titles(self) -> list[str]:
        """Names of the trainings."""
        return [training.title for training in self.story.trainings]

    @property
    def active(self) -> bool:
        """Whether any training is not over."""
        return any(standing.active for standing in self.standings)

    @property
    def changed(self) -> bool:
        """Whether the trainings have other settings than the story's, seeds apart."""
        return any(
            film.settings(standing) != training.recipe(standing.document["train"]["seed"])
            for training, standing in zip(self.story.trainings, self.standings, strict=False)
        )


def told(name: str) -> Told:
    """The story of that name as far as this visitor has it, by the trainings that the address names."""
    found = Told(name, load_data(STORIES[name].data), _standings(name))
    _keep(name, [standing.id for standing in found.standings])
    if not found.standings or any(standing.status != "done" for standing in found.standings):
        return found
    results = tuple(result for standing in found.standings if (result := session.result_of(standing)) is not None)
    if len(results) < len(found.standings):
        return found
    finding, refusal = _measured(name, tuple(map(film.stamp, found.standings)), found.data, results)
    return Told(name, found.data, found.standings, results, finding, refusal)


@st.cache_resource(scope="session", max_entries=16, show_spinner="Measuring …", hash_funcs={tuple: repr})
def _measured(
    name: str, stamps: tuple[object, ...], _data: Data, _results: Sequence[Result]
) -> tuple[Finding | None, str | None]:
    try:
        return STORIES[name].point.measure(_data, [result.run for result in _results]), None
    except (SpecError, DataError) as error:
        return None, str(error)


def begin(name: str, seed: int = 0) -> None:
    """Train all that the story needs, in place of what it had; what cannot be begun is told by `failure`."""
    stop(name)
    story = STORIES[name]
    data, begun = load_data(story.data), []
    try:
        for training in story.trainings:
            begun.append(session.office().start(data, *training.recipe(seed)))
    except (StoreError, JobError) as error:
        session.refuse(error)
    _keep(name, begun)


def stop(name: str) -> None:
    """End the trainings of the story that are in progress."""
    for standing in _standings(name):
        if standing.active and standing.own:
            session.steer("stop", run=standing.id)


def forget(name: str) -> None:
    """Leave the story's trainings, which stay among the runs, and have none."""
    stop(name)
    _keep(name, [])


def address(name: str | None) -> None:
    """Put the story's trainings into the address, or none where no story is told."""
    runs = [] if name is None else session.get(_key(name)) or []
    if runs:
        st.query_params[_RUNS] = _BETWEEN.join(runs)
    else:
        st.query_params.pop(_RUNS, None)


def watch(found: Told) -> None:
    """Show how far the trainings are until they are over; then draw the page anew."""
    st.fragment(_look, run_every=audience.pace())(found.name)


def _look(name: str) -> None:
    standings = _standings(name)
    for training, standing in zip(STORIES[name].trainings, standings, strict=False):
        seen = film.film(standing)
        fraction, said = (0.0, monitor.waiting(standing)) if seen is None else (seen.fraction, monitor.standing(seen))
        st.progress(1.0 if standing.status == "done" else fraction, f"{training.title}: {said}")
    if not any(standing.active for standing in standings):
        st.rerun()


def _standings(name: str) -> tuple[Standing, ...]:
    """How the story's trainings stand; none where they are not all there, or are of other data."""
    found = []
    for run in _known(name):
        try:
            found.append(session.office().standing(run))
        except (UnknownRunError, StoreError):
            return ()
    story = STORIES[name]
    fits = len(found) == len(story.trainings) and all(
        standing.document["data"]["name"] == story.data for standing in found
    )
    return tuple(found) if fits else ()


def _known(name: str) -> list[str]:
    held: list[str] | None = session.get(_key(name))
    if held is not None:
        return held
    return [run for run in st.query_params.get(_RUNS, "")[:_LONGEST].split(_BETWEEN) if run]


def _keep(name: str, runs: list[str]) -> None:
    session.put(_key(name), runs)
    address(name)


def _key(name: str) -> str:
    return f"trainings of the story {name}"
