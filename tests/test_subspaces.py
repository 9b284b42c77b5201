"""Reconstructions along principal directions, against scikit-learn and scipy."""

import numpy as np
import pytest
import scipy.linalg
from digits import data
from sklearn import decomposition

from aejax import subspaces
from aejax.arrays import DataError
from aejax.baselines import PCA
from aejax.subspaces import frechet_distance, largest_angle, principal_directions, principal_features

DATA = data()


def test_pcas_own_reconstructions_lie_in_its_subspace() -> None:
    rebuilt = PCA(7).fit(DATA.x_train).reconstruct(DATA.x_test)
    assert largest_angle(rebuilt, principal_directions(DATA.x_train), 7) == pytest.approx(0.0, abs=1e-3)


def test_the_angle_is_that_between_scikit_learns_components_of_either() -> None:
    rebuilt = DATA.x_test + np.random.default_rng(0).normal(0, 0.2, DATA.x_test.shape).astype(np.float32)
    exact = decomposition.PCA(4, svd_solver="full")
    ours, theirs = (exact.fit(x.reshape(len(x), -1).astype(np.float64)).components_.T for x in (rebuilt, DATA.x_train))
    expected = np.rad2deg(scipy.linalg.subspace_angles(ours, theirs).max())
    assert 1 < expected < 90
    assert largest_angle(rebuilt, principal_directions(DATA.x_train), 4) == pytest.approx(expected, abs=1e-6)


def test_the_angle_of_a_plane_turned_by_hand_is_what_it_was_turned_by() -> None:
    random = np.random.default_rng(0)
    x = (random.normal(size=(400, 3)) * [3.0, 2.0, 0.01]).astype(np.float32)
    turn = np.deg2rad(30)
    flat = x * [1, 1, 0]
    tilted = np.stack([flat[:, 0], flat[:, 1] * np.cos(turn), flat[:, 1] * np.sin(turn)], axis=1)
    assert largest_angle(tilted, principal_directions(x), 2) == pytest.approx(30.0, abs=0.5)


def test_the_frechet_distance_is_that_of_scipys_matrix_root() -> None:
    random = np.random.default_rng(0)
    one, other = random.normal(size=(500, 6)) @ random.normal(size=(6, 6)), random.normal(1.0, 2.0, size=(400, 6))
    spreads = np.cov(one, rowvar=False), np.cov(other, rowvar=False)
    root = scipy.linalg.sqrtm(spreads[0] @ spreads[1]).real
    expected = np.square(one.mean(axis=0) - other.mean(axis=0)).sum() + np.trace(spreads[0] + spreads[1] - 2 * root)
    assert frechet_distance(one, other) == pytest.approx(expected, rel=1e-6)
    assert frechet_distance(one, one) == pytest.approx(0.0, abs=1e-6)


def test_the_frechet_distance_of_normals_of_one_dimension_is_its_closed_form() -> None:
    random = np.random.default_rng(0)
    one, other = random.normal(size=(50, 1)), random.normal(size=(60, 1))
    one, other = (one - one.mean()) / one.std(ddof=1), (other - other.mean()) / other.std(ddof=1)
    assert frechet_distance(one, 3 * other + 2) == pytest.approx(2**2 + (3 - 1) ** 2, abs=1e-6)


def test_features_are_scikit_learns_coordinates_of_at_most_64_directions() -> None:
    fitted = decomposition.PCA().fit(DATA.x_train.reshape(1200, -1).astype(np.float64))
    found = principal_features(DATA.x_test, principal_directions(DATA.x_train))
    expected = fitted.transform(DATA.x_test.reshape(597, -1).astype(np.float64))
    # The last directions are of no variance, and so any; signs too.
    np.testing.assert_allclose(np.abs(found[:, :50]), np.abs(expected[:, :50]), atol=1e-5)
    assert found.shape[1] <= 64


def test_directions_are_found_once_for_equal_data(monkeypatch: pytest.MonkeyPatch) -> None:
    first = principal_directions(DATA.x_train)
    monkeypatch.setattr(subspaces, "PCA", None)
    assert principal_directions(DATA.x_train.copy()) is first


@pytest.mark.parametrize(
    "rebuilt, d, message",
    [
        (np.ones((5, 8, 8)), 2, "reconstruction must vary along 2 directions, as many as the code's; got 0"),
        (np.eye(2).repeat(32, axis=1).reshape(2, 8, 8), 2, "along 2 directions, as many as the code's; got 1"),
        (np.ones((5, 8, 8)), 65, "d must be between 1 and 64, PCA's directions; got 65"),
        (np.full((5, 8, 8), np.nan), 2, "reconstruction must be finite"),
    ],
)
def test_reconstructions_without_so_many_directions_have_no_angle(rebuilt, d, message) -> None:
    with pytest.raises(DataError, match=message):
        largest_angle(rebuilt, principal_directions(DATA.x_train), d)


def test_examples_of_many_features_have_a_frechet_distance_and_no_angle(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subspaces, "ANGLES_UP_TO", 63)
    principal = principal_directions(DATA.x_train[:900])
    assert principal.latent == 64
    with pytest.raises(DataError, match="x must have at most 63 features for the angle to PCA; got 64"):
        largest_angle(DATA.x_test, principal, 2)


@pytest.mark.parametrize(
    "x, y, message",
    [
        (np.ones((1, 2)), np.ones((5, 2)), "x must be a table of 2 rows or more"),
        (np.ones((5, 2)), np.ones((5, 3)), "y must have 2 columns, as x has; got 3"),
    ],
)
def test_samples_without_a_covariance_are_refused(x, y, message) -> None:
    with pytest.raises(DataError, match=message):
        frechet_distance(x, y)
