"""What a sweep is to do, as one writes it in a file: data, model, axes, who proposes the runs, when one is given up."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import Field as Bounded

from aejax.axes import MOST_RUNS, SEED, Axis, Member, axes_of, drawn, full_name, grid, member
from aejax.data import Data, load_data, sources
from aejax.files import read_plain
from aejax.metrics import METRICS
from aejax.settings import Settings, SpecError, not_among, parameter
from aejax.spec import ModelSpec, TrainSpec
from aejax.zoo import ZOO

_LARGEST = 1 << 16
_USUAL_BUDGET = 20

Value = Any


class Plan(Settings):
    """One sweep."""

    name: Annotated[str, Bounded(max_length=80)] = parameter("", "Name for people")
    data: str = parameter("mnist-sample", "Data set, as `aejax datasets` names it")
    model: str = parameter("map", "Named autoencoder from which the runs differ, as `aejax zoo` names it")
    set: dict[str, Value] = parameter({}, "Settings that all runs share, by their names")
    axes: dict[str, Value] = parameter(..., "Settings in which runs differ: a list of values each, or low and high")
    sampler: Literal["grid", "random", "tpe"] = parameter("grid", "Who proposes runs: all combinations, chance, TPE")
    budget: int | None = parameter(None, "Points of the axes at most; none for all of a grid", ge=1, le=MOST_RUNS)
    seeds: int = parameter(1, "Runs at each point, which differ by their seed", ge=1, le=1000)
    pruning: Literal["none", "median", "asha"] = parameter("none", "When a run that does badly is given up")
    measure: str = parameter("mse", "Metric by which runs are ranked, measured on held-out examples")
    metrics: tuple[str, ...] = parameter(
        ("mse", "variance_explained", "knn_5", "trustworthiness"), "Metrics that every run is measured by"
    )
    cores: int = parameter(1, "Processor cores that a run uses", ge=1, le=1024)
    gpus: float = parameter(0.0, "Accelerators that a run uses, on Ray; a share where several fit on one", ge=0, le=64)

    @property
    def digest(self) -> str:
        """What tells this plan from others."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()

    @property
    def title(self) -> str:
        """The name, or what is swept over."""
        return self.name or f"{self.model}: {', '.join(name.rpartition('.')[2] for name in self.axes)}"

    @property
    def sign(self) -> float:
        """1 where a lower measure is better, -1 where a higher one is."""
        return 1.0 if METRICS[self.measure].direction == "lower" else -1.0

    @property
    def measured(self) -> tuple[str, ...]:
        """All metrics that a run is measured by."""
        return tuple(dict.fromkeys((self.measure, *self.metrics)))

    @property
    def base(self) -> tuple[ModelSpec, TrainSpec]:
        """Model and recipe from which the runs differ.

        Raises:
            SpecError: If there is no such model, or a setting cannot be.
        """
        if self.model not in ZOO:
            raise SpecError(f"model {not_among(self.model, ZOO)}")
        entry = ZOO[self.model]
        given = {full_name(str(name), entry.spec, entry.train, list(self.set)): v for name, v in self.set.items()}
        found = member(entry.spec, entry.train, given)
        return found.spec, found.train

    @property
    def axes_by_name(self) -> dict[str, Axis]:
        """The axes by their full names, the seed's among them where there are several.

        Raises:
            SpecError: If one is no setting or has no values.
        """
        found = axes_of(*self.base, self.axes)
        if self.seeds > 1 and SEED in found:
            raise SpecError(f"seeds must be 1 where the seed is an axis; got {self.seeds}")
        return found | ({SEED: list(range(self.seeds))} if self.seeds > 1 and self.sampler != "tpe" else {})

    def member(self, settings: Mapping[str, Any]) -> Member:
        """The run at one point of the axes.

        Raises:
            SpecError: If it cannot be.
        """
        return member(*self.base, settings)

    def points(self) -> list[dict[str, Any]] | None:
        """All points of the axes in the order of the runs; None where they are not known beforehand."""
        if self.sampler == "tpe":
            return None
        axes = self.axes_by_name
        if self.sampler == "grid":
            found = grid(axes)
            return found if self.budget is None else found[: self.budget * self.seeds]
        inner = {name: axis for name, axis in axes.items() if self.seeds == 1 or name != SEED}
        some = drawn(inner, self.budget or _USUAL_BUDGET)
        if self.seeds > 1:
            some = [point | {SEED: seed} for point in some for seed in range(self.seeds)]
        if len(some) > MOST_RUNS:
            raise SpecError(f"a sweep has at most {MOST_RUNS:,} runs; budget x seeds makes {len(some):,}")
        return some

    @property
    def runs(self) -> int:
        """Runs in all."""
        points = self.points()
        return (self.budget or _USUAL_BUDGET) if points is None else len(points)

    def checked(self) -> Data:
        """The data set, once the plan can be carried out as far as can be told before.

        Raises:
            SpecError: If a name is unknown, or a run cannot be or does not fit the data.
            DownloadError: If the data set has to be downloaded and could not be.
        """
        if self.data not in sources():
            raise SpecError(f"data {not_among(self.data, sources())}")
        for name in self.measured:
            if name not in METRICS:
                raise SpecError(f"measure {not_among(name, METRICS)}")
        if self.sampler == "tpe" and self.seeds > 1:
            raise SpecError(f"seeds must be 1 with sampler 'tpe', which proposes each run by itself; got {self.seeds}")
        points = self.points()
        data, base = load_data(self.data), self.base
        for point in points if points is not None else drawn(self.axes_by_name, 1):
            member(*base, point).spec.for_sequences(data.ragged).latent_size(data.shape)
        return data


def read_plan(path: Path) -> Plan:
    """The plan in a YAML file.

    Raises:
        SpecError: If it cannot be read, is no YAML, or names what is no part of a plan.
    """
    try:
        text = read_plain(path, _LARGEST).decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SpecError(f"{path} cannot be read: {getattr(error, 'strerror', None) or error}") from error
    return plan_of(text, str(path))


def plan_of(text: str, told: str) -> Plan:
    """The plan that a text in YAML says; `told` is where it is from.

    Raises:
        SpecError: If it is none.
    """
    try:
        # What refers to itself may be endless, or grow with every look at it.
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, yaml.SafeLoader)):
            raise SpecError(f"{told} must write every value out; it has an alias (*)")
        found = yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        if isinstance(error, SpecError):
            raise
        mark = getattr(error, "problem_mark", None)
        where = "" if mark is None else f", line {mark.line + 1}"
        raise SpecError(f"{told} is no YAML{where}: {getattr(error, 'problem', None) or error}") from error
    if not isinstance(found, dict):
        raise SpecError(f"{told} must hold names with values, such as data, model and axes; got {type(found).__name__}")
    return Plan(**{str(name): value for name, value in found.items()})
