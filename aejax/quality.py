"""How good a reconstruction or an embedding is: what `METRICS` say of an embedder and a data set, or of any codes."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Integer

from aejax.arrays import DataError, as_examples
from aejax.coranking import NEIGHBOURS
from aejax.data.record import Data
from aejax.embedder import Embedder, decodes, told
from aejax.errors import mean
from aejax.evidence import Evidence, Split
from aejax.metric import Metric
from aejax.metrics import METRICS
from aejax.separation import as_labels_of, knn_hits
from aejax.settings import SpecError

SAMPLE = 5_000
"""Examples that an embedding is measured on, at most."""

KNOWN = 10_000
"""Training examples that a classifier of codes learns from, at most."""


@dataclass(frozen=True)
class Measurement:
    """A metric's value, on how many examples and with how many neighbours; or None, and why there is no value."""

    value: float | None
    sample: str
    reason: str = ""
    n: int = 0
    k: int | None = None


@dataclass(frozen=True)
class ClassQuality:
    """How well one class fares; None where it cannot be said."""

    name: str
    n: int
    mse: float | None
    knn_5: float | None
    silhouette: float | None


def evidence(
    embedder: Embedder,
    data: Data,
    sample: int = SAMPLE,
    seed: int = 0,
    split: str = "test",
    k: int = NEIGHBOURS,
) -> Evidence:
    """What `embedder` makes of `data`, ready to be measured.

    Args:
        embedder: What encodes and, if it can, decodes.
        data: Examples of its shape.
        sample: Examples to measure, at most; the same ones for the same seed.
        seed: Seed of the samples.
        split: Which examples to measure: 'test', those held out, or 'train', those trained on. Of these at most half
            are measured, and only the others are known to classifiers.
        k: Neighbours that metrics of ranks look at.

    Raises:
        DataError: If `split` is neither, or `sample` is below 1.
    """
    rows = sampled_rows(data, split, sample, seed)
    known = _drawn(embedder, data.x_train, data.y_train, rows[0])
    measured = _drawn(embedder, getattr(data, f"x_{split}"), getattr(data, f"y_{split}"), rows[1])
    rebuilt, missing = _rebuilt(embedder, measured)
    return Evidence(known, measured, rebuilt, embedder, data, k, split, missing)


def sampled_rows(
    data: Data, split: str, sample: int = SAMPLE, seed: int = 0
) -> tuple[Integer[np.ndarray, " known"], Integer[np.ndarray, " measured"]]:
    """The rows of the training examples that classifiers know, and of those of the split that are measured.

    Raises:
        DataError: If `split` is neither, or `sample` is below 1.
    """
    if split not in ("test", "train"):
        raise DataError(f"split must be 'test' or 'train'; got {split!r}")
    if sample < 1:
        raise DataError(f"sample must be at least 1; got {sample}")
    if split == "test":
        return _rows(len(data.x_train), KNOWN, seed), _rows(len(data.x_test), sample, seed)
    measured, known = _halves(len(data.x_train), sample, seed)
    return known, measured


def measure_codes(
    x: object, z: object, y: object | None = None, *, seed: int = 0, k: int = NEIGHBOURS
) -> dict[str, Measurement]:
    """The metrics of any codes, such as another library's: one random half is known, the other is held out.

    Args:
        x: Examples, one a row.
        z: Their codes, (n, latent).
        y: Their labels, for the metrics that need them.
        seed: Seed of the halves.
        k: Neighbours that metrics of ranks look at.

    Returns:
        Each metric's value by its name, or None and why there is none.

    Raises:
        DataError: If there are not two examples or more with a code and, if given, a label each.
    """
    examples, codes = as_examples(x), as_examples(z, "z")
    if len(examples) < 2 or len(codes) != len(examples):
        raise DataError(f"x and z must hold 2 examples or more, as many each; got {len(examples)} and {len(codes)}")
    labels = None if y is None else as_labels_of(y, "y", len(examples))
    halves = np.array_split(np.random.default_rng(seed).permutation(len(examples)), 2)
    known, held_out = (
        Split(examples[rows], codes[rows], None if labels is None else labels[rows], len(rows)) for rows in halves
    )
    return measure(Evidence(known, held_out, k=k))


def measure(evidence: Evidence, names: Iterable[str] | None = None) -> dict[str, Measurement]:
    """The metrics of `names`, or all, by name; one that cannot be taken says why.

    Raises:
        DataError: If a name is not in `METRICS`.
    """
    wanted = tuple(METRICS if names is None else names)
    for name in wanted:
        if name not in METRICS:
            raise DataError(f"names must be of {', '.join(METRICS)}; got {name!r}")
    return {name: _measurement(METRICS[name], evidence) for name in wanted}


def per_class(evidence: Evidence) -> list[ClassQuality]:
    """How well each class of the measured examples fares; empty without labels."""
    train, test = evidence.train, evidence.test
    if test.labels is None:
        return []
    labels, names = test.labels, evidence.label_names
    rows = []
    taken = [
        _taken(lambda: evidence.errors_of_each["mse"]),
        _taken(lambda: knn_hits(train.codes, train.labels, test.codes, test.labels, 5)),
        _taken(lambda: evidence.silhouettes),
    ]
    for label in np.unique(labels):
        own = labels == label
        means = (None if values is None else mean(values[own]) for values in taken)
        name = names[label] if 0 <= label < len(names) else str(label)
        rows.append(ClassQuality(name, int(own.sum()), *means))
    return rows


def _measurement(metric: Metric, evidence: Evidence) -> Measurement:
    others = "other " if evidence.split == "train" else ""
    n = min(len(evidence.test.x), metric.at_most or len(evidence.test.x))
    k = None if metric.neighbours is None else metric.neighbours(evidence)
    sample = f"{evidence.test.sample(n)} {'training' if others else 'held-out'} examples"
    if metric.needs_training:
        sample += f", {evidence.train} {others}training examples"
    if k is not None:
        sample += f", k = {k}"
    value, reason = _value(metric, evidence)
    return Measurement(value, sample, reason, n, k)


def _value(metric: Metric, evidence: Evidence) -> tuple[float | None, str]:
    """The metric's value, or why there is none."""
    try:
        value = float(metric.measure(evidence))
    except (DataError, SpecError) as error:
        return None, str(error)
    if not np.isfinite(value):
        return None, f"{metric.title} must be a finite number; got {value}"
    return value, ""


def _taken(values: Callable[[], np.ndarray]) -> np.ndarray | None:
    try:
        return values()
    except DataError:
        return None


def _rows(count: int, sample: int, seed: int) -> np.ndarray:
    if count <= sample:
        return np.arange(count)
    return np.sort(np.random.default_rng(seed).choice(count, sample, replace=False))


def _halves(count: int, sample: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """The rows to measure and, of the others, those to know."""
    shuffled = np.random.default_rng(seed).permutation(count)
    measured = min(sample, (count + 1) // 2)
    return np.sort(shuffled[:measured]), np.sort(shuffled[measured : measured + KNOWN])


def _drawn(embedder: Embedder, x: np.ndarray, labels: np.ndarray | None, rows: np.ndarray) -> Split:
    chosen = None if labels is None else labels[rows]
    return Split(x[rows], embedder.encode(x[rows], **told(embedder, chosen)), chosen, len(x), rows)


def _rebuilt(embedder: Embedder, split: Split) -> tuple[np.ndarray | None, str]:
    """The split's codes decoded, or None and why."""
    if not decodes(embedder):
        return None, f"{type(embedder).__name__} does not decode: it has codes, but no reconstructions"
    try:
        return embedder.decode(split.codes, **told(embedder, split.labels)), ""
    except DataError as error:
        return None, str(error)
