"""Runs and baselines measured side by side: a row for each metric."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from aejax.data import Data
from aejax.embedder import Embedder
from aejax.metrics import METRICS
from aejax.projections import projection
from aejax.quality import evidence, measure
from aejax.run import Run


def measured_rows(runs: Mapping[str, Run], kinds: Sequence[str], data: Data, split: str) -> list[dict[str, Any]]:
    """The metrics of all runs and baselines; None where there is no value.

    Args:
        runs: Runs by the names of their columns.
        kinds: Baselines, fitted to as many numbers as the first run's code has, or as they can.
        data: Examples of the runs' shape.
        split: Which examples are measured, 'test' or 'train'.

    Raises:
        SpecError: If there is no such baseline, or it cannot be fitted.
        DataError: If the examples are not of a run's shape.
    """
    columns = dict(runs) | dict(_baselines(kinds, next(iter(runs.values())).latent, data))
    found = {name: measure(evidence(embedder, data, split=split)) for name, embedder in columns.items()}
    first = next(iter(found.values()))
    return [
        {"measure": name}
        | {column: measured[name].value for column, measured in found.items()}
        | {"unit": metric.unit, "better": metric.direction, "sample": first[name].sample}
        for name, metric in METRICS.items()
    ]


def _baselines(kinds: Sequence[str], latent: int, data: Data) -> Iterator[tuple[str, Embedder]]:
    for kind in kinds:
        way = projection(kind)
        yield kind, way.fit(data.x_train, way.reachable(latent))
