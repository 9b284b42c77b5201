"""What a code is good for afterwards: classes told from it and clusters found in it, beside the features and PCA."""

import time
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

import numpy as np
from jaxtyping import Float, Integer, Num

from aejax.arrays import DataError, as_values
from aejax.baselines import PCA
from aejax.embedder import Embedder
from aejax.settings import SpecError
from aejax.threads import one_thread

FEATURES, COMPONENTS, CODES = "Features as they are", "PCA of the same size", "Codes"

_SEED = 0
_MOST_ITERATIONS = 200


@dataclass(frozen=True, eq=False)
class Examples:
    """Examples to learn from and examples held out, each with its class."""

    x_train: Num[np.ndarray, "n *shape"]
    y_train: Integer[np.ndarray, " n"]
    x_test: Num[np.ndarray, "m *shape"]
    y_test: Integer[np.ndarray, " m"]


@dataclass(frozen=True, eq=False)
class Table:
    """One way to write the examples down as rows of numbers.

    Attributes:
        name: What it is called.
        train: Rows to learn from.
        test: Rows held out.
        bytes: Bytes per example, as they are kept: one a number for pixels, four for all else.
    """

    name: str
    train: Float[np.ndarray, "n numbers"]
    test: Float[np.ndarray, "m numbers"]
    bytes: int

    @property
    def numbers(self) -> int:
        """Numbers per example."""
        return self.train.shape[1]


@dataclass(frozen=True)
class Quantity:
    """One thing that is measured.

    Attributes:
        title: Name for people.
        unit: What it is counted in.
        direction: Which values are the better ones.
        steady: Whether it is the same whenever it is measured; which is best can be said of no other.
    """

    title: str
    unit: str
    direction: Literal["higher", "lower"]
    steady: bool = True

    def best(self, values: list[float]) -> float:
        """The best of the values."""
        return max(values) if self.direction == "higher" else min(values)


QUANTITIES: Mapping[str, Quantity] = MappingProxyType(
    {
        "accuracy": Quantity("Logistic regression: accuracy", "share of held-out examples", "higher"),
        "probe_seconds": Quantity(
            "Logistic regression: time", "seconds to fit and predict, one thread", "lower", steady=False
        ),
        "v_measure": Quantity("k-means: V-measure", "0 to 1", "higher"),
        "rand": Quantity("k-means: adjusted Rand index", "1 for the classes, 0 for chance", "higher"),
        "matched": Quantity("k-means: accuracy by the best matching", "share of held-out examples", "higher"),
        "cluster_seconds": Quantity("k-means: time", "seconds to fit and predict, one thread", "lower", steady=False),
        "numbers": Quantity("Size", "numbers per example", "lower"),
        "bytes": Quantity("Size in memory", "bytes per example", "lower"),
    }
)
"""All that is measured of a table, in the order in which it is shown."""


def sample(data: Any, train: int, test: int, seed: int = _SEED) -> Examples:
    """At most so many examples of either split of a data set, drawn at random, the same for the same seed.

    Raises:
        DataError: If there are no labels, or the training examples are of one class.
    """
    if data.y_train is None:
        raise DataError(
            "labels are missing: this data set has none to tell or to find",
            "this data set has no classes to tell or to find",
        )
    random = np.random.default_rng(seed)
    known, asked = (
        np.sort(random.permutation(len(x))[:most]) for x, most in ((data.x_train, train), (data.x_test, test))
    )
    if (data.y_train[known] == data.y_train[known][0]).all():
        raise DataError(
            "labels must be of at least 2 classes for one to be told from another",
            "all examples are of one class, and none can be told from another",
        )
    return Examples(data.x_train[known], data.y_train[known], data.x_test[asked], data.y_test[asked])


def tables(embedder: Embedder, examples: Examples) -> list[Table]:
    """The examples' features, their codes, and where there are so many as many principal components."""
    flat = [as_values(x).reshape(len(x), -1) for x in (examples.x_train, examples.x_test)]
    size = examples.x_train.dtype.itemsize * flat[0].shape[1]
    found = [Table(FEATURES, flat[0], flat[1], size)]
    try:
        pca = PCA(embedder.latent).fit(examples.x_train)
        found.append(_coded(COMPONENTS, pca, examples))
    except (SpecError, DataError):
        pass  # fewer examples or features than numbers in a code
    return [*found, _coded(CODES, embedder, examples)]


def _coded(name: str, embedder: Embedder, examples: Examples) -> Table:
    train, test = embedder.encode(examples.x_train), embedder.encode(examples.x_test)
    return Table(name, train, test, 4 * embedder.latent)


def measured(table: Table, examples: Examples) -> dict[str, float]:
    """All of `QUANTITIES` of one table."""
    sizes = {"numbers": float(table.numbers), "bytes": float(table.bytes)}
    return probed(table, examples) | clustered(table, examples) | sizes


def probed(table: Table, examples: Examples) -> dict[str, float]:
    """Accuracy on held-out examples of a multinomial logistic regression, and the seconds that it took.

    Each number is scaled to unit variance first; half the squared norm of the weights is added to the sum of the
    examples' costs in nats, as is scikit-learn's custom.
    """
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=_MOST_ITERATIONS, tol=1e-3))
    with warnings.catch_warnings():
        # Where it has not converged by then, more iterations hardly change what it says.
        warnings.simplefilter("ignore", ConvergenceWarning)
        predicted, seconds = _timed(lambda: model.fit(table.train, examples.y_train).predict(table.test))
    return {"accuracy": float((predicted == examples.y_test).mean()), "probe_seconds": seconds}


def clustered(table: Table, examples: Examples) -> dict[str, float]:
    """How well k-means, which is told no classes but how many there are, finds them among held-out examples.

    Returns:
        `v_measure` and `rand` (adjusted for chance) of clusters against classes, `matched` by `matched_accuracy`, and
        the seconds that it took. The clusters are those of the training examples; 4 starts, of which the best counts.

    References:
        Rosenberg & Hirschberg, V-Measure, 2007; Hubert & Arabie, Comparing Partitions, 1985.
    """
    from sklearn.cluster import KMeans
    from sklearn.metrics import adjusted_rand_score, v_measure_score

    classes = len(np.unique(examples.y_train))
    distinct = len(np.unique(table.train, axis=0))
    model = KMeans(min(classes, distinct), n_init=4, random_state=_SEED)
    predicted, seconds = _timed(lambda: model.fit(table.train).predict(table.test))
    return {
        "v_measure": float(v_measure_score(examples.y_test, predicted)),
        "rand": float(adjusted_rand_score(examples.y_test, predicted)),
        "matched": matched_accuracy(examples.y_test, predicted),
        "cluster_seconds": seconds,
    }


def matched_accuracy(labels: Integer[np.ndarray, " n"], clusters: Integer[np.ndarray, " n"]) -> float:
    """Share of examples in the cluster of their class, when each cluster is given the class that makes this greatest.

    No class is given to two clusters.

    References:
        Kuhn, The Hungarian Method for the Assignment Problem, 1955.
    """
    from scipy.optimize import linear_sum_assignment

    counts = np.zeros((int(clusters.max()) + 1, int(labels.max()) + 1), np.int64)
    np.add.at(counts, (clusters, labels), 1)
    return float(counts[linear_sum_assignment(counts, maximize=True)].sum() / len(labels))


def _timed(act: Callable[[], np.ndarray]) -> tuple[np.ndarray, float]:
    with one_thread():
        start = time.perf_counter()
        result = act()
        return result, time.perf_counter() - start
