"""Fifty pixels of MNIST chosen by a concrete autoencoder, and the linear regression of all pixels on them."""

import time
from collections.abc import Callable, Iterator

import numpy as np

import aejax
from aejax.selection import selected
from benchmarks.rows import Row

_PAPER = "Balin, Abid & Zou 2019, table 1 (0.026); best published rerun 0.0189"


def concrete(data: aejax.Data) -> Iterator[Row]:
    """50 of 784 pixels from 8,000 of the 10,000 test images, shuffled by the seed; the other 2,000 are held out."""
    entry = aejax.zoo["concrete"]
    for seed in range(3):
        order = np.random.default_rng(seed).permutation(len(data.x_test))
        x, held_out = data.x_test[order[:8000]], data.x_test[order[8000:]]
        began = time.perf_counter()
        run = aejax.train(entry.spec, entry.train.replace(seed=seed), x)
        took = time.perf_counter() - began
        images = "8,000 of the 10,000 test images, shuffled by the seed"
        conditions = f"{images}, {entry.train.epochs} epochs, seed {seed}, {took:.0f} s"
        pixels = len(set(selected(run).features))
        yield Row("concrete", "distinct pixels", pixels, 50, _PAPER, conditions, at_least=True)
        mse = run.evaluate(held_out)["mse"]
        yield Row("concrete", "held-out MSE per pixel of the linear regression", mse, 0.0186, _PAPER, conditions)


ROWS: dict[str, Callable[[aejax.Data], Iterator[Row]]] = {"concrete": concrete}
