"""Every baseline lays out real digits, gives the seen their places back, and where it decodes, rebuilds."""

import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.decomposition import KernelPCA
from sklearn.neighbors import NearestNeighbors

from aejax import projection as module
from aejax.arrays import DataError
from aejax.embedder import Embedder, decodes
from aejax.projection import Fitted, Projection
from aejax.projections import PROJECTIONS, TSNE, UMAP, KernelPrincipal, PaCMAP, RandomProjection, projection
from aejax.separation import knn_accuracy
from aejax.settings import SpecError

DIGITS = load_digits()
X, LABELS = (DIGITS.images / 16).astype(np.float32), DIGITS.target
SEEN = 400


@pytest.fixture(scope="module")
def fitted() -> dict[str, Embedder]:
    return {kind: projection(kind).fit(X[:SEEN], 2) for kind in PROJECTIONS}


@pytest.mark.parametrize("kind", PROJECTIONS)
def test_every_baseline_has_the_interface_of_a_run(fitted: dict[str, Embedder], kind: str) -> None:
    found = fitted[kind]
    assert isinstance(found, Embedder)
    assert (found.shape, found.latent) == ((8, 8), 2)
    codes = found.encode(X[SEEN - 5 : SEEN + 20])
    assert codes.shape == (25, 2)
    assert np.isfinite(codes).all()
    assert found.encode(X[SEEN - 5 : SEEN]) == pytest.approx(codes[:5], abs=1e-4)


@pytest.mark.parametrize("kind", PROJECTIONS)
def test_every_baseline_keeps_digits_together_better_than_chance(fitted: dict[str, Embedder], kind: str) -> None:
    found = fitted[kind]
    known, asked = found.encode(X[:SEEN]), found.encode(X[SEEN:700])
    least = {"random-projection": 0.12, "pca": 0.4, "kernel-pca": 0.35}.get(kind, 0.7)
    assert knn_accuracy(known, LABELS[:SEEN], asked, LABELS[SEEN:700], 5) > least


@pytest.mark.parametrize("kind", ["pca", "kernel-pca", "random-projection"])
def test_what_decodes_rebuilds_better_than_the_mean_does(kind: str) -> None:
    found = projection(kind).fit(X[:SEEN], 10)
    assert decodes(found)
    held_out = X[SEEN:]
    errors = found.evaluate(held_out)
    assert errors["mse"] < np.square(held_out - X[:SEEN].mean(axis=0)).mean()
    assert found.reconstruct(held_out).shape == held_out.shape


def test_umap_decodes_too_though_slowly(fitted: dict[str, Embedder]) -> None:
    found = fitted["umap"]
    assert found.decode(found.encode(X[:2])).shape == (2, 8, 8)


@pytest.mark.parametrize("kind", ["t-sne", "pacmap"])
def test_what_cannot_decode_says_so(fitted: dict[str, Embedder], kind: str) -> None:
    assert not decodes(fitted[kind])
    with pytest.raises(DataError, match="codes cannot be decoded"):
        fitted[kind].reconstruct(X[:2])


def test_t_sne_puts_others_at_the_median_place_of_their_ten_nearest(fitted: dict[str, Embedder]) -> None:
    codes, table = fitted["t-sne"].encode(X[:SEEN]), X.reshape(len(X), -1)
    nearest = NearestNeighbors(n_neighbors=10).fit(table[:SEEN]).kneighbors(table[SEEN:600], return_distance=False)
    assert fitted["t-sne"].encode(X[SEEN:600]) == pytest.approx(np.median(codes[nearest], axis=1), abs=1e-4)


def test_t_sne_takes_fewer_examples_than_a_median_asks_for() -> None:
    found = TSNE(perplexity=2).fit(X[:8], 2)
    assert np.isfinite(found.encode(X[8:12])).all()


def test_kernel_pca_is_scikit_learns_with_a_bell_of_the_mean_distance() -> None:
    table = X[:100].reshape(100, -1)
    squared = np.square(table[:, None] - table[None]).sum(axis=-1).mean()
    expected = KernelPCA(2, kernel="rbf", gamma=1 / (2 * squared)).fit_transform(table)
    found = KernelPrincipal().fit(X[:100], 2).encode(X[:100])
    assert np.abs(found) == pytest.approx(np.abs(expected), abs=1e-4)


def test_a_random_plane_is_rebuilt_by_the_nearest_point_of_the_plane() -> None:
    found = RandomProjection().fit(X[:100], 3)
    rebuilt = found.reconstruct(X[:100])
    assert found.reconstruct(rebuilt) == pytest.approx(rebuilt, abs=1e-4)
    assert found.encode(rebuilt) == pytest.approx(found.encode(X[:100]), abs=1e-4)


def test_no_more_examples_are_fitted_than_allowed() -> None:
    found = KernelPrincipal(examples=50).fit(X, 2)
    assert len(found._known) == 50  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "how, n, latent, sentence",
    [
        (TSNE(), 400, 3, "latent must be at most 2 for t-SNE; got 3"),
        (TSNE(perplexity=30), 60, 2, "perplexity must be at most 19.6667 for 60 examples; got 30"),
        (UMAP(neighbours=15), 12, 2, "neighbours must be below 12, the number of examples; got 15"),
        (PaCMAP(), 20, 2, "neighbours must be below 6.66667, a third of the examples; got 10"),
        (RandomProjection(), 20, 40, "latent must be between 1 and 20, the lesser of 20 examples and 64 features"),
    ],
)
def test_what_cannot_be_fitted_names_the_limit(how: Projection, n: int, latent: int, sentence: str) -> None:
    with pytest.raises(SpecError, match=sentence):
        how.fit(X[:n], latent)


@pytest.mark.parametrize("kind", PROJECTIONS)
def test_equal_examples_cannot_be_laid_out(kind: str) -> None:
    with pytest.raises(DataError, match="x must vary"):
        projection(kind).fit(np.ones((200, 6)))


def test_a_missing_library_is_told_with_the_line_that_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(SpecError, match=r'UMAP needs the library umap, .*: pip install "aejax\[maps\]"'):
        UMAP().fit(X)


def test_an_unknown_baseline_is_told_with_the_known_ones() -> None:
    with pytest.raises(SpecError, match="kind must be one of pca, .*; got 'umaq' .did you mean umap"):
        projection("umaq")


def test_recorded_codes_are_those_of_their_examples_alone() -> None:
    record = Fitted(X[:10], np.arange(20.0).reshape(10, 2))
    assert record.encode(X[[3, 1]]) == pytest.approx(np.array([[6.0, 7.0], [2.0, 3.0]]))
    with pytest.raises(DataError, match="x must hold examples whose codes are known; got 2 others"):
        record.encode(X[9:12])
