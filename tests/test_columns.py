"""Tables column by column: gaps that count in no loss and are filled in, errors and differences in their own units."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from uploads import read

import aejax
from aejax import Data, DataError, ModelSpec, TrainSpec
from aejax.columns import column_differences, column_errors, compare_filling, gain
from aejax.data import Column, shelf
from aejax.model import Model
from aejax.parts.batch import Batch
from aejax.parts.chance import Chance
from aejax.run import device_numbers

SPEC = ModelSpec(latent=2, encoder="linear", likelihood="mse", corruption={"kind": "masking", "share": 0.2})
TRAIN = TrainSpec(epochs=60, batch_size=50, learning_rate=0.01, schedule="cosine")


@pytest.fixture(scope="module")
def data():
    """Six columns that two numbers make, a fifth of their cells unknown and wrong."""
    random = np.random.default_rng(0)
    whole = (random.normal(size=(600, 2)) @ random.normal(size=(2, 6))).astype(np.float32)
    whole += 0.05 * random.normal(size=whole.shape).astype(np.float32)
    known = random.random(whole.shape) > 0.2
    known[:, 0] = True
    seen = np.where(known, whole, 0)
    columns = tuple(Column(f"c{i}", middle=10, spread=2.0, unit="kg") for i in range(6))
    parts = {"x_train": seen[:500], "x_test": seen[500:], "known_train": known[:500], "known_test": known[500:]}
    about = {"name": "t", "title": "t", "y_train": None, "y_test": None, "shape": (6,), "value_range": (-20, 20)}
    return Data(**about, **parts, kind="points", columns=columns)


@pytest.fixture(scope="module")
def run(data):
    told = {"known": data.known_train, "validation_known": data.known_test}
    return aejax.train(SPEC, TRAIN, data.x_train, data.x_test, **told)


def test_what_is_not_known_counts_in_no_loss(data):
    model = Model.of(SPEC.replace(corruption="clean"), (6,))
    params = model.init(jax.random.key(0))
    x, known = data.x_train[:20], data.known_train[:20]
    chance = Chance(jax.random.key(1), jax.random.key(1), jnp.arange(20))
    batch = Batch(jnp.asarray(x), known=jnp.asarray(known))
    found = model.terms(params, device_numbers(model.spec), chance, batch, jnp.float32(1))["reconstruction"]
    squares = np.square(x - np.asarray(model.reconstruct(params, jnp.asarray(x))))
    np.testing.assert_allclose(found, np.where(known, squares, 0).sum(axis=1), rtol=1e-5)


def test_gaps_are_filled_better_than_by_the_median_and_nothing_else_changes(data, run):
    filled = run.impute(np.where(data.known_test, data.x_test, 7.0), data.known_test)
    np.testing.assert_array_equal(filled[data.known_test], data.x_test[data.known_test])
    again = run.impute(data.x_test, data.known_test)
    np.testing.assert_array_equal(filled, again)
    model, median = gain(found := compare_filling(run, data))
    assert model < 0.6 * median
    assert sum(entry.cells for entry in found) <= 0.25 * data.known_test.sum()
    # One column alone, by its own unit: the median's error is about the deviation.
    assert all(entry.by_median == pytest.approx(entry.deviation, rel=0.5) for entry in found)
    with pytest.raises(DataError, match=r"known must be True or False for each of \(100, 6\); got int64 of \(100, 6\)"):
        run.impute(data.x_test, data.known_test.astype(np.int64))


def test_errors_and_differences_are_in_the_units_of_the_columns(data, run):
    rebuilt = run.reconstruct(data.x_test)
    worst, *_, best = column_errors(data.columns, data.x_test, rebuilt, data.known_test)
    at = data.columns.index(worst.column)
    cells = data.known_test[:, at]
    squares = np.square(2.0 * (data.x_test - rebuilt)[cells, at].astype(np.float64))
    assert worst.error == pytest.approx(squares.mean() ** 0.5, rel=1e-6)
    assert worst.unexplained == pytest.approx(squares.mean() / np.var(2.0 * data.x_test[cells, at]), rel=1e-4)
    assert worst.unexplained >= best.unexplained
    chosen = data.x_train[data.x_train[:, 3] > 1]
    first = column_differences(data.columns, chosen, data.x_train)[0]
    assert first.column.name == "c3"
    assert first.mean == pytest.approx(10 + 2 * chosen[:, 3].mean(dtype=np.float64))
    assert first.median_of_all == pytest.approx(10 + 2 * np.median(data.x_train[:, 3]))
    assert first.deviations > 1


def test_a_table_that_is_brought_keeps_its_columns_its_truths_and_its_gaps(tmp_path, monkeypatch):
    monkeypatch.setenv("AEJAX_WORKSPACE", str(tmp_path / "workspace"))
    random = np.random.default_rng(0)
    rows = ["height,smokes,town"]
    for number in range(40):
        height = "" if number % 4 == 0 else f"{random.normal(170, 10):.1f}"
        rows.append(f"{height},{number % 2},{('Ulm', 'Bonn')[number % 3 % 2]}")
    done = read(tmp_path, "\n".join(rows).encode(), label="")
    (folder := tmp_path / "set").mkdir()
    shelf.write_set(folder, done.data, done.about)
    name = shelf.keep(folder, "people")
    data = aejax.load_data(name)
    assert [(column.name, column.is_truth) for column in data.columns] == [
        ("height", False),
        ("smokes", True),
        ("town = Bonn", True),
        ("town = Ulm", True),
    ]
    assert shelf.sources()[name].truths == (1, 2, 3)
    assert set(np.unique(data.x_train[:, 1:])) == {0, 1}
    heights = data.columns[0].values(np.concatenate([data.x_train, data.x_test])[:, 0])
    assert heights.min() > 120
    assert (~data.known_train).sum() + (~data.known_test).sum() == 10
    assert data.known_train[:, 1:].all()
    assert data.content_hash == done.data.content_hash
    # The file is mapped, not read.
    assert isinstance(data.x_train.base, np.memmap)
