"""PCA and its kin, against scikit-learn, scipy and the closed form."""

from collections.abc import Callable

import jax.numpy as jnp
import numpy as np
import pytest
import sklearn.decomposition
from sklearn.datasets import load_digits

from aejax.arrays import DataError
from aejax.baselines import PCA, is_linear, linear_decoder, principal_angles, recovered_components
from aejax.embedder import Embedder
from aejax.errors import ERRORS
from aejax.run import Run
from aejax.settings import SpecError
from aejax.spec import ModelSpec, TrainSpec
from aejax.training import train
from aejax.zoo import ZOO


@pytest.fixture(scope="module")
def digits() -> np.ndarray:
    return (load_digits().images / 16).astype(np.float32)


@pytest.fixture(scope="module")
def linear_run(digits: np.ndarray) -> Run:
    recipe = TrainSpec(epochs=200, batch_size=64, learning_rate=0.02, schedule="cosine")
    return train(ZOO["linear"].spec, recipe, digits)


def test_pca_equals_scikit_learns(digits: np.ndarray) -> None:
    flat = digits.reshape(len(digits), -1)
    theirs = sklearn.decomposition.PCA(5, svd_solver="full").fit(flat)
    ours = PCA(5).fit(digits)
    codes = theirs.transform(flat)
    np.testing.assert_allclose(ours.encode(digits), codes, atol=1e-4)
    rebuilt = theirs.inverse_transform(codes)
    np.testing.assert_allclose(ours.reconstruct(digits).reshape(flat.shape), rebuilt, atol=1e-5)
    np.testing.assert_allclose(ours.explained_variance_ratio, theirs.explained_variance_ratio_, rtol=1e-4)
    np.testing.assert_allclose(ours.components.reshape(5, -1), theirs.components_, atol=1e-4)
    np.testing.assert_allclose(ours.mean, digits.mean(axis=0), atol=1e-6)
    errors = ours.evaluate(digits)
    assert errors["sse"] == pytest.approx(((flat - rebuilt) ** 2).sum(axis=1).mean(), rel=1e-5)
    assert errors["mse"] == pytest.approx(((flat - rebuilt) ** 2).mean(), rel=1e-5)
    assert tuple(errors) == ERRORS


@pytest.mark.parametrize("shape", [(200, 30), (20, 300), (15, 15)])
def test_pca_of_wide_and_tall_tables_equals_scikit_learns(shape: tuple[int, int]) -> None:
    x = np.random.default_rng(0).normal(3, 2, shape)
    theirs = sklearn.decomposition.PCA(3, svd_solver="full").fit(x)
    np.testing.assert_allclose(PCA(3).fit(x).encode(x), theirs.transform(x), atol=1e-4)


def test_pca_reads_bytes_as_intensities(digits: np.ndarray) -> None:
    bytes_ = np.round(digits * 255).astype(np.uint8)
    from_bytes, from_floats = PCA(3).fit(bytes_), PCA(3).fit(bytes_ / 255)
    np.testing.assert_allclose(from_bytes.encode(bytes_), from_floats.encode(bytes_ / 255), atol=1e-4)
    assert from_bytes.evaluate(bytes_)["sse"] == pytest.approx(from_floats.evaluate(bytes_ / 255)["sse"], rel=1e-4)


def test_pca_with_all_components_loses_nothing() -> None:
    x = np.random.default_rng(0).normal(size=(40, 6)).astype(np.float32)
    np.testing.assert_allclose(PCA(6).fit(x).reconstruct(x), x, atol=1e-5)


def test_pca_and_a_run_are_embedders(linear_run: Run, digits: np.ndarray) -> None:
    assert isinstance(linear_run, Embedder)
    assert isinstance(PCA(2).fit(digits), Embedder)


@pytest.mark.parametrize(
    "d, x, message",
    [
        (0, None, "d must be a whole number of at least 1; got 0"),
        (True, None, "got True"),
        (5, np.arange(8.0).reshape(2, 4), "d must be between 1 and 2, .* 2 examples and 4 features; got 5"),
        (1, np.ones((5, 3)), "x must vary to have components; got 5 equal examples"),
        (1, np.array([[1.0, np.nan], [0.0, 1.0]]), "x must be finite"),
        (1, np.zeros((0, 4)), "at least one example"),
    ],
)
def test_pca_says_in_one_sentence_what_it_cannot_fit(d: int, x: np.ndarray | None, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        PCA(d).fit(x)


@pytest.mark.parametrize(
    "use",
    [
        lambda pca: pca.encode(np.ones((2, 3))),
        lambda pca: pca.decode(np.ones((2, 2))),
        lambda pca: pca.evaluate(np.ones((2, 3))),
        lambda pca: pca.components,
        lambda pca: pca.mean,
        lambda pca: pca.shape,
        lambda pca: pca.explained_variance_ratio,
    ],
)
def test_pca_before_fit_says_so(use: Callable[[PCA], object]) -> None:
    with pytest.raises(DataError, match="not fitted"):
        use(PCA(2))


def test_pca_refuses_examples_and_codes_of_other_shapes(digits: np.ndarray) -> None:
    pca = PCA(2).fit(digits)
    with pytest.raises(DataError, match=r"examples of shape \(8, 8\); got \(7, 8\)"):
        pca.encode(digits[:, 1:])
    with pytest.raises(DataError, match="z must hold"):
        pca.decode(np.ones((4, 3)))


def test_principal_angles_of_planes_are_those_by_which_they_are_turned() -> None:
    turn = np.deg2rad(25.0)
    first = np.eye(4)[:2]
    second = np.array([[np.cos(turn), 0, np.sin(turn), 0], [0, 3, 0, 0]])
    np.testing.assert_allclose(principal_angles(first, second), [25, 0], atol=1e-5)


def test_principal_angles_do_not_depend_on_the_basis() -> None:
    random = np.random.default_rng(0)
    basis = random.normal(size=(3, 2, 5))
    mixed = np.tensordot(random.normal(size=(3, 3)), basis, axes=1)
    assert principal_angles(basis, mixed).max() < 1e-4
    with pytest.raises(DataError, match="one shape"):
        principal_angles(basis, np.ones((3, 5)))


def test_a_linear_autoencoder_spans_the_pca_subspace(linear_run: Run, digits: np.ndarray) -> None:
    directions, _ = linear_decoder(linear_run)
    pca = PCA(2).fit(digits)
    assert principal_angles(directions, pca.components).max() < 1.0
    assert linear_run.evaluate(digits)["mse"] == pytest.approx(pca.evaluate(digits)["mse"], rel=1e-3)


def test_the_affine_map_is_the_decoder(linear_run: Run) -> None:
    directions, offset = linear_decoder(linear_run)
    codes = np.random.default_rng(0).normal(size=(7, 2)).astype(np.float32)
    expected = np.tensordot(codes, directions, axes=1) + offset
    np.testing.assert_allclose(linear_run.decode(codes), expected, atol=1e-5)


def test_components_are_recovered_from_the_weights(linear_run: Run, digits: np.ndarray) -> None:
    recovered = recovered_components(linear_run).reshape(2, -1)
    np.testing.assert_allclose(recovered @ recovered.T, np.eye(2), atol=1e-5)
    components = PCA(2).fit(digits).components.reshape(2, -1)
    # Signs too: both follow the entry of greatest size.
    assert (recovered * components).sum(axis=1).min() > 0.99


def test_recovered_components_are_the_axes_of_the_reconstructions(linear_run: Run, digits: np.ndarray) -> None:
    rebuilt = linear_run.reconstruct(digits).reshape(len(digits), -1)
    _, _, axes = np.linalg.svd(rebuilt - rebuilt.mean(axis=0), full_matrices=False)
    recovered = recovered_components(linear_run).reshape(2, -1)
    np.testing.assert_allclose(np.abs((recovered * axes[:2]).sum(axis=1)), 1.0, atol=1e-3)


@pytest.mark.parametrize(
    "spec, linear",
    [
        (ZOO["linear"].spec, True),
        (ModelSpec(latent=2, encoder="dense", likelihood="mse"), True),
        (ModelSpec(latent=2, encoder="linear", bottleneck="gaussian", likelihood="mse"), True),
        (ModelSpec(latent=2, encoder="linear"), False),
        (ModelSpec(latent=2, encoder="linear", likelihood={"kind": "mse", "output": "sigmoid"}), False),
        (ModelSpec(latent=2, encoder={"kind": "dense", "widths": (4,)}, likelihood="mse"), False),
        (ModelSpec(latent=2, encoder="linear", decoder="conv", likelihood="mse"), False),
        (
            ModelSpec(latent=2, encoder="linear", bottleneck={"kind": "point", "activation": "relu"}, likelihood="mse"),
            False,
        ),
    ],
)
def test_what_counts_as_linear(spec: ModelSpec, linear: bool) -> None:
    assert is_linear(spec) is linear


def test_a_model_that_is_not_linear_has_no_components() -> None:
    run = Run(ZOO["simple"].spec, TrainSpec(), (8, 8), {"none": jnp.zeros(())})
    with pytest.raises(SpecError, match="spec must be linear"):
        recovered_components(run)
