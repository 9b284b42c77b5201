"""From what a reader has found to a data set: parts set aside, gaps filled, features scaled, all of it told."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from aejax.data.column import Column
from aejax.data.record import Data
from aejax.data.upload.described import described, known_cells
from aejax.data.upload.limits import Limits, UploadError, check_limit
from aejax.data.upload.plan import Found, Plan
from aejax.data.upload.words import distinct, listed

FEWEST = 10
_LARGEST = 1e30
_SCALED = {
    "standard": "Each feature but those of 0 and 1 is scaled to mean 0 and standard deviation 1 over the training "
    "examples, so a squared error with a linear output suits them",
    "unit": "Each feature is scaled to lie between 0 and 1",
    "none": "The features are left as they are",
}


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
    examples = len(found.x)
    if examples < FEWEST:
        raise UploadError(f"there must be at least {FEWEST} examples to train and to hold out; got {examples}")
    check_limit("examples", examples, limits.rows)
    labels = _labels(found, limits)
    train, test = _parts(found, labels, plan)
    missing = 0
    known: np.ndarray | None = None
    columns: tuple[Column, ...] = ()
    if found.kind == "points":
        known = known_cells(found.x)
        missing = _fill(found, train)
        x, value_range = _scaled(found, train, plan)
        x, columns = described(found.features, found.x, x)
        found.notes.append(_SCALED[plan.scaling])
    else:
        x, value_range = found.x, (0.0, 255.0) if found.x.dtype == np.uint8 else (0.0, 1.0)
    names = tuple(distinct(found.names)) if labels is not None else ()
    data = Data(
        name="own",
        title="own",
        x_train=x[train],
        y_train=None if labels is None else labels[train],
        x_test=x[test],
        y_test=None if labels is None else labels[test],
        shape=x.shape[1:],
        value_range=value_range,
        label_names=names,
        kind=found.kind,
        columns=columns,
        known_train=None if known is None or known.all() else known[train],
        known_test=None if known is None or known.all() else known[test],
    )
    return Finished(data, _about(found, data, missing))


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


def _parts(found: Found, labels: np.ndarray | None, plan: Plan) -> tuple[np.ndarray, np.ndarray]:
    """The training and the held-out examples, each in random order."""
    generator = np.random.default_rng(plan.seed)
    examples = len(found.x)
    if found.train is not None:
        found.notes.append("Training and held-out examples are those of the file")
        return np.arange(found.train), np.arange(found.train, examples)
    groups = [np.arange(examples)] if labels is None else [np.flatnonzero(labels == c) for c in range(len(found.names))]
    drawn = [generator.permutation(group)[: round(len(group) * plan.held_out)] for group in groups]
    test = generator.permutation(np.concatenate(drawn))
    if not len(test):
        test = generator.permutation(examples)[: max(1, round(examples * plan.held_out))]
    train = generator.permutation(np.setdiff1d(np.arange(examples), test))
    proportion = "" if labels is None else ", classes in proportion"
    found.notes.append(f"{len(test):,} of {examples:,} examples are held out, drawn with seed {plan.seed}{proportion}")
    return train, test


def _fill(found: Found, train: np.ndarray) -> int:
    """Fill what is missing with the feature's median over the training examples; features without a number go."""
    x = np.where(np.isfinite(found.x), found.x, np.nan)
    _check_size(x, found.features)
    is_empty = np.asarray(np.isnan(x).all(axis=0))
    if is_empty.any():
        left = [name for name, empty in zip(found.features, is_empty, strict=True) if empty]
        found.warnings.append(f"{len(left):,} columns hold no number and were left out: {listed(left)}")
        x, found.features = x[:, ~is_empty], [n for n, e in zip(found.features, is_empty, strict=True) if not e]
    if not x.shape[1]:
        raise UploadError("at least one column must hold numbers; all are empty")
    gaps = np.isnan(x)
    missing = int(gaps.sum())
    for column in np.flatnonzero(gaps.any(axis=0)):
        known = x[train, column][~gaps[train, column]]
        x[gaps[:, column], column] = np.median(known if len(known) else x[~gaps[:, column], column])
    if missing:
        columns = int(gaps.any(axis=0).sum())
        found.warnings.append(
            f"{missing:,} missing or infinite values in {columns:,} columns are filled with their column's median "
            "over the training examples, and count in no loss"
        )
    found.x = x
    return missing


def _check_size(x: np.ndarray, features: list[str]) -> None:
    """Refuse numbers whose squares have no place among the numbers."""
    sizes = np.abs(np.nan_to_num(x))
    row, column = np.unravel_index(sizes.argmax(), sizes.shape)
    if sizes[row, column] > _LARGEST:
        raise UploadError(
            f"column {features[column]} must hold numbers up to {_LARGEST:g}; got {x[row, column]:g} in row {row + 1}"
        )


def _scaled(found: Found, train: np.ndarray, plan: Plan) -> tuple[np.ndarray, tuple[float, float]]:
    x = found.x
    least, greatest = x.min(axis=0), x.max(axis=0)
    is_constant = least == greatest
    if is_constant.any():
        constant = [name for name, is_so in zip(found.features, is_constant, strict=True) if is_so]
        found.warnings.append(f"{len(constant):,} columns never vary, and teach nothing: {listed(constant)}")
    if plan.scaling == "standard":
        middle, spread = x[train].mean(axis=0), x[train].std(axis=0)
        x = (x - middle) / np.where(spread > 0, spread, 1)
    elif plan.scaling == "unit":
        x = (x - least) / np.where(is_constant, 1, greatest - least)
    if plan.scaling != "none":
        x = np.where(is_constant, 0, x)
    x = x.astype(np.float32)
    low, high = float(np.floor(x.min())), float(np.ceil(x.max()))
    return x, (low, high) if low < high else (low - 1, high + 1)


def _about(found: Found, data: Data, missing: int) -> dict[str, Any]:
    duplicates = _duplicates(data, found)
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
        "counts": counts,
        "missing": missing,
        "duplicates": duplicates,
        "bytes": data.x_train.nbytes + data.x_test.nbytes,
        "features": found.features[:50],
        "plan": found.notes,
        "warnings": found.warnings,
    }


def _duplicates(data: Data, found: Found) -> int:
    """How many examples equal an earlier one, the training ones being the earlier."""
    train = {hash(example.tobytes()) for example in data.x_train}
    test = [hash(example.tobytes()) for example in data.x_test]
    shared = sum(example in train for example in test)
    if shared:
        found.warnings.append(f"{shared:,} held-out examples equal a training example, which flatters the errors")
    return len(data.x_train) + len(data.x_test) - len(train | set(test))
