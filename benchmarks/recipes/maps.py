"""Maps of two numbers, and how well 64 numbers rebuild: against the table of Parametric UMAP."""

import time
from collections.abc import Callable, Iterator
from functools import partial

import aejax
from aejax.errors import mean_errors
from aejax.optimizers import AdamW
from aejax.parts.neighbours import Neighbours
from aejax.parts.networks import Dense
from aejax.separation import knn_accuracy
from benchmarks.rows import Row

SEEDS = (0, 1, 2)

_TABLE = "Sainburg et al. 2021, notebooks"


def plain(data: aejax.Data) -> Iterator[Row]:
    """The zoo's maps of reconstruction and nothing else: that which opens, and the wide one."""
    published = f"{_TABLE} (convolutional AE 0.793, VAE 0.765, PCA 0.420)"
    for name, seeds, bound in (("map", (0,), None), ("wide-map", SEEDS, 0.85)):
        entry = aejax.zoo[name]
        for seed in seeds:
            run, conditions = _trained(entry.spec, entry.train.replace(seed=seed), data)
            accuracy = _accuracy(run, data, 5)
            yield Row(name, "5-NN accuracy of test codes", accuracy, bound, published, conditions, at_least=True)


def neighbours(
    name: str,
    bounds: dict[str, tuple[float, str]],
    spec: aejax.ModelSpec,
    train: aejax.TrainSpec,
    data: aejax.Data,
) -> Iterator[Row]:
    """A map with neighbours kept together; `bounds` by measure, each with the published number."""
    data = data if data.name == name else aejax.load_data(name)
    for seed in SEEDS:
        run, conditions = _trained(spec, train.replace(seed=seed), data)
        measures: dict[str, Callable[[], float]] = {
            "5-NN accuracy of test codes": partial(_accuracy, run, data, 5),
            "1-NN accuracy of test codes": partial(_accuracy, run, data, 1),
            "test MSE": partial(_error, run, data),
        }
        for measure, (bound, published) in bounds.items():
            source, higher = f"{_TABLE} (UMAP/AE {published})", "accuracy" in measure
            yield Row(f"{name}, map", measure, measures[measure](), bound, source, f"{spec}; {conditions}", higher)


def compressing(data: aejax.Data) -> Iterator[Row]:
    """784-2048-1024-64 and back: squared error."""
    entry, source = aejax.zoo["compressing"], f"{_TABLE} (convolutional AE 0.0016)"
    run, conditions = _trained(entry.spec, entry.train, data)
    yield Row("compressing", "test MSE", _error(run, data), 0.0016, source, conditions)


def _trained(spec: aejax.ModelSpec, train: aejax.TrainSpec, data: aejax.Data) -> tuple[aejax.Run, str]:
    began = time.perf_counter()
    run = aejax.train(spec, train, data.x_train)
    seconds = time.perf_counter() - began
    size = f"{len(data.x_train):,} images, {train.epochs} epochs, batches of {train.batch_size}"
    return run, f"{size}, seed {train.seed}, {seconds:.0f} s"


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

_ENTRY = aejax.zoo["umap-images"]
# Clothes fill their frame, so that one moved is another; and they differ in grey, which a wider network draws better.
_CLOTHES = aejax.ModelSpec(
    latent=2,
    encoder=Dense(widths=(1000, 500, 250), activation="silu"),
    penalties=(Neighbours(weight=60.0, objective="infonce", union=0.25),),
)
_CLOTHES_RECIPE = _ENTRY.train.replace(epochs=200, learning_rate=3e-3, optimizer=AdamW(weight_decay=0.1))

ROWS: dict[str, Callable[[aejax.Data], Iterator[Row]]] = {
    "map": plain,
    "umap-mnist": partial(neighbours, "mnist", _MNIST, _ENTRY.spec, _ENTRY.train),
    "umap-fashion": partial(neighbours, "fashion-mnist", _FASHION, _CLOTHES, _CLOTHES_RECIPE),
    "compressing": compressing,
}
