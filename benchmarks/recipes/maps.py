"""Maps of two numbers, and how well 64 numbers rebuild: against the table of Parametric UMAP."""

import time
from collections.abc import Callable, Iterator
from functools import partial

import aejax
from aejax.errors import mean_errors
from aejax.separation import knn_accuracy
from benchmarks.rows import Row

_TABLE = "Sainburg et al. 2021, notebooks"


def plain(data: aejax.Data) -> Iterator[Row]:
    """The zoo's map: reconstruction and nothing else."""
    published = f"{_TABLE} (convolutional AE 0.793, VAE 0.765, PCA 0.420)"
    run, conditions = _trained("map", data)
    yield Row("map", "5-NN accuracy of test codes", _accuracy(run, data, 5), 0.85, published, conditions, at_least=True)


def neighbours(name: str, bounds: dict[str, tuple[float, str]], data: aejax.Data) -> Iterator[Row]:
    """The zoo's map with neighbours kept together; `bounds` by measure, each with the published number."""
    data = data if name == "mnist" else aejax.load_data(name)
    run, conditions = _trained("umap-autoencoder", data)
    measures: dict[str, Callable[[], float]] = {
        "5-NN accuracy of test codes": partial(_accuracy, run, data, 5),
        "1-NN accuracy of test codes": partial(_accuracy, run, data, 1),
        "test MSE": partial(_error, run, data),
    }
    for measure, (bound, published) in bounds.items():
        source = f"{_TABLE} (UMAP/AE {published})"
        higher = "accuracy" in measure
        yield Row(f"umap-autoencoder, {data.name}", measure, measures[measure](), bound, source, conditions, higher)


def wide(data: aejax.Data) -> Iterator[Row]:
    """784-1024-512-64 and back, squared error."""
    run, conditions = _trained("compressing", data)
    yield Row("compressing", "test MSE", _error(run, data), 0.0016, f"{_TABLE} (convolutional AE 0.0016)", conditions)


def _trained(name: str, data: aejax.Data) -> tuple[aejax.Run, str]:
    entry, began = aejax.zoo[name], time.perf_counter()
    run = aejax.train(entry.spec, entry.train, data.x_train)
    seconds = time.perf_counter() - began
    size = f"{len(data.x_train):,} images, {entry.train.epochs} epochs, batches of {entry.train.batch_size}"
    return run, f"{size}, seed {entry.train.seed}, {seconds:.0f} s"


def _accuracy(run: aejax.Run, data: aejax.Data, k: int) -> float:
    codes = run.encode(data.x_train), run.encode(data.x_test)
    return knn_accuracy(codes[0], data.y_train, codes[1], data.y_test, k)


def _error(run: aejax.Run, data: aejax.Data) -> float:
    return mean_errors(data.x_test, run.reconstruct(data.x_test))["mse"]


_MNIST = {
    "5-NN accuracy of test codes": (0.955, "0.9537"),
    "1-NN accuracy of test codes": (0.945, "0.9403"),
    "test MSE": (0.036, "0.0360"),
}
_FASHION = {"5-NN accuracy of test codes": (0.76, "0.7561"), "test MSE": (0.024, "0.0240")}

ROWS: dict[str, Callable[[aejax.Data], Iterator[Row]]] = {
    "map": plain,
    "umap-mnist": partial(neighbours, "mnist", _MNIST),
    "umap-fashion": partial(neighbours, "fashion-mnist", _FASHION),
    "compressing": wide,
}
