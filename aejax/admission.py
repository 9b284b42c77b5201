"""Training examples, once they suit the model and the way in which it is trained."""

from typing import Any

import numpy as np

from aejax.arrays import as_examples, as_rows, check_explained
from aejax.pretraining import check_pretraining_range
from aejax.row_groups import RowGroups
from aejax.settings import SpecError
from aejax.shards import device_bytes
from aejax.spec import ModelSpec, TrainSpec
from aejax.stored import opened


def admitted(spec: ModelSpec, train: TrainSpec, x: object) -> tuple[Any, bool]:
    """The examples once they suit the model, and whether they are too many for the device and stay where they are.

    Raises:
        SpecError: If they are too many for a part that must see all at once.
        DataError: If they cannot be used.
    """
    found = opened(x)
    # Not yet read, and read whole only where it fits.
    is_there = not isinstance(found, RowGroups)
    rows: Any = as_rows(found) if is_there else found
    if device_bytes(rows) > 1e6 * train.device_megabytes:
        _check_streamed(spec, train, rows)
        return rows, True
    examples = as_examples(rows if is_there else rows[:])
    check_explained(spec, examples)
    check_pretraining_range(spec, train.pretraining, examples)
    return examples, False


def check_plain(spec: ModelSpec, lengths: object, known: object) -> None:
    """Refuse what must be told of each row where the rows are in many files.

    Raises:
        SpecError: If any of it is given.
    """
    if spec.ragged or lengths is not None or known is not None:
        raise SpecError("lengths and known must be None for a folder of Parquet files: what is in its rows all counts")


def _check_streamed(spec: ModelSpec, train: TrainSpec, x: np.ndarray | RowGroups) -> None:
    """Refuse what must see all examples at once, where they are too many for the device."""
    needs = [f"penalties: {penalty.kind}" for penalty in spec.penalties if penalty.of_all_examples]
    needs += [] if train.pretraining is None else [f"pretraining {train.pretraining.kind!r}"]
    for part in needs:
        raise SpecError(
            f"{part} needs all examples on the device: they take {device_bytes(x) / 1e6:,.5g} megabytes, and "
            f"device_megabytes is {train.device_megabytes:,g}; raise it, or give fewer examples"
        )
