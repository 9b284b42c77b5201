"""How long the table of metrics takes, and how much memory ranks need: `python -m benchmarks.measures`.

Each number is taken in a process of its own. The table is of four embeddings of 5,000 held-out images of MNIST, which
`AEJAX_DATA` names the folder of; ranks are those of 60,000 images and codes of two numbers.
"""

import resource
import subprocess
import sys
import time

import numpy as np

import aejax
from aejax.coranking import exchanged_ranks
from aejax.metrics import METRICS
from aejax.projections import projection
from aejax.quality import evidence, measure

_EMBEDDINGS = (("pca", 2), ("pca", 32), ("kernel-pca", 2), ("random-projection", 2))


def table() -> str:
    """Seconds that all metrics of four embeddings take, the embeddings themselves left out."""
    data = aejax.load_data("mnist")
    seen = [evidence(projection(kind).fit(data.x_train, latent), data) for kind, latent in _EMBEDDINGS]
    began = time.perf_counter()
    found = [measure(one) for one in seen]
    seconds = time.perf_counter() - began
    valued = sum(each.value is not None for one in found for each in one.values())
    return f"{len(METRICS)} metrics of {len(seen)} embeddings, {valued} with a value: {seconds:.0f} s"


def ranks() -> str:
    """Seconds and memory of trustworthiness and its kin of all training images."""
    data = aejax.load_data("mnist")
    codes = np.random.default_rng(0).normal(size=(len(data.x_train), 2)).astype(np.float32)
    before = _peak()
    began = time.perf_counter()
    found = exchanged_ranks(data.x_train, codes, 10)
    seconds = time.perf_counter() - began
    told = f"trustworthiness {found.trustworthiness:.4f}, continuity {found.continuity:.4f} of {len(codes):,} images"
    return f"{told}: {seconds:.0f} s, {_peak():.2f} GB at the peak, {before:.2f} GB before"


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


if __name__ == "__main__":
    if sys.argv[1:]:
        print({"table": table, "ranks": ranks}[sys.argv[1]]())
    else:
        for name in ("table", "ranks"):
            subprocess.run([sys.executable, "-m", "benchmarks.measures", name], check=True)
