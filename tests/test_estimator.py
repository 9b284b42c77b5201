"""The scikit-learn transformer: scikit-learn's own checks, and its use in pipelines, searches and data frames."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.base import clone
from sklearn.datasets import load_digits, load_iris
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from aejax.estimator import Autoencoder
from aejax.parts.networks import Dense
from aejax.spec import ModelSpec, TrainSpec

IRIS = load_iris(as_frame=True)
X = IRIS.data.to_numpy()


# scikit-learn's checks fit data of one value, which its own scaler warns of; and one check needs an opt-in of scipy's.
@pytest.mark.filterwarnings("ignore")
@parametrize_with_checks([Autoencoder()])
def test_scikit_learns_own_checks_pass(estimator: Autoencoder, check: Callable[[Autoencoder], None]) -> None:
    check(estimator)


@pytest.fixture(scope="module")
def fitted() -> Autoencoder:
    return Autoencoder(random_state=0).fit(X)


def test_the_default_beats_pca_of_the_same_size(fitted: Autoencoder) -> None:
    rows = StandardScaler().fit_transform(X)
    pca = PCA(2).fit(rows)
    error = np.mean((pca.inverse_transform(pca.transform(rows)) - rows) ** 2)
    assert -fitted.score(X) < error


def test_a_linear_model_is_as_good_as_pca() -> None:
    rows = StandardScaler().fit_transform(X)
    pca = PCA(2).fit(rows)
    error = np.mean((pca.inverse_transform(pca.transform(rows)) - rows) ** 2)
    linear = Autoencoder(2, widths=(), epochs=300, learning_rate=0.02, random_state=0).fit(X)
    assert -linear.score(X) == pytest.approx(error, rel=0.01)


def test_codes_come_back_in_the_units_of_the_data(fitted: Autoencoder) -> None:
    codes = fitted.transform(X)
    rows = fitted.inverse_transform(codes)
    assert (codes.shape, codes.dtype) == ((150, 2), np.float32)
    assert rows.shape == X.shape
    standard = (rows - X) / X.std(axis=0)
    assert -fitted.score(X) == pytest.approx(np.mean(standard**2), rel=1e-4)


def test_units_and_offsets_make_no_difference(fitted: Autoencoder) -> None:
    scale, offset = np.array([1e-6, 1.0, 1e6, 50.0]), np.array([0.0, 1e7, -1e9, 3.0])
    other = Autoencoder(random_state=0).fit(X * scale + offset)
    assert other.score(X * scale + offset) == pytest.approx(fitted.score(X), rel=0.05)
    rows = other.inverse_transform(other.transform(X * scale + offset))
    assert (np.abs((rows - offset) / scale - X).mean(axis=0) < X.std(axis=0)).all()


def test_a_constant_feature_is_kept() -> None:
    rows = np.column_stack([X, np.full(len(X), 7.0)])
    model = Autoencoder(epochs=2).fit(rows)
    assert model.scaler_.scale_[-1] == 1.0
    np.testing.assert_allclose(model.inverse_transform(model.transform(rows))[:, -1], 7.0, atol=1.5)


def test_one_random_state_gives_one_result() -> None:
    first, second, other = (Autoencoder(epochs=2, random_state=seed).fit_transform(X) for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, second)
    assert not np.allclose(first, other)


@pytest.mark.parametrize("dtype", ["float64", "float32", "float16", "int64", "uint8", "bool", "Float64", "Int32"])
@pytest.mark.parametrize("frame", [pd.DataFrame, pl.DataFrame], ids=["pandas", "polars"])
def test_frames_of_any_dtype_are_taken(frame: Any, dtype: str, fitted: Autoencoder) -> None:
    table = pd.DataFrame(np.round(X), columns=list("abcd")).astype(dtype)
    expected = (
        Autoencoder(epochs=1, random_state=0)
        .fit(table.to_numpy(dtype=np.float64))
        .transform(table.to_numpy(dtype=np.float64))
    )
    given = table if frame is pd.DataFrame else pl.DataFrame({name: table[name].to_numpy() for name in table})
    model = Autoencoder(epochs=1, random_state=0).fit(given)
    assert list(model.feature_names_in_) == list("abcd")
    np.testing.assert_allclose(model.transform(given), expected, atol=1e-5)


@pytest.mark.parametrize("library, kind", [("pandas", pd.DataFrame), ("polars", pl.DataFrame)])
def test_frames_come_out_with_named_columns(library: str, kind: type, fitted: Autoencoder) -> None:
    out = clone(fitted).set_params(epochs=1).set_output(transform=library).fit_transform(IRIS.data)
    assert isinstance(out, kind)
    assert list(out.columns) == ["autoencoder0", "autoencoder1"]
    assert list(fitted.get_feature_names_out()) == ["autoencoder0", "autoencoder1"]


def test_a_pipeline_classifies_from_the_code() -> None:
    pipeline = make_pipeline(Autoencoder(3, random_state=0), LogisticRegression()).fit(X, IRIS.target)
    assert pipeline.score(X, IRIS.target) > 0.85


def test_a_grid_search_finds_that_more_coordinates_rebuild_better() -> None:
    grid = {"latent": [1, 3], "widths": [()], "epochs": [20], "learning_rate": [0.01]}
    search = GridSearchCV(Autoencoder(random_state=0), grid, cv=2, error_score="raise").fit(X)
    assert search.best_params_["latent"] == 3
    assert search.best_estimator_.run_.latent == 3


def test_a_name_from_the_zoo_brings_its_model_and_recipe() -> None:
    digits = load_digits().data / 16
    model = Autoencoder(spec="convolutional", shape=(8, 8), epochs=1).fit(digits)
    assert (model.run_.latent, model.n_iter_) == (4, 1)
    assert model.run_.train.batch_size == 128
    assert model.scaler_ is None
    assert model.inverse_transform(model.transform(digits)).shape == digits.shape


def test_arguments_are_set_on_the_spec_and_the_recipe() -> None:
    spec, train = ModelSpec(latent=3, encoder=Dense(widths=(9, 8)), likelihood="mse"), TrainSpec(epochs=3, batch_size=7)
    model = Autoencoder(2, activation="tanh", optimizer="adadelta", batch_size=1000, spec=spec, train=train).fit(X)
    assert model.run_.spec == spec.replace(latent=2, **{"encoder.activation": "tanh"})
    assert (model.run_.train.epochs, model.run_.train.batch_size) == (3, 150)
    assert (model.run_.train.optimizer.kind, model.run_.train.learning_rate) == ("adadelta", 1.0)
    assert Autoencoder(epochs=1, optimizer="sgd", learning_rate=0.01).fit(X).run_.train.learning_rate == 0.01


@pytest.mark.parametrize(
    "settings, message",
    [
        ({"latent": 5}, "latent must be at most 4, for X has n_features=4; got 5"),
        ({"latent": 0}, "latent must be greater than or equal to 1; got 0"),
        ({"epochs": 0}, "epochs must be"),
        ({"widths": (0,)}, "encoder.widths.0 must be"),
        ({"activation": "rellu"}, "encoder.activation must be one of .* mean relu"),
        ({"likelihood": "bernoulli"}, r"x must lie in \[0, 1\] for likelihood 'bernoulli'"),
        ({"optimizer": "adm"}, "optimizer must be one of .* mean adam"),
        ({"spec": "depe"}, "spec must be a ModelSpec or one of .*; got 'depe'"),
        ({"shape": (3, 2)}, r"shape must hold n_features=4 numbers; got \(3, 2\)"),
        ({"spec": "convolutional", "likelihood": "mse"}, "encoder 'conv' needs images"),
    ],
)
def test_a_bad_parameter_is_named_with_its_limit(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Autoencoder(**settings).fit(X)


def test_codes_of_the_wrong_size_are_refused(fitted: Autoencoder) -> None:
    with pytest.raises(ValueError, match=r"z must hold examples of shape \(2,\)"):
        fitted.inverse_transform(np.ones((3, 5)))
