from math import prod

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx
from scipy.signal import correlate2d

from aejax.model import Model
from aejax.parts.convolutions import map_sizes
from aejax.parts.networks import NETWORKS
from aejax.spec import ModelSpec


@pytest.mark.parametrize("kind", list(NETWORKS))
@pytest.mark.parametrize("shape", [(28, 28), (8, 8, 3), (5, 7), (9, 6, 1)])
@pytest.mark.parametrize("heads", [1, 2])
def test_every_network_maps_shapes_to_codes_and_back(kind, shape, heads):
    network = NETWORKS[kind]()

    @jax.eval_shape
    def made():
        encoder = network.encoder(shape, 3, heads, "linear", nnx.Rngs(0))
        decoder = network.decoder(shape, 3, nnx.Rngs(1))
        return encoder(jnp.ones((2, *shape))), decoder(jnp.ones((2, 3)))

    coded = (1, prod(shape)) if network.passes_features else (heads, 3)
    assert [each.shape for each in made] == [(2, *coded), (2, *shape)]


def test_a_dense_encoder_is_what_numpy_computes_from_its_weights():
    model = Model.of(ModelSpec(latent=2, encoder={"kind": "dense", "widths": (5,), "activation": "tanh"}), (3, 4))
    params = jax.jit(model.init)(jax.random.key(0))
    x = np.random.default_rng(0).normal(size=(6, 3, 4)).astype(np.float32)
    weights = [np.asarray(params[f"encoder.body.layers.{i}.{w}"]) for i in range(2) for w in ("kernel", "bias")]
    hidden = np.tanh(x.reshape(6, 12) @ weights[0] + weights[1])
    np.testing.assert_allclose(model.encode(params, x), hidden @ weights[2] + weights[3], rtol=1e-5, atol=1e-6)


def test_the_16_1_convolution_has_a_7_by_7_code_and_610_parameters():
    model = Model.of(ModelSpec(latent=None, encoder={"kind": "conv", "channels": (16, 1)}), (28, 28))
    params = jax.jit(model.init)(jax.random.key(0))
    assert model.latent == 49
    assert sum(value.size for value in params.values()) == 610


def test_a_convolution_pools_what_scipy_correlates():
    model = Model.of(ModelSpec(latent=None, encoder={"kind": "conv", "channels": (1,)}), (6, 8))
    params = jax.jit(model.init)(jax.random.key(0))
    x = np.random.default_rng(0).random((6, 8)).astype(np.float32)
    kernel = np.asarray(params["encoder.layers.0.kernel"])[:, :, 0, 0]
    mapped = correlate2d(x, kernel, mode="same") + float(params["encoder.layers.0.bias"][0])
    pooled = mapped.reshape(3, 2, 4, 2).max(axis=(1, 3))
    np.testing.assert_allclose(model.encode(params, x[None])[0], pooled.ravel(), rtol=1e-5, atol=1e-6)


def test_maps_halve_and_round_up():
    assert map_sizes((28, 28), 2) == [(28, 28), (14, 14), (7, 7)]
    assert map_sizes((5, 9, 3), 3) == [(5, 9), (3, 5), (2, 3), (1, 2)]


def test_two_heads_of_a_map_are_the_halves_of_its_channels():
    spec = ModelSpec(latent=None, encoder={"kind": "conv", "channels": (4, 2)}, bottleneck="gaussian")
    model = Model.of(spec, (8, 8))
    assert model.latent == 8
    params = jax.eval_shape(model.init, jax.random.key(0))
    assert params["encoder.layers.1.kernel"].shape == (3, 3, 4, 4)
    assert jax.eval_shape(model.encode, params, jnp.ones((3, 8, 8))).shape == (3, 8)


@pytest.mark.parametrize("activation", ["relu", "sigmoid", "tanh", "gelu"])
def test_signals_keep_their_scale_through_depth(activation):
    network = NETWORKS["dense"](widths=(256,) * 8, activation=activation)

    @jax.jit
    def spread():
        encoder = network.encoder((256,), 256, 1, "linear", nnx.Rngs(0))
        return encoder(jax.random.normal(jax.random.key(1), (512, 256))).std(axis=0).mean()

    assert 1e-3 < float(spread()) < 10


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def gated_unit(params, name, state, x):
    """One step of Cho et al. 2014 in NumPy."""
    w, b = (np.asarray(params[f"{name}.cell.dense_i.{part}"]) for part in ("kernel", "bias"))
    u = np.asarray(params[f"{name}.cell.dense_h.kernel"])
    (xr, xz, xn), (hr, hz, hn) = (np.split(values, 3, axis=-1) for values in (x @ w + b, state @ u))
    reset, update = sigmoid(xr + hr), sigmoid(xz + hz)
    return (1 - update) * np.tanh(xn + reset * hn) + update * state


def test_a_recurrent_model_is_what_numpy_computes_step_by_step():
    model = Model.of(ModelSpec(latent=2, encoder={"kind": "recurrent", "hidden": 5}, likelihood="mse"), (4, 3))
    params = jax.jit(model.init)(jax.random.key(0))
    x = np.random.default_rng(0).normal(size=(6, 4, 3)).astype(np.float32)
    state = np.zeros((6, 5), np.float32)
    for step in range(4):
        state = gated_unit(params, "encoder", state, x[:, step])
    codes = state @ np.asarray(params["encoder.head.kernel"]) + np.asarray(params["encoder.head.bias"])
    np.testing.assert_allclose(model.encode(params, x), codes, rtol=1e-4, atol=1e-5)
    state = np.tanh(codes @ np.asarray(params["decoder.start.kernel"]) + np.asarray(params["decoder.start.bias"]))
    decoded = np.asarray(model.decode(params, jnp.asarray(codes)))
    for step in (3, 2, 1, 0):
        state = gated_unit(params, "decoder", state, codes)
        logits = state @ np.asarray(params["decoder.head.kernel"]) + np.asarray(params["decoder.head.bias"])
        np.testing.assert_allclose(decoded[:, step], logits, rtol=1e-4, atol=1e-5)


def test_the_recurrent_body_reads_plain_sequences_too():
    model = Model.of(ModelSpec(latent=2, encoder="recurrent", likelihood="mse"), (28,))
    params = jax.eval_shape(model.init, jax.random.key(0))
    assert jax.eval_shape(model.reconstruct, params, jnp.ones((3, 28))).shape == (3, 28)
