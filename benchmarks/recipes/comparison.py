"""The maps that an autoencoder is compared with, against the table of Parametric UMAP; a linear model laid upon PCA."""

import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial

import numpy as np

import aejax
from aejax.alignment import Placed, align, main_plane
from aejax.baselines import linear_decoder, principal_angles
from aejax.coranking import trustworthiness
from aejax.embedder import Embedder, decodes
from aejax.errors import mean_errors
from aejax.projections import projection
from aejax.separation import knn_accuracy
from benchmarks.rows import Row

_TABLE = "Sainburg et al. 2021, notebooks"
_IMAGES, _TRUSTED, _NEIGHBOURS = 50_000, 10_000, 5
"""Training images of the table, those of them whose neighbourhoods it looks at, and how many neighbours."""


def baseline(kind: str, published: Mapping[str, float], within: float, data: aejax.Data) -> Iterator[Row]:
    """How far a baseline's measures are from the published ones, for as many training images."""
    began = time.perf_counter()
    x, labels = data.x_train[:_IMAGES], data.y_train[:_IMAGES]
    fitted = projection(kind, examples=len(x)).fit(x, 2)
    known, asked = fitted.encode(x), fitted.encode(data.x_test)
    seconds = time.perf_counter() - began
    measures: dict[str, Callable[[], float]] = {
        "1-NN accuracy": lambda: knn_accuracy(known, labels, asked, data.y_test, 1),
        "5-NN accuracy": lambda: knn_accuracy(known, labels, asked, data.y_test, 5),
        "trustworthiness": lambda: trustworthiness(x[:_TRUSTED], known[:_TRUSTED], _NEIGHBOURS),
        "test MSE": lambda: _error(fitted, data),
    }
    for name, theirs in published.items():
        ours = measures[name]()
        conditions = f"{ours:.4f}, published {theirs}; {len(x):,} images, seed 0, {seconds:.0f} s"
        if name == "trustworthiness":
            conditions += f"; of the first {_TRUSTED:,} training images, k = {_NEIGHBOURS}"
        yield Row(kind, f"{name}, distance from the published", abs(ours - theirs), within, _TABLE, conditions)


def linear(data: aejax.Data) -> Iterator[Row]:
    """A linear autoencoder laid upon PCA: angle, residual, and how far apart the two decode at the same places."""
    entry, source = aejax.zoo["linear"], "Baldi & Hornik 1989"
    run, pca = aejax.train(entry.spec, entry.train, data.x_train), aejax.PCA(2).fit(data.x_train)
    conditions = f"60,000 images, {entry.train.epochs} epochs, seed 0; 10,000 test images"
    angle = float(principal_angles(linear_decoder(run)[0], pca.components).max())
    yield Row("linear, laid upon PCA", "largest principal angle, degrees", angle, 1.0, source, conditions)
    ours, theirs = run.encode(data.x_test), pca.encode(data.x_test)
    for kind in ("similarity", "affine"):
        found = align(ours, theirs, kind)
        yield Row("linear, laid upon PCA", f"residual, {kind}", found.residual, 0.01, source, conditions)
        placed = Placed(run, main_plane(ours).then(found.map))
        apart = np.abs(placed.decode(theirs[:1000]) - pca.decode(theirs[:1000])).max()
        yield Row(
            "linear, laid upon PCA",
            f"greatest difference of a decoded pixel, {kind}",
            float(apart),
            0.02,
            "",
            conditions,
        )


def _error(fitted: Embedder, data: aejax.Data) -> float:
    if not decodes(fitted):
        return float("nan")
    return mean_errors(data.x_test, fitted.reconstruct(data.x_test))["mse"]


_PCA = {"1-NN accuracy": 0.3765, "5-NN accuracy": 0.4201, "trustworthiness": 0.7434, "test MSE": 0.0557}
_TSNE = {"1-NN accuracy": 0.9411, "5-NN accuracy": 0.9502, "trustworthiness": 0.9874}
_UMAP = {"1-NN accuracy": 0.9317, "5-NN accuracy": 0.9544, "trustworthiness": 0.9601}

ROWS: dict[str, Callable[[aejax.Data], Iterator[Row]]] = {
    "compared-pca": partial(baseline, "pca", _PCA, 0.01),
    "compared-t-sne": partial(baseline, "t-sne", _TSNE, 0.02),
    "compared-umap": partial(baseline, "umap", _UMAP, 0.02),
    "compared-linear": linear,
}
