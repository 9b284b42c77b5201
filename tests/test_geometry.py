"""The geometry of a decoder, against closed forms: a linear decoder's metric is W'W, and its geodesics are lines."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from aejax import DataError, ModelSpec, Run, TrainSpec
from aejax.geometry import geodesic, log_magnification, metric, round_trip_error
from aejax.model import Model

_CODES = np.random.default_rng(0).normal(size=(6, 2)).astype(np.float32)


def fresh(spec: ModelSpec, features: int, seed: int = 0) -> Run:
    return Run(spec, TrainSpec(), (features,), Model.of(spec, (features,)).init(jax.random.key(seed)))


@pytest.fixture(scope="module")
def linear() -> Run:
    return fresh(ModelSpec(encoder="linear", latent=2, likelihood="mse"), 5)


@pytest.fixture(scope="module")
def curved() -> Run:
    """Weights grown until the straight line is far from the shortest way."""
    run = fresh(ModelSpec(encoder={"kind": "dense", "widths": (16,), "activation": "tanh"}, latent=2), 20)
    return Run(run.spec, run.train, run.shape, {name: 3 * value for name, value in run.params.items()})


def weights(run: Run) -> np.ndarray:
    return np.asarray(run.params["decoder.body.layers.0.kernel"]).T


def test_the_metric_of_a_linear_decoder_is_its_weights_squared(linear: Run) -> None:
    W = weights(linear)
    np.testing.assert_allclose(metric(linear, _CODES), np.broadcast_to(W.T @ W, (6, 2, 2)), rtol=1e-6)


def test_the_metric_measures_small_steps(curved: Run) -> None:
    step = np.array([3e-3, -2e-3], np.float32)
    moved = ((curved.decode(_CODES + step) - curved.decode(_CODES - step)) / 2) ** 2
    np.testing.assert_allclose(np.einsum("k,nkl,l->n", step, metric(curved, _CODES), step), moved.sum(1), rtol=2e-3)


def test_a_class_that_the_decoder_is_told_is_told_here_too() -> None:
    encoder = {"kind": "dense", "widths": (6,), "activation": "tanh"}
    run = fresh(ModelSpec(encoder=encoder, latent=2, likelihood="mse", classes=3), 5)
    with pytest.raises(DataError, match="label must be given"):
        metric(run, _CODES)
    step = np.array([1e-2, 0], np.float32)
    for label in range(3):
        told = run.given(label)
        moved = (told.decode(_CODES + step) - told.decode(_CODES - step)) / 0.02
        np.testing.assert_allclose(metric(told, _CODES)[:, 0, 0], (moved**2).sum(axis=1), rtol=1e-3)
        assert geodesic(told, [0, 0], [2, 1], n=4).length > 0


def test_the_magnification_of_a_linear_decoder_is_the_volume_of_its_columns(linear: Run) -> None:
    W = weights(linear).astype(np.float64)
    np.testing.assert_allclose(log_magnification(linear, _CODES), 0.5 * np.linalg.slogdet(W.T @ W)[1], rtol=1e-5)


def test_the_magnification_is_the_root_of_the_metrics_determinant(curved: Run) -> None:
    expected = 0.5 * np.linalg.slogdet(metric(curved, _CODES).astype(np.float64))[1]
    np.testing.assert_allclose(log_magnification(curved, _CODES), expected, rtol=1e-4, atol=1e-4)


def test_the_round_trip_of_a_linear_model_is_its_two_matrices(linear: Run) -> None:
    back = np.asarray(linear.params["encoder.body.layers.0.kernel"]).T @ weights(linear)
    expected = np.linalg.norm(_CODES @ back.T - _CODES, axis=1)
    np.testing.assert_allclose(round_trip_error(linear, _CODES), expected, rtol=1e-5)


def test_the_geodesic_of_a_linear_decoder_is_the_straight_line(linear: Run) -> None:
    a, b = np.array([-1.0, 2.0]), np.array([3.0, -0.5])
    found = geodesic(linear, a, b, n=7)
    np.testing.assert_allclose(found.codes, np.linspace(a, b, 7), atol=1e-4)
    length = np.linalg.norm(weights(linear) @ (b - a))
    assert found.length == pytest.approx(length, rel=1e-4)
    # Steps of one length: the energy of the way is its length squared.
    assert found.energy == pytest.approx(length**2, rel=1e-4)


def test_a_curved_decoder_has_shorter_ways_than_the_line_and_they_are_stationary(curved: Run) -> None:
    a, b = np.array([-1.5, -1.0]), np.array([1.5, 1.0])
    found = geodesic(curved, a, b, n=9, steps=60)
    np.testing.assert_allclose(found.codes[[0, -1]], [a, b])
    assert found.energy < 0.95 * found.line_energy

    def energy(inner: jax.Array) -> jax.Array:
        codes = jnp.concatenate([jnp.float32(a)[None], inner, jnp.float32(b)[None]])
        return 8 * jnp.square(jnp.diff(curved.model.decode(curved.params, codes), axis=0)).sum()

    line = jnp.asarray(np.linspace(a, b, 9)[1:-1], jnp.float32)
    slope, steep = (np.abs(jax.grad(energy)(at)).max() for at in (jnp.asarray(found.codes[1:-1]), line))
    assert slope < 0.01 * steep
    assert found.energy == pytest.approx(float(energy(jnp.asarray(found.codes[1:-1]))), rel=1e-5)


@pytest.mark.parametrize("seed", range(4))
def test_the_energy_is_never_above_the_lines(seed: int) -> None:
    encoder = {"kind": "dense", "widths": (8,), "activation": "relu"}
    run = fresh(ModelSpec(encoder=encoder, latent=4), 12, seed)
    a, b = np.random.default_rng(seed).normal(size=(2, 4)) * 3
    found = geodesic(run, a, b, n=6, steps=15)
    assert found.energy <= found.line_energy


def test_ways_that_cannot_be_are_refused(linear: Run) -> None:
    with pytest.raises(DataError, match="n must be at least 3; got 2"):
        geodesic(linear, [0, 0], [1, 1], n=2)
    with pytest.raises(DataError, match="2 coordinates; got 3"):
        geodesic(linear, [0, 0, 0], [1, 1, 1])
    with pytest.raises(DataError, match="codes must"):
        metric(linear, [[np.nan, 0]])
