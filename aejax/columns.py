"""A table's columns one by one: how well each is rebuilt, how rows differ from all, how well gaps are filled."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float

from aejax.arrays import DataError
from aejax.data import Column, Data
from aejax.run import Run

_LEAST = 1e-12


@dataclass(frozen=True)
class ColumnError:
    """How well one column is rebuilt.

    Attributes:
        column: Which it is.
        error: Root of the mean squared error, in the column's own unit.
        unexplained: Mean squared error over the column's variance: 0 is perfect, 1 no better than its mean.
    """

    column: Column
    error: float
    unexplained: float


@dataclass(frozen=True)
class ColumnDifference:
    """How a column of some rows differs from that of all, in its own unit.

    `deviations` is the difference of the means over the standard deviation of all.
    """

    column: Column
    mean: float
    mean_of_all: float
    median: float
    median_of_all: float
    deviations: float


@dataclass(frozen=True)
class Filled:
    """How well a column's cells that were known and hidden are filled in, in its own unit.

    Attributes:
        column: Which it is.
        cells: How many were hidden.
        by_model: Root mean squared error of what the model fills in.
        by_median: The same of the median of the training rows.
        deviation: Standard deviation of the training rows.
    """

    column: Column
    cells: int
    by_model: float
    by_median: float
    deviation: float


def columns_of(data: Data) -> tuple[Column, ...]:
    """The columns of a data set of points, by number where it has no names.

    Raises:
        DataError: If its examples are no rows of a table.
    """
    if data.kind != "points":
        raise DataError(f"data must be a table for its columns to be looked at; got {data.kind} of {data.shape}")
    return data.columns or tuple(Column(f"x{number + 1}") for number in range(data.features))


def column_errors(
    columns: Sequence[Column],
    x: Float[np.ndarray, "rows columns"],
    rebuilt: Float[np.ndarray, "rows columns"],
    known: Bool[np.ndarray, "rows columns"] | None = None,
) -> list[ColumnError]:
    """The error of each column over the cells that are known, the worst rebuilt first."""
    found = []
    for at, column in enumerate(columns):
        rows = slice(None) if known is None else known[:, at]
        values, made = x[rows, at].astype(np.float64), rebuilt[rows, at]
        error = float(np.square(values - made).mean()) if len(values) else 0.0
        variance = float(values.var()) if len(values) else 0.0
        found.append(ColumnError(column, abs(column.spread) * error**0.5, error / max(variance, _LEAST)))
    return sorted(found, key=lambda entry: -entry.unexplained)


def column_differences(
    columns: Sequence[Column], chosen: Float[np.ndarray, "chosen columns"], x: Float[np.ndarray, "rows columns"]
) -> list[ColumnDifference]:
    """How the chosen rows differ from all, the column with the greatest difference first."""
    found = []
    for at, column in enumerate(columns):
        some, all_ = column.values(chosen[:, at]), column.values(x[:, at])
        mean, mean_of_all = float(some.mean()), float(all_.mean())
        deviations = (mean - mean_of_all) / max(float(all_.std()), _LEAST)
        medians = float(np.median(some)), float(np.median(all_))
        found.append(ColumnDifference(column, mean, mean_of_all, *medians, deviations))
    return sorted(found, key=lambda entry: -abs(entry.deviations))


def compare_filling(run: Run, data: Data, share: float = 0.2, seed: int = 0, most: int = 2000) -> list[Filled]:
    """Held-out cells hidden from the run and filled in by it, beside the median; the column that gains most first.

    Args:
        run: What fills in.
        data: A table; of its held-out rows, as many as `most`.
        share: Of the cells that are known, hidden at random; at least one of each row stays.
        seed: Of what is hidden.
        most: Rows that are looked at.

    Raises:
        DataError: If the data are no table, or the share is not between 0 and 1.
    """
    columns = columns_of(data)
    if not 0 < share < 1:
        raise DataError(f"share must be above 0 and below 1; got {share}")
    x, labels = data.x_test[:most], None if data.y_test is None else data.y_test[:most]
    known = np.ones(x.shape, bool) if data.known_test is None else data.known_test[:most]
    random = np.random.default_rng(seed)
    drawn = np.where(known, random.random(x.shape), -1.0)
    hidden = (drawn > 1 - share) & (drawn < drawn.max(axis=1, keepdims=True))
    filled = run.impute(x, known & ~hidden, labels=run.spec.told(labels))
    found = []
    for at, column in enumerate(columns):
        cells = hidden[:, at]
        if not cells.any():
            continue
        train = data.x_train[:, at] if data.known_train is None else data.x_train[data.known_train[:, at], at]
        guesses = filled[cells, at], np.float32(np.median(train) if len(train) else 0.0)
        model, median = (abs(column.spread) * float(np.square(x[cells, at] - guess).mean()) ** 0.5 for guess in guesses)
        deviation = abs(column.spread) * float(train.std()) if len(train) else 0.0
        found.append(Filled(column, int(cells.sum()), model, median, deviation))
    return sorted(found, key=lambda entry: entry.by_model / max(entry.by_median, _LEAST))


def gain(found: Sequence[Filled]) -> tuple[float, float]:
    """Root mean squared error of the model's and of the median's cells, over all columns, in deviations of each."""
    cells = np.array([entry.cells for entry in found], np.float64)
    scales = np.maximum([entry.deviation for entry in found], _LEAST)
    model, median = (
        np.square(np.array([getattr(entry, way) for entry in found]) / scales) for way in ("by_model", "by_median")
    )
    return float(np.average(model, weights=cells) ** 0.5), float(np.average(median, weights=cells) ** 0.5)
