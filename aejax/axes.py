"""Axes of a sweep: settings by their names, each with the values that it takes, and the runs that come of them."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np

from aejax.settings import Settings, SpecError, nearest, parameter
from aejax.spec import ModelSpec, TrainSpec

MOST_RUNS = 10_000
"""Runs in one sweep, at most."""

SEED = "train.seed"

_LEARNING_RATE = "train.learning_rate"


class Range(Settings):
    """Numbers from `low` to `high`; in a grid so many of them, evenly apart, by their ratios where `log`."""

    low: float = parameter(..., "Least value")
    high: float = parameter(..., "Greatest value")
    log: bool = parameter(False, "Whether equal ratios count as equal distances")
    whole: bool = parameter(False, "Whether only whole numbers are meant")
    count: int = parameter(5, "Values in a grid", ge=1, le=1000)

    def check(self, name: str) -> None:
        """Refuse bounds that are none.

        Raises:
            SpecError: With the axis's name.
        """
        if not self.low < self.high:
            raise SpecError(f"axis {name}: low must be below high; got {self.low:g} and {self.high:g}")
        if self.log and self.low <= 0:
            raise SpecError(f"axis {name}: low must be above 0 where log is true; got {self.low:g}")

    def grid(self) -> list[float]:
        """The values in a grid, each once."""
        if self.count == 1:
            return [self.at(0.5)]
        return list(dict.fromkeys(self.at(share) for share in np.linspace(0.0, 1.0, self.count).tolist()))

    def at(self, share: float) -> float:
        """The value at a share, 0 to 1, of the way from low to high."""
        if self.log:
            low, high = math.log(self.low), math.log(self.high)
            value = math.exp(low + share * (high - low))
        else:
            value = self.low + share * (self.high - self.low)
        # Rounded, so that bounds are met again after a logarithm.
        return round(value) if self.whole else float(f"{value:.10g}")


Axis = Sequence[Any] | Range


@dataclass(frozen=True)
class Member:
    """One run of a sweep: its place on each axis, by the axis's full name, and what follows from it."""

    settings: dict[str, Any]
    spec: ModelSpec
    train: TrainSpec


def axes_of(spec: ModelSpec, train: TrainSpec, sweep: Mapping[str, Any]) -> dict[str, Axis]:
    """The axes by their full names.

    Args:
        spec: The model from which the runs differ.
        train: Its recipe.
        sweep: Values, or `low` and `high`, by the names of settings: `spec.bottleneck.beta`, or the end of such a name,
            `beta` or `seed`, where no other setting ends so.

    Raises:
        SpecError: If a name is that of no setting, or an axis has no values.
    """
    if not isinstance(sweep, Mapping) or not sweep:
        raise SpecError(f"sweep must name at least one setting and its values; got {sweep!r}")
    found: dict[str, Axis] = {}
    for name, values in sweep.items():
        full = full_name(str(name), spec, train, [str(other) for other in sweep])
        if full in found:
            raise SpecError(f"sweep names {full} twice: {name!r} is the same axis")
        found[full] = _axis(full, values)
    return found


def full_name(name: str, spec: ModelSpec, train: TrainSpec, among: Sequence[str] = ()) -> str:
    """The whole name of the setting that `name` is the end of.

    Args:
        name: What someone wrote.
        spec: The model whose settings are meant.
        train: The recipe whose settings are meant.
        among: Other axes: a setting of a part that one of them chooses cannot be known yet.

    Raises:
        SpecError: If no setting ends so, or several do.
    """
    names = [*_names(spec, "spec."), *_names(train, "train.")]
    if name in names or any(name.startswith(f"{other}.") for other in among if other in names):
        return name
    ends = [known for known in names if known.endswith(f".{name}")]
    highest = min((known.count(".") for known in ends), default=0)
    ends = [known for known in ends if known.count(".") == highest]
    if not ends:
        short = {known.rpartition(".")[2]: known for known in reversed(names)}
        hint = nearest(name, [*short, *names])
        raise SpecError(f"sweep: {name!r} is no setting of this model and recipe{hint}, such as {', '.join(names[:3])}")
    if len(ends) > 1:
        raise SpecError(f"sweep: {name!r} may be {' or '.join(ends)}: write the whole name")
    return ends[0]


def _names(settings: Settings, path: str) -> Iterator[str]:
    for name, value in settings:
        if name != "kind":
            yield f"{path}{name}"
        if isinstance(value, Settings):
            yield from _names(value, f"{path}{name}.")
        elif isinstance(value, tuple):
            for index, entry in enumerate(value):
                if isinstance(entry, Settings):
                    yield from _names(entry, f"{path}{name}.{index}.")


def _axis(name: str, values: Any) -> Axis:
    if isinstance(values, Mapping):
        values = Range(**{str(key): value for key, value in values.items()})
    if isinstance(values, Range):
        values.check(name)
        return values
    if isinstance(values, str) or not isinstance(values, Iterable):
        raise SpecError(f"axis {name} must be a list of values, or low and high; got {values!r}")
    found = [value.item() if isinstance(value, np.generic) else value for value in values]
    if not found:
        raise SpecError(f"axis {name} has no values")
    return found


def grid(axes: Mapping[str, Axis]) -> list[dict[str, Any]]:
    """Every combination of the axes' values.

    Raises:
        SpecError: If they are more than `MOST_RUNS`.
    """
    values = {name: axis.grid() if isinstance(axis, Range) else axis for name, axis in axes.items()}
    count = math.prod(len(axis) for axis in values.values())
    if count > MOST_RUNS:
        counts = " x ".join(str(len(axis)) for axis in values.values())
        raise SpecError(f"a sweep has at most {MOST_RUNS:,} runs; these axes make {counts} = {count:,}")
    return [dict(zip(values, point, strict=True)) for point in product(*values.values())]


def drawn(axes: Mapping[str, Axis], count: int, seed: int = 0) -> list[dict[str, Any]]:
    """So many points drawn at random from the axes, the same ones for the same seed."""
    random = np.random.default_rng(seed)
    return [{name: _drawn(axis, random) for name, axis in axes.items()} for _ in range(count)]


def _drawn(axis: Axis, random: np.random.Generator) -> Any:
    return axis.at(float(random.random())) if isinstance(axis, Range) else axis[int(random.integers(len(axis)))]


def member(spec: ModelSpec, train: TrainSpec, settings: Mapping[str, Any]) -> Member:
    """The run at one point of the axes.

    Raises:
        SpecError: If a value is out of bounds, or names a setting that its model does not have.
    """
    records: dict[str, Settings] = {"spec": spec, "train": train}
    # A part is chosen before its settings are, and a learning rate after the rule that would bring its own.
    for name, value in sorted(settings.items(), key=lambda axis: (axis[0].count("."), axis[0] == _LEARNING_RATE)):
        root, _, path = name.partition(".")
        try:
            records[root] = records[root].replace(**{path: value})
        except SpecError as error:
            raise SpecError(f"{root}.{error}") from None
    return Member(dict(settings), ModelSpec.model_validate(records["spec"]), TrainSpec.model_validate(records["train"]))


def but_seed(settings: Mapping[str, Any]) -> dict[str, Any]:
    """The settings of a run by which it differs from others not by chance alone."""
    return {name: value for name, value in settings.items() if name != SEED}
