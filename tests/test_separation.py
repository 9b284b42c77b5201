"""Labels told from codes, against brute force, scipy's minimiser and scikit-learn."""

import numpy as np
import pytest
import scipy.optimize
import scipy.special
from digits import data
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score, silhouette_score

from aejax.arrays import DataError
from aejax.baselines import PCA
from aejax.separation import clusters, knn_accuracy, linear_probe, rand_index, silhouettes, v_measure


@pytest.fixture(scope="module")
def codes() -> tuple[np.ndarray, np.ndarray]:
    known = data()
    assert known.y_test is not None
    return PCA(5).fit(known.x_train).encode(known.x_test), known.y_test


@pytest.mark.parametrize("k", [1, 5])
def test_nearest_neighbours_are_those_of_brute_force(k: int) -> None:
    random = np.random.default_rng(0)
    known, asked = random.normal(size=(80, 3)), random.normal(size=(40, 3))
    known_labels, labels = random.integers(0, 3, 80), random.integers(0, 3, 40)
    distances = ((asked[:, None] - known[None]) ** 2).sum(axis=-1)
    nearest = known_labels[np.argsort(distances, axis=1)[:, :k]]
    votes = np.array([np.bincount(row, minlength=3).argmax() for row in nearest])
    assert knn_accuracy(known, known_labels, asked, labels, k) == pytest.approx((votes == labels).mean())


@pytest.mark.parametrize(
    "arguments, message",
    [
        ((np.ones((3, 2)), [0, 1, 2], np.ones((1, 2)), [0], 4), "k must be between 1 and 3, .*; got 4"),
        ((np.ones((3, 2)), [0, 1, 2], np.ones((1, 2)), [0], 0), "got 0"),
        ((np.ones((3, 2)), None, np.ones((1, 2)), [0], 1), "train_labels are missing"),
        ((np.ones((3, 2)), [0, 1], np.ones((1, 2)), [0], 1), "one for each of 3 codes; got shape"),
        ((np.full((3, 2), np.nan), [0, 1, 2], np.ones((1, 2)), [0], 1), "train_codes must be finite"),
    ],
)
def test_nearest_neighbours_say_what_they_lack(
    arguments: tuple[object, object, object, object, int], message: str
) -> None:
    with pytest.raises(DataError, match=message):
        knn_accuracy(*arguments)


def test_the_linear_probe_minimises_the_penalised_cost_of_the_standardised_codes():
    """Against scipy's own minimiser of the objective as it is written down."""
    known = data()
    pca = PCA(5).fit(known.x_train)
    codes, asked = pca.encode(known.x_train), pca.encode(known.x_test)
    scaled, scaled_asked = ((z - codes.mean(axis=0)) / codes.std(axis=0) for z in (codes, asked))
    one_hot = np.eye(10)[known.y_train]

    def objective(flat):
        weights, bias = flat[:50].reshape(5, 10), flat[50:]
        logits = scaled @ weights + bias
        excess = scipy.special.softmax(logits, axis=1) - one_hot
        cost = (scipy.special.logsumexp(logits, axis=1) - (logits * one_hot).sum(axis=1)).sum()
        gradient = np.concatenate([(scaled.T @ excess + 10 * weights).ravel(), excess.sum(axis=0)])
        return cost + 5 * (weights**2).sum(), gradient

    best = scipy.optimize.minimize(objective, np.zeros(60), jac=True, method="L-BFGS-B").x
    told = (scaled_asked @ best[:50].reshape(5, 10) + best[50:]).argmax(axis=1)
    found = linear_probe(codes, known.y_train, asked, known.y_test)
    assert found == pytest.approx(np.mean(told == known.y_test), abs=0.015)
    assert 0.6 < found < 0.95


def test_the_linear_probe_does_not_depend_on_the_scale_of_the_codes_and_refuses_a_single_class():
    random = np.random.default_rng(0)
    codes, labels = random.normal(size=(200, 3)), random.integers(0, 2, 200)
    codes[:, 0] += 2 * labels
    scaled = codes * [1e-3, 1.0, 1e3] + 7
    assert linear_probe(codes, labels, codes, labels) == linear_probe(scaled, labels, scaled, labels) > 0.8
    with pytest.raises(DataError, match="train_labels must be of at least 2 classes; got 1 alone"):
        linear_probe(codes, np.ones(200, int), codes, labels)


def test_silhouettes_are_those_of_scikit_learn_and_of_the_definition(codes) -> None:
    z, labels = codes
    assert silhouettes(z, labels).mean() == pytest.approx(silhouette_score(z.astype(np.float64), labels), abs=1e-9)
    distances = np.linalg.norm(z[:1].astype(np.float64) - z, axis=1)
    means = {label: distances[labels == label].sum() / (labels == label).sum() for label in range(10)}
    own = means.pop(labels[0]) * (labels == labels[0]).sum() / ((labels == labels[0]).sum() - 1)
    nearest = min(means.values())
    assert silhouettes(z, labels)[0] == pytest.approx((nearest - own) / max(nearest, own), abs=1e-6)


def test_agreement_of_clusters_and_classes_is_scikit_learns(codes) -> None:
    z, labels = codes
    found = clusters(z, 10)
    np.testing.assert_array_equal(found, KMeans(10, n_init=4, random_state=0).fit_predict(z))
    nmi = normalized_mutual_info_score(labels, found, average_method="arithmetic")
    assert v_measure(labels, found) == pytest.approx(nmi, abs=1e-9)
    assert rand_index(labels, found) == pytest.approx(adjusted_rand_score(labels, found), abs=1e-12)
    assert v_measure(labels, labels) == rand_index(labels, labels) == 1.0


def test_fewer_distinct_codes_than_clusters_are_clustered_without_a_warning() -> None:
    assert len(np.unique(clusters(np.repeat(np.eye(2), 5, axis=0), 3))) == 2


@pytest.mark.parametrize(
    "call, message",
    [
        (lambda: silhouettes(np.eye(3), None), "labels are missing: this data set has no labels"),
        (lambda: silhouettes(np.eye(3), [1, 1, 1]), "labels must be of at least 2 classes; got 1 alone"),
        (lambda: silhouettes(np.eye(3), [0, 1, 2]), "labels must be of fewer classes than there are codes"),
        (lambda: silhouettes(np.ones((3, 2)), [0, 1, 1]), "codes must vary; got 3 equal rows"),
        (lambda: clusters(np.ones((3, 2)), 2), "codes must vary; got 3 equal rows"),
        (lambda: clusters(np.eye(3), 4), "k must be between 1 and 3, the number of codes; got 4"),
        (lambda: v_measure([1, 1], np.array([0, 1])), "labels must be of at least 2 classes"),
        (lambda: rand_index(None, np.array([0, 1])), "labels are missing"),
        (lambda: knn_accuracy(np.ones((3, 2)), [0, 1, 1], np.eye(2), [0, 1], 1), "train_codes must vary"),
        (lambda: linear_probe(np.ones((3, 2)), [0, 1, 1], np.eye(2), [0, 1]), "train_codes must vary"),
        (lambda: knn_accuracy(np.eye(3), [1, 1, 1], np.eye(3), [0, 1, 1], 1), "train_labels must be of at least 2"),
    ],
)
def test_what_cannot_be_told_apart_is_refused(call, message) -> None:
    with pytest.raises(DataError, match=message):
        call()
