"""Train the published recipes on full data and compare with their numbers: ours, reference, source, conditions.

    AEJAX_DATA=folder python -m benchmarks.reproduce [row ...]

`AEJAX_DATA` names a folder with the IDX files in `mnist/` (else they are downloaded). With no row named, all are run.
"""

import argparse
import os
import platform
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import jax

import aejax
from aejax.baselines import linear_decoder, principal_angles
from aejax.summary import summarise
from benchmarks.recipes import codes, comparison, hinton, maps, probe, select, tables
from benchmarks.rows import Row, table

PAGE_HEAD = """# Results

Published recipes trained on the whole of MNIST, beside the bounds their numbers set. Written by
`python -m benchmarks.reproduce --page docs/results.md`: {about}; on a graphics card where a row
names one. BCE is binary cross-entropy in nats per pixel, whose
least possible value on grey MNIST is 0.0581, the entropy of its pixels; held out are the 10,000 test images.

"""

KERAS = "Building Autoencoders in Keras (tutorial)"


def simple_64(data: aejax.Data) -> Iterator[Row]:
    """784-64-784, 30,000 images, batch 64, Adam 1e-3, 10 epochs."""
    x, entry = data.x_train[:30_000], aejax.zoo["simple-64"]
    for seed in range(3):
        run = aejax.train(entry.spec, entry.train.replace(seed=seed), x, data.x_test)
        conditions = f"30,000 images, 10 epochs, seed {seed}"
        printed = run.history[-1].terms["reconstruction"] / 784
        yield Row("simple-64", "training BCE per pixel, mean over last epoch", printed, 0.0752, KERAS, conditions)
        after = run.evaluate(x)["bce"]
        yield Row("simple-64", "training BCE per pixel, after training", after, 0.0752, KERAS, conditions)
        yield Row("simple-64", "held-out BCE per pixel", run.evaluate(data.x_test)["bce"], 0.0750, KERAS, conditions)


def denoising(data: aejax.Data) -> Iterator[Row]:
    """10 clean epochs, then 10 with Gaussian noise 0.4 clipped to [0, 1], drawn once as the tutorial does."""
    x, clean, entry = data.x_train[:30_000], aejax.zoo["simple-64"], aejax.zoo["denoising"]
    spec = entry.spec.replace(**{"corruption.fresh": False})
    for seed in range(3):
        recipe = entry.train.replace(epochs=10, seed=seed)
        first = aejax.train(clean.spec, recipe, x)
        run = aejax.train(spec, recipe, x, start=first)
        conditions = f"30,000 images, 10 clean and 10 noisy epochs, seed {seed}"
        fixed, fresh = run.evaluate(x, seed=seed)["bce"], run.evaluate(data.x_test, seed=1000 + seed)["bce"]
        yield Row("denoising", "BCE to clean training images, their one draw", fixed, 0.0985, KERAS, conditions)
        yield Row("denoising", "BCE to clean held-out images, fresh noise", fresh, 0.1010, KERAS, conditions)


def deep(data: aejax.Data) -> Iterator[Row]:
    """784-128-64-32 and back, batch 64, Adam 2e-3, 10 epochs."""
    entry = aejax.zoo["deep"]
    for seed, images in ((0, 60_000), (0, 30_000), (1, 30_000), (2, 30_000)):
        run = aejax.train(entry.spec, entry.train.replace(seed=seed), data.x_train[:images])
        held_out = run.evaluate(data.x_test)["bce"]
        yield Row(
            "deep",
            "held-out BCE per pixel",
            held_out,
            0.0950,
            KERAS,
            f"{images:,} images, 10 epochs at 2e-3, seed {seed}",
        )


def simple(data: aejax.Data) -> Iterator[Row]:
    """784-32-784, 60,000 images, batch 256, 50 epochs."""
    entry = aejax.zoo["simple"]
    run = aejax.train(entry.spec, entry.train, data.x_train)
    held_out = run.evaluate(data.x_test)["bce"]
    yield Row("simple", "held-out BCE per pixel", held_out, 0.0920, KERAS, "60,000 images, 50 epochs, seed 0")


def linear(data: aejax.Data) -> Iterator[Row]:
    """784-2-784 with squared error against principal component analysis."""
    entry, source = aejax.zoo["linear"], "Baldi & Hornik 1989; scikit-learn's PCA"
    run, pca = aejax.train(entry.spec, entry.train, data.x_train), aejax.PCA(2).fit(data.x_train)
    angle = float(principal_angles(linear_decoder(run)[0], pca.components).max())
    excess = run.evaluate(data.x_train)["mse"] / pca.evaluate(data.x_train)["mse"] - 1
    conditions = f"60,000 images, {entry.train.epochs} epochs, seed 0"
    yield Row("linear", "largest principal angle to PCA, degrees", angle, 1.0, source, conditions)
    yield Row("linear", "training MSE over PCA's, less one", excess, 0.001, source, conditions)


def convolutional(data: aejax.Data) -> Iterator[Row]:
    """16-1 channels: a 7 x 7 x 1 code."""
    entry = aejax.zoo["convolutional"]
    summary = summarise(entry.spec, data.shape)
    yield Row("convolutional", "parameters", summary.parameters, 699, "Masci et al. 2011", "7 x 7 x 1 code")
    run = aejax.train(entry.spec, entry.train.replace(epochs=3), data.x_train)
    bce = run.evaluate(data.x_test)["bce"]
    yield Row("convolutional", "held-out BCE per pixel", bce, 0.2623, "mean image", "60,000 images, 3 epochs, seed 0")


def pca(data: aejax.Data) -> Iterator[Row]:
    """PCA to 30 numbers, fitted on training and measured on test images."""
    sse = aejax.PCA(30).fit(data.x_train).evaluate(data.x_test)["sse"]
    source = "Hinton & Salakhutdinov 2006 (13.87)"
    yield Row("pca", "squared error per test image, at most", sse, 13.9, source, "60,000 images")
    yield Row("pca", "squared error per test image, at least", sse, 13.7, source, "60,000 images", at_least=True)


ROWS: dict[str, Callable[[aejax.Data], Iterator[Row]]] = {
    "simple-64": simple_64,
    "denoising": denoising,
    "deep": deep,
    "simple": simple,
    "linear": linear,
    "convolutional": convolutional,
    "pca": pca,
    **hinton.ROWS,
    **maps.ROWS,
    **comparison.ROWS,
    **probe.ROWS,
    **codes.ROWS,
    **select.ROWS,
    **tables.ROWS,
}


def _when_and_where() -> str:
    """The day, and the device where it is no processor."""
    device = jax.devices()[0]
    return date.today().isoformat() + ("" if device.platform == "cpu" else f", {device.device_kind}")


def main() -> None:
    """Run the rows named on the command line, print them, and write them as a page if asked to."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("row", nargs="*", choices=[*ROWS, []], help="rows to run; all by default")
    parser.add_argument("--page", type=Path, help="Markdown page to write, such as docs/results.md")
    arguments = parser.parse_args()
    data = aejax.load_data("mnist")
    rows: list[Row] = []
    for name in arguments.row or ROWS:
        for row in ROWS[name](data):
            rows.append(replace(row, conditions=f"{row.conditions}, {_when_and_where()}"))
            print(table(rows[-1:]).splitlines()[-1], flush=True)
    if arguments.page:
        about = f"{date.today().isoformat()}, {platform.machine()} with {os.cpu_count()} cores, JAX {jax.__version__}"
        arguments.page.write_text(f"{PAGE_HEAD.format(about=about)}{table(rows)}", encoding="utf-8")
    sys.exit(0 if all(row.holds for row in rows) else 1)


if __name__ == "__main__":
    main()
