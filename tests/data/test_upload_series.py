"""Tables and arrays become sequences, of one length or of many, which a recurrent model learns from."""

import io
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from uploads import npy, npz, read

import aejax
from aejax.data.ends import lengths_of
from aejax.data.upload.limits import UploadError

STEPS = np.array([6 + n % 5 for n in range(40)])


def long_table() -> pd.DataFrame:
    """Forty walks of 6 to 10 steps with two channels, their rows in disorder."""
    frames = [
        pd.DataFrame(
            {
                "walk": f"w{n}",
                "when": pd.date_range("2021-01-01", periods=steps, freq="h"),
                "east": np.sin(np.arange(steps) + n),
                "north": np.arange(steps) * 10.0 + n,
                "kind": "ab"[n % 2],
            }
        )
        for n, steps in enumerate(STEPS)
    ]
    return pd.concat(frames).sample(frac=1, random_state=0)


def csv(frame: pd.DataFrame) -> bytes:
    return frame.to_csv(index=False).encode()


LONG = {"kind": "sequence", "series": "walk", "time": "when", "scaling": "none"}


def test_rows_of_steps_become_sequences_of_their_own_lengths(tmp_path: Path):
    done = read(tmp_path, csv(long_table()), **LONG)
    data = done.data
    assert (data.kind, data.shape, data.label_names) == ("sequence", (10, 2), ("a", "b"))
    assert done.about["features"] == ["east", "north"]
    x, y = np.concatenate([data.x_train, data.x_test]), np.concatenate([data.y_train, data.y_test])
    lengths = lengths_of(x)
    assert sorted(lengths) == sorted(STEPS)
    assert data.ragged
    walks = x[:, 0, 1].round().astype(int)
    assert sorted(walks) == list(range(40))
    for walk, sequence, length, label in zip(walks, x, lengths, y, strict=True):
        assert label == walk % 2
        np.testing.assert_allclose(sequence[:length, 0], np.sin(np.arange(length) + walk), atol=1e-6)
        np.testing.assert_allclose(sequence[:length, 1], np.arange(length) * 10.0 + walk)
        assert not sequence[length:].any()


def test_a_recurrent_model_trains_on_them_and_heeds_where_they_end(tmp_path: Path):
    data = read(tmp_path, csv(long_table()), **LONG | {"scaling": "standard"}).data
    valid = np.arange(10) < lengths_of(data.x_train)[:, None]
    np.testing.assert_allclose(data.x_train[valid].mean(axis=0), 0, atol=1e-5)
    np.testing.assert_allclose(data.x_train[valid].std(axis=0), 1, atol=1e-5)
    entry = aejax.zoo["sequence"]
    spec = entry.spec.replace(**{"encoder.hidden": 16}).for_sequences(data.ragged)
    assert spec.ragged
    run = aejax.train(spec, entry.train.replace(epochs=40, batch_size=16), data.x_train, validation=data.x_test)
    told = lengths_of(data.x_test)
    assert run.evaluate(data.x_test) == pytest.approx(run.evaluate(data.x_test, lengths=told), nan_ok=True)
    assert run.evaluate(data.x_test)["mse"] < 0.6
    assert not run.reconstruct(data.x_test)[~(np.arange(10) < told[:, None])].any()


def test_whoever_names_the_column_of_sequences_need_not_say_what_they_are(tmp_path: Path):
    plan = {name: value for name, value in LONG.items() if name != "kind"}
    one, other = (read(tmp_path, csv(long_table()), **asked).data for asked in (LONG, plan))
    assert other.kind == "sequence"
    np.testing.assert_array_equal(one.x_train, other.x_train)


def test_rows_can_be_sequences_with_gaps_and_ends(tmp_path: Path):
    values = np.arange(20)[:, None] + np.arange(8.0)
    values[0, 3] = np.nan
    values[1, 5:] = np.nan
    values[2] = np.nan
    frame = pd.DataFrame(values, columns=[f"t{n}" for n in range(8)]).assign(label=["x", "y"] * 10)
    done = read(tmp_path, csv(frame), kind="sequence", scaling="none")
    x = np.concatenate([done.data.x_train, done.data.x_test])
    x = x[np.argsort(x[:, 0])]
    assert done.data.shape == (8,)
    assert (x[0] == np.arange(8)).all()
    assert lengths_of(x).tolist() == [8, 5] + [8] * 17
    assert done.about["missing"] == 1
    told = " ".join(done.about["warnings"])
    assert "1 sequences without a number were left out" in told
    assert "drawn between their neighbours" in told


@pytest.mark.parametrize("shape, expected", [((20, 7), (7,)), ((20, 7, 3), (7, 3)), ((20, 7, 1), (7,))])
def test_an_array_can_be_sequences(tmp_path: Path, shape: tuple[int, ...], expected: tuple[int, ...]):
    x = np.random.default_rng(0).normal(size=shape)
    done = read(tmp_path, npz(x=x, y=np.arange(20) % 2), kind="sequence", scaling="unit")
    assert (done.data.kind, done.data.shape) == ("sequence", expected)
    assert not done.data.ragged
    assert 0 <= done.data.x_train.min() < done.data.x_train.max() <= 1


@pytest.mark.parametrize(
    "change, sentence",
    [
        ({"series": "nobody"}, "series must be one of walk, when, east, north and 1 more; got nobody|got nobody"),
        ({"time": "<b>"}, "time must be one of"),
        ({"time": "kind", "label": ""}, "time must be a column of numbers or dates; kind holds string"),
        ({"without": ("east", "north")}, "a column of numbers for the sequences"),
    ],
)
def test_columns_that_are_not_there_are_told(tmp_path: Path, change: dict[str, object], sentence: str):
    with pytest.raises(UploadError, match=sentence):
        read(tmp_path, csv(long_table()), **LONG | change)


def test_a_plan_changes_every_line(tmp_path: Path):
    frame = pd.DataFrame(
        {
            "size": [*np.arange(38.0), np.nan, np.nan],
            "shop": ["north", "south"] * 20,
            "rare": ["yes"] * 4 + ["no"] * 36,
            "code": np.arange(40) % 3,
        }
    )
    content = io.BytesIO()
    frame.to_parquet(content)
    done = read(tmp_path, content.getvalue(), without=("code",), label="", stratum="rare", held_out=0.25)
    held = done.data.x_test[:, done.about["features"].index("rare = yes")]
    assert (held > 0).sum() == 1
    assert done.about["features"] == ["size", "shop = north", "shop = south", "rare = no", "rare = yes"]
    assert done.about["kinds"] == ["number", "word", "word", "word", "word"]
    fewer = read(tmp_path, content.getvalue(), words="out", label="", missing="rows", scaling="none")
    assert fewer.about["features"] == ["size", "code"]
    assert len(fewer.data.x_train) + len(fewer.data.x_test) == 38
    zeros = read(tmp_path, content.getvalue(), missing="zero", scaling="none", label="").data
    assert (np.concatenate([zeros.x_train, zeros.x_test])[:, 0] == 0).sum() == 3
    means = read(tmp_path, content.getvalue(), missing="mean", scaling="none", label="").data
    train, both = means.x_train[:, 0], np.concatenate([means.x_train, means.x_test])[:, 0]
    np.testing.assert_allclose(both[both % 1 != 0], [train[train % 1 == 0].mean()] * 2, rtol=1e-6)
    statistics = {column["name"]: column for column in done.about["statistics"]}
    assert statistics["size"] | {"mean": 18.5} == {
        "name": "size",
        "kind": "number",
        "least": 0.0,
        "greatest": 37.0,
        "mean": 18.5,
        "missing": 2,
        "different": 39,
    }
    with pytest.raises(UploadError, match="stratum must be one of shop, rare, code; got size"):
        read(tmp_path, content.getvalue(), stratum="size")


def test_columns_that_are_pixels_become_images(tmp_path: Path):
    pixels = np.random.default_rng(0).integers(0, 256, (20, 64))
    frame = pd.DataFrame(pixels, columns=[f"pixel{n}" for n in range(64)]).assign(label=np.arange(20) % 2)
    done = read(tmp_path, csv(frame))
    assert (done.data.kind, done.data.shape, done.data.x_train.dtype) == ("image", (8, 8), np.uint8)
    assert done.data.label_names == ("0", "1")
    assert read(tmp_path, csv(frame), kind="points").data.shape == (64,)
    assert read(tmp_path, npy(pixels / 300.0), kind="image", levels="own").data.x_train.max() == 1
