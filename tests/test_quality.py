"""The table of metrics: every entry is measured on what it is made for, and says why where it cannot be."""

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

import jax
import numpy as np
import pytest
from digits import data

from aejax.arrays import DataError
from aejax.baselines import PCA
from aejax.data import Data
from aejax.errors import ERRORS
from aejax.evidence import Evidence, Split
from aejax.metric import Metric
from aejax.metrics import METRICS
from aejax.model import Model
from aejax.quality import KNOWN, Measurement, evidence, measure, measure_codes, per_class
from aejax.run import Run
from aejax.separation import knn_accuracy, silhouettes
from aejax.spec import ModelSpec, TrainSpec

# What an embedder must be for a metric that not every one has.
SPECIAL: dict[str, dict[str, Any]] = {
    "latent_fill": {"latent": 2, "encoder": "linear"},
    "divergence": {"latent": 4, "encoder": "linear", "bottleneck": "gaussian"},
    "words_used": {"latent": 8, "encoder": "linear", "bottleneck": "codebook"},
}


@lru_cache(maxsize=2)
def digits(labelled: bool = True) -> Data:
    return data(labelled, enlarged=2)


def untrained(**settings: Any) -> Run:
    spec, shape = ModelSpec(**settings), digits().shape
    return Run(spec, TrainSpec(), shape, Model.of(spec, shape).init(jax.random.key(0)))


@pytest.fixture(scope="module")
def seen() -> Evidence:
    return evidence(PCA(5).fit(digits().x_train), digits())


def seen_for(name: str, seen: Evidence) -> Evidence:
    return evidence(untrained(**SPECIAL[name]), digits()) if name in SPECIAL else seen


def with_codes(seen: Evidence, change: Any) -> Evidence:
    """The evidence of other codes, their embedder unknown."""
    train, test = (replace(split, codes=change(split.codes)) for split in (seen.train, seen.test))
    return Evidence(train, test, seen.reconstruction, None, seen.data)


@pytest.mark.parametrize("name", METRICS)
def test_every_metric_has_a_value_a_unit_a_direction_and_a_cost(name: str, seen: Evidence) -> None:
    metric: Metric = METRICS[name]
    assert metric.title
    assert metric.unit
    assert metric.meaning
    assert metric.cost
    assert metric.better(1.0, 0.0) is (metric.direction == "higher")
    found = measure(seen_for(name, seen), [name])[name]
    assert isinstance(found, Measurement)
    assert found.value is not None, found.reason
    assert np.isfinite(found.value)
    assert found.reason == ""
    assert found.n == 597
    assert found.sample.startswith("597 held-out examples")
    assert ("1,200 training" in found.sample) is metric.needs_training
    assert (found.k is None) == (metric.neighbours is None)
    assert (f"k = {found.k}" in found.sample) == (found.k is not None)


@lru_cache(maxsize=1)
def measured_without_labels() -> Mapping[str, Measurement]:
    unlabelled = data(labelled=False, scale=1.0)
    return measure(evidence(PCA(5).fit(unlabelled.x_train), unlabelled))


@pytest.mark.parametrize("name", METRICS)
def test_no_metric_of_an_unlabelled_set_fails_without_a_reason(name: str) -> None:
    found = measured_without_labels()[name]
    assert (found.value is None) == bool(found.reason)
    if METRICS[name].needs_labels:
        assert "no labels" in found.reason
    if "bce" in name:
        assert "from 0 to 1" in found.reason
    if name == "ssim":
        assert "11 x 11 pixels" in found.reason


OF_EQUAL_CODES = {"active_units", "dead_units", "hoyer", "nonzero_units"}
OF_RECONSTRUCTIONS = {"mse", "sse", "bce", "excess_bce", "psnr", "ssim", "variance_explained", "pca_angle", "frechet"}


class Broken(PCA):
    """Gives one code that is no number."""

    def encode(self, x):
        codes = super().encode(x)
        codes[len(codes) // 2, 1] = np.nan
        return codes


class Codes(PCA):
    """Only encodes."""

    decodes = False


@lru_cache(maxsize=4)
def measured(embedder: type[PCA]) -> Mapping[str, Measurement]:
    return measure(evidence(embedder(2).fit(digits().x_train), digits(), sample=200))


@lru_cache(maxsize=4)
def measured_codes() -> Mapping[str, Measurement]:
    x = digits().x_test[:200]
    return measure_codes(x, PCA(2).fit(x).encode(x), digits().y_test[:200], k=7)


@pytest.mark.parametrize("name", METRICS)
def test_codes_that_are_not_numbers_have_a_reason_and_no_value(name: str) -> None:
    found = measured(Broken)[name]
    assert found.value is None
    assert "finite" in found.reason or (name in SPECIAL and found.reason)


@pytest.mark.parametrize("name", METRICS)
def test_an_embedder_that_does_not_decode_has_the_metrics_of_its_codes(name: str) -> None:
    found = measured(Codes)[name]
    if name in OF_RECONSTRUCTIONS or name == "latent_fill":
        assert found.reason == "Codes does not decode: it has codes, but no reconstructions"
    else:
        assert (found.value is None) == (name in SPECIAL)


@pytest.mark.parametrize("name", METRICS)
def test_any_codes_are_measured_without_an_embedder(name: str) -> None:
    found = measured_codes()[name]
    assert (found.value is None) == (name in OF_RECONSTRUCTIONS or name in SPECIAL)
    assert (found.value is None) == bool(found.reason)
    assert found.n == 100


@pytest.mark.parametrize("name", METRICS)
def test_equal_codes_have_a_value_only_where_it_says_something(name: str, seen: Evidence) -> None:
    equal = with_codes(seen, lambda codes: np.ones_like(codes[:, :2]))
    found = measure(equal, [name])[name]
    assert (found.value is not None) == (name in OF_EQUAL_CODES | OF_RECONSTRUCTIONS)
    if METRICS[name].needs_labels or METRICS[name].neighbours:
        assert "must vary" in found.reason


@pytest.mark.parametrize("name", sorted(set(METRICS) - set(SPECIAL) - OF_RECONSTRUCTIONS))
def test_a_constant_coordinate_disturbs_no_metric_of_codes(name: str, seen: Evidence) -> None:
    padded = with_codes(seen, lambda codes: np.concatenate([codes, np.ones_like(codes[:, :1])], axis=1))
    found, plain = (measure(each, [name])[name].value for each in (padded, seen))
    if "units" not in name and name != "hoyer":
        assert found == pytest.approx(plain, abs=1e-3)
    assert found is not None


@pytest.mark.parametrize("name", [name for name, metric in METRICS.items() if metric.needs_labels])
def test_one_class_alone_is_no_measure_of_labels(name: str, seen: Evidence) -> None:
    train, test = (replace(split, labels=np.full_like(split.labels, 3)) for split in (seen.train, seen.test))
    found = measure(replace(seen, train=train, test=test), [name])[name]
    assert found.value is None
    assert "at least 2 classes; got 3 alone" in found.reason


@pytest.mark.parametrize("name", [name for name, metric in METRICS.items() if metric.neighbours])
@pytest.mark.parametrize("k", [0, 298, 299, 596, 597, 10_000])
def test_neighbourhoods_larger_than_the_data_are_refused_in_words(name: str, k: int, seen: Evidence) -> None:
    found = measure(replace(seen, k=k), [name])[name]
    if name.startswith("knn"):
        assert found.value is not None
    elif not 1 <= k <= 596 or (k == 299 and name in ("trustworthiness", "continuity")):
        assert found.value is None
        assert found.reason.startswith("k must be")
        assert found.reason.endswith(f"got {k}")


def test_two_examples_are_too_few_for_some_metrics_and_break_none() -> None:
    few = evidence(PCA(2).fit(digits().x_train), digits(), sample=2)
    for found in measure(few).values():
        assert (found.value is None) == bool(found.reason)


def test_values_are_those_of_the_functions(seen: Evidence) -> None:
    found, known = measure(seen), digits()
    pca = PCA(5).fit(known.x_train)
    errors = pca.evaluate(known.x_test)
    for name in ERRORS:
        assert found[name].value == pytest.approx(errors[name], rel=1e-5)
    codes, asked = pca.encode(known.x_train), pca.encode(known.x_test)
    assert found["knn_5"].value == knn_accuracy(codes, known.y_train, asked, known.y_test, 5)
    assert found["psnr"].value == pytest.approx(-10 * np.log10(errors["mse"]), rel=1e-5)
    assert found["pca_angle"].value == pytest.approx(0.0, abs=1e-3)


def test_bytes_are_measured_as_the_same_numbers_between_0_and_1(seen: Evidence) -> None:
    whole = np.round(digits().x_train * 255).astype(np.uint8), np.round(digits().x_test * 255).astype(np.uint8)
    as_bytes = replace(digits(), x_train=whole[0], x_test=whole[1], value_range=(0.0, 255.0))
    found = measure(evidence(PCA(5).fit(as_bytes.x_train), as_bytes))
    for name, expected in measure(seen).items():
        if expected.value is not None:
            assert found[name].value == pytest.approx(expected.value, rel=0.02, abs=0.01), name


def test_a_posterior_and_a_book_are_read_as_the_run_reads_them() -> None:
    for name in ("divergence", "words_used"):
        run = untrained(**SPECIAL[name])
        activity = run.activity(digits().x_test)
        expected = activity.words if name == "words_used" else activity.divergence.mean()
        assert measure(evidence(run, digits()), [name])[name].value == pytest.approx(expected)


def test_a_large_set_is_measured_on_a_sample_that_is_stated_and_always_the_same() -> None:
    known = digits()
    pca = PCA(2).fit(known.x_train)
    first, second = (evidence(pca, known, sample=100) for _ in range(2))
    np.testing.assert_array_equal(first.test.x, second.test.x)
    found = measure(first, ["knn_1", "mse", "trustworthiness"])
    assert found["knn_1"].sample == "100 of 597 held-out examples, 1,200 training examples, k = 1"
    assert found["mse"].sample == "100 of 597 held-out examples"
    assert (found["trustworthiness"].n, found["trustworthiness"].k) == (100, 10)
    assert len(first.train.codes) == 1200 < KNOWN


def test_training_examples_are_measured_by_what_others_of_them_tell() -> None:
    known = digits()
    pca = PCA(3).fit(known.x_train)
    for sample, measured, others in ((100, 100, 1100), (5000, 600, 600)):
        found = evidence(pca, known, sample=sample, split="train")
        assert (len(found.test.x), len(found.train.x)) == (measured, others)
        rows = {row.tobytes() for row in found.test.codes}
        assert not rows & {row.tobytes() for row in found.train.codes}
        assert rows <= {row.tobytes() for row in pca.encode(known.x_train)}
        text = measure(found, ["knn_1"])["knn_1"].sample
        assert text == f"{measured} of 1,200 training examples, {others:,} of 1,200 other training examples, k = 1"


def test_each_class_has_a_row_that_averages_to_the_whole(seen: Evidence) -> None:
    rows, whole = per_class(seen), measure(seen, ["mse", "knn_5", "silhouette"])
    assert [row.name for row in rows] == list("0123456789")
    assert sum(row.n for row in rows) == 597
    for name in ("mse", "knn_5", "silhouette"):
        mean = sum(row.n * getattr(row, name) for row in rows) / 597
        assert mean == pytest.approx(whole[name].value, rel=1e-6)
    threes = seen.test.labels == 3
    assert rows[3].silhouette == pytest.approx(silhouettes(seen.test.codes, seen.test.labels)[threes].mean())


def test_rows_of_classes_leave_out_what_cannot_be_taken(seen: Evidence) -> None:
    unlabelled = digits(labelled=False)
    assert per_class(evidence(PCA(2).fit(unlabelled.x_train), unlabelled)) == []
    labels = np.array([0, 0, 2])
    split = Split(np.eye(3, dtype=np.float32), np.eye(3, dtype=np.float32), labels, 3)
    rows = per_class(Evidence(split, split))
    assert [(row.name, row.n, row.mse, row.knn_5) for row in rows] == [("0", 2, None, None), ("2", 1, None, None)]
    assert rows[1].silhouette == 0.0


@pytest.mark.parametrize(
    "arguments, message",
    [({"split": "all"}, "split must be 'test' or 'train'; got 'all'"), ({"sample": 0}, "sample must be at least 1")],
)
def test_samples_that_cannot_be_are_refused(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(DataError, match=message):
        evidence(PCA(1).fit(digits().x_train), digits(), **arguments)


def test_an_unknown_metric_is_refused(seen: Evidence) -> None:
    with pytest.raises(DataError, match="names must be of mse, .*; got 'accuracy'"):
        measure(seen, ["accuracy"])
