"""Can the code replace the features? A linear classifier on the codes, beside raw pixels and PCA of the same size."""

from collections.abc import Callable, Iterator
from functools import cache

import numpy as np

import aejax
from aejax.separation import linear_probe
from benchmarks.rows import Row

IMAGES, EPOCHS = 10_000, 5
"""Of the modest protocol: the first so many training images, and each recipe cut off at so many epochs."""

_MEASURE = "linear probe, share of test images"


def table(data: aejax.Data) -> Iterator[Row]:
    """Every entry of the zoo that is not told the classes, with PCA of the same size and raw pixels as sources."""
    x = data.x_train[:IMAGES]
    raw = _accuracy(x.reshape(len(x), -1), data.x_test.reshape(len(data.x_test), -1), data)
    known = f"{IMAGES:,} images"
    yield Row("raw pixels", _MEASURE, raw, None, "", known)

    @cache
    def pca(size: int) -> float:
        fitted = aejax.PCA(size).fit(x)
        return _accuracy(fitted.encode(x), fitted.encode(data.x_test), data)

    for name, entry in aejax.zoo.items():
        if entry.spec.classes:  # a code of a model that was told the class
            continue
        train = entry.train.replace(epochs=min(entry.train.epochs, EPOCHS))
        run = aejax.train(entry.spec, train, x)
        accuracy = _accuracy(run.encode(x), run.encode(data.x_test), data)
        size = run.latent
        conditions = f"{size}-D code, {known}, {train.epochs} epochs, seed {train.seed}"
        yield Row(name, _MEASURE, accuracy, None, f"PCA-{size}: {pca(size):.4f}; raw pixels: {raw:.4f}", conditions)


def features(data: aejax.Data) -> Iterator[Row]:
    """The entry whose codes replace the features best, by its own recipe on all images."""
    entry = aejax.zoo["neighbour-features"]
    run = aejax.train(entry.spec, entry.train, data.x_train)
    accuracy = _accuracy(run.encode(data.x_train), run.encode(data.x_test), data)
    conditions = (
        f"{run.latent}-D code, {len(data.x_train):,} images, {entry.train.epochs} epochs, seed {entry.train.seed}"
    )
    yield Row("neighbour-features", _MEASURE, accuracy, 0.97, "frozen codes, no labels", conditions, at_least=True)


def _accuracy(codes: np.ndarray, test: np.ndarray, data: aejax.Data) -> float:
    return linear_probe(codes, data.y_train[: len(codes)], test, data.y_test)


ROWS: dict[str, Callable[[aejax.Data], Iterator[Row]]] = {"probe-table": table, "probe-features": features}
