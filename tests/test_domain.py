"""Scores, their AUROC and labels in doubt, against scipy, counting of pairs and brute force."""

import numpy as np
import pytest
from scipy.spatial import distance
from visitors import trained

from aejax import domain
from aejax.arrays import DataError
from aejax.data import load_data
from aejax.rebuilding import Rebuilt, rebuild
from aejax.training import train
from aejax.zoo import ZOO

RANDOM = np.random.default_rng(0)


def rebuilt(case: str = "three numbers") -> Rebuilt:
    result = trained(case)
    return rebuild(result.run, result.data.x_test)


def known(case: str = "three numbers") -> domain.Known:
    result = trained(case)
    return domain.Known(result.run.encode(result.data.x_train))


@pytest.mark.parametrize("score", domain.SCORES)
def test_every_score_is_a_number_an_example_and_names_its_unit(score: str) -> None:
    values = domain.measured(score, rebuilt(), known())
    assert values.shape == (len(rebuilt().x),)
    assert np.isfinite(values).all()
    assert (values > -1e-4).all()
    assert all((domain.SCORES[score].title, domain.SCORES[score].unit, domain.SCORES[score].meaning.endswith(".")))


def test_mahalanobis_is_scipys() -> None:
    codes, found = known().codes.astype(np.float64), rebuilt()
    inverse = np.linalg.inv(np.cov(codes, rowvar=False))
    expected = [distance.mahalanobis(code, codes.mean(axis=0), inverse) for code in found.codes[:20]]
    np.testing.assert_allclose(domain.measured("mahalanobis", found, known())[:20], expected, rtol=1e-3)


def test_a_coordinate_that_never_varies_says_nothing() -> None:
    codes = np.stack([RANDOM.normal(size=50), np.ones(50)], axis=1).astype(np.float32)
    found = rebuilt()
    flat = Rebuilt(found.x[:50], codes, found.reconstruction[:50], {})
    values = domain.measured("mahalanobis", flat, domain.Known(codes))
    np.testing.assert_allclose(values, np.abs(codes[:, 0] - codes[:, 0].mean()) / codes[:, 0].std(ddof=1), rtol=1e-4)


def test_the_distance_to_the_codes_is_that_of_the_tenth_nearest() -> None:
    found = rebuilt()
    every = np.sort(distance.cdist(found.codes, known().codes), axis=1)[:, 9]
    np.testing.assert_allclose(domain.measured("neighbour", found, known()), every, rtol=1e-4, atol=1e-6)


def test_auroc_is_the_share_of_pairs_in_order() -> None:
    own, strange = RANDOM.integers(0, 9, 40).astype(float), RANDOM.integers(3, 12, 30).astype(float)
    pairs = (strange[:, None] > own).mean() + 0.5 * (strange[:, None] == own).mean()
    assert domain.auroc(own, strange) == pytest.approx(pairs)


def test_rates_are_shares_above_the_threshold() -> None:
    assert domain.rates(np.array([1.0, 2, 3, 4]), np.array([3.0, 5]), 3.0) == (0.25, 0.5)


def test_clothes_are_told_from_digits() -> None:
    # The default model and recipe, with a sixth of its epochs.
    data, entry = load_data("mnist-sample"), ZOO["map"]
    run = train(entry.spec, entry.train.replace(epochs=5), data.x_train)
    groups = rebuild(run, data.x_test), domain.foreign(run, load_data("fashion-sample").x_test)
    codes = domain.Known(run.encode(data.x_train[:1000]))
    score = domain.usual_score(run, unit_range=True)
    values = [domain.measured(score, group, codes) for group in groups]
    assert score == "excess_bce"
    assert domain.auroc(*values) > 0.98


def test_own_examples_that_pass_for_foreign_are_not_told_from_own_ones_by_a_class() -> None:
    result = trained("conditional")
    run, x = result.run, result.data.x_test
    codes = domain.Known(run.encode(result.data.x_train, labels=result.data.y_train))
    own, strange = domain.scored(run, x[::2], codes), domain.scored(run, x[1::2], codes)
    for name, values in own.scores.items():
        assert domain.auroc(values, strange.scores[name]) == pytest.approx(0.5, abs=0.05), name


def test_a_score_is_the_least_that_any_class_gives() -> None:
    result = trained("conditional")
    run, x = result.run, result.data.x_test[:9]
    codes = domain.Known(run.encode(result.data.x_train))
    found = domain.scored(run, x, codes)
    each = [rebuild(run.given(label), x) for label in range(10)]
    for name, values in found.scores.items():
        np.testing.assert_allclose(values, np.min([domain.measured(name, one, codes) for one in each], axis=0))
    nearest = np.argmin([one.errors["mse"] for one in each], axis=0)
    expected = [each[label].reconstruction[row] for row, label in enumerate(nearest)]
    np.testing.assert_array_equal(found.reconstruction, expected)


@pytest.mark.parametrize("kind", domain.PERTURBATIONS)
def test_spoilt_examples_keep_to_their_range_and_are_the_same_each_time(kind: str) -> None:
    x = RANDOM.integers(0, 256, (5, 6, 6), dtype=np.uint8)
    found = domain.perturbed(x, kind, (0.0, 1.0))
    assert found.shape == x.shape
    assert 0 <= found.min() <= found.max() <= 1
    assert not np.allclose(found, x / 255)
    np.testing.assert_array_equal(found, domain.perturbed(x, kind, (0.0, 1.0)))


def test_shuffled_pixels_are_the_same_ones_elsewhere() -> None:
    x = RANDOM.random((4, 5, 5)).astype(np.float32)
    found = domain.perturbed(x, "shuffled", (0.0, 1.0))
    np.testing.assert_array_equal(np.sort(found.reshape(4, -1)), np.sort(x.reshape(4, -1)))


def test_what_does_not_fit_is_refused() -> None:
    run = trained("three numbers").run
    with pytest.raises(DataError, match=r"x must hold examples of shape \(8, 8\)"):
        domain.foreign(run, np.zeros((3, 28, 28), np.uint8))
    with pytest.raises(DataError, match="kind must be one of"):
        domain.perturbed(np.zeros((3, 8, 8), np.uint8), "upside down", (0, 1))
    waves = rebuilt("sequences, one number")
    with pytest.raises(DataError, match="must lie in"):
        domain.measured("bce", waves, domain.Known(waves.codes))


def test_suspects_are_those_that_brute_force_finds() -> None:
    codes, labels = RANDOM.normal(size=(120, 2)).astype(np.float32), RANDOM.integers(0, 3, 120)
    apart = distance.cdist(codes, codes)
    np.fill_diagonal(apart, np.inf)
    nearest = labels[np.argsort(apart, axis=1)[:, :10]]
    expected = {}
    for row, votes in enumerate(nearest):
        counts = np.bincount(votes, minlength=3)
        if counts.max() > 5 and counts.argmax() != labels[row]:
            expected[row] = (counts.argmax(), counts.max() / 10)
    found = domain.suspects(codes, labels)
    assert dict(zip(found.rows.tolist(), zip(found.others, found.shares, strict=True), strict=True)) == expected
    assert (np.diff(found.shares) <= 0).all()
    np.testing.assert_array_equal(found.given, labels[found.rows])


def test_a_label_that_was_changed_is_the_first_suspect() -> None:
    centres = np.repeat([[0.0, 0.0], [20.0, 0.0]], 30, axis=0)
    codes, labels = (centres + RANDOM.normal(size=(60, 2))).astype(np.float32), np.repeat([0, 1], 30)
    labels[7] = 1
    found = domain.suspects(codes, labels)
    assert (found.rows.tolist(), found.others.tolist(), found.shares.tolist()) == ([7], [0], [1.0])


def test_few_examples_ask_as_many_neighbours_as_there_are() -> None:
    assert domain.suspects(np.zeros((3, 1), np.float32), np.array([0, 0, 1])).neighbours == 2


@pytest.mark.parametrize("labels", [None, np.zeros(5, np.int32)])
def test_without_labels_or_with_one_class_none_can_be_doubted(labels: np.ndarray | None) -> None:
    with pytest.raises(DataError, match="labels"):
        domain.suspects(np.zeros((5, 2), np.float32), labels)
