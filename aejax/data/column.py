"""What is known of one column of a table: its name, its kind, and how its feature becomes its value again."""

import dataclasses
from collections.abc import Iterable

import numpy as np
from jaxtyping import Float


@dataclasses.dataclass(frozen=True)
class Column:
    """A column as a feature: its value is `middle` and `spread` times the feature.

    Attributes:
        name: Its name for people.
        is_truth: Whether it is 0 or 1: a truth, or one word of a column of words.
        middle: Value for which the feature is 0.
        spread: Value for which it grows by 1.
        unit: What the value is counted in, where that is known.
    """

    name: str
    is_truth: bool = False
    middle: float = 0.0
    spread: float = 1.0
    unit: str = ""

    def values(self, feature: Float[np.ndarray, "..."]) -> Float[np.ndarray, "..."]:
        """The column's own values of a feature."""
        return self.middle + self.spread * np.asarray(feature, np.float64)


def truths(columns: Iterable[Column]) -> tuple[int, ...]:
    """Positions of the columns that are 0 or 1."""
    return tuple(position for position, column in enumerate(columns) if column.is_truth)


def scaled(
    table: Float[np.ndarray, "rows columns"],
    train: Float[np.ndarray, "train columns"],
    names: Iterable[str],
    units: Iterable[str] | None = None,
) -> tuple[Float[np.ndarray, "rows columns"], tuple[Column, ...]]:
    """The table with each column at mean 0 and deviation 1 over the training rows, and what it was; 0 and 1 stay.

    Args:
        table: All rows.
        train: Those that are trained on.
        names: Name of each column.
        units: What each is counted in.
    """
    named = list(names)
    columns = []
    for name, unit, values, known in zip(named, units or [""] * len(named), table.T, train.T, strict=True):
        spread = float(known.std()) or 1.0
        is_truth = bool(np.isin(values, (0, 1)).all())
        columns.append(Column(name, True) if is_truth else Column(name, False, float(known.mean()), spread, unit))
    middles, spreads = np.array([(column.middle, column.spread) for column in columns]).T
    return ((table - middles) / spreads).astype(np.float32), tuple(columns)
