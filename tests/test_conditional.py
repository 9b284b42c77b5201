"""Models that are told the class of each example."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from sklearn.datasets import load_digits

import aejax
from aejax import DataError, Embedder, ModelSpec, SpecError, TrainSpec
from aejax.geometry import metric
from aejax.model import Model
from aejax.parts.activations import ACTIVATIONS
from aejax.parts.condition import Condition
from aejax.ui.canvas.decoder import dense

DIGITS = load_digits()
X, Y = (DIGITS.images[:600] / 16).astype(np.float32), DIGITS.target[:600]
SPEC = ModelSpec(latent=2, encoder={"kind": "dense", "widths": (32,)}, bottleneck="gaussian", classes=10)


@pytest.fixture(scope="module")
def run():
    recipe = TrainSpec(epochs=40, batch_size=50, learning_rate=3e-3)
    return aejax.train(SPEC, recipe, X[:500], X[500:], labels=Y[:500], validation_labels=Y[500:])


def test_a_template_is_a_row_of_weights_for_each_class_to_a_dense_layer():
    random = np.random.default_rng(0)
    x, labels, weights = random.normal(size=(5, 6)), np.array([0, 2, 1, 2, 0]), random.normal(size=(6, 4))
    condition = Condition(3, (6,))
    condition.template[...] = jnp.asarray(random.normal(size=(3, 6)), jnp.float32)
    per_class = np.asarray(condition.template[...]) @ weights
    joined = np.concatenate([x, np.eye(3)[labels]], axis=1) @ np.concatenate([weights, per_class])
    found = condition(jnp.asarray(x, jnp.float32), jnp.asarray(labels)) @ jnp.asarray(weights, jnp.float32)
    np.testing.assert_allclose(found, joined, rtol=1e-4, atol=1e-5)
    beside = condition.beside(jnp.ones((5, 2)), jnp.asarray(labels))
    np.testing.assert_array_equal(beside, np.concatenate([np.ones((5, 2)), np.eye(3)[labels]], axis=1))


def test_the_class_says_what_is_decoded_and_the_right_one_rebuilds_best(run):
    right = run.evaluate(X[500:], labels=Y[500:])["mse"]
    wrong = run.evaluate(X[500:], labels=(Y[500:] + 1) % 10)["mse"]
    assert right < 0.7 * wrong
    codes = np.zeros((10, 2))
    decoded = run.decode(codes, np.arange(10)).reshape(10, -1)
    means = np.stack([X[:500][Y[:500] == label].mean(axis=0).ravel() for label in range(10)])
    nearest = ((decoded[:, None] - means[None]) ** 2).sum(axis=2).argmin(axis=1)
    assert (nearest == np.arange(10)).sum() >= 9


def test_it_needs_fewer_nats_than_a_model_that_is_not_told(run):
    plain = aejax.train(SPEC.replace(classes=0), run.train, X[:500], X[500:])
    last = [sum(found.history[-1].validation.values()) for found in (run, plain)]
    assert last[0] < last[1]


def test_one_class_stands_in_for_a_plain_autoencoder(run):
    three = run.given(3)
    assert isinstance(three, Embedder)
    codes = np.random.default_rng(0).normal(size=(4, 2))
    np.testing.assert_array_equal(three.decode(codes), run.decode(codes, 3))
    np.testing.assert_array_equal(three.decode(codes), run.decode(codes, [3, 3, 3, 3]))
    np.testing.assert_array_equal(three.encode(X[:5]), run.encode(X[:5], np.full(5, 3)))
    np.testing.assert_array_equal(three.sample(2), run.sample(2, labels=3))
    assert three.reconstruct(X[:5]).shape == (5, 8, 8)
    assert three.evaluate(X[:50]) == run.evaluate(X[:50], labels=3)
    assert three.log_likelihood(X[:5], 10).shape == (5,)


def test_the_browsers_decoder_and_the_geometry_are_those_of_the_class(run):
    three, codes = run.given(3), np.random.default_rng(0).normal(size=(4, 2)).astype(np.float32)
    found = dense(three)
    at, values = 0, codes
    for layer in found.layout["layers"]:
        kernel = found.values[at : at + layer["inputs"] * layer["outputs"]].reshape(layer["inputs"], -1)
        at += kernel.size
        bias = found.values[at : at + layer["outputs"]]
        at += bias.size
        values = ACTIVATIONS[layer["activation"]].function(np.asarray(values) @ kernel.astype(np.float32) + bias)
    np.testing.assert_allclose(values.reshape(4, 8, 8), run.decode(codes, 3), atol=3e-3)
    step = 1e-2 * np.eye(2, dtype=np.float32)
    ahead, behind = (run.decode(codes[:1] + sign * step, 3).reshape(2, -1) for sign in (1, -1))
    jacobian = (ahead - behind) / 2e-2
    np.testing.assert_allclose(metric(three, codes[:1])[0], jacobian @ jacobian.T, rtol=0.02, atol=1e-3)


def test_a_saved_model_is_told_classes_as_before(run, tmp_path):
    run.save(tmp_path / "run")
    loaded = aejax.load_run(tmp_path / "run")
    np.testing.assert_array_equal(loaded.reconstruct(X[:9], Y[:9]), run.reconstruct(X[:9], Y[:9]))


@pytest.mark.parametrize("encoder", ["conv", "recurrent", "linear"])
def test_it_works_for_any_body_and_the_template_learns(encoder):
    spec = ModelSpec(latent=3, encoder=encoder, classes=10, likelihood="mse")
    run = aejax.train(spec, TrainSpec(epochs=1, batch_size=100), X[:200], labels=Y[:200])
    assert run.reconstruct(X[:4], Y[:4]).shape == (4, 8, 8)
    assert float(jnp.abs(run.params["condition.template"]).max()) > 0
    fresh = Model.of(spec, (8, 8)).init(jax.random.key(0))
    assert float(jnp.abs(fresh["condition.template"]).max()) == 0


@pytest.mark.parametrize(
    "labels, message",
    [
        (None, r"labels must be given: the model is told the class of each example \(classes=10\)"),
        (Y[:3], r"labels must be whole numbers, one for each of 500; got int64 of \(3,\)"),
        (Y[:500] + 0.5, "labels must be whole numbers, one for each of 500; got float64"),
        (Y[:500] + 1, "labels must lie in 0 to 9, the model's classes; got 1 to 10"),
        (Y[:500] - 1, "labels must lie in 0 to 9, the model's classes; got -1 to 8"),
    ],
)
def test_labels_that_are_missing_or_do_not_fit_are_refused(labels, message):
    with pytest.raises(DataError, match=message):
        aejax.fit(SPEC, TrainSpec(), X[:500], labels=labels)


def test_every_other_place_that_needs_labels_says_so(run):
    plain = aejax.train(SPEC.replace(classes=0), TrainSpec(epochs=1), X[:100])
    for ask in (run.encode, run.reconstruct, run.evaluate):
        with pytest.raises(DataError, match="labels must be given"):
            ask(X[:5])
    with pytest.raises(DataError, match="labels must be given"):
        run.sample(3)
    with pytest.raises(DataError, match="validation_labels must be given"):
        aejax.fit(SPEC, TrainSpec(), X[:100], X[100:150], labels=Y[:100])
    with pytest.raises(DataError, match=r"label must lie in 0 to 9, the model's classes; got 10 to 10"):
        run.given(10)
    with pytest.raises(DataError, match=r"labels must be None: the model is not told the class"):
        plain.encode(X[:5], Y[:5])
    with pytest.raises(SpecError, match="spec.classes must be 0: a transformer is not told classes; got 10"):
        aejax.Autoencoder(spec=SPEC).fit(X[:100].reshape(100, -1))
