"""The decoder that runs in the browser, against JAX: values and derivatives of every activation and likelihood."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from aejax import ModelSpec
from aejax.model import Model
from aejax.parts.activations import ACTIVATIONS
from aejax.parts.likelihoods import LIKELIHOODS
from tests import node

_CODES = np.random.default_rng(0).normal(size=(5, 3)).astype(np.float32) * 2
_COTANGENT = np.random.default_rng(1).normal(size=7).astype(np.float32)
_OUTPUTS = {"bernoulli": "sigmoid", "continuous_bernoulli": "continuous_bernoulli", "mse": "linear", "normal": "linear"}


def question(model: Model, params: dict[str, jax.Array], output: str) -> dict[str, Any]:
    """The decoder as the browser gets it."""
    kernels = [params[name] for name in sorted(params) if name.startswith("decoder") and name.endswith("kernel")]
    biases = [params[name] for name in sorted(params) if name.startswith("decoder") and name.endswith("bias")]
    names = [model.spec.encoder.activation] * (len(kernels) - 1) + [output]  # type: ignore[attr-defined]
    flat = np.concatenate([np.ravel(part) for layer in zip(kernels, biases, strict=True) for part in layer])
    layers = [
        {"inputs": kernel.shape[0], "outputs": kernel.shape[1], "activation": name}
        for kernel, name in zip(kernels, names, strict=True)
    ]
    return {
        "layout": {"layers": layers},
        "weights": flat.astype(np.float16).view(np.uint16).tolist(),
        "codes": _CODES.tolist(),
        "cotangent": _COTANGENT.tolist(),
    }


def assert_equals_jax(spec: ModelSpec, output: str) -> None:
    model = Model.of(spec, (7,))
    key = jax.random.key(0)
    params = {
        name: (value + 0.1 * jax.random.normal(key, value.shape)).astype(jnp.float16).astype(jnp.float32)
        for name, value in model.init(key).items()
    }

    def decode(code: jax.Array) -> jax.Array:
        return model.decode(params, code[None])[0]

    found = node.answer("decode.mjs", question(model, params, output))
    expected = jax.vmap(decode)(_CODES)
    np.testing.assert_allclose(found["decoded"], expected, rtol=1e-5, atol=2e-6)
    np.testing.assert_array_equal(np.reshape(found["all"], expected.shape), found["decoded"])
    jacobians = jax.vmap(jax.jacfwd(decode))(_CODES)
    np.testing.assert_allclose(
        np.reshape(found["jacobians"], (5, 3, 7)), np.swapaxes(jacobians, 1, 2), rtol=2e-4, atol=2e-5
    )
    np.testing.assert_allclose(found["gradients"], np.einsum("nfl,f->nl", jacobians, _COTANGENT), rtol=2e-4, atol=1e-5)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_the_browser_decodes_as_jax_does_with_every_activation(activation: str) -> None:
    encoder = {"kind": "dense", "widths": (9, 6), "activation": activation}
    assert_equals_jax(ModelSpec(encoder=encoder, latent=3), "sigmoid")


@pytest.mark.parametrize("likelihood", sorted(LIKELIHOODS.keys() - {"mixed"}))  # decoded by the server
def test_the_browser_reads_the_output_as_every_likelihood_does(likelihood: str) -> None:
    encoder = {"kind": "dense", "widths": (9,), "activation": "tanh"}
    assert_equals_jax(ModelSpec(encoder=encoder, latent=3, likelihood=likelihood), _OUTPUTS[likelihood])
