import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.stats import norm

from aejax.parts.chance import Chance
from aejax.parts.corruptions import CORRUPTIONS, Clean, GaussianNoise, Masking, SaltPepper


def test_gaussian_noise_has_its_deviation():
    noisy = GaussianNoise(sd=0.4, clip=False).corrupt(jax.random.key(0), jnp.full((1000, 100), 0.5))
    assert float(noisy.mean()) == pytest.approx(0.5, abs=0.005)
    assert float(noisy.std()) == pytest.approx(0.4, rel=0.01)


def test_clipped_noise_on_black_has_the_rectified_normals_moments():
    noisy = np.asarray(GaussianNoise(sd=0.4).corrupt(jax.random.key(0), jnp.zeros((1000, 100))), np.float64)
    assert noisy.min() == 0.0
    assert noisy.max() == 1.0
    quantiles = np.clip(norm.ppf((np.arange(100_000) + 0.5) / 100_000, scale=0.4), 0, 1)
    assert noisy.mean() == pytest.approx(quantiles.mean(), rel=0.01)
    assert (noisy**2).mean() == pytest.approx((quantiles**2).mean(), rel=0.02)


def test_noise_is_fresh_for_each_key_and_the_same_for_one():
    x, noise = jnp.zeros((2, 3)), GaussianNoise()
    first, again, other = (noise.corrupt(jax.random.key(seed), x) for seed in (0, 0, 1))
    assert bool((first == again).all())
    assert not bool((first == other).all())


def test_clean_changes_nothing():
    x = jnp.arange(6.0).reshape(2, 3)
    assert Clean().corrupt(jax.random.key(0), x) is x


@pytest.mark.parametrize("kind", list(CORRUPTIONS))
def test_every_corruption_keeps_the_shape_and_the_range_it_asks_for(kind):
    corruption = CORRUPTIONS[kind]()
    noisy = corruption.corrupt(jax.random.key(0), jnp.full((4, 5, 6, 1), 0.5))
    assert noisy.shape == (4, 5, 6, 1)
    assert not corruption.needs_unit_range or (float(noisy.min()) >= 0 and float(noisy.max()) <= 1)


def test_masking_and_salt_and_pepper_change_their_share_of_features():
    x = jnp.full((1000, 100), 0.5)
    masked = np.asarray(Masking(share=0.3).corrupt(jax.random.key(0), x))
    assert (masked == 0).mean() == pytest.approx(0.3, abs=0.005)
    assert (masked[masked != 0] == 0.5).all()
    peppered = np.asarray(SaltPepper(share=0.3).corrupt(jax.random.key(0), x))
    assert (peppered == 0).mean() == pytest.approx(0.15, abs=0.005)
    assert (peppered == 1).mean() == pytest.approx(0.15, abs=0.005)


def test_noise_that_is_kept_hangs_on_the_row_and_not_on_the_batch():
    x, kept = jnp.full((4, 5), 0.5), GaussianNoise(sd=0.1, fresh=False)
    rows = jnp.array([7, 3, 9, 1])
    first = kept.draw(Chance(jax.random.key(0), jax.random.key(5), rows), x)
    later = kept.draw(Chance(jax.random.key(1), jax.random.key(5), rows[::-1]), x)
    np.testing.assert_array_equal(first, later[::-1])
    assert len(np.unique(np.asarray(first))) > 10
    fresh = GaussianNoise(sd=0.1)
    draws = [fresh.draw(Chance(jax.random.key(k), jax.random.key(5), rows), x) for k in (0, 1)]
    assert not bool((draws[0] == draws[1]).any())
