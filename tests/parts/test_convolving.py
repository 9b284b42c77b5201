import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx

from aejax.parts import convolving
from aejax.parts.convolving import Conv, halved

X = np.random.default_rng(0).normal(size=(3, 6, 7, 5)).astype(np.float32)


def layer_of(ins, outs, kernel):
    layer = Conv(ins, outs, kernel, rngs=nnx.Rngs(0))
    layer.bias[...] = jnp.arange(float(outs))
    return layer


@pytest.mark.parametrize("kernel", [(3, 3), (5, 5), (1, 1), (2, 2), (4, 4), (7, 7)])
@pytest.mark.parametrize("ins, outs", [(1, 5), (5, 1), (5, 6)])
def test_matrix_products_convolve_as_the_library_does_in_value_and_slope(ins, outs, kernel):
    layer, x = layer_of(ins, outs, kernel), jnp.asarray(X[..., :ins])

    def theirs_of(layer, x):
        return nnx.Conv.__call__(layer, x)

    def twice(x, height, width):
        return x.repeat(2, axis=1).repeat(2, axis=2)[:, :height, :width]

    pairs = [(lambda layer, x: layer(x), theirs_of)]
    for size in ((12, 14), (11, 13)):
        pairs.append(
            (
                lambda layer, x, size=size: layer(x, doubled=size),
                lambda layer, x, size=size: theirs_of(layer, twice(x, *size)),
            )
        )
    for ours, theirs in pairs:
        np.testing.assert_allclose(ours(layer, x), theirs(layer, x), atol=2e-5)
        slopes = [
            nnx.grad(lambda layer, x, made=made: jnp.sin(made(layer, x)).sum(), argnums=(0, 1))(layer, x)
            for made in (ours, theirs)
        ]
        jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, atol=1e-3), *map(nnx.as_pure, slopes))


def test_neighbourhoods_too_large_to_write_out_are_left_to_the_library(monkeypatch):
    layer, x = layer_of(5, 6, (3, 3)), jnp.asarray(X)
    monkeypatch.setattr(convolving, "_by_products", None)
    with pytest.raises(TypeError):
        layer(x)
    monkeypatch.setattr(convolving, "_MOST_BYTES", 9 * x.nbytes - 1)
    np.testing.assert_array_equal(layer(x), nnx.Conv.__call__(layer, x))
    assert layer(x, doubled=(12, 14)).shape == (3, 12, 14, 6)


def test_maps_are_halved_as_pooling_does_also_at_an_odd_edge():
    pooled = nnx.max_pool(jnp.asarray(X), (2, 2), (2, 2), padding="SAME")
    np.testing.assert_array_equal(halved(jnp.asarray(X)), pooled)
