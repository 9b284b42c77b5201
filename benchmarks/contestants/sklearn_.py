"""scikit-learn, beside whose analysis and metrics aejax's are timed; and NumPy's own matrix product and copy."""

import os
from typing import Any

import numpy as np
import sklearn
from sklearn.decomposition import PCA
from sklearn.manifold import trustworthiness

from benchmarks.cases import Case
from benchmarks.contestants.post import NotWrittenError, Ready, serve


def build(case: Case, x: np.ndarray, rounds: int, seed: int) -> Ready:
    """A case; nothing is compiled."""
    flat = x.reshape(len(x), -1) / np.float32(255.0)
    if case.task == "pca":
        return Ready(lambda: PCA(case.net.latent, random_state=0).fit(flat))
    if case.task == "metrics":
        codes = PCA(2, random_state=0).fit_transform(flat)
        return Ready(lambda: trustworthiness(flat, codes, n_neighbors=10))
    if case.task in ("products", "copy"):
        return _machine(case)
    raise NotWrittenError(f"scikit-learn has no {case.task} of autoencoders")


def _machine(case: Case) -> Ready:
    if case.task == "products":
        one = np.random.default_rng(0).random((case.size, case.size), np.float32)
        product = np.empty_like(one)
        return _repeated(case, lambda: np.matmul(one, one, out=product))
    numbers = np.arange(case.size, dtype=np.float32)
    copied = np.empty_like(numbers)
    return _repeated(case, lambda: np.copyto(copied, numbers))


def _repeated(case: Case, call: Any) -> Ready:
    call()

    def calls() -> None:
        for _ in range(case.epochs):
            call()

    return Ready(calls)


def about() -> dict[str, Any]:
    """Versions, and the device that is computed on."""
    versions = {"scikit-learn": sklearn.__version__, "numpy": np.__version__}
    return {"versions": versions, "device": f"cpu, {os.cpu_count()} cores"}


if __name__ == "__main__":
    serve(build, about)
