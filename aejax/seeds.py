"""Runs that differ by their seeds: mean and spread of a measure, and whether a difference is more than chance."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from aejax.arrays import DataError
from aejax.axes import SEED, but_seed


@dataclass(frozen=True)
class Spread:
    """A measure over runs that differ by their seed: mean, standard deviation of the runs, and their number."""

    mean: float
    deviation: float
    runs: int

    def __str__(self) -> str:
        return f"{self.mean:.4g} ± {self.deviation:.2g} ({self.runs})" if self.runs > 1 else f"{self.mean:.4g} (1)"


@dataclass(frozen=True)
class Difference:
    """Whether two settings differ in a measure by more than the chance of their seeds.

    Attributes:
        mean: Of the first less that of the second.
        interval: Where the true difference lies with 95 % confidence.
        p: How likely so large a difference is where there is none.
        test: `paired` t over seeds that both have, or `Welch`'s t.
        runs: Of the first and of the second; pairs count once.
    """

    mean: float
    interval: tuple[float, float]
    p: float
    test: str
    runs: tuple[int, int]

    def __str__(self) -> str:
        low, high = self.interval
        real = "more than the chance of the seeds" if self.p < 0.05 else "within the chance of the seeds"
        count = f"{self.runs[0]} pairs of seeds" if self.test == "paired" else f"{self.runs[0]} and {self.runs[1]} runs"
        name = "paired t test" if self.test == "paired" else "Welch's t test"
        return f"{self.mean:+.4g} (95 %: {low:+.4g} to {high:+.4g}), {real}: p = {self.p:.2g} by a {name} of {count}"


def spread(values: Iterable[float | None]) -> Spread | None:
    """Mean and spread of the values that there are; None where there are none."""
    known = [value for value in values if value is not None]
    if not known:
        return None
    return Spread(float(np.mean(known)), float(np.std(known, ddof=1)) if len(known) > 1 else 0.0, len(known))


def grouped(settings: Sequence[Mapping[str, Any]]) -> list[tuple[dict[str, Any], list[int]]]:
    """The settings without the seed, each once, in their order, with the places of the runs that have them."""
    found: dict[str, tuple[dict[str, Any], list[int]]] = {}
    for place, each in enumerate(settings):
        shared = but_seed(each)
        # Values may be lists or mappings, which are no keys.
        found.setdefault(repr(shared), (shared, []))[1].append(place)
    return list(found.values())


def difference(one: Mapping[int, float], other: Mapping[int, float]) -> Difference:
    """Whether a measure of two settings differs, by the values of each under its seeds.

    Where at least two seeds are the same, the values are compared pair by pair: what a seed does to both is then no
    part of the chance. Both tests suppose that the values scatter normally, which no few runs can show.

    Raises:
        DataError: If a setting has fewer than two runs, for then its chance is not known; or nothing scatters.

    References:
        Welch, The Generalization of Student's Problem, 1947; Bouthillier et al., Accounting for Variance in Machine
        Learning Benchmarks, 2021.
    """
    from scipy import stats

    shared = sorted(one.keys() & other.keys())
    paired = len(shared) >= 2
    first, second = (
        np.array([values[seed] for seed in (shared if paired else sorted(values))]) for values in (one, other)
    )
    if min(len(first), len(second)) < 2:
        raise DataError(f"a difference needs two seeds or more of each setting; there are {len(one)} and {len(other)}")
    if not np.ptp(first - second if paired else first) and (paired or not np.ptp(second)):
        raise DataError("the values do not scatter from seed to seed, so that nothing can be said of their chance")
    found = stats.ttest_rel(first, second) if paired else stats.ttest_ind(first, second, equal_var=False)
    interval = found.confidence_interval(0.95)
    return Difference(
        float(first.mean() - second.mean()),
        (float(interval.low), float(interval.high)),
        float(found.pvalue),
        "paired" if paired else "Welch",
        (len(first), len(second)),
    )


def table(settings: Sequence[Mapping[str, Any]], values: Sequence[Mapping[str, float | None]]) -> list[dict[str, Any]]:
    """A row for each setting: its place on each axis, its runs, and of each measure mean and spread over the seeds.

    Args:
        settings: Of each run, by the names of axes.
        values: Of each run, by the names of measures; None where there is none.
    """
    names = list(dict.fromkeys(name for each in values for name in each))
    rows = []
    for shared, places in grouped(settings):
        row: dict[str, Any] = {**shared, "runs": len(places)}
        for name in names:
            row[name] = spread(values[place].get(name) for place in places)
        rows.append(row)
    return rows


def by_seed(settings: Sequence[Mapping[str, Any]], values: Sequence[float | None]) -> dict[int, float]:
    """The values that there are, by the seeds of their runs."""
    pairs = zip(settings, values, strict=True)
    return {int(each.get(SEED, 0)): value for each, value in pairs if value is not None}
