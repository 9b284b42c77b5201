import jax
import jax.numpy as jnp
import numpy as np
import pytest

from aejax.model import Model, pixels
from aejax.parts.batch import Batch
from aejax.parts.chance import Chance
from aejax.run import device_numbers
from aejax.spec import ModelSpec

SPECS = {
    "dense": ModelSpec(latent=2),
    "conv": ModelSpec(latent=None, encoder="conv"),
    "two bodies": ModelSpec(
        latent=3, encoder={"kind": "conv", "channels": (4,)}, decoder={"kind": "dense", "widths": (9,)}
    ),
    "variational": ModelSpec(latent=2, bottleneck="gaussian"),
    "denoising with a penalty": ModelSpec(latent=2, corruption="gaussian", penalties=("l1",)),
}
ONE = jnp.float32(1.0)
CHANCE = Chance(jax.random.key(1), jax.random.key(2), jnp.arange(6))


@pytest.fixture
def x():
    return np.random.default_rng(0).integers(0, 256, (6, 8, 8)).astype(np.uint8)


@pytest.mark.parametrize("name", list(SPECS))
def test_every_term_is_one_number_an_example(name, x):
    spec = SPECS[name]
    model = Model.of(spec, (8, 8))
    terms = model.terms(model.init(jax.random.key(0)), device_numbers(spec), CHANCE, Batch(x), ONE)
    assert {"reconstruction"} <= terms.keys()
    for values in terms.values():
        assert values.shape == (6,)
        assert bool(jnp.isfinite(values).all())


@pytest.mark.parametrize("name", list(SPECS))
def test_the_gradient_of_the_loss_equals_its_finite_difference(name, x):
    spec = SPECS[name].replace(**{"encoder.activation": "tanh"})
    model = Model.of(spec, (8, 8))
    params, numbers = model.init(jax.random.key(0)), device_numbers(spec)

    def loss(params):
        terms = model.terms(params, numbers, CHANCE, Batch(x), ONE)
        return sum(values.mean() for values in terms.values())

    direction = {n: jax.random.normal(jax.random.key(i), v.shape) for i, (n, v) in enumerate(params.items())}
    slope = sum(jnp.vdot(g, direction[n]) for n, g in jax.grad(loss)(params).items())
    up, down = (loss({n: v + step * direction[n] for n, v in params.items()}) for step in (1e-3, -1e-3))
    assert float((up - down) / 2e-3) == pytest.approx(float(slope), rel=0.03, abs=0.05)


def test_the_reconstruction_term_without_chance_is_the_cost_of_the_reconstruction(x):
    model = Model.of(SPECS["dense"], (8, 8))
    params = model.init(jax.random.key(0))
    terms = model.terms(params, {}, CHANCE, Batch(x), ONE)
    rebuilt = np.asarray(model.reconstruct(params, x), np.float64)
    clean = x / 255.0
    expected = -(clean * np.log(rebuilt) + (1 - clean) * np.log(1 - rebuilt)).sum(axis=(1, 2))
    np.testing.assert_allclose(terms["reconstruction"], expected, rtol=1e-4)


def test_the_target_of_a_denoising_model_is_the_clean_example(x):
    spec = ModelSpec(latent=2, corruption={"kind": "gaussian", "sd": 5.0})
    model = Model.of(spec, (8, 8))
    params = {name: jnp.zeros_like(value) for name, value in model.init(jax.random.key(0)).items()}
    terms = model.terms(params, device_numbers(spec), CHANCE, Batch(x), ONE)
    np.testing.assert_allclose(terms["reconstruction"], 64 * np.log(2.0), rtol=1e-5)


def test_what_the_encoder_sees_is_what_corrupt_gives_for_the_same_key(x):
    spec = ModelSpec(latent=2, corruption="gaussian", likelihood="mse")
    model = Model.of(spec, (8, 8))
    params, numbers = model.init(jax.random.key(0)), device_numbers(spec)
    seen = model.corrupt(numbers, CHANCE, x)
    rebuilt = model.reconstruct(params, seen)
    expected = jnp.square(pixels(x) - rebuilt).sum(axis=(1, 2))
    np.testing.assert_allclose(
        model.terms(params, numbers, CHANCE, Batch(x), ONE)["reconstruction"], expected, rtol=1e-5
    )


def test_bytes_are_intensities_and_floats_are_in_their_own_units():
    np.testing.assert_allclose(pixels(np.array([[0, 51, 255]], np.uint8)), [[0.0, 0.2, 1.0]], rtol=1e-6)
    np.testing.assert_array_equal(pixels(np.array([[-3.0, 2.0]], np.float32)), [[-3.0, 2.0]])


def test_models_of_one_structure_are_equal_whatever_their_live_numbers():
    one, other = (Model.of(ModelSpec(bottleneck={"kind": "gaussian", "beta": beta}), (8, 8)) for beta in (1, 4))
    assert one == other
    assert hash(one) == hash(other)
