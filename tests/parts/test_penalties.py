import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.stats import entropy
from sklearn.datasets import load_digits

import aejax
from aejax.loop import Examined
from aejax.model import Model
from aejax.parts.batch import Batch
from aejax.parts.chance import Chance
from aejax.parts.divergences import maximum_mean_discrepancy
from aejax.parts.geometry import Isometry, jacobian_norm
from aejax.parts.penalties import PENALTIES
from aejax.parts.penalty import Context
from aejax.parts.sparsity import KLSparsity
from aejax.run import device_numbers
from aejax.settings import SpecError
from aejax.spec import ModelSpec, TrainSpec

X = np.random.default_rng(0).random((6, 10)).astype(np.float32)
RELU = {"kind": "point", "activation": "relu"}
CHANCE = Chance(jax.random.key(1), jax.random.key(2), jnp.arange(6))


def terms(spec, x=X):
    model = Model.of(spec, x.shape[1:])
    params = model.init(jax.random.key(0))
    return model, params, model.terms(params, device_numbers(spec), CHANCE, Batch(x), jnp.float32(1.0))


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
        return jacobian_norm(context(corrupted=jnp.asarray(X), encode=lambda x: model.encode(params, x), key=key))

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
    model, params, found = terms(ModelSpec(latent=4, penalties=({"kind": "l1", "weight": 3.0, "guard": False},)))
    codes = np.abs(model.encode(params, X))
    np.testing.assert_allclose(found["l1"], 3 * codes.sum(axis=1), rtol=1e-5)
    _, _, guarded = terms(ModelSpec(latent=4, penalties=({"kind": "l1", "weight": 3.0},)))
    lengths = np.linalg.norm(params["decoder.body.layers.0.kernel"], axis=1)
    np.testing.assert_allclose(guarded["l1"], 3 * codes @ lengths, rtol=1e-5)


@pytest.mark.parametrize("widths", [(), (7,)])
def test_smaller_codes_and_greater_weights_no_longer_cheat_l1(widths):
    """The decoder's one layer, and the first of two: the reconstruction is the same, and so is what it costs."""
    last = f"encoder.body.layers.{len(widths)}"
    costs = {}
    for guard in (True, False):
        penalty = {"kind": "l1", "guard": guard}
        spec = ModelSpec(latent=4, encoder={"kind": "dense", "widths": widths}, bottleneck=RELU, penalties=(penalty,))
        model, params, honest = terms(spec)
        cheat = params | {f"{last}.{part}": params[f"{last}.{part}"] / 10 for part in ("kernel", "bias")}
        cheat["decoder.body.layers.0.kernel"] = 10 * params["decoder.body.layers.0.kernel"]
        found = model.terms(cheat, device_numbers(spec), CHANCE, Batch(X), jnp.float32(1.0))
        np.testing.assert_allclose(found["reconstruction"], honest["reconstruction"], rtol=1e-4)
        costs[guard] = np.asarray(found["l1"] / honest["l1"])
    np.testing.assert_allclose(costs[True], 1.0, rtol=1e-4)
    np.testing.assert_allclose(costs[False], 0.1, rtol=1e-4)


def test_where_no_matrix_reads_the_code_l1_is_of_the_activations_alone():
    spec = ModelSpec(latent=None, encoder={"kind": "conv", "channels": (2,)}, penalties=({"kind": "l1", "weight": 1},))
    model, params, found = terms(spec, X.reshape(-1, 2, 5))
    np.testing.assert_allclose(found["l1"], np.abs(model.encode(params, X.reshape(-1, 2, 5))).sum(axis=1), rtol=1e-5)


def test_two_penalties_of_a_kind_both_count():
    weights = ({"kind": "l1", "weight": 1.0}, {"kind": "l1", "weight": 2.0})
    _, _, found = terms(ModelSpec(latent=4, penalties=weights))
    np.testing.assert_allclose(found["l1_2"], 2 * found["l1"], rtol=1e-6)


def context(**given):
    return Context(**dict.fromkeys(Context._fields) | given)


def test_the_discrepancy_is_the_double_loop_over_pairs():
    random = np.random.default_rng(0)
    a, b = random.normal(size=(2, 5, 3))

    def kernel(x, y):
        scales = [6 * scale for scale in (0.1, 0.2, 0.5, 1, 2, 5, 10)]
        return sum(scale / (scale + ((x - y) ** 2).sum()) for scale in scales)

    within = sum(kernel(z[i], z[j]) for z in (a, b) for i in range(5) for j in range(5) if i != j) / 20
    across = np.mean([kernel(x, y) for x in a for y in b])
    found = maximum_mean_discrepancy(jnp.asarray(a, jnp.float32), jnp.asarray(b, jnp.float32))
    assert float(found) == pytest.approx(within - 2 * across, abs=1e-5)


def test_the_discrepancy_of_prior_samples_is_zero_within_its_error_and_of_others_is_not():
    keys = jax.random.split(jax.random.key(0), 200)
    draws = jax.vmap(lambda key: jax.random.normal(key, (2, 100, 2)))(keys)
    values = np.asarray(jax.vmap(maximum_mean_discrepancy)(draws[:, 0], draws[:, 1]))
    assert abs(values.mean()) < 3 * values.std() / np.sqrt(len(values))
    shifted = np.asarray(jax.vmap(maximum_mean_discrepancy)(draws[:, 0] + 1.0, draws[:, 1]))
    assert shifted.mean() > 20 * values.std()


def test_decorrelation_is_the_sum_of_numpys_squared_correlations():
    latents = np.random.default_rng(0).normal(size=(50, 4)).astype(np.float32) @ np.triu(np.ones((4, 4), np.float32))
    correlation = np.corrcoef(latents.T)
    expected = (correlation**2).sum() - 4
    found = PENALTIES["decorrelate"](weight=1.0).cost(context(latents=jnp.asarray(latents)))
    np.testing.assert_allclose(found, expected, rtol=1e-3)


def test_an_isometric_decoder_has_no_distortion_and_a_stretching_one_its_exact_amount():
    latents = jax.random.normal(jax.random.key(0), (100_000, 2))
    rotation = jnp.linalg.qr(jax.random.normal(jax.random.key(1), (6, 2)))[0]
    for stretch in ([1.0, 1.0], [1.0, 3.0]):
        decoder = 5.0 * rotation * jnp.asarray(stretch)[None]
        cost = Isometry(weight=1.0).cost(
            context(latents=latents, decode=lambda z, decoder=decoder: z @ decoder.T, key=jax.random.key(2))
        )
        metric = np.asarray(decoder.T @ decoder, np.float64)
        expected = 2 * np.trace(metric @ metric) / np.trace(metric) ** 2 - 1
        assert float(cost[0]) == pytest.approx(expected, abs=0.02)


def test_the_sparsity_divergence_is_scipys_for_each_unit():
    latents = np.random.default_rng(0).random((20, 3)).astype(np.float32)
    mean = latents.mean(axis=0, dtype=np.float64)
    expected = sum(entropy([0.05, 0.95], [unit, 1 - unit]) for unit in mean)
    found = KLSparsity(weight=2.0).cost(context(latents=jnp.asarray(latents)))
    np.testing.assert_allclose(found, 2 * expected, rtol=1e-4)


def test_the_sparsity_of_small_batches_is_judged_by_their_running_mean():
    penalty, batches = KLSparsity(weight=1.0, decay=0.5), jnp.asarray([[[0.1]], [[0.9]], [[0.5]]])
    memory = penalty.memory(1)
    for batch in batches:
        given = context(latents=batch, memory=memory)
        cost, memory = penalty.cost(given), penalty.remember(given)
    mean = (0.5**3 * 0.1 + 0.5**2 * 0.9 + 0.5 * 0.5) / (1 - 0.5**3)
    assert float(cost[0]) == pytest.approx(entropy([0.05, 0.95], [mean, 1 - mean]), rel=1e-4)
    slope = jax.grad(lambda z: penalty.cost(context(latents=z, memory=penalty.memory(1))).mean())(jnp.array([[0.4]]))
    assert float(slope[0, 0]) == pytest.approx(-0.05 / 0.4 + 0.95 / 0.6, rel=1e-4)


def test_sparsity_refuses_codes_beyond_0_to_1():
    with pytest.raises(SpecError, match=r"kl_sparsity needs a code in \[0, 1\], .*; got point"):
        ModelSpec(latent=2, penalties=("kl_sparsity",)).latent_size((8, 8))


def test_training_towards_sparsity_ends_at_the_target():
    spec = ModelSpec(latent=8, bottleneck={"kind": "point", "activation": "sigmoid"})
    x = (load_digits().images / 16).astype(np.float32)
    train = TrainSpec(epochs=15, batch_size=16, learning_rate=3e-3)
    means = [
        aejax.train(spec.replace(penalties=penalties), train, x).encode(x).mean()
        for penalties in ((), ({"kind": "kl_sparsity", "weight": 30.0, "rho": 0.1},))
    ]
    assert means[0] > 0.2
    assert means[1] == pytest.approx(0.1, abs=0.03)


@pytest.mark.parametrize("kind", list(PENALTIES))
def test_every_penalty_is_one_finite_number_an_example_and_has_a_gradient(kind):
    encoder, sigmoid = {"kind": "dense", "widths": (5,)}, {"kind": "point", "activation": "sigmoid"}
    bottleneck = "gaussian" if kind == "total_correlation" else sigmoid
    spec = ModelSpec(latent=3, encoder=encoder, bottleneck=bottleneck, penalties=(PENALTIES[kind](),))
    model, params, _ = terms(spec)
    prepared = {kind: jax.tree.map(jnp.asarray, spec.penalties[0].prepare(X))}
    batch = Examined(jnp.asarray(X), prepared=prepared if prepared[kind] else {}).batch(model, CHANCE)

    def costs(params):
        return model.terms(params, device_numbers(spec), CHANCE, batch, jnp.float32(1.0))[kind]

    def cost(params):
        return costs(params).mean()

    assert costs(params).shape == (6,)

    gradient = jax.grad(cost)(params)
    assert all(bool(jnp.isfinite(value).all()) for value in gradient.values())
    assert any(bool((value != 0).any()) for value in gradient.values())
