import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.ndimage import shift
from scipy.stats import norm

from aejax.model import Model
from aejax.parts.batch import Batch
from aejax.parts.chance import Chance
from aejax.parts.corruptions import CORRUPTIONS, Clean, GaussianNoise, Masking, Patches, SaltPepper, Shift
from aejax.parts.likelihoods import Normal
from aejax.run import Run, device_numbers
from aejax.settings import SpecError
from aejax.spec import ModelSpec, TrainSpec


def test_gaussian_noise_has_its_deviation():
    noisy = GaussianNoise(sd=0.4, clip=False).corrupt(jax.random.key(0), jnp.full((1000, 100), 0.5)).x
    assert float(noisy.mean()) == pytest.approx(0.5, abs=0.005)
    assert float(noisy.std()) == pytest.approx(0.4, rel=0.01)


def test_clipped_noise_on_black_has_the_rectified_normals_moments():
    noisy = np.asarray(GaussianNoise(sd=0.4).corrupt(jax.random.key(0), jnp.zeros((1000, 100))).x, np.float64)
    assert noisy.min() == 0.0
    assert noisy.max() == 1.0
    quantiles = np.clip(norm.ppf((np.arange(100_000) + 0.5) / 100_000, scale=0.4), 0, 1)
    assert noisy.mean() == pytest.approx(quantiles.mean(), rel=0.01)
    assert (noisy**2).mean() == pytest.approx((quantiles**2).mean(), rel=0.02)


def test_noise_is_fresh_for_each_key_and_the_same_for_one():
    x, noise = jnp.zeros((2, 3)), GaussianNoise()
    first, again, other = (noise.corrupt(jax.random.key(seed), x).x for seed in (0, 0, 1))
    assert bool((first == again).all())
    assert not bool((first == other).all())


def test_clean_changes_nothing():
    x = jnp.arange(6.0).reshape(2, 3)
    assert Clean().corrupt(jax.random.key(0), x).x is x


@pytest.mark.parametrize("kind", list(CORRUPTIONS))
def test_every_corruption_keeps_the_shape_and_the_range_it_asks_for(kind):
    corruption = CORRUPTIONS[kind]()
    noisy = jax.jit(corruption.corrupt)(jax.random.key(0), jnp.full((4, 5, 6, 1), 0.5)).x
    assert noisy.shape == (4, 5, 6, 1)
    assert not corruption.needs_unit_range or (float(noisy.min()) >= 0 and float(noisy.max()) <= 1)


def test_masking_and_salt_and_pepper_change_their_share_of_features():
    x = jnp.full((1000, 100), 0.5)
    masked = np.asarray(Masking(share=0.3).corrupt(jax.random.key(0), x).x)
    assert (masked == 0).mean() == pytest.approx(0.3, abs=0.005)
    assert (masked[masked != 0] == 0.5).all()
    peppered = np.asarray(SaltPepper(share=0.3).corrupt(jax.random.key(0), x).x)
    assert (peppered == 0).mean() == pytest.approx(0.15, abs=0.005)
    assert (peppered == 1).mean() == pytest.approx(0.15, abs=0.005)


def test_noise_that_is_kept_hangs_on_the_row_and_not_on_the_batch():
    x, kept = jnp.full((4, 5), 0.5), GaussianNoise(sd=0.1, fresh=False)
    rows = jnp.array([7, 3, 9, 1])
    first = kept.draw(Chance(jax.random.key(0), jax.random.key(5), rows), x).x
    later = kept.draw(Chance(jax.random.key(1), jax.random.key(5), rows[::-1]), x).x
    np.testing.assert_array_equal(first, later[::-1])
    assert len(np.unique(np.asarray(first))) > 10
    fresh = GaussianNoise(sd=0.1)
    draws = [fresh.draw(Chance(jax.random.key(k), jax.random.key(5), rows), x).x for k in (0, 1)]
    assert not bool((draws[0] == draws[1]).any())


@pytest.mark.parametrize("kind", [kind for kind in CORRUPTIONS if "share" in CORRUPTIONS[kind].model_fields])
@pytest.mark.parametrize("fresh", [True, False])
def test_what_is_said_to_be_corrupted_is_all_that_differs(kind, fresh):
    x = jnp.asarray(np.random.default_rng(0).uniform(0.1, 0.9, (6, 8, 8)), jnp.float32)
    draw = jax.jit(CORRUPTIONS[kind](fresh=fresh).draw)
    drawn = draw(Chance(jax.random.key(1), jax.random.key(2), jnp.arange(6)), x)
    np.testing.assert_array_equal(drawn.where, drawn.x != x)
    assert 0 < float(drawn.where.mean()) < 1


@pytest.mark.parametrize("shape", [(8, 8), (9, 7), (8, 6, 3)])
@pytest.mark.parametrize("size, share", [(2, 0.75), (4, 0.5), (3, 0.3)])
def test_patches_hide_whole_squares_and_as_many_in_every_image(shape, size, share):
    corrupt = jax.jit(Patches(size=size, share=share).corrupt)
    where = np.asarray(corrupt(jax.random.key(0), jnp.ones((50, *shape))).where)
    patches = [
        where[:, top : top + size, left : left + size].reshape(50, -1)
        for top in range(0, shape[0], size)
        for left in range(0, shape[1], size)
    ]
    assert all((patch.all(axis=1) == patch.any(axis=1)).all() for patch in patches)
    hidden = np.stack([patch.all(axis=1) for patch in patches], axis=1)
    assert (hidden.sum(axis=1) == round(share * len(patches))).all()
    # Each is as likely as any other: within four deviations of a binomial.
    rate, spread = hidden.mean(axis=1)[0], np.sqrt(share * (1 - share) / 50)
    assert np.abs(hidden.mean(axis=0) - rate).max() < 4 * spread


def test_patches_that_no_image_has_are_refused():
    with pytest.raises(SpecError, match="corruption 'patches' needs images"):
        Patches().check_shape((64,))
    with pytest.raises(SpecError, match="corruption.size must be below 8, the side of an image; got 8"):
        ModelSpec(corruption={"kind": "patches", "size": 8}).latent_size((8, 6))
    with pytest.raises(SpecError, match="corrupted_weight and untouched_weight must not both be 0"):
        Masking(corrupted_weight=0, untouched_weight=0).check_shape((64,))


@pytest.mark.parametrize("kind", ["masking", "salt_pepper", "patches"])
@pytest.mark.parametrize("likelihood", ["bernoulli", "mse", "continuous_bernoulli"])
def test_emphasis_weighs_the_cost_of_each_feature_by_whether_it_was_corrupted(kind, likelihood):
    emphasis = {"kind": kind, "corrupted_weight": 3.0, "untouched_weight": 0.5}
    spec = ModelSpec(latent=2, corruption=emphasis, likelihood=likelihood)
    model, x = Model.of(spec, (8, 8)), jnp.asarray(np.random.default_rng(0).uniform(size=(5, 8, 8)), jnp.float32)
    numbers, chance = device_numbers(spec), Chance(jax.random.key(1), jax.random.key(2), jnp.arange(5))

    @jax.jit
    def made(params):
        seen = model.corrupt(numbers, chance, x)
        logits = model.network(params).write(model.encode(params, seen), None)
        each = spec.likelihood.cost(x.reshape(320, 1), logits.reshape(320, 1)).reshape(5, 8, 8)
        return model.terms(params, numbers, chance, Batch(x), jnp.float32(1.0))["reconstruction"], seen, each

    found, seen, each = made(jax.jit(model.init)(jax.random.key(0)))
    np.testing.assert_allclose(found, np.sum(np.where(seen != x, 3.0, 0.5) * each, axis=(1, 2)), rtol=1e-4)


def test_the_variance_of_a_batch_is_of_the_features_that_count():
    x, weights = jnp.array([[1.0, 5.0], [2.0, 7.0]]), jnp.array([[1.0, 0.0], [1.0, 0.0]])
    cost = Normal().cost(x, jnp.zeros((2, 2)), None, weights)
    expected = -norm.logpdf([1.0, 2.0], scale=np.sqrt((1.0 + 4.0) / 2))
    np.testing.assert_allclose(cost, expected, rtol=1e-5)


@pytest.mark.parametrize("shape", [(7, 9), (8, 6, 3)])
def test_a_shifted_image_is_the_image_moved_and_interpolated_linearly(shape):
    x = np.random.default_rng(0).uniform(size=(20, *shape)).astype(np.float32)
    noise, key = Shift(pixels=2.5), jax.random.key(3)
    by = np.asarray(jax.random.uniform(key, (2, 20), minval=-1.0, maxval=1.0)) * 2.5
    expected = [
        shift(image, (down, right, *[0] * (len(shape) - 2)), order=1, mode="grid-constant")
        for image, down, right in zip(x, *by, strict=True)
    ]
    np.testing.assert_allclose(noise.corrupt(key, jnp.asarray(x)).x, expected, atol=1e-5)
    assert 2 < np.abs(by).max() <= 2.5
    np.testing.assert_array_equal(Shift(pixels=0.0).corrupt(key, jnp.asarray(x)).x, x)


def test_what_is_no_image_is_not_shifted():
    with pytest.raises(SpecError, match=r"corruption 'shift' needs images, .* got \(64,\)"):
        ModelSpec(corruption={"kind": "shift"}).latent_size((64,))


def test_the_target_stays_or_follows_as_the_shift_says():
    x = jnp.asarray(np.random.default_rng(0).uniform(size=(6, 8, 8)), jnp.float32)
    stays, follows = (Shift(pixels=2.0, follow=follow).corrupt(jax.random.key(0), x) for follow in (False, True))
    np.testing.assert_array_equal(stays.x, follows.x)
    assert stays.target is None
    np.testing.assert_array_equal(follows.target, follows.x)


def test_a_model_whose_target_follows_is_judged_by_the_moved_image():
    x = np.random.default_rng(0).uniform(size=(6, 8, 8)).astype(np.float32)
    spec = ModelSpec(latent=2, corruption=Shift(pixels=2.0, follow=True), likelihood="mse")
    model = Model.of(spec, (8, 8))
    run = Run(spec, TrainSpec(), (8, 8), model.init(jax.random.key(0)))
    seen = run.corrupt(x, seed=3)
    errors = run.evaluate(x, seed=3)
    assert errors["mse"] == pytest.approx(float(np.mean((run.reconstruct(seen) - seen) ** 2)), rel=1e-4)
    clean = run.evaluate(x, corrupted=False)
    assert clean["mse"] == pytest.approx(float(np.mean((run.reconstruct(x) - x) ** 2)), rel=1e-4)
