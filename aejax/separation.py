"""How well labels can be told from codes: by neighbours, by a linear classifier, by distances, by clusters."""

import warnings

import numpy as np
from jaxtyping import Float, Int

from aejax.arrays import DataError, as_examples, check_varies


def knn_accuracy(train_codes: object, train_labels: object, codes: object, labels: object, k: int) -> float:
    """Share of `codes` whose label is that of most of their k nearest among `train_codes`; ties go to the lesser label.

    Raises:
        DataError: If labels are missing, do not fit the codes or are of one class, codes are not finite or do not
            vary, or there are fewer than k training codes.
    """
    return float(knn_hits(train_codes, train_labels, codes, labels, k).mean())


def knn_hits(
    train_codes: object, train_labels: object, codes: object, labels: object, k: int
) -> Float[np.ndarray, " batch"]:
    """1 for each of `codes` whose label its k nearest tell, 0 for the others; `knn_accuracy` is the mean."""
    from sklearn.neighbors import KNeighborsClassifier

    known, asked = as_examples(train_codes, "train_codes"), as_examples(codes, "codes")
    if not 1 <= k <= len(known):
        raise DataError(f"k must be between 1 and {len(known)}, the number of training codes; got {k}")
    known_labels = classes_of(train_labels, "train_labels", len(known))
    asked_labels = as_labels_of(labels, "labels", len(asked))
    check_varies("train_codes", known)
    told = KNeighborsClassifier(k).fit(known, known_labels).predict(asked)
    return (told == asked_labels).astype(np.float64)


def linear_probe(train_codes: object, train_labels: object, codes: object, labels: object) -> float:
    """Share of `codes` whose label a linear classifier tells that has learnt from `train_codes`.

    The classifier is multinomial logistic regression on coordinates of unit variance, with 5 times the squared norm of
    its weights added to the sum of the examples' costs in nats.

    References:
        Alain & Bengio, Understanding Intermediate Layers Using Linear Classifier Probes, 2016.

    Raises:
        DataError: If labels are missing, do not fit the codes or are of one class, or codes are not finite or do not
            vary.
    """
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    known, asked = as_examples(train_codes, "train_codes"), as_examples(codes, "codes")
    known_labels = classes_of(train_labels, "train_labels", len(known))
    check_varies("train_codes", known)
    classifier = make_pipeline(StandardScaler(), LogisticRegression(C=0.1, tol=1e-3, max_iter=200))
    with warnings.catch_warnings():
        # Where it has not converged by then, more iterations hardly change what it says.
        warnings.simplefilter("ignore", ConvergenceWarning)
        classifier.fit(known.astype(np.float32), known_labels)
    return float(classifier.score(asked.astype(np.float32), as_labels_of(labels, "labels", len(asked))))


def silhouettes(codes: object, labels: object) -> Float[np.ndarray, " batch"]:
    """How much nearer each code is to its own class than to the next one: from -1 to 1, and 0 between the two.

    References:
        Rousseeuw, Silhouettes: A Graphical Aid to the Interpretation and Validation of Cluster Analysis, 1987.

    Raises:
        DataError: If labels are missing, do not fit the codes or are not of 2 classes to one less than the number of
            codes, or codes are not finite or do not vary.
    """
    from sklearn.metrics import silhouette_samples

    table = as_examples(codes, "codes")
    known = classes_of(labels, "labels", len(table))
    if len(np.unique(known)) >= len(table):
        raise DataError(f"labels must be of fewer classes than there are codes; got {len(table)} of each")
    check_varies("codes", table)
    return np.asarray(silhouette_samples(table.astype(np.float64), known))


def clusters(codes: object, k: int, seed: int = 0) -> Int[np.ndarray, " batch"]:
    """The cluster of each code by k-means, the best of four starts drawn with `seed`.

    Raises:
        DataError: If codes are not finite or do not vary, or there are fewer than k of them.
    """
    from sklearn.cluster import KMeans
    from sklearn.exceptions import ConvergenceWarning

    table = as_examples(codes, "codes")
    if not 1 <= k <= len(table):
        raise DataError(f"k must be between 1 and {len(table)}, the number of codes; got {k}")
    check_varies("codes", table)
    with warnings.catch_warnings():
        # Of fewer distinct codes than clusters, some clusters are empty.
        warnings.simplefilter("ignore", ConvergenceWarning)
        found = KMeans(k, n_init=4, random_state=seed).fit_predict(table.astype(np.float32))
    return np.asarray(found)


def v_measure(labels: object, clusters: Int[np.ndarray, " batch"]) -> float:
    """Harmonic mean of how far a cluster is of one class and a class in one cluster.

    It equals the mutual information of classes and clusters, divided by the arithmetic mean of their entropies (NMI).

    References:
        Rosenberg & Hirschberg, V-Measure: A Conditional Entropy-Based External Cluster Evaluation Measure, 2007.

    Raises:
        DataError: If labels are missing, do not fit the clusters or are of one class.
    """
    from sklearn.metrics import v_measure_score

    return float(v_measure_score(classes_of(labels, "labels", len(clusters)), clusters))


def rand_index(labels: object, clusters: Int[np.ndarray, " batch"]) -> float:
    """Share of the pairs that classes and clusters both join or both part, adjusted so that chance gives 0.

    References:
        Hubert & Arabie, Comparing Partitions, 1985.

    Raises:
        DataError: If labels are missing, do not fit the clusters or are of one class.
    """
    from sklearn.metrics import adjusted_rand_score

    return float(adjusted_rand_score(classes_of(labels, "labels", len(clusters)), clusters))


def as_labels_of(labels: object, name: str, count: int) -> np.ndarray:
    """The label of each of `count` codes.

    Raises:
        DataError: If they are missing or not one each.
    """
    if labels is None:
        raise DataError(f"{name} are missing: this data set has no labels")
    array = np.asarray(labels)
    if array.shape != (count,):
        raise DataError(f"{name} must be one for each of {count} codes; got shape {array.shape}")
    return array


def classes_of(labels: object, name: str, count: int) -> np.ndarray:
    """The label of each of `count` codes, of two classes or more.

    Raises:
        DataError: If they are missing, not one each, or all the same.
    """
    array = as_labels_of(labels, name, count)
    if (array == array[0]).all():
        raise DataError(f"{name} must be of at least 2 classes; got {array[0]} alone")
    return array
