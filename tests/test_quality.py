"""Metrics, against closed forms, scipy and brute force; every entry of the table is tested."""

import numpy as np
import pytest
import scipy.optimize
import scipy.special
import scipy.stats
from sklearn.datasets import load_digits
from sklearn.metrics import mean_squared_error

from aejax.arrays import DataError
from aejax.baselines import PCA
from aejax.data import Data
from aejax.quality import (
    ERRORS,
    METRICS,
    Evidence,
    Measurement,
    Metric,
    evidence,
    knn_accuracy,
    linear_probe,
    mean_errors,
    measure,
)


def data(labelled: bool = True, scale: float = 1 / 16) -> Data:
    digits = load_digits()
    images = (digits.images * scale).astype(np.float32)
    labels = digits.target.astype(np.int32) if labelled else None
    return Data(
        "digits",
        "Digits",
        images[:1200],
        None if labels is None else labels[:1200],
        images[1200:],
        None if labels is None else labels[1200:],
        (8, 8),
        (0.0, 16 * scale),
        tuple("0123456789") if labelled else (),
    )


@pytest.fixture(scope="module")
def seen() -> Evidence:
    known = data()
    return evidence(PCA(5).fit(known.x_train), known)


def test_errors_are_those_of_scikit_learn_and_scipy() -> None:
    random = np.random.default_rng(0)
    x, rebuilt = random.random((1500, 3, 4)), random.random((1500, 3, 4))
    found = mean_errors(x, rebuilt)
    assert tuple(found) == ERRORS
    flat = x.reshape(1500, -1), rebuilt.reshape(1500, -1)
    assert found["mse"] == pytest.approx(mean_squared_error(*flat), rel=1e-5)
    assert found["sse"] == pytest.approx(12 * found["mse"], rel=1e-5)
    entropy = scipy.stats.entropy(np.stack([x, 1 - x]), axis=0).mean()
    divergence = scipy.stats.entropy(np.stack([x, 1 - x]), np.stack([rebuilt, 1 - rebuilt]), axis=0).mean()
    assert found["bce"] == pytest.approx(entropy + divergence, rel=1e-5)
    assert found["excess_bce"] == pytest.approx(divergence, rel=1e-4)


def test_a_perfect_reconstruction_has_no_error_and_its_entropy_for_cross_entropy() -> None:
    x = np.full((3, 4), 0.5)
    assert mean_errors(x, x) == pytest.approx({"bce": np.log(2), "excess_bce": 0, "mse": 0, "sse": 0}, abs=1e-6)


def test_errors_need_as_many_reconstructions_as_examples() -> None:
    with pytest.raises(DataError, match="reconstruction must hold 3 examples, as x does; got 2"):
        mean_errors(np.ones((3, 4)), np.ones((2, 4)))


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


@pytest.mark.parametrize("name", METRICS)
def test_every_metric_has_a_value_a_unit_and_a_direction(name: str, seen: Evidence) -> None:
    metric: Metric = METRICS[name]
    assert metric.title
    assert metric.unit
    assert metric.meaning
    assert metric.better(1.0, 0.0) is (metric.direction == "higher")
    found = measure(seen, [name])[name]
    assert isinstance(found, Measurement)
    assert found.value is not None
    assert np.isfinite(found.value)
    assert found.sample.startswith("597 held-out examples")
    assert ("1,200 training" in found.sample) is metric.needs_labels


@pytest.mark.parametrize("name", METRICS)
def test_no_metric_of_an_unlabelled_set_fails_without_a_reason(name: str) -> None:
    unlabelled = data(labelled=False, scale=1.0)
    found = measure(evidence(PCA(5).fit(unlabelled.x_train), unlabelled), [name])[name]
    assert (found.value is None) == bool(found.reason)
    if METRICS[name].needs_labels:
        assert "no labels" in found.reason
    if "bce" in name:
        assert "[0, 1]" in found.reason


def test_values_are_those_of_the_functions(seen: Evidence) -> None:
    found, known = measure(seen), data()
    pca = PCA(5).fit(known.x_train)
    errors = pca.evaluate(known.x_test)
    for name in ERRORS:
        assert found[name].value == pytest.approx(errors[name], rel=1e-5)
    codes, asked = pca.encode(known.x_train), pca.encode(known.x_test)
    assert found["knn_5"].value == knn_accuracy(codes, known.y_train, asked, known.y_test, 5)


def test_a_large_set_is_measured_on_a_sample_that_is_stated_and_always_the_same() -> None:
    known = data()
    pca = PCA(2).fit(known.x_train)
    first, second = (evidence(pca, known, sample=100) for _ in range(2))
    np.testing.assert_array_equal(first.test.x, second.test.x)
    assert measure(first)["knn_1"].sample == "100 of 597 held-out examples, 100 of 1,200 training examples"
    assert len(np.unique(first.train.codes, axis=0)) == 100


def test_an_unknown_metric_is_refused() -> None:
    known = data()
    with pytest.raises(DataError, match="names must be of mse, .*; got 'accuracy'"):
        measure(evidence(PCA(1).fit(known.x_train), known), ["accuracy"])
