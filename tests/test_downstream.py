"""What codes are good for, against scikit-learn's own estimators and every matching of clusters."""

from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest
from sklearn.cluster import KMeans
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import adjusted_rand_score, homogeneity_completeness_v_measure
from visitors import trained

from aejax import downstream
from aejax.arrays import DataError

RANDOM = np.random.default_rng(0)


def written(case: str = "eight numbers") -> tuple[downstream.Examples, list[downstream.Table]]:
    examples = downstream.sample(trained(case).data, 300, 200)
    return examples, downstream.tables(trained(case).run, examples)


def test_each_way_has_its_numbers_and_bytes() -> None:
    _, tables = written()
    assert [(table.name, table.numbers, table.bytes) for table in tables] == [
        (downstream.FEATURES, 64, 256),
        (downstream.COMPONENTS, 8, 32),
        (downstream.CODES, 8, 32),
    ]


def test_where_pca_cannot_be_as_large_it_is_left_out() -> None:
    result = trained("forty numbers")
    examples = downstream.sample(result.data, 20, 20)
    assert [table.name for table in downstream.tables(result.run, examples)] == [downstream.FEATURES, downstream.CODES]


def test_all_is_measured() -> None:
    examples, tables = written()
    assert set(downstream.measured(tables[-1], examples)) == set(downstream.QUANTITIES)


def test_accuracy_is_scikit_learns() -> None:
    examples, (features, *_) = written()
    mean, deviation = features.train.mean(axis=0), features.train.std(axis=0)
    scale = np.where(deviation > 0, deviation, 1)
    theirs = LogisticRegression(max_iter=1000).fit((features.train - mean) / scale, examples.y_train)
    expected = theirs.score((features.test - mean) / scale, examples.y_test)
    assert downstream.probed(features, examples)["accuracy"] == pytest.approx(expected, abs=0.02)


def test_clusters_are_scored_as_scikit_learn_does() -> None:
    examples, (_, _, codes) = written()
    clusters = KMeans(10, n_init=4, random_state=0).fit(codes.train).predict(codes.test)
    found = downstream.clustered(codes, examples)
    assert found["rand"] == pytest.approx(adjusted_rand_score(examples.y_test, clusters), abs=0.02)
    assert found["v_measure"] == pytest.approx(
        homogeneity_completeness_v_measure(examples.y_test, clusters)[2], abs=0.02
    )


def test_the_best_matching_is_the_best_of_all() -> None:
    labels, clusters = RANDOM.integers(0, 4, 60), RANDOM.integers(0, 4, 60)
    best = max((np.array(classes)[clusters] == labels).mean() for classes in permutations(range(4)))
    assert downstream.matched_accuracy(labels, clusters) == pytest.approx(best)


def test_clusters_by_other_names_are_matched_wholly() -> None:
    labels = np.repeat([0, 1, 2], 5)
    assert downstream.matched_accuracy(labels, np.array([2, 0, 1])[labels]) == 1


def test_the_sample_is_the_same_each_time_and_not_larger_than_the_data() -> None:
    data = trained("eight numbers").data
    one, other = (downstream.sample(data, 100, 10_000) for _ in range(2))
    np.testing.assert_array_equal(one.x_train, other.x_train)
    assert (len(one.x_train), len(one.x_test)) == (100, len(data.x_test))


def test_without_labels_or_with_one_class_there_is_nothing_to_tell() -> None:
    data = trained("eight numbers").data
    with pytest.raises(DataError, match="labels are missing"):
        downstream.sample(replace(data, y_train=None, y_test=None, label_names=()), 100, 100)
    with pytest.raises(DataError, match="at least 2 classes"):
        downstream.sample(replace(data, y_train=np.zeros_like(data.y_train)), 100, 100)


def test_fewer_distinct_examples_than_classes_still_cluster() -> None:
    examples, _ = written()
    same = downstream.Table("same", np.zeros((300, 2), np.float32), np.zeros((200, 2), np.float32), 8)
    assert downstream.clustered(same, examples)["rand"] == 0
