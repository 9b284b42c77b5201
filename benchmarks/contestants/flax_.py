"""Flax NNX as its guides write it: one compiled call a step, its arguments cached; the images on the device."""

import os
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import optax
from flax import nnx

from benchmarks.cases import PIXELS, Case, Net
from benchmarks.contestants import jax_machine
from benchmarks.contestants.post import WARM_STEPS, NotWrittenError, Ready, serve

_GLOROT = nnx.initializers.glorot_uniform()
_INITIAL = {
    "sigmoid": nnx.initializers.variance_scaling(16.0, "fan_avg", "uniform"),
    "silu": nnx.initializers.he_uniform(),
}
_ACTIVATIONS = {"linear": lambda x: x, "relu": nnx.relu, "sigmoid": nnx.sigmoid, "silu": nnx.silu}


class Layers(nnx.Module):
    """Linear layers with an activation between them; `last` is what follows the last one, elsewhere."""

    def __init__(self, sizes: list[int], activation: str, last: str, rngs: nnx.Rngs) -> None:
        following = [activation] * (len(sizes) - 2) + [last]
        self.layers = nnx.List(
            nnx.Linear(ins, outs, kernel_init=_INITIAL.get(name, _GLOROT), rngs=rngs)
            for ins, outs, name in zip(sizes[:-1], sizes[1:], following, strict=True)
        )
        self.activation = _ACTIVATIONS[activation]

    def __call__(self, x: jax.Array) -> jax.Array:
        for layer in self.layers[:-1]:
            x = self.activation(layer(x))
        return self.layers[-1](x)


class Autoencoder(nnx.Module):
    """A dense autoencoder, its code a point or a draw from a posterior."""

    def __init__(self, net: Net, rngs: nnx.Rngs) -> None:
        self.is_posterior = net.code == "gaussian"
        heads = 2 if self.is_posterior else 1
        self.encoder = Layers([PIXELS, *net.widths, heads * net.latent], net.activation, net.code_activation, rngs)
        self.decoder = Layers([net.latent, *reversed(net.widths), PIXELS], net.activation, "linear", rngs)
        self.code, self.rngs = _ACTIVATIONS[net.code_activation], rngs

    def __call__(self, x: jax.Array) -> tuple[jax.Array, jax.Array]:
        """The logits, and what the code costs beside."""
        outputs = self.encoder(x)
        if not self.is_posterior:
            return self.decoder(self.code(outputs)), jnp.float32(0.0)
        mean, log_var = jnp.split(outputs, 2, axis=1)
        log_var = jnp.clip(log_var, -10.0, 10.0)
        divergence = 0.5 * (jnp.square(mean) + jnp.exp(log_var) - 1.0 - log_var).sum(axis=1).mean()
        noise = jax.random.normal(self.rngs.noise(), mean.shape)
        return self.decoder(mean + jnp.exp(0.5 * log_var) * noise), divergence


def _loss(model: Autoencoder, x: jax.Array) -> jax.Array:
    logits, beside = model(x)
    return optax.sigmoid_binary_cross_entropy(logits, x).sum(axis=1).mean() + beside


@nnx.jit
def _step(model: Autoencoder, optimizer: nnx.Optimizer, total: nnx.Variable, data: jax.Array, rows: jax.Array) -> None:
    loss, gradient = nnx.value_and_grad(_loss)(model, data[rows])
    optimizer.update(model, gradient)
    total[...] += loss


def _train(case: Case, x: np.ndarray, seed: int) -> Ready:
    data = jnp.asarray(x.reshape(len(x), -1), jnp.float32) / 255.0
    random = np.random.default_rng(seed)

    def begun() -> tuple[Autoencoder, partial]:
        model = Autoencoder(case.net, nnx.Rngs(params=seed, noise=seed + 1))
        optimizer = nnx.Optimizer(model, optax.adam(case.learning_rate), wrt=nnx.Param)
        return model, nnx.cached_partial(_step, model, optimizer, total)

    total = nnx.Variable(jnp.float32(0.0))

    def epoch(step: partial, steps: int) -> None:
        total[...] = jnp.float32(0.0)
        for rows in np.split(random.permutation(len(x)), len(x) // case.batch)[:steps]:
            step(data, rows)
        float(total[...])

    steps = len(x) // case.batch
    epoch(begun()[1], WARM_STEPS)
    model, step = begun()

    def epochs() -> None:
        for _ in range(case.epochs):
            epoch(step, steps)

    def loss() -> float:
        return float(np.mean([float(_loss(model, chunk)) for chunk in jnp.split(data, len(x) // case.batch)]))

    return Ready(epochs, loss)


def build(case: Case, x: np.ndarray, rounds: int, seed: int) -> Ready:
    """A case, compiled."""
    if case.task == "train" and case.net.body == "dense":
        return _train(case, x, seed)
    raise NotWrittenError("written for the training of dense networks alone")


if __name__ == "__main__":
    jax_machine.set_precision(os.environ)
    serve(build, jax_machine.about)
