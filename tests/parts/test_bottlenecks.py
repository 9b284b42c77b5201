import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx
from scipy.stats import norm

from aejax.parts.bottlenecks import BOTTLENECKS, GaussianPosterior, Point, Quantise, TopK, gaussian_kl
from aejax.settings import SpecError
from aejax.spec import ModelSpec

HALF, WHOLE = jnp.float32(0.5), jnp.float32(1.0)


def heads(mean, log_var):
    return jnp.stack([jnp.asarray(mean, jnp.float32), jnp.asarray(log_var, jnp.float32)], axis=1)


def test_gaussian_kl_equals_its_monte_carlo_estimate():
    mean, log_var = np.array([[0.7, -1.2]], np.float32), np.array([[-1.0, 0.5]], np.float32)
    sd = np.exp(0.5 * log_var)
    samples = mean + sd * np.random.default_rng(0).standard_normal((400_000, 2))
    estimate = (norm.logpdf(samples, mean, sd) - norm.logpdf(samples)).mean(axis=0)
    np.testing.assert_allclose(gaussian_kl(jnp.asarray(mean), jnp.asarray(log_var))[0], estimate, rtol=0.01)


def test_gaussian_kl_is_zero_where_posterior_and_prior_agree():
    assert float(jnp.abs(gaussian_kl(jnp.zeros((3, 2)), jnp.zeros((3, 2)))).max()) == 0.0


def test_the_posterior_is_sampled_with_its_mean_and_deviation():
    code = GaussianPosterior().code(
        jax.random.key(0), heads(np.full((200_000, 1), 2.0), np.full((200_000, 1), -2.0)), WHOLE
    )
    assert float(code.latents.mean()) == pytest.approx(2.0, abs=0.01)
    assert float(code.latents.std()) == pytest.approx(np.exp(-1.0), rel=0.01)


def test_beta_and_warm_up_scale_the_divergence():
    outputs = heads([[1.0, 2.0]], [[0.0, 0.0]])
    plain = GaussianPosterior().code(jax.random.key(0), outputs, WHOLE).terms["kl"]
    assert float(plain[0]) == pytest.approx(0.5 * (1 + 4))
    weighed = GaussianPosterior(beta=4.0).code(jax.random.key(0), outputs, WHOLE).terms["kl"]
    assert float(weighed[0]) == pytest.approx(4 * float(plain[0]))
    rising = GaussianPosterior(warm_up=0.8)
    assert float(rising.code(jax.random.key(0), outputs, jnp.float32(0.2)).terms["kl"][0]) == pytest.approx(2.5 / 4)
    assert float(rising.code(jax.random.key(0), outputs, WHOLE).terms["kl"][0]) == pytest.approx(2.5)


def test_free_bits_take_no_gradient_from_a_coordinate_below_them():
    bottleneck = GaussianPosterior(free_bits=1.0)

    def term(mean):
        return bottleneck.code(jax.random.key(0), heads(mean, jnp.zeros_like(mean)), WHOLE).terms["kl"].mean()

    mean = jnp.array([[0.5, 3.0], [0.1, 2.0]])
    value, gradient = jax.value_and_grad(term)(mean)
    assert float(value) == pytest.approx(1.0 + 0.5 * (9 + 4) / 2)
    np.testing.assert_allclose(gradient[:, 0], 0.0)
    np.testing.assert_allclose(gradient[:, 1], mean[:, 1] / 2, rtol=1e-6)


def test_an_extreme_log_variance_neither_overflows_nor_vanishes():
    code = GaussianPosterior().code(jax.random.key(0), heads(np.zeros((2, 1)), [[1e6], [-1e6]]), WHOLE)
    assert bool(jnp.isfinite(code.latents).all())
    assert bool(jnp.isfinite(code.terms["kl"]).all())


@pytest.mark.parametrize("kind", list(BOTTLENECKS))
def test_every_bottleneck_keeps_one_number_a_coordinate_within_its_bounds(kind):
    bottleneck = BOTTLENECKS[kind](k=2) if kind == "top_k" else BOTTLENECKS[kind]()

    @jax.jit
    def made():
        outputs = jax.random.normal(jax.random.key(0), (5, bottleneck.heads, 8))
        module = bottleneck.module((8,), 8, nnx.Rngs(0))
        coded = bottleneck.code(jax.random.key(1), outputs, HALF, module)
        return coded, bottleneck.mean(outputs, module), bottleneck.nearest(coded.latents, module)

    coded, *others = made()
    assert coded.counts.keys() == bottleneck.counts(8).keys()
    assert all(values.shape == (5,) for values in coded.terms.values())
    for latents in (coded.latents, *others):
        assert latents.shape == (5, 8)
        low, high = bottleneck.bounds
        assert float(latents.min()) >= low
        assert float(latents.max()) <= high


def test_a_point_reads_its_code_through_its_activation():
    outputs = jnp.array([[[-1.0, 2.0]]])
    np.testing.assert_array_equal(Point(activation="relu").mean(outputs), [[0.0, 2.0]])
    assert Point(activation="sigmoid").bounds == (0.0, 1.0)


@pytest.mark.parametrize("k", [1, 3, 5])
def test_top_k_keeps_exactly_the_k_greatest_even_among_equals(k):
    raw = np.random.default_rng(0).normal(size=(50, 5)).astype(np.float32) + 10
    kept = np.asarray(TopK(k=k).mean(jnp.asarray(raw)[:, None]))
    assert ((kept != 0).sum(axis=1) == k).all()
    np.testing.assert_array_equal(np.sort(kept)[:, -k:], np.sort(raw)[:, -k:])
    equal = TopK(k=k).mean(jnp.ones((4, 1, 5)))
    assert (np.count_nonzero(equal, axis=1) == k).all()


def test_top_k_passes_the_gradient_of_the_kept_alone():
    gradient = jax.grad(lambda raw: TopK(k=1).mean(raw[:, None]).sum())(jnp.array([[1.0, 3.0, 2.0]]))
    np.testing.assert_array_equal(gradient, [[0.0, 1.0, 0.0]])
    with pytest.raises(SpecError, match="bottleneck.k must be at most 4, the size of the code; got 8"):
        ModelSpec(latent=4, bottleneck="top_k").latent_size((8, 8))


@pytest.mark.parametrize("levels", [2, 3, 5, 8])
def test_a_quantised_code_has_its_levels_and_no_others(levels):
    bottleneck = Quantise(levels=levels)
    codes = np.unique(np.asarray(bottleneck.mean(jnp.linspace(-9.0, 9.0, 20_001)[:, None, None])).round(6))
    assert len(codes) == levels
    np.testing.assert_allclose(np.diff(codes), 1 / (levels // 2), rtol=1e-4)
    slope = jax.grad(lambda raw: bottleneck.mean(raw).sum())(jnp.zeros((1, 1, 1)))
    assert float(slope[0, 0, 0]) > 0
