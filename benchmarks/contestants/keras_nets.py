"""The networks of the table as models of Keras, whose own initialisation is Glorot's."""

from typing import Any

import keras
from keras import layers, ops

from benchmarks.cases import PIXELS, RANK, SIDE, TEMPERATURES, Net
from benchmarks.contestants.settling import assigned

_SIGMOID = keras.initializers.VarianceScaling(16.0, "fan_avg", "uniform")
_INITIAL = {"sigmoid": _SIGMOID, "silu": "he_uniform"}


def dense(width: int, activation: str | None = None, feeds: str | None = None) -> Any:
    """A layer, initialised for the activation that it feeds."""
    name = _INITIAL.get(feeds or activation or "linear", "glorot_uniform")
    return layers.Dense(width, activation=activation, kernel_initializer=name)


class Posterior(layers.Layer):
    """A draw from the posterior, whose divergence from the prior is added to the loss."""

    def __init__(self) -> None:
        super().__init__()
        self.seeds = keras.random.SeedGenerator()

    def call(self, outputs: Any) -> Any:
        mean, log_var = ops.split(outputs, 2, axis=-1)
        log_var = ops.clip(log_var, -10.0, 10.0)
        divergence = 0.5 * (ops.square(mean) + ops.exp(log_var) - 1.0 - log_var)
        self.add_loss(ops.mean(ops.sum(divergence, axis=-1)))
        noise = keras.random.normal(ops.shape(mean), seed=self.seeds)
        return mean + ops.exp(0.5 * log_var) * noise


class Select(layers.Layer):
    """A code of pixels, each a mixture that a falling temperature narrows to one."""

    def __init__(self, chosen: int, steps: int) -> None:
        super().__init__()
        self.chosen, self.steps = chosen, steps
        self.seeds = keras.random.SeedGenerator()

    def build(self, shape: Any) -> None:
        normal = keras.initializers.RandomNormal
        self.embedding = self.add_weight(shape=(self.chosen, RANK), initializer=normal(stddev=1.0))
        self.kernel = self.add_weight(shape=(RANK, PIXELS), initializer=normal(stddev=RANK**-0.5))
        self.bias = self.add_weight(shape=(self.chosen, PIXELS), initializer="zeros")
        self.step = self.add_weight(shape=(), initializer="zeros", trainable=False)
        self.features = self.add_weight(shape=(self.chosen,), initializer="zeros", trainable=False, dtype="int32")

    def logits(self) -> Any:
        """Logarithm of each choice's probability, up to a constant."""
        return self.embedding @ self.kernel + self.bias

    def call(self, x: Any, training: bool = False) -> Any:
        if not training:
            return ops.take(x, self.features, axis=1)
        logits = self.logits()
        temperature = TEMPERATURES[0] * (TEMPERATURES[1] / TEMPERATURES[0]) ** (self.step / self.steps)
        self.step.assign_add(1.0)
        even = keras.random.uniform(ops.shape(logits), minval=1e-20, seed=self.seeds)
        weights = ops.softmax((logits - ops.log(-ops.log(even))) / temperature, axis=-1)
        return x @ ops.transpose(weights)


def settle(model: keras.Model) -> None:
    """Give each coordinate of a code of pixels one of its own."""
    for layer in model.layers:
        if isinstance(layer, Select):
            layer.features.assign(assigned(ops.convert_to_numpy(layer.logits())))


def halves(net: Net) -> tuple[keras.Model, keras.Model]:
    """Encoder and decoder of a dense network with a point for a code."""
    given, code = keras.Input((PIXELS,)), keras.Input((net.latent,))
    x = given
    for width in net.widths:
        x = dense(width, net.activation)(x)
    encoder = keras.Model(given, dense(net.latent, net.code_activation)(x))
    x = code
    for width in reversed(net.widths):
        x = dense(width, net.activation)(x)
    return encoder, keras.Model(code, layers.Activation("sigmoid")(dense(PIXELS)(x)))


def _code(net: Net, x: Any) -> Any:
    if net.code == "gaussian":
        return Posterior()(dense(2 * net.latent)(x))
    return dense(net.latent, net.code_activation)(x)


def _dense(net: Net, x: Any) -> Any:
    for width in net.widths:
        x = dense(width, net.activation)(x)
    x = _code(net, x)
    for width in reversed(net.widths):
        x = dense(width, net.activation)(x)
    return dense(PIXELS)(x)


def _conv(net: Net, x: Any) -> Any:
    x, sides = layers.Reshape((SIDE, SIDE, 1))(x), [SIDE]
    for number, width in enumerate(net.widths, 1):
        is_code = number == len(net.widths) and net.latent is None
        x = layers.Conv2D(width, 3, padding="same")(x)
        x = layers.MaxPooling2D(2, padding="same")(x)
        x = x if is_code else layers.Activation(net.activation)(x)
        sides.append(-(-sides[-1] // 2))
    if net.latent is not None:
        x = dense(net.latent)(layers.Flatten()(x))
        x = dense(sides[-1] ** 2 * net.widths[-1], net.activation)(x)
        x = layers.Reshape((sides[-1], sides[-1], net.widths[-1]))(x)
    outs = [*reversed(net.widths[:-1]), 1]
    for number, (width, side) in enumerate(zip(outs, sides[-2::-1], strict=True), 1):
        x = layers.UpSampling2D(2)(x)
        surplus = 2 * sides[len(outs) - number + 1] - side
        x = layers.Cropping2D(((0, surplus), (0, surplus)))(x) if surplus else x
        x = layers.Conv2D(width, 3, padding="same", activation=None if number == len(outs) else net.activation)(x)
    return layers.Flatten()(x)


def _recurrent(net: Net, x: Any) -> Any:
    code = dense(net.latent)(layers.GRU(net.widths[0])(layers.Reshape((SIDE, SIDE))(x)))
    start = dense(net.widths[0], "tanh")(code)
    states = layers.GRU(net.widths[0], return_sequences=True)(layers.RepeatVector(SIDE)(code), initial_state=start)
    rows = layers.Lambda(lambda written: ops.flip(written, axis=1))(dense(SIDE)(states))
    return layers.Flatten()(rows)


def model(net: Net, steps: int) -> keras.Model:
    """The network with fresh weights, for a training of so many steps; it gives logits."""
    given = keras.Input((PIXELS,))
    if net.body == "select":
        return keras.Model(given, dense(PIXELS)(Select(net.latent, steps)(given)))
    return keras.Model(given, {"dense": _dense, "conv": _conv, "recurrent": _recurrent}[net.body](net, given))
