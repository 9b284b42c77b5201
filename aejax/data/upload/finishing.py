"""From what a reader has found to a data set: parts set aside, numbers made fit, all of it told."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from aejax.data.column import Column
from aejax.data.record import Data
from aejax.data.upload.described import described, known_cells
from aejax.data.upload.filling import ValueRange, filled, scaled, sequences, without_gaps
from aejax.data.upload.limits import Limits, UploadError, check_limit
from aejax.data.upload.parts import parts
from aejax.data.upload.plan import Found, Plan
from aejax.data.upload.words import distinct

FEWEST = 10
_FEATURES_TOLD = 500


@dataclass(frozen=True)
class Finished:
    """A data set, and what is said of how it came to be."""

    data: Data
    about: dict[str, Any]


def finished(found: Found, plan: Plan, limits: Limits) -> Finished:
    """The data set that the plan makes of what was found.

    Raises:
        UploadError: If there are too few examples or a limit is broken.
    """
    if found.kind == "points" and plan.missing == "rows":
        without_gaps(found)
    if found.lengths is not None and (found.lengths == 0).any():
        found.warnings.append(f"{(found.lengths == 0).sum():,} sequences without a number were left out")
        found.keep(found.lengths > 0)
    examples = len(found.x)
    if examples < FEWEST:
        raise UploadError(f"there must be at least {FEWEST} examples to train and to hold out; got {examples}")
    check_limit("examples", examples, limits.rows)
    labels = _labels(found, limits)
    train, test = parts(found, labels, plan)
    made = _numbers(found, train, plan)
    x, known = made.x, made.known
    data = Data(
        name="own",
        title="own",
        x_train=x[train],
        y_train=None if labels is None else labels[train],
        x_test=x[test],
        y_test=None if labels is None else labels[test],
        shape=x.shape[1:],
        value_range=made.value_range,
        label_names=tuple(distinct(found.names)) if labels is not None else (),
        kind=found.kind,
        columns=made.columns,
        known_train=None if known is None or known.all() else known[train],
        known_test=None if known is None or known.all() else known[test],
    )
    return Finished(data, _about(found, data, made.missing))


@dataclass(frozen=True)
class _Numbers:
    """The examples as they are kept, the range of their values, how many were missing, and of a table its columns."""

    x: np.ndarray
    value_range: ValueRange
    missing: int = 0
    columns: tuple[Column, ...] = ()
    known: np.ndarray | None = None


def _numbers(found: Found, train: np.ndarray, plan: Plan) -> _Numbers:
    if found.lengths is not None:
        return _Numbers(*sequences(found, found.lengths, train, plan))
    if found.kind == "points":
        known = known_cells(found.x)
        missing = filled(found, train, plan)
        x, value_range = scaled(found, train, plan)
        x, columns = described(found.features, found.x, x, found.kinds)
        return _Numbers(x, value_range, missing, columns, known)
    return _Numbers(found.x, (0.0, 255.0) if found.x.dtype == np.uint8 else (0.0, 1.0))


def _labels(found: Found, limits: Limits) -> np.ndarray | None:
    if found.labels is None:
        return None
    if len(found.names) > limits.classes:
        found.warnings.append(
            f"The labels have {len(found.names):,} classes, more than the {limits.classes:,} that are told apart, "
            "and were left out"
        )
        found.label = ""
        return None
    return found.labels.astype(np.int32)


def _about(found: Found, data: Data, missing: int) -> dict[str, Any]:
    duplicates = _duplicates(data, found)
    found.notes.append("There are no classes" if data.y_train is None else f"Classes are told by {found.label}")
    if data.y_train is not None and len(data.label_names) < 2:
        found.warnings.append("All examples have one label")
    counts = (
        None
        if data.y_train is None
        else np.bincount(np.concatenate([data.y_train, data.y_test]), minlength=len(data.label_names)).tolist()
    )
    return {
        "form": found.form,
        "columns": found.columns,
        "label": found.label if data.y_train is not None else "",
        "every": found.every[:_FEATURES_TOLD],
        "statistics": [asdict(column) for column in found.statistics],
        "shapeable": found.shapeable,
        "has_parts": found.test is not None,
        "counts": counts,
        "missing": missing,
        "duplicates": duplicates,
        "bytes": data.x_train.nbytes + data.x_test.nbytes,
        "features": found.features[:_FEATURES_TOLD],
        "kinds": found.kinds[:_FEATURES_TOLD],
        "plan": found.notes,
        "warnings": found.warnings,
        "source": found.source,
        "licence": found.licence,
    }


def _duplicates(data: Data, found: Found) -> int:
    """How many examples equal an earlier one, the training ones being the earlier."""
    train = {hash(example.tobytes()) for example in data.x_train}
    test = [hash(example.tobytes()) for example in data.x_test]
    shared = sum(example in train for example in test)
    if shared:
        found.warnings.append(f"{shared:,} held-out examples equal a training example, which flatters the errors")
    return len(data.x_train) + len(data.x_test) - len(train | set(test))
