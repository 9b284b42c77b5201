"""Tables: an autoencoder tells held-out rows better than PCA does, and columns keep their names and units."""

import numpy as np
import pytest
from sklearn import datasets

import aejax


@pytest.mark.parametrize("name", ["wine", "breast-cancer"])
def test_an_autoencoder_beats_pca_on_held_out_rows_with_a_code_of_the_same_size(name):
    data, entry = aejax.load_data(name), aejax.zoo["table"]
    run = aejax.train(entry.spec, entry.train, data.x_train)
    ours = run.evaluate(data.x_test, corrupted=False)["mse"]
    pca = aejax.PCA(run.latent).fit(data.x_train).evaluate(data.x_test)["mse"]
    assert ours < pca
    assert run.encode(data.x_test).std(axis=0).min() > 0


def test_columns_give_back_the_values_of_the_table():
    data, wine = aejax.load_data("wine"), datasets.load_wine()
    assert data.columns[0].name == "alcohol"
    assert data.columns[0].unit == "% vol."
    rows = np.concatenate([data.x_train, data.x_test])
    found = np.stack([column.values(rows[:, at]) for at, column in enumerate(data.columns)], axis=1)
    np.testing.assert_allclose(np.sort(found, axis=0), np.sort(wine.data, axis=0), rtol=1e-5)
    patients = aejax.load_data("diabetes")
    assert [column.name for column in patients.columns if column.is_truth] == ["second sex"]
    assert set(np.unique(patients.x_train[:, 1])) == {0, 1}
