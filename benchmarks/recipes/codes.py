"""Rows of the variational and the denoising autoencoders: nats of a test image, and errors to clean test images."""

import time
from collections.abc import Callable, Iterator

import numpy as np
from sklearn.linear_model import LinearRegression

import aejax
from aejax.parts.bottlenecks import Point
from aejax.parts.corruptions import GaussianNoise
from aejax.parts.networks import Conv, Dense
from benchmarks.rows import Row

_TUTORIALS = "pytorch/examples vae, test loss 105.6 after 10 epochs"
_NOISE = GaussianNoise(sd=0.4)
_PLAIN = aejax.ModelSpec(corruption=_NOISE, bottleneck=Point())

DENOISERS = {
    "dense": (
        _PLAIN.replace(latent=128, encoder=Dense(widths=(512,), activation="silu")),
        aejax.TrainSpec(epochs=5, batch_size=128, learning_rate=2e-3, schedule="cosine"),
        0.0125,
    ),
    "convolutional": (
        _PLAIN.replace(latent=None, encoder=Conv(channels=(32, 16), activation="silu")),
        aejax.TrainSpec(epochs=5, batch_size=128, learning_rate=3e-3, schedule="cosine"),
        0.0100,
    ),
}


def variational(data: aejax.Data) -> Iterator[Row]:
    """784-400-20 on grey MNIST, 10 epochs; then the weighted bound, which must rise with the codes drawn."""
    entry, began = aejax.zoo["variational-20"], time.perf_counter()
    run = aejax.train(entry.spec, entry.train, data.x_train)
    conditions = f"60,000 grey images, 10 epochs, batch 128, seed 0, {time.perf_counter() - began:.0f} s"
    loss = run.evaluate(data.x_test)["loss"]
    yield Row("variational-20", "-ELBO, nats per test image, one draw", loss, 105.0, _TUTORIALS, conditions)
    x, bound = data.x_test[:2000], loss
    for samples in (1, 10, 100, 1000):
        found = -float(run.log_likelihood(x, samples).mean(dtype=np.float64))
        # One draw has nothing to be above but its own noise.
        limit = None if samples == 1 else bound
        measure = f"-bound, nats per test image, {samples} draws"
        yield Row("variational-20", measure, found, limit, "the bound of fewer draws", "first 2,000 test images")
        bound = found


def denoising(data: aejax.Data) -> Iterator[Row]:
    """Gaussian noise of 0.4 clipped to [0, 1]: errors to clean test images, beside PCA with a regression."""
    noisy, fresh = (_noisy(x, seed) for x, seed in ((data.x_train, 0), (data.x_test, 1)))
    pca = aejax.PCA(64).fit(noisy)
    flat = (data.x_train / 255.0).reshape(len(noisy), -1).astype(np.float32)
    rebuilt = LinearRegression().fit(pca.encode(noisy), flat).predict(pca.encode(fresh))
    error = float(np.mean((rebuilt - (data.x_test / 255.0).reshape(len(fresh), -1)) ** 2))
    measure = "MSE to the clean test image, noisy input"
    yield Row("denoising: PCA-64 with regression", measure, error, None, "", "60,000 images")
    for name, (spec, train, limit) in DENOISERS.items():
        began = time.perf_counter()
        run = aejax.train(spec, train, data.x_train)
        seconds = time.perf_counter() - began
        conditions = f"{spec}; 60,000 images, {train.epochs} epochs, seed 0, {seconds:.0f} s"
        found = run.evaluate(data.x_test, seed=1)["mse"]
        yield Row(f"denoising: {name}", measure, found, limit, f"PCA-64 with regression: {error:.4f}", conditions)


def _noisy(x: np.ndarray, seed: int) -> np.ndarray:
    noise = np.random.default_rng(seed).normal(scale=_NOISE.sd, size=x.shape)
    return np.clip(x / 255.0 + noise, 0, 1).astype(np.float32)


ROWS: dict[str, Callable[[aejax.Data], Iterator[Row]]] = {
    "variational": variational,
    "denoising-clean-error": denoising,
}
