"""Layers that learn one by one, and the network that they become."""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.linalg import subspace_angles
from scipy.special import expit
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA

import aejax
from aejax import DataError, DivergedError, ModelSpec, SpecError, TrainSpec
from aejax.model import Model
from aejax.parts.boltzmann import Weights, free_energy
from aejax.parts.pretrainings import PRETRAININGS, Boltzmann, Denoising, Layer
from aejax.pretraining import LayerState, advance_layer, layers_of, pretrain, unrolled
from aejax.trainer import Trainer

SPEC = ModelSpec(latent=3, encoder={"kind": "dense", "widths": (24, 12), "activation": "sigmoid"})


@pytest.fixture(scope="module")
def x():
    return (load_digits().images[:400] / 16).astype(np.float32)


@pytest.fixture(scope="module")
def pretrained(x):
    """What a fit by restricted Boltzmann machines yields, with a training that changes nothing more."""
    return list(aejax.fit(SPEC, recipe("rbm").replace(learning_rate=0.0), x))


def recipe(kind, **settings):
    pretraining = {"kind": kind, "epochs": 3, "batch_size": 50, **settings}
    return TrainSpec(epochs=1, batch_size=50, pretraining=pretraining)


def weights_of(run):
    return {name: np.asarray(value) for name, value in run.params.items()}


@pytest.mark.parametrize("kind", PRETRAININGS)
def test_each_layer_learns_to_rebuild_and_is_recorded(kind, x, tmp_path):
    items = list(aejax.fit(SPEC, recipe(kind), x, x[:200]))
    layers = [item.layer for item in items if item.layer is not None]
    assert [(layer.layer, layer.epoch) for layer in layers] == list(itertools.product((1, 2, 3), (1, 2, 3)))
    assert [item.step for item in items] == [0] * 9 + [8]
    for number in (1, 2, 3):
        errors = [layer.error for layer in layers if layer.layer == number]
        assert errors[2] < errors[0]
    assert all(layer.validation_error is not None for layer in layers)
    assert all((layer.free_energy_gap is not None) == (kind == "rbm") for layer in layers)
    assert [layer.seconds for layer in layers] == sorted(layer.seconds for layer in layers)
    assert items[-1].seconds > layers[-1].seconds
    run = items[-1].run
    assert run.pretraining == tuple(layers)
    run.save(tmp_path / "run")
    assert aejax.load_run(tmp_path / "run").pretraining == run.pretraining


def same(one, other):
    return all(np.array_equal(value, weights_of(other)[name]) for name, value in weights_of(one).items())


def test_what_learnt_one_by_one_is_the_network_that_training_starts_from(x, pretrained):
    first, last = pretrained[0], pretrained[-2]
    assert last.layer is not None
    assert same(last.run, pretrained[-1].run)
    up, down = (last.run.params[f"{part}.body.layers.{i}.kernel"] for part, i in (("encoder", 0), ("decoder", 2)))
    np.testing.assert_array_equal(up, down.T)
    before, after = (np.mean((x - item.run.reconstruct(x)) ** 2) for item in (first, last))
    assert after < before


def test_unrolled_layers_are_the_machines_read_up_and_then_down(x):
    """Sampling replaced by means, in NumPy; Hinton & Salakhutdinov 2006, figure 1."""
    random = np.random.default_rng(0)
    sizes = (64, 24, 12, 3)
    machines = [
        Weights(*(random.normal(size=shape).astype(np.float32) for shape in ((below, above), (below,), (above,))))
        for below, above in itertools.pairwise(sizes)
    ]
    params = {}
    for index, machine in enumerate(machines):
        params |= unrolled(jax.tree.map(jnp.asarray, machine), index, 3)
    run = aejax.Run(SPEC, TrainSpec(), (8, 8), params)
    means = x[:5].reshape(5, -1)
    for machine in machines[:2]:
        means = expit(means @ machine.kernel + machine.hidden_bias)
    codes = means @ machines[2].kernel + machines[2].hidden_bias
    np.testing.assert_allclose(run.encode(x[:5]), codes, rtol=1e-4, atol=1e-4)
    down = codes
    for machine in reversed(machines):
        down = expit(down @ machine.kernel.T + machine.visible_bias)
    np.testing.assert_allclose(run.decode(codes).reshape(5, -1), down, rtol=1e-4, atol=1e-5)


def test_the_layers_are_those_of_the_encoder_and_the_code_is_linear():
    assert layers_of(SPEC, (8, 8)) == (
        Layer(64, 24, "sigmoid", "sigmoid"),
        Layer(24, 12, "sigmoid", "sigmoid"),
        Layer(12, 3, "sigmoid", "linear"),
    )
    linear = ModelSpec(latent=2, encoder="linear", likelihood="mse")
    assert layers_of(linear, (4,)) == (Layer(4, 2, "linear", "linear"),)


def test_yielding_within_epochs_changes_nothing_of_what_is_computed(x, pretrained):
    parts = list(aejax.fit(SPEC, recipe("rbm").replace(learning_rate=0.0), x, every=1e-6))
    assert len(parts) > len(pretrained)
    assert same(parts[-1].run, pretrained[-1].run)
    errors = [[layer.error for layer in items[-1].run.pretraining] for items in (parts, pretrained)]
    assert errors[0] == errors[1]


def test_each_layer_is_compiled_once_and_its_numbers_never_again(x):
    aejax.train(SPEC, recipe("denoising"), x)
    compiled = advance_layer._cache_size()
    numbers = {"learning_rate": 0.02, "momentum": 0.3, "weight_cost": 0.0, "share": 0.5, "first_epochs": 1, "epochs": 2}
    aejax.train(SPEC, recipe("denoising", **numbers), x)
    assert advance_layer._cache_size() == compiled


def test_steps_are_steepest_descent_with_momentum_and_weight_cost():
    """Hinton's update: velocity = momentum * velocity - rate * (gradient + cost * weight), for the matrix alone."""
    layer, x = Layer(4, 2, "linear", "linear"), jnp.asarray(np.random.default_rng(0).normal(size=(6, 4)), jnp.float32)
    rule = Denoising(share=0.0, batch_size=6)
    numbers = {"learning_rate": 0.1, "momentum": 0.5, "weight_cost": 0.3, "share": 0.0}
    start = rule.start(jax.random.key(0), layer)
    weights, velocity = start, jax.tree.map(jnp.zeros_like, start)
    for _ in range(3):
        gradient, _ = rule.gradient(jax.random.key(0), weights, layer, x)
        gradient = gradient._replace(kernel=gradient.kernel + 0.3 * weights.kernel)
        velocity = jax.tree.map(lambda v, g: 0.5 * v - 0.1 * g, velocity, gradient)
        weights = jax.tree.map(jnp.add, weights, velocity)
    state = LayerState(start, jax.tree.map(jnp.zeros_like, start), jnp.float32(0.0))
    numbers = {name: jnp.float32(value) for name, value in numbers.items()}
    found = advance_layer(rule, layer, numbers, jax.random.key(0), state, x, jnp.arange(6), 0, 3).weights
    for ours, ruled in zip(found, weights, strict=True):
        np.testing.assert_allclose(ours, ruled, atol=1e-6)


def test_a_linear_layer_without_noise_learns_the_principal_subspace():
    """With tied weights the best that one linear layer can do; Baldi & Hornik 1989."""
    x = (load_digits().images / 16).astype(np.float32)
    x -= x.mean(axis=0)
    rule = Denoising(share=0.0, epochs=300, batch_size=len(x), linear_learning_rate=0.05, weight_cost=0.0)
    spec = ModelSpec(latent=3, encoder="linear", likelihood="mse")
    *_, moment = pretrain(Model.of(spec, (8, 8)), rule, jax.random.key(0), x)
    basis = np.asarray(moment.params["encoder.body.layers.0.kernel"])
    pca = PCA(3).fit(x.reshape(len(x), -1))
    assert np.degrees(subspace_angles(basis, pca.components_.T)).max() < 2.0


def test_a_machine_learns_to_give_its_data_less_free_energy_than_noise(x):
    spec = ModelSpec(latent=16, encoder="linear", bottleneck={"kind": "point", "activation": "sigmoid"})
    *_, moment = pretrain(Model.of(spec, (8, 8)), Boltzmann(epochs=5), jax.random.key(0), x)
    weights = Weights(
        moment.params["encoder.body.layers.0.kernel"],
        moment.params["decoder.body.layers.0.bias"],
        moment.params["encoder.body.layers.0.bias"],
    )
    shuffled = np.random.default_rng(0).permuted(x.reshape(len(x), -1), axis=1)
    energies = [free_energy(weights, "sigmoid", jnp.asarray(v)) for v in (x.reshape(len(x), -1), shuffled)]
    assert energies[0].mean() + 5 < energies[1].mean()


@pytest.mark.parametrize(
    "change, message",
    [
        ({"encoder": "conv"}, "pretraining 'rbm' needs encoder 'dense', a stack of layers; got 'conv'"),
        ({"encoder.activation": "relu"}, "needs logistic units, so encoder.activation 'sigmoid'; got 'relu'"),
        ({"decoder": "linear"}, "needs decoder 'none', the encoder's mirror; got linear"),
        ({"classes": 10}, "needs classes 0, for a decoder that is told them is no mirror; got 10"),
        ({"bottleneck": "gaussian"}, "needs bottleneck 'point', a plain code; got 'gaussian'"),
        ({"bottleneck.activation": "tanh"}, "needs bottleneck.activation of sigmoid, linear; got 'tanh'"),
        ({"likelihood": "mse"}, "needs a logistic output, such as likelihood 'bernoulli'; got mse"),
        ({"likelihood": "continuous_bernoulli"}, "needs a likelihood whose output is an activation"),
    ],
)
def test_what_cannot_be_pretrained_is_refused_with_the_reason(change, message, x):
    with pytest.raises(SpecError, match=message):
        aejax.fit(SPEC.replace(**change), recipe("rbm"), x)


def test_data_and_batches_that_do_not_suit_are_refused(x):
    logistic = SPEC.replace(likelihood={"kind": "mse", "output": "sigmoid"})
    with pytest.raises(DataError, match=r"x must lie in \[0, 1\] for pretraining 'rbm'; got 0 to 2: scale it"):
        aejax.fit(logistic, recipe("rbm"), 2 * x)
    with pytest.raises(DataError, match=r"validation must lie in \[0, 1\] for pretraining 'denoising'"):
        aejax.fit(logistic, recipe("denoising"), x, -x)
    with pytest.raises(SpecError, match="pretraining.batch_size must be at most 400, .*; got 700"):
        aejax.fit(SPEC, recipe("rbm", batch_size=700), x)
    with pytest.raises(SpecError, match="pretraining.batch_size must be greater than or equal to 1"):
        recipe("rbm", batch_size=0)


def test_a_layer_that_diverges_is_told_with_the_way_out(x):
    with pytest.raises(DivergedError, match="layer 3 became .* lower pretraining.learning_rate, or pretraining.linear"):
        aejax.train(SPEC, recipe("rbm", linear_learning_rate=1e5), x)


def test_a_run_to_go_on_from_is_not_pretrained_again(x, pretrained):
    first = pretrained[-1].run
    items = list(aejax.fit(SPEC, first.train, x, start=first))
    assert all(item.layer is None for item in items)
    assert same(items[-1].run, first)


def test_a_trainer_that_is_told_to_advance_lets_the_layers_learn_first(x, pretrained):
    trainer = Trainer(SPEC, pretrained[-1].run.train, x)
    trainer.advance(trainer.steps)
    assert same(trainer.run(), pretrained[-1].run)
    assert [epoch.error for epoch in trainer.pretraining] == [epoch.error for epoch in pretrained[-1].run.pretraining]
    assert list(trainer.pretrain()) == []


def test_a_trainer_that_takes_over_anothers_weights_lets_no_layer_learn(x, pretrained):
    other, trainer = (Trainer(SPEC, pretrained[-1].run.train, x) for _ in range(2))
    other.advance(1)
    trainer.adopt(other)
    assert trainer.step == 1
    assert trainer.pretraining == other.pretraining
    assert list(trainer.pretrain()) == []
