import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.metrics import mean_squared_error

import aejax
from aejax import DataError, ModelSpec, TrainSpec
from aejax.batches import CHUNK, over_chunks

X = (load_digits().images / 16).astype(np.float32)


@pytest.fixture(scope="module")
def run():
    return aejax.train(
        ModelSpec(latent=4, encoder={"kind": "dense", "widths": (16,)}), TrainSpec(epochs=3), X[:500], X[500:600]
    )


@pytest.fixture(scope="module")
def variational():
    spec = ModelSpec(latent=2, bottleneck={"kind": "gaussian", "beta": 2.0}, corruption="gaussian")
    return aejax.train(spec, TrainSpec(epochs=2), X[:500])


def test_codes_and_reconstructions_have_their_shapes(run):
    assert run.encode(X[:7]).shape == (7, 4)
    assert run.decode(np.zeros((3, 4))).shape == (3, 8, 8)
    assert run.reconstruct(X[:7]).shape == (7, 8, 8)
    assert run.sample(5, seed=1).shape == (5, 8, 8)


def test_a_reconstruction_is_the_decoded_code(run):
    np.testing.assert_allclose(run.reconstruct(X[:50]), run.decode(run.encode(X[:50])), rtol=1e-5, atol=1e-6)


def test_errors_are_those_of_scikit_learn_and_of_the_definition(run):
    found = run.evaluate(X[600:])
    x, rebuilt = X[600:].reshape(-1, 64).astype(np.float64), run.reconstruct(X[600:]).reshape(-1, 64).astype(np.float64)
    assert found["mse"] == pytest.approx(mean_squared_error(x, rebuilt), rel=1e-5)
    assert found["sse"] == pytest.approx(64 * mean_squared_error(x, rebuilt), rel=1e-5)
    bce = -(x * np.log(rebuilt) + (1 - x) * np.log1p(-rebuilt)).mean()
    assert found["bce"] == pytest.approx(bce, rel=1e-4)
    with np.errstate(divide="ignore", invalid="ignore"):
        entropy = -np.nan_to_num(x * np.log(x)) - np.nan_to_num((1 - x) * np.log1p(-x))
    assert found["excess_bce"] == pytest.approx(bce - entropy.mean(), rel=1e-3)
    assert found["reconstruction"] == pytest.approx(64 * bce, rel=1e-4)
    assert found["loss"] == pytest.approx(found["reconstruction"])


def test_the_loss_is_the_sum_of_the_terms(variational):
    found = variational.evaluate(X[:100])
    assert found["loss"] == pytest.approx(found["reconstruction"] + found["kl"])


def test_one_seed_gives_one_evaluation_and_another_a_little_else(variational):
    first, again, other = (variational.evaluate(X[:200], seed=seed) for seed in (0, 0, 1))
    assert first == again
    assert first["bce"] != other["bce"]
    assert first["bce"] == pytest.approx(other["bce"], rel=0.05)


def test_a_denoising_model_is_evaluated_on_noisy_input_unless_told_otherwise(variational):
    noisy, clean = (variational.evaluate(X[:200], corrupted=corrupted)["mse"] for corrupted in (True, False))
    assert noisy > clean
    assert variational.corrupt(X[:3], seed=4).shape == (3, 8, 8)


def test_what_is_outside_0_to_1_has_no_cross_entropy():
    x = X[:200] * 4 - 2
    run = aejax.train(ModelSpec(latent=2, likelihood="mse"), TrainSpec(epochs=1), x)
    found = run.evaluate(x)
    assert np.isnan(found["bce"])
    assert found["mse"] > 0


def test_samples_of_a_plain_code_follow_the_training_codes(run):
    codes, drawn = run.encode(X[:500]), run.sample_codes(20_000, seed=0)
    np.testing.assert_allclose(drawn.mean(axis=0), codes.mean(axis=0), atol=0.05 * codes.std())
    np.testing.assert_allclose(np.cov(drawn.T), np.cov(codes.T), atol=0.1 * codes.var())


def test_samples_of_a_rectified_code_are_never_negative():
    spec = ModelSpec(latent=4, bottleneck={"kind": "point", "activation": "relu"})
    run = aejax.train(spec, TrainSpec(epochs=1), X[:200])
    assert run.sample_codes(500).min() >= 0


def test_samples_of_a_variational_code_follow_the_prior(variational):
    drawn = variational.sample_codes(20_000, seed=0)
    np.testing.assert_allclose(drawn.mean(axis=0), 0.0, atol=0.03)
    np.testing.assert_allclose(np.cov(drawn.T), np.eye(2), atol=0.05)
    np.testing.assert_array_equal(variational.sample(3, seed=5), variational.sample(3, seed=5))


def test_bad_codes_and_counts_are_refused(run):
    with pytest.raises(DataError, match=r"z must hold examples of shape \(4,\); got \(3,\)"):
        run.decode(np.zeros((2, 3)))
    with pytest.raises(DataError, match="z must be finite"):
        run.decode(np.full((2, 4), np.inf))
    with pytest.raises(DataError, match="n must be a whole number of at least 1; got 0"):
        run.sample(0)
    with pytest.raises(DataError, match="seed must be a whole number of at least 0; got -1"):
        run.sample(2, seed=-1)
    with pytest.raises(DataError, match=r"x must hold examples of shape \(8, 8\)"):
        run.encode(np.zeros((2, 9)))
    with pytest.raises(DataError, match=r"x must lie in \[0, 1\] for likelihood 'bernoulli'; got 0 to 16"):
        run.encode(16 * X[:20])


@pytest.mark.parametrize("count", [1, 2, CHUNK - 1, CHUNK, CHUNK + 3])
def test_chunks_give_what_the_whole_gives(count):
    x = np.arange(2 * count, dtype=np.float32).reshape(count, 2)
    np.testing.assert_array_equal(over_chunks(lambda chunk, number: chunk.sum(axis=1), x), x.sum(axis=1))


def test_a_saved_run_gives_the_same_outputs_bit_for_bit(variational, tmp_path):
    variational.save(tmp_path / "run")
    loaded = aejax.load_run(tmp_path / "run")
    assert (loaded.spec, loaded.train, loaded.shape) == (variational.spec, variational.train, variational.shape)
    assert loaded.history == variational.history
    np.testing.assert_array_equal(loaded.encode(X[:300]), variational.encode(X[:300]))
    np.testing.assert_array_equal(loaded.reconstruct(X[:300]), variational.reconstruct(X[:300]))
    assert loaded.evaluate(X[:300]) == variational.evaluate(X[:300])
    np.testing.assert_array_equal(loaded.sample(3), variational.sample(3))


def test_a_plain_run_keeps_the_statistics_of_its_codes(run, tmp_path):
    run.save(tmp_path)
    np.testing.assert_array_equal(aejax.load_run(tmp_path).sample(3), run.sample(3))


def test_noise_that_is_kept_is_the_trainings_own_for_its_seed_and_in_its_order():
    spec = ModelSpec(
        latent=8, encoder={"kind": "dense", "widths": (256,)}, corruption={"kind": "gaussian", "fresh": False}
    )
    run = aejax.train(spec, TrainSpec(epochs=150, batch_size=50, seed=3), X[:100])
    by_heart, others = (run.evaluate(X[:100], seed=seed)["bce"] for seed in (3, 4))
    assert by_heart < 0.95 * others
