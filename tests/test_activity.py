"""What coordinates do, against counting by hand and definitions written out."""

import numpy as np
import pytest
from scipy.stats import norm
from sklearn.datasets import load_digits

import aejax
from aejax import DataError, ModelSpec, TrainSpec
from aejax.activity import active_units, activity, dead_units, hoyer_sparsity, nonzero_units, words_used

X = (load_digits().images[:500] / 16).astype(np.float32)


def test_counts_are_those_of_a_table_counted_by_hand():
    codes = [[0.0, 1.0, 5.0, 0.01], [0.0, 3.0, 5.0, 0.02], [0.0, 0.0, 5.0, 0.0]]
    assert nonzero_units(codes) == pytest.approx((3 + 3 + 1) / 3)
    assert dead_units(codes) == 0.5
    assert active_units(codes) == 1
    assert words_used(codes, 2) == 6
    assert words_used([[1, 2, 1, 2], [3, 4, 1, 2]], 2) == 2


def test_hoyer_sparsity_goes_from_0_for_equal_coordinates_to_1_for_one_alone():
    assert hoyer_sparsity(np.ones((3, 9))) == pytest.approx(0.0, abs=1e-12)
    assert hoyer_sparsity(np.eye(9)) == pytest.approx(1.0)
    assert hoyer_sparsity([[3.0, -4.0], [0.0, 0.0]]) == pytest.approx((np.sqrt(2) - 7 / 5) / (np.sqrt(2) - 1))


def test_top_k_keeps_exactly_k_of_every_code():
    spec = ModelSpec(latent=20, bottleneck={"kind": "top_k", "k": 6})
    run = aejax.train(spec, TrainSpec(epochs=3, batch_size=50), X)
    assert (np.count_nonzero(run.encode(X), axis=1) == 6).all()
    found = run.activity(X)
    assert found.nonzero == 6.0
    assert found.hoyer == hoyer_sparsity(run.encode(X)) > 0.4
    assert found.divergence is None


def test_as_many_coordinates_are_active_as_the_data_have_directions_and_the_idle_are_remarked_upon():
    """Linear and normal: a coordinate is worth its divergence only along a variance above the output's own."""
    random = np.random.default_rng(0)
    x = random.normal(size=(1000, 2)) @ random.normal(size=(2, 10)) + 0.3 * random.normal(size=(1000, 10))
    # A beta somewhat above 1, for by chance some noise varies a little more than the rest.
    bottleneck = {"kind": "gaussian", "beta": 1.5}
    spec = ModelSpec(latent=5, encoder="linear", bottleneck=bottleneck, likelihood="normal")
    run = aejax.train(spec, TrainSpec(epochs=300, batch_size=100, learning_rate=0.02, schedule="cosine"), x)
    found = run.activity(x)
    assert found.active == 2
    assert ((found.divergence > 0.1) == (run.encode(x).var(axis=0) > 0.01)).all()
    assert found.remark.startswith("3 of 5 coordinates are idle")
    assert found.divergence.sum() == pytest.approx(run.evaluate(x)["kl"] / 1.5, rel=1e-3)


def test_the_divergence_of_each_coordinate_is_its_monte_carlo_estimate():
    spec = ModelSpec(latent=2, bottleneck="gaussian")
    run = aejax.train(spec, TrainSpec(epochs=2, batch_size=50), X)
    found = run.divergence(X[:1])
    random, mean = np.random.default_rng(0), run.encode(X[:1])[0].astype(np.float64)
    kernel, bias = (np.asarray(run.params[f"encoder.body.layers.0.{name}"], np.float64) for name in ("kernel", "bias"))
    sd = np.exp(0.5 * (X[0].ravel() @ kernel + bias)[2:])
    draws = mean + sd * random.normal(size=(400_000, 2))
    estimate = (norm.logpdf(draws, mean, sd) - norm.logpdf(draws)).mean(axis=0)
    np.testing.assert_allclose(found, estimate, rtol=0.02, atol=0.002)


def test_a_books_words_in_use_are_told():
    spec = ModelSpec(latent=8, bottleneck={"kind": "codebook", "codes": 16, "width": 4})
    run = aejax.train(spec, TrainSpec(epochs=3, batch_size=50), X)
    found = run.activity(X)
    assert 2 <= found.words <= 16
    assert found.remark == ""


def test_codes_that_cannot_be_measured_say_why():
    with pytest.raises(DataError, match=r"codes must be of shape \(n, latent\); got \(2, 3, 4\)"):
        active_units(np.ones((2, 3, 4)))
    with pytest.raises(DataError, match="codes must have 2 coordinates or more and not all be zero"):
        hoyer_sparsity(np.zeros((3, 4)))
    with pytest.raises(DataError, match="width must divide 4, the size of the code; got 3"):
        words_used(np.ones((2, 4)), 3)
    assert activity(np.zeros((3, 4))).hoyer is None


def test_any_codes_are_measured_on_a_half_held_out():
    labels = load_digits().target[:500]
    codes = aejax.PCA(8).fit(X).encode(X)
    found = aejax.measure_codes(X, codes, labels)
    assert found["knn_5"].value > 0.85
    assert found["knn_5"].sample == "250 held-out examples, 250 training examples, k = 5"
    assert found["active_units"].value == 8
    assert found["mse"].value is None
    assert found["mse"].reason.startswith("reconstructions are missing")
    assert aejax.measure_codes(X, codes)["knn_5"].reason.endswith("this data set has no labels")
    with pytest.raises(DataError, match="x and z must hold 2 examples or more, as many each; got 500 and 499"):
        aejax.measure_codes(X, codes[1:])
