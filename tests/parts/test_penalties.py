import jax
import jax.numpy as jnp
import numpy as np
import pytest

from aejax.model import Model
from aejax.parts.chance import Chance
from aejax.parts.penalties import PENALTIES, Context, jacobian_norm
from aejax.run import device_numbers
from aejax.spec import ModelSpec

X = np.random.default_rng(0).random((6, 10)).astype(np.float32)
CHANCE = Chance(jax.random.key(1), jax.random.key(2), jnp.arange(6))


def terms(spec, x=X):
    model = Model.of(spec, x.shape[1:])
    params = model.init(jax.random.key(0))
    return model, params, model.terms(params, device_numbers(spec), CHANCE, x, jnp.float32(1.0))


def brute_force(model, params, x):
    """Squared norm of the Jacobian of each code, by automatic differentiation of one example at a time."""
    jacobians = [jax.jacobian(lambda row: model.encode(params, row[None])[0])(jnp.asarray(row)) for row in x]
    return [float(jnp.square(jacobian).sum()) for jacobian in jacobians]


@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "relu", "linear"])
@pytest.mark.parametrize("widths", [(), (7,)])
def test_the_contractive_penalty_is_the_brute_jacobians_norm(activation, widths):
    """Without hidden layers this is the closed form, with one the exact backward passes."""
    bottleneck = {"kind": "point", "activation": activation}
    encoder = {"kind": "dense", "widths": widths, "activation": "tanh"}
    penalty = {"kind": "contractive", "weight": 2.0}
    model, params, found = terms(ModelSpec(latent=3, encoder=encoder, bottleneck=bottleneck, penalties=(penalty,)))
    np.testing.assert_allclose(found["contractive"], 2 * np.array(brute_force(model, params, X)), rtol=1e-4)


def test_the_mean_of_random_probes_is_the_jacobians_norm():
    spec = ModelSpec(latent=9, encoder={"kind": "dense", "widths": (7,), "activation": "tanh"})
    model, params, _ = terms(spec)
    exact = np.array(brute_force(model, params, X))

    def estimate(key):
        nothing = dict.fromkeys(Context._fields)
        given = {"corrupted": jnp.asarray(X), "encode": lambda x: model.encode(params, x), "key": key}
        return jacobian_norm(Context(**nothing | given))

    estimates = np.asarray(jax.vmap(estimate)(jax.random.split(jax.random.key(0), 4000)))
    np.testing.assert_allclose(estimates.mean(axis=0), exact, rtol=0.05)
    assert estimates.std() > 0


def test_the_contractive_penalty_of_a_posterior_is_that_of_its_mean():
    spec = ModelSpec(
        latent=3, encoder="linear", bottleneck="gaussian", penalties=({"kind": "contractive", "weight": 1},)
    )
    model, params, found = terms(spec)
    np.testing.assert_allclose(found["contractive"], brute_force(model, params, X), rtol=1e-4)


def test_l1_is_the_weighed_sum_of_absolute_activations():
    model, params, found = terms(ModelSpec(latent=4, penalties=({"kind": "l1", "weight": 3.0},)))
    np.testing.assert_allclose(found["l1"], 3 * np.abs(model.encode(params, X)).sum(axis=1), rtol=1e-5)


def test_two_penalties_of_a_kind_both_count():
    weights = ({"kind": "l1", "weight": 1.0}, {"kind": "l1", "weight": 2.0})
    _, _, found = terms(ModelSpec(latent=4, penalties=weights))
    np.testing.assert_allclose(found["l1_2"], 2 * found["l1"], rtol=1e-6)


@pytest.mark.parametrize("kind", list(PENALTIES))
def test_every_penalty_is_one_finite_number_an_example_and_has_a_gradient(kind):
    spec = ModelSpec(latent=3, encoder={"kind": "dense", "widths": (5,)}, penalties=(PENALTIES[kind](),))
    model, params, found = terms(spec)
    assert found[kind].shape == (6,)

    def cost(params):
        return model.terms(params, device_numbers(spec), CHANCE, X, jnp.float32(1.0))[kind].mean()

    gradient = jax.grad(cost)(params)
    assert all(bool(jnp.isfinite(value).all()) for value in gradient.values())
    assert any(bool((value != 0).any()) for value in gradient.values())
