"""What stands in the panes of a comparison: the visitor's model, other runs and baselines, each looked at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

import streamlit as st

from aejax.arrays import DataError
from aejax.data import Data
from aejax.embedder import Embedder
from aejax.evidence import Evidence
from aejax.jobs import Standing
from aejax.projections import PROJECTIONS, projection
from aejax.quality import ClassQuality, Measurement, evidence, measure, per_class
from aejax.settings import SpecError
from aejax.ui import desk, session, snapshot
from aejax.ui.film import settings
from aejax.ui.session import Result
from aejax.zoo import ZOO

MODEL, NAME_OF_MODEL = "model", "This model"
PCA = "pca"
GREATEST_NUMBER = 4
"""Panes at once."""

_RUNS_OFFERED = 20

SplitName: TypeAlias = Literal["test", "train"]


@dataclass(frozen=True, eq=False)
class Pane:
    """One way to codes, and what it makes of the examples that all panes show.

    Attributes:
        key: Name in the address.
        name: Name for people.
        about: What it is, in a few words.
        evidence: Its codes of the sample.
        stamp: What tells it from all others.
    """

    key: str
    name: str
    about: str
    evidence: Evidence
    stamp: tuple[object, ...]

    @property
    def embedder(self) -> Embedder:
        """What made the codes."""
        if self.evidence.embedder is None:
            raise DataError(f"{self.name} must have an embedder")
        return self.evidence.embedder

    @property
    def latent(self) -> int:
        """Size of its codes."""
        return int(self.evidence.test.codes.shape[1])

    @property
    def title(self) -> str:
        """Its name and the size of its codes, for the heads of tables."""
        return f"{self.name} ({self.latent}-D)"


@dataclass(frozen=True, eq=False)
class Empty:
    """A pane that has nothing to show, or not yet: why, and the work in progress if there is any."""

    key: str
    name: str
    reason: str
    task: desk.Task | None = None


def offered(result: Result) -> dict[str, str]:
    """Names of all that can stand in a pane, by their keys."""
    names = {MODEL: NAME_OF_MODEL} | {kind: way.title for kind, way in PROJECTIONS.items()}
    return names | {standing.id: run_name(standing) for standing in others(result)}


def others(result: Result) -> list[Standing]:
    """Runs on the same data beside the visitor's own, newest first."""
    mine = session.run_id()
    found = [
        standing
        for standing in session.office().runs()
        if standing.id != mine and standing.document["data"]["name"] == result.data_name and standing.document["epoch"]
    ]
    return found[:_RUNS_OFFERED]


def choose(result: Result) -> list[str]:
    """Ask what is to be compared."""
    names = offered(result)
    if set(st.query_params.get_all("compare-panes")) - set(names.values()):
        st.caption("The address names a pane that is neither a way to a map nor another run on these data.")
    return st.multiselect(
        "Panes",
        list(names),
        default=[MODEL, PCA],
        max_selections=GREATEST_NUMBER,
        format_func=lambda key: names.get(key, key),
        help=f"Up to {GREATEST_NUMBER}: your models, and other ways to a map",
        key="compare-panes",
        bind="query-params",
    )


def pane(result: Result, key: str, split: SplitName) -> Pane | Empty:
    """What stands in the pane of a key, looked at on one split of the data."""
    if key == MODEL:
        return _model(result, split)
    if key in PROJECTIONS:
        return _baseline(result.data, key, result.run.latent, split)
    for standing in others(result):
        if standing.id == key:
            found = session.result_of(standing)
            reason = "this run has not published any weights yet"
            return Empty(key, run_name(standing), reason) if found is None else _run(found, standing, split)
    return Empty(key, key, "there is no such run any more")


def explain(empty: Empty) -> None:
    """Say why a pane is empty, with the work in progress where there is any."""
    if empty.task is not None:
        desk.show(empty.task)
    else:
        st.warning(f"{empty.name} cannot be shown: {empty.reason}.", icon=":material/block:")


def of_model(result: Result, split: SplitName) -> Pane:
    """The pane of a trained model."""
    name = f"This model: {snapshot.title(result)}"
    seen = evidence(result.run, result.data, split=split)
    return Pane(MODEL, name, snapshot.size(result.run.latent), seen, (*snapshot.stamp(result), split))


_model = st.cache_resource(
    scope="session",
    max_entries=4,
    show_spinner="Looking at the model …",
    hash_funcs={Result: snapshot.stamp},
)(of_model)


@st.cache_resource(
    scope="session",
    max_entries=8,
    show_spinner="Looking at the run …",
    hash_funcs={Result: snapshot.stamp, Standing: lambda standing: standing.id},
)
def _run(result: Result, standing: Standing, split: SplitName) -> Pane:
    seen = evidence(result.run, result.data, split=split)
    run, epoch = result.run, result.progress.epoch
    about = f"{run.spec}; {snapshot.size(run.latent)}, epoch {epoch} of {run.train.epochs}, seed {run.train.seed}"
    return Pane(standing.id, run_name(standing), about, seen, (*snapshot.stamp(result), split))


def _baseline(data: Data, kind: str, latent: int, split: SplitName) -> Pane | Empty:
    way = projection(kind)
    latent = way.reachable(latent)
    try:
        if not way.heavy:
            return _light(data.content_hash, kind, latent, split, data)
        if not way.installed():
            way.fit(data.x_train[:4], latent)
        task = desk.desk().ask(data, way, latent)
        if not task.over or task.failure is not None:
            return Empty(kind, way.title, "", task)
        return _heavy(data.content_hash, kind, latent, split, data, task)
    except (SpecError, DataError) as error:
        return Empty(kind, way.title, str(error))


@st.cache_resource(max_entries=16, show_spinner="Fitting a baseline …")
def _light(content: str, kind: str, latent: int, split: SplitName, _data: Data) -> Pane:
    return _fitted(content, kind, latent, split, _data, projection(kind).fit(_data.x_train, latent))


@st.cache_resource(max_entries=16, show_spinner=False)
def _heavy(content: str, kind: str, latent: int, split: SplitName, _data: Data, _task: desk.Task) -> Pane:
    return _fitted(content, kind, latent, split, _data, _task.result())


def _fitted(content: str, kind: str, latent: int, split: SplitName, data: Data, embedder: Embedder) -> Pane:
    way = PROJECTIONS[kind]
    n = min(len(data.x_train), projection(kind).examples)
    about = f"{snapshot.size(latent)}, fitted to {n:,} training examples"
    return Pane(kind, way.title, about, evidence(embedder, data, split=split), (content, kind, latent, split))


@st.cache_resource(max_entries=64, show_spinner="Measuring …", hash_funcs={Pane: lambda pane: pane.stamp})
def measured(pane: Pane) -> Mapping[str, Measurement]:
    """All that the table of metrics says of a pane."""
    return measure(pane.evidence)


@st.cache_resource(max_entries=64, show_spinner="Measuring classes …", hash_funcs={Pane: lambda pane: pane.stamp})
def by_class(pane: Pane) -> list[ClassQuality]:
    """How each class fares in a pane."""
    return per_class(pane.evidence)


def siblings(result: Result) -> list[Standing]:
    """Finished runs of the same model and recipe on the same data that differ by their seed alone."""
    same = (result.run.spec, result.run.train.replace(seed=0))
    found: list[Standing] = []
    if result.progress.epoch < result.run.train.epochs:
        return found
    for standing in others(result):
        spec, train = settings(standing)
        differs = train.seed != result.run.train.seed and standing.document["epoch"] == train.epochs
        if (spec, train.replace(seed=0)) == same and differs:
            found.append(standing)
    return found


def run_name(standing: Standing) -> str:
    """The run's name: no words that would change while it trains, for the address holds it."""
    spec, train = settings(standing)
    named = (entry.title for entry in ZOO.values() if entry.spec.replace(latent=spec.latent) == spec)
    size = "" if spec.latent is None else f" {spec.latent}-D"
    return f"{next(named, 'Run')}{size}, seed {train.seed}, {standing.id}"
