"""How good a reconstruction or an embedding is: one table of metrics, each with its unit and direction."""

import warnings
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from types import MappingProxyType
from typing import Any, Literal

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float, Integer, Shaped

from aejax.activity import active_units, dead_units
from aejax.arrays import DataError, as_examples
from aejax.batches import over_chunks
from aejax.data.record import Data
from aejax.embedder import Embedder
from aejax.model import pixels
from aejax.parts.likelihoods import sum_over_features
from aejax.types import Examples, Pixels, Terms

ERRORS = ("bce", "excess_bce", "mse", "sse")

SAMPLE = 10_000
"""Examples of each split that an embedding is measured on, at most."""


def reconstruction_errors(x: Pixels, reconstruction: Pixels, weights: Pixels | None = None) -> Terms:
    """Errors of each reconstruction; the mean over examples of each is what one reports.

    With `weights`, which are 0 or 1, only the features of weight 1 count.

    Returns:
        `bce`: binary cross-entropy in nats per feature, the reconstruction clipped to [1e-7, 1 - 1e-7] as Keras
        does; NaN where `x` is not in [0, 1]. `excess_bce`: the same less the entropy of `x`, its floor. `mse`: squared
        error per feature. `sse`: squared error summed over features.
    """
    features = x[0].size if weights is None else sum_over_features(weights)
    probability = jnp.clip(reconstruction, 1e-7, 1 - 1e-7)
    bce = sum_over_features(_cross_entropy(x, probability), weights) / features
    floor = sum_over_features(_cross_entropy(x, jnp.clip(x, 1e-7, 1 - 1e-7)), weights) / features
    outside = sum_over_features(jnp.where((x >= 0) & (x <= 1), 0.0, 1.0), weights) > 0
    bce = jnp.where(outside, jnp.nan, bce)
    sse = sum_over_features(jnp.square(x - reconstruction), weights)
    return {"bce": bce, "excess_bce": bce - floor, "mse": sse / features, "sse": sse}


def _cross_entropy(x: Pixels, probability: Pixels) -> Pixels:
    return -(x * jnp.log(probability) + (1 - x) * jnp.log1p(-probability))


def mean_errors(x: object, reconstruction: object) -> dict[str, float]:
    """The means over examples of `reconstruction_errors`, taken in chunks.

    Raises:
        DataError: If `x` and `reconstruction` are not finite examples of one shape and number.
    """
    examples = as_examples(x)
    rebuilt = as_examples(reconstruction, "reconstruction", examples.shape[1:])
    if len(examples) != len(rebuilt):
        raise DataError(f"reconstruction must hold {len(examples)} examples, as x does; got {len(rebuilt)}")
    errors = over_chunks(
        lambda rows, _: _errors(examples[np.asarray(rows)], rebuilt[np.asarray(rows)]), np.arange(len(examples))
    )
    return {name: float(np.mean(values, dtype=np.float64)) for name, values in errors.items()}


@jax.jit
def _errors(x: Examples, rebuilt: Examples) -> Terms:
    return reconstruction_errors(pixels(x), pixels(rebuilt))


def knn_accuracy(train_codes: object, train_labels: object, codes: object, labels: object, k: int) -> float:
    """Share of `codes` whose label is that of most of their k nearest among `train_codes`; ties go to the lesser label.

    Raises:
        DataError: If labels are missing or do not fit the codes, or there are fewer than k training codes.
    """
    from sklearn.neighbors import KNeighborsClassifier

    known, asked = as_examples(train_codes, "train_codes"), as_examples(codes, "codes")
    if not 1 <= k <= len(known):
        raise DataError(f"k must be between 1 and {len(known)}, the number of training codes; got {k}")
    known_labels = _labels(train_labels, "train_labels", len(known))
    classifier = KNeighborsClassifier(k).fit(known, known_labels)
    return float(classifier.score(asked, _labels(labels, "labels", len(asked))))


def linear_probe(train_codes: object, train_labels: object, codes: object, labels: object) -> float:
    """Share of `codes` whose label a linear classifier tells that has learnt from `train_codes`.

    The classifier is multinomial logistic regression on coordinates of unit variance, with 5 times the squared norm of
    its weights added to the sum of the examples' costs in nats.

    References:
        Alain & Bengio, Understanding Intermediate Layers Using Linear Classifier Probes, 2016.

    Raises:
        DataError: If labels are missing or do not fit the codes, or all training labels are the same.
    """
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    known, asked = as_examples(train_codes, "train_codes"), as_examples(codes, "codes")
    known_labels = _labels(train_labels, "train_labels", len(known))
    if (known_labels == known_labels[0]).all():
        raise DataError(f"train_labels must be of at least 2 classes; got {known_labels[0]} alone")
    classifier = make_pipeline(StandardScaler(), LogisticRegression(C=0.1, tol=1e-3, max_iter=200))
    with warnings.catch_warnings():
        # Where it has not converged by then, more iterations hardly change what it says.
        warnings.simplefilter("ignore", ConvergenceWarning)
        classifier.fit(known.astype(np.float32), known_labels)
    return float(classifier.score(asked.astype(np.float32), _labels(labels, "labels", len(asked))))


def _labels(labels: object, name: str, count: int) -> np.ndarray:
    if labels is None:
        raise DataError(f"{name} are missing: this data set has no labels")
    array = np.asarray(labels)
    if array.shape != (count,):
        raise DataError(f"{name} must be one for each of {count} codes; got shape {array.shape}")
    return array


@dataclass(frozen=True, eq=False)
class Split:
    """Examples, what an embedding makes of them, and their labels if they have any; a sample of `of` examples."""

    x: Shaped[np.ndarray, "batch *shape"]
    codes: Float[np.ndarray, "batch latent"]
    labels: Integer[np.ndarray, " batch"] | None
    of: int

    def __str__(self) -> str:
        return f"{len(self.x):,}" if len(self.x) == self.of else f"{len(self.x):,} of {self.of:,}"


@dataclass(frozen=True, eq=False)
class Evidence:
    """All that a metric may look at: one embedding of both splits of one data set."""

    train: Split
    test: Split
    reconstruction: Float[np.ndarray, "batch *shape"] | None = None

    @property
    def rebuilt(self) -> Float[np.ndarray, "batch *shape"]:
        """The reconstructions of held-out examples.

        Raises:
            DataError: If nothing is known but codes.
        """
        if self.reconstruction is None:
            raise DataError("reconstructions are missing: nothing is known but codes")
        return self.reconstruction

    @cached_property
    def errors(self) -> dict[str, float]:
        """Mean errors of the reconstructions of held-out examples."""
        return mean_errors(self.test.x, self.rebuilt)


def evidence(embedder: Embedder, data: Data, sample: int = SAMPLE, seed: int = 0) -> Evidence:
    """What `embedder` makes of `data`; of each split at most `sample` examples, the same ones for the same seed."""
    train = _split(embedder, data.x_train, data.y_train, sample, seed)
    test = _split(embedder, data.x_test, data.y_test, sample, seed)
    return Evidence(train, test, embedder.decode(test.codes, **told(embedder, test.labels)))


def measure_codes(x: object, z: object, y: object | None = None, *, seed: int = 0) -> "dict[str, Measurement]":
    """The metrics of any codes, such as another library's: one random half is known, the other is held out.

    Args:
        x: Examples, one a row.
        z: Their codes, (n, latent).
        y: Their labels, for the metrics that need them.
        seed: Seed of the halves.

    Returns:
        Each metric's value by its name, or None and why there is none.

    Raises:
        DataError: If there are not two examples or more with a code and, if given, a label each.
    """
    examples, codes = as_examples(x), as_examples(z, "z")
    if len(examples) < 2 or len(codes) != len(examples):
        raise DataError(f"x and z must hold 2 examples or more, as many each; got {len(examples)} and {len(codes)}")
    labels = None if y is None else _labels(y, "y", len(examples))
    halves = np.array_split(np.random.default_rng(seed).permutation(len(examples)), 2)
    known, held_out = (
        Split(examples[rows], codes[rows], None if labels is None else labels[rows], len(rows)) for rows in halves
    )
    return measure(Evidence(known, held_out))


def _split(embedder: Embedder, x: np.ndarray, labels: np.ndarray | None, sample: int, seed: int) -> Split:
    rows = np.arange(len(x))
    if len(x) > sample:
        rows = np.sort(np.random.default_rng(seed).choice(len(x), sample, replace=False))
    chosen = None if labels is None else labels[rows]
    return Split(x[rows], embedder.encode(x[rows], **told(embedder, chosen)), chosen, len(x))


def told(embedder: Embedder, labels: np.ndarray | None) -> dict[str, Any]:
    """The labels as an argument of the methods of an embedder that is told classes; nothing for any other."""
    return {"labels": labels} if getattr(embedder, "classes", 0) and labels is not None else {}


@dataclass(frozen=True)
class Metric:
    """One measure of an embedding: `direction` says which values are the better ones."""

    title: str
    unit: str
    direction: Literal["higher", "lower"]
    meaning: str
    measure: Callable[[Evidence], float]
    needs_labels: bool = False

    def better(self, one: float, other: float) -> bool:
        """Whether `one` is better than `other`."""
        return one > other if self.direction == "higher" else one < other


@dataclass(frozen=True)
class Measurement:
    """A metric's value and on how many examples; or None, and why there is no value."""

    value: float | None
    sample: str
    reason: str = ""


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


def _measurement(metric: Metric, evidence: Evidence) -> Measurement:
    sample = f"{evidence.test} held-out examples"
    if metric.needs_labels:
        sample += f", {evidence.train} training examples"
    try:
        value = metric.measure(evidence)
    except DataError as error:
        return Measurement(None, sample, str(error))
    return Measurement(value, sample)


def _error(name: str, evidence: Evidence) -> float:
    return evidence.errors[name]


def _unit_range_error(name: str, evidence: Evidence) -> float:
    if np.isnan(value := evidence.errors[name]):
        raise DataError("x must lie in [0, 1] for a cross-entropy; its values go beyond")
    return value


def _probe(evidence: Evidence) -> float:
    train, test = evidence.train, evidence.test
    return linear_probe(train.codes, train.labels, test.codes, test.labels)


def _knn(k: int, evidence: Evidence) -> float:
    train, test = evidence.train, evidence.test
    return knn_accuracy(train.codes, train.labels, test.codes, test.labels, k)


METRICS: Mapping[str, Metric] = MappingProxyType(
    {
        "mse": Metric(
            "MSE",
            "squared error per feature",
            "lower",
            "Mean squared difference between a feature and its reconstruction",
            partial(_error, "mse"),
        ),
        "sse": Metric(
            "SSE",
            "squared error per example",
            "lower",
            "The same, summed over the features of an example",
            partial(_error, "sse"),
        ),
        "bce": Metric(
            "BCE",
            "nats per feature",
            "lower",
            "Binary cross-entropy; for grey values its least value is their entropy, not zero",
            partial(_unit_range_error, "bce"),
        ),
        "excess_bce": Metric(
            "Excess BCE",
            "nats per feature",
            "lower",
            "Binary cross-entropy above the least that the data allow",
            partial(_unit_range_error, "excess_bce"),
        ),
        "knn_1": Metric(
            "1-NN accuracy",
            "share of examples",
            "higher",
            "Held-out examples whose label is that of the training code nearest to theirs",
            partial(_knn, 1),
            needs_labels=True,
        ),
        "knn_5": Metric(
            "5-NN accuracy",
            "share of examples",
            "higher",
            "Held-out examples whose label is that of most of the 5 training codes nearest to theirs",
            partial(_knn, 5),
            needs_labels=True,
        ),
        "active_units": Metric(
            "Active units",
            "coordinates",
            "higher",
            "Coordinates of the code whose variance over held-out examples is above 0.01",
            lambda evidence: active_units(evidence.test.codes),
        ),
        "dead_units": Metric(
            "Dead units",
            "share of coordinates",
            "lower",
            "Coordinates of the code that have the same value for every held-out example",
            lambda evidence: dead_units(evidence.test.codes),
        ),
        "linear_probe": Metric(
            "Linear probe",
            "share of examples",
            "higher",
            "Held-out examples whose label a linear classifier reads off their code",
            _probe,
            needs_labels=True,
        ),
    }
)
"""Every metric; one added here is measured, tabulated and tested."""
