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


def test_a_divergence_leaves_coordinates_idle_and_is_remarked_upon():
    spec = ModelSpec(latent=6, bottleneck="gaussian", likelihood="mse")
    run = aejax.train(spec, TrainSpec(epochs=60, batch_size=50, learning_rate=3e-3), X)
    found = run.activity(X)
    idle = found.divergence < 0.01
    assert 0 < found.active < 6
    assert found.active == 6 - idle.sum()
    assert found.remark.startswith(f"{6 - found.active} of 6 coordinates are idle")
    # An idle coordinate costs nothing; what is paid for is what the others tell.
    assert found.divergence.sum() == pytest.approx(run.evaluate(X)["kl"], rel=1e-3)


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
    assert found["knn_5"].sample == "250 held-out examples, 250 training examples"
    assert found["active_units"].value == 8
    assert found["mse"].value is None
    assert found["mse"].reason.startswith("reconstructions are missing")
    assert aejax.measure_codes(X, codes)["knn_5"].reason.endswith("this data set has no labels")
    with pytest.raises(DataError, match="x and z must hold 2 examples or more, as many each; got 500 and 499"):
        aejax.measure_codes(X, codes[1:])
