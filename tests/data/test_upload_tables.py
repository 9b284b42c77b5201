"""CSV, Parquet and Arrow tables become points."""

import io
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from uploads import read, table

from aejax.data.upload.limits import UploadError

FRAME = pd.DataFrame(
    {
        "size": np.arange(30) * 0.5,
        "count": np.arange(30) % 4,
        "day": pd.date_range("2020-01-01", periods=30, freq="D"),
        "shop": ["north", "south", "west"] * 10,
        "free text": [f"note {n} of many" * (n + 1) for n in range(30)],
        "is_open": [True, False] * 15,
        "species": ["cat", "dog", "cat"] * 10,
    }
)


def written(form: str) -> bytes:
    file = io.BytesIO()
    if form == "parquet":
        FRAME.to_parquet(file)
    elif form == "feather":
        FRAME.to_feather(file)
    else:
        delimiter = {"csv": ",", "tsv": "\t", "semicolons": ";"}[form]
        FRAME.to_csv(file, index=False, sep=delimiter)
    return file.getvalue()


@pytest.mark.parametrize("form", ["csv", "tsv", "semicolons", "parquet", "feather"])
def test_every_kind_of_table_gives_the_same(tmp_path: Path, form: str):
    content = written(form)
    done = read(tmp_path, content, scaling="none", label="species")
    assert done.data.label_names == ("cat", "dog")
    assert done.about["features"] == ["size", "count", "day", "shop = north", "shop = south", "shop = west", "is_open"]
    rows = np.concatenate([done.data.x_train, done.data.x_test])
    rows = rows[np.argsort(rows[:, 0])]
    np.testing.assert_allclose(rows[:, 0], FRAME["size"])
    np.testing.assert_allclose(rows[:, 2] - rows[0, 2], np.arange(30))
    np.testing.assert_allclose(rows[:, 3:6], np.eye(3)[np.arange(30) % 3])
    assert "free text" in " ".join(done.about["warnings"])


@pytest.mark.parametrize(
    "label, expected", [(None, ("a", "b")), ("width", tuple("0123456")), ("", ())], ids=["chosen", "named", "none"]
)
def test_the_label_is_the_likeliest_column_or_the_one_that_is_named(tmp_path: Path, label, expected):
    assert read(tmp_path, table(70).encode(), label=label).data.label_names == expected


@pytest.mark.parametrize("encoding, bom", [("utf-8", b""), ("utf-8-sig", b""), ("utf-16", b""), ("windows-1252", b"")])
def test_the_encoding_is_found(tmp_path: Path, encoding: str, bom: bytes):
    text = table(20, "Größe,width,species").replace("\n", "\r\n")
    done = read(tmp_path, bom + text.encode(encoding))
    assert done.about["features"][0] == "Größe"


def test_a_decimal_comma_is_read_where_semicolons_part_the_columns(tmp_path: Path):
    lines = "\n".join(f"{n};{n},5" for n in range(20))
    done = read(tmp_path, f"a;b\n{lines}\n".encode(), scaling="none")
    rows = np.concatenate([done.data.x_train, done.data.x_test])
    np.testing.assert_allclose(rows[:, 1] - rows[:, 0], 0.5)


def test_without_a_header_columns_are_called_by_their_places(tmp_path: Path):
    done = read(tmp_path, "\n".join(f"{n},{n * n}" for n in range(20)).encode())
    assert done.about["features"] == ["column 1", "column 2"]
    assert done.data.x_train.shape[0] + done.data.x_test.shape[0] == 20


def test_gaps_are_filled_and_told(tmp_path: Path):
    lines = table(20).splitlines()
    lines[3] = ",NA,a"
    done = read(tmp_path, "\n".join(lines).encode())
    assert done.about["missing"] == 2
    assert "2 missing or infinite values in 2 columns are filled" in " ".join(done.about["warnings"])


def test_a_missing_label_is_a_class_of_its_own(tmp_path: Path):
    lines = table(20).splitlines()
    lines[3] = "1,2,"
    assert read(tmp_path, "\n".join(lines).encode()).data.label_names == ("(missing)", "a", "b")


def test_a_row_of_another_length_is_named(tmp_path: Path):
    lines = table(20).splitlines()
    lines[7] += ",1"
    with pytest.raises(UploadError, match="row 8 must have 3 columns, like those before; got 4"):
        read(tmp_path, "\n".join(lines).encode())


def test_a_label_that_is_not_there_is_answered_with_those_that_are(tmp_path: Path):
    with pytest.raises(UploadError, match="label must be one of width, species; got colour"):
        read(tmp_path, table().encode(), label="colour")
