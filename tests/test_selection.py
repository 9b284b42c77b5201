"""A model of chosen features, from its training to the picture of what it chose."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression

import aejax
from aejax.arrays import DataError
from aejax.selection import Selection, marked, selected
from aejax.settings import SpecError


@pytest.fixture(scope="module")
def table():
    """Twenty features, seventeen of them mixtures of the three that are worth choosing."""
    random = np.random.default_rng(0)
    sources = random.uniform(size=(600, 3))
    mixtures = sources @ random.dirichlet(np.ones(3), 20).T + 0.05 * random.normal(size=(600, 20))
    mixtures[:, [3, 8, 17]] = sources
    return mixtures.astype(np.float32)


@pytest.fixture(scope="module")
def concrete(table):
    entry = aejax.zoo["concrete"]
    spec = entry.spec.replace(latent=3, **{"bottleneck.rank": 32})
    recipe = entry.train.replace(epochs=100, batch_size=50, learning_rate=0.01)
    return aejax.train(spec, recipe, table[:500], table[500:])


def error(table, features):
    """Squared error of rebuilding the table from some of its columns and a constant."""
    known = np.column_stack([table[:, features], np.ones(len(table))])
    return np.linalg.lstsq(known, table, rcond=None)[1].sum()


def test_of_all_sets_of_features_one_of_the_best_three_is_found(concrete, table):
    rows = table[:500].astype(np.float64)
    errors = sorted(error(rows, list(features)) for features in combinations(range(20), 3))
    found = selected(concrete)
    assert error(rows, found.features) <= errors[2] * (1 + 1e-6)
    assert found.probabilities.min() > 0.9


def test_the_decoder_is_the_regression_on_the_chosen_features(concrete, table):
    features = selected(concrete).features
    regression = LinearRegression().fit(table[:500, features].astype(np.float64), table[:500])
    expected = regression.predict(table[500:, features].astype(np.float64))
    np.testing.assert_allclose(concrete.reconstruct(table[500:]), expected, atol=1e-4)
    np.testing.assert_array_equal(concrete.encode(table), table[:, features])


def test_errors_terms_and_the_last_epochs_validation_are_of_the_final_choice(concrete, table):
    errors = concrete.evaluate(table[500:])
    assert errors["reconstruction"] == pytest.approx(errors["sse"], rel=1e-5)
    assert concrete.history[-1].validation["reconstruction"] == pytest.approx(errors["sse"], rel=1e-5)


def test_a_saved_selection_is_the_same_and_training_goes_on_from_it(concrete, table, tmp_path):
    concrete.save(tmp_path / "run")
    loaded = aejax.load_run(tmp_path / "run")
    np.testing.assert_array_equal(selected(loaded).features, selected(concrete).features)
    np.testing.assert_array_equal(loaded.reconstruct(table), concrete.reconstruct(table))
    further = aejax.train(concrete.spec, concrete.train.replace(epochs=1), table[:500], start=loaded)
    assert len(set(selected(further).features)) == 3


def test_a_choice_far_from_made_still_ends_as_distinct_features():
    x = np.random.default_rng(0).uniform(size=(40, 6)).astype(np.float32)
    spec = aejax.ModelSpec(latent=6, encoder="identity", bottleneck="select", likelihood="mse")
    run = aejax.train(spec, aejax.TrainSpec(epochs=1, batch_size=20), x)
    assert sorted(selected(run).features) == list(range(6))
    np.testing.assert_allclose(run.reconstruct(x), x, atol=1e-4)


def test_a_decoder_of_several_layers_learns_on_from_the_final_choice(table):
    spec = aejax.ModelSpec(
        latent=3,
        encoder="identity",
        bottleneck={"kind": "select", "rank": 16},
        decoder={"kind": "dense", "widths": (16,)},
        likelihood="mse",
    )
    train = aejax.TrainSpec(epochs=25, batch_size=50, learning_rate=3e-3)
    *_, before, after = aejax.fit(spec, train, table[:500], table[500:])
    chosen = selected(after.run)
    assert len(set(chosen.features)) == 3
    assert after.validation["reconstruction"] < before.validation["reconstruction"]
    again = aejax.train(spec, train, table[:500])
    np.testing.assert_array_equal(again.reconstruct(table), after.run.reconstruct(table))


def test_names_are_those_of_the_columns(concrete):
    names = [f"column {index}" for index in range(20)]
    found = selected(concrete, names)
    assert found.names == tuple(f"column {index}" for index in found.features)
    with pytest.raises(DataError, match="names must be one for each of 20 features; got 2"):
        selected(concrete, ["a", "b"])


def test_columns_of_a_data_frame_are_chosen_by_their_names(table):
    frame = pd.DataFrame(table[:, :6], columns=[f"feature {letter}" for letter in "abcdef"])
    estimator = aejax.Autoencoder(spec="concrete", latent=2, epochs=2, batch_size=50, random_state=0).fit(frame)
    found = estimator.selected()
    assert found.names == tuple(frame.columns[found.features])
    standardised = (frame - frame.mean()) / frame.std(ddof=0)
    np.testing.assert_allclose(estimator.transform(frame), standardised[list(found.names)], atol=1e-4)


def test_a_model_that_chooses_nothing_is_told_so(table):
    run = aejax.train(aejax.ModelSpec(latent=2, likelihood="mse"), aejax.TrainSpec(epochs=1), table)
    with pytest.raises(SpecError, match="spec must have bottleneck 'select'"):
        selected(run)


@pytest.mark.parametrize("shape", [(4, 3), (4, 3, 2)])
def test_chosen_pixels_are_marked_on_the_image_and_no_others(shape):
    size = int(np.prod(shape))
    features = np.array([2, size - 1])
    selection = Selection(features, np.ones(2, np.float32), np.zeros(shape, np.float32), shape)
    picture = marked(selection, np.linspace(0, 1, size, dtype=np.float32).reshape(shape))
    coloured = {tuple(place) for place in np.argwhere(np.ptp(picture.astype(int), axis=2) > 0)}
    assert coloured == {tuple(place[:2]) for place in selection.places}
    assert picture.shape == (4, 3, 3)
    with pytest.raises(DataError, match="image must be one picture"):
        marked(selection, np.zeros((2, 2), np.float32))


SENTENCES = {
    "bottleneck 'select' chooses among the features themselves, so it needs encoder 'identity'; got 'dense'": {
        "encoder": "dense"
    },
    "encoder 'identity' makes no code of the features, so it needs bottleneck 'select'; got 'point'": {
        "bottleneck": "point"
    },
    "decoder must not be 'identity'": {"decoder": "identity"},
    "penalties must be none with bottleneck 'select', whose code is features as they are; got 'l1'": {
        "penalties": ("l1",)
    },
    "latent must be at most 20, the size of one example; got 21": {"latent": 21},
    "latent must be a number with encoder 'identity'; got None": {"latent": None},
}


@pytest.mark.parametrize("sentence", SENTENCES)
def test_what_makes_no_sense_with_a_selection_is_refused(sentence):
    spec = aejax.zoo["concrete"].spec.replace(latent=3)
    with pytest.raises(SpecError, match=sentence):
        spec.replace(**SENTENCES[sentence]).latent_size((20,))
