"""What is kept of a table's columns when they become features: names, kinds, scales, and which cells are known."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Bool, Float

from aejax.data.column import Column


def known_cells(x: Float[np.ndarray, "rows columns"]) -> Bool[np.ndarray, "rows known"]:
    """Where the cells hold numbers, of the columns that hold any."""
    finite = np.isfinite(x)
    return finite[:, finite.any(axis=0)]


def described(
    names: Sequence[str],
    table: Float[np.ndarray, "rows columns"],
    scaled: Float[np.ndarray, "rows columns"],
    kinds: Sequence[str] = (),
) -> tuple[Float[np.ndarray, "rows columns"], tuple[Column, ...]]:
    """The features, with columns of 0 and 1 left as they were, and how each becomes its column again.

    Args:
        names: Name of each column.
        table: The columns, without gaps.
        scaled: The same as features, each moved and stretched.
        kinds: Of each column, where they are known; dates are counted in days.
    """
    features, columns = scaled.copy(), []
    for at, name in enumerate(names):
        values = table[:, at]
        low, high = int(values.argmin()), int(values.argmax())
        if values[low] == 0 and values[high] == 1 and np.isin(values, (0, 1)).all():
            features[:, at] = values
            columns.append(Column(name, is_truth=True))
            continue
        unit = "days" if len(kinds) == len(names) and kinds[at] == "date" else ""
        width = float(scaled[high, at]) - float(scaled[low, at])
        spread = float(values[high] - values[low]) / width if width else 1.0
        columns.append(Column(name, False, float(values[low]) - spread * float(scaled[low, at]), spread, unit))
    return features, tuple(columns)
