"""Keras by its own `fit` and `predict`, on TensorFlow or JAX, compiled by XLA or not."""

import os
from typing import Any

import numpy as np

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

if os.environ.get("KERAS_BACKEND") == "jax":
    from benchmarks.contestants import jax_machine

    jax_machine.set_precision(os.environ)

import keras
from keras import ops

from benchmarks.cases import Case
from benchmarks.contestants import keras_nets
from benchmarks.contestants.post import WARM_STEPS, NotWrittenError, Ready, serve

IS_COMPILED = os.environ.get("RACE_MODE") == "compiled"


def bernoulli(x: Any, logits: Any) -> Any:
    """Cross-entropy in nats an image."""
    return ops.sum(keras.losses.binary_crossentropy(x[..., None], logits[..., None], from_logits=True), axis=-1)


def squares(x: Any, outputs: Any) -> Any:
    """Squared error an image."""
    return ops.sum(ops.square(x - outputs), axis=-1)


def images(x: np.ndarray) -> np.ndarray:
    """The images as intensities."""
    return x.reshape(len(x), -1).astype(np.float32) / 255.0


def compiled(case: Case, rounds: int, seed: int) -> keras.Model:
    """The model with fresh weights, ready to be trained."""
    keras.utils.set_random_seed(seed)
    steps = rounds * case.epochs * case.used // case.batch
    model = keras_nets.model(case.net, steps)
    loss = squares if case.net.loss == "mse" else bernoulli
    optimizer = keras.optimizers.Adam(case.learning_rate, epsilon=1e-8)
    model.compile(optimizer, loss, jit_compile=IS_COMPILED)
    return model


def _train(case: Case, x: np.ndarray, rounds: int, seed: int) -> Ready:
    data, model = images(x), compiled(case, rounds, seed)
    weights = [np.copy(value) for value in model.get_weights()]
    some = data[: WARM_STEPS * case.batch]
    model.fit(some, some, batch_size=case.batch, epochs=1, verbose=0)
    model.set_weights(weights)
    for variable in model.optimizer.variables:
        if variable is not model.optimizer.learning_rate:
            variable.assign(ops.zeros(variable.shape, dtype=variable.dtype))

    def epochs() -> None:
        model.fit(data, data, batch_size=case.batch, epochs=case.epochs, shuffle=True, verbose=0)

    def loss() -> float:
        keras_nets.settle(model)
        return float(model.evaluate(data, data, batch_size=case.batch, verbose=0))

    return Ready(epochs, loss)


def _call(case: Case, x: np.ndarray) -> Ready:
    encoder, decoder = keras_nets.halves(case.net)
    data = images(x)
    for half in (encoder, decoder):
        half.compile(jit_compile=IS_COMPILED)
    given = data if case.task == "encode" else encoder.predict(data, batch_size=case.batch, verbose=0)
    half = encoder if case.task == "encode" else decoder
    half.predict(given, batch_size=case.batch, verbose=0)
    return Ready(lambda: half.predict(given, batch_size=case.batch, verbose=0))


def build(case: Case, x: np.ndarray, rounds: int, seed: int) -> Ready:
    """A case, compiled if this contestant compiles."""
    keras.utils.clear_session()
    if case.task == "train":
        return _train(case, x, rounds, seed)
    if case.task in ("encode", "decode"):
        return _call(case, x)
    raise NotWrittenError(f"Keras has no {case.task}")


def about() -> dict[str, Any]:
    """Versions, and the device that is computed on."""
    versions = {"keras": keras.__version__}
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        versions["tensorflow"] = tf.__version__
        device = "gpu" if tf.config.list_physical_devices("GPU") else "cpu"
    else:
        import jax

        versions["jax"] = jax.__version__
        device = str(jax.devices()[0])
    return {"versions": versions, "device": device}


if __name__ == "__main__":
    serve(build, about)
