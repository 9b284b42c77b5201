"""Archives and folders: images in parts, a set of IDX files, one table, a workbook."""

import gzip
import io
import sys
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest
from uploads import SMALL, grey, pictures, read, table, zipped

from aejax.data.idx import write_idx
from aejax.data.upload.finishing import Finished
from aejax.data.upload.limits import UploadError
from aejax.data.upload.origins import Origin, read_origin
from aejax.data.upload.plan import Plan

IMAGES = np.random.default_rng(1).integers(0, 256, (30, 5, 6), np.uint8)
IDX = {
    "train-images-idx3-ubyte.gz": gzip.compress(write_idx(IMAGES[:20])),
    "train-labels-idx1-ubyte": write_idx(np.arange(20, dtype=np.uint8) % 3),
    "t10k-images-idx3-ubyte": write_idx(IMAGES[20:]),
    "t10k-labels-idx1-ubyte.gz": gzip.compress(write_idx(np.arange(10, dtype=np.uint8) % 3)),
}
SPLIT = pictures(20, ("set/train/a/", "set/train/b/")) | pictures(8, ("set/test/a/", "set/valid/b/"))


def placed(folder: Path, files: dict[str, bytes]) -> Finished:
    """What the same files are in a folder of this machine."""
    for name, content in files.items():
        path = folder / "placed" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return read_origin(Origin(kind="folder", name=str(folder / "placed")), Plan(), SMALL, lambda done, total: None)


@pytest.mark.parametrize("packed", [True, False], ids=["zip", "folder"])
@pytest.mark.parametrize(
    "files, train, test, shape, classes",
    [
        (SPLIT, 20, 8, (4, 4), ("a", "b")),
        ({f"{part}/{n}.png": grey(n + 9) for part in ("train", "test") for n in range(9)}, 9, 9, (4, 4), ()),
        (IDX, 20, 10, (5, 6), ("0", "1", "2")),
        ({"a/flowers.csv": table().encode(), "readme.txt": b"hello"}, 16, 4, (2,), ("a", "b")),
    ],
    ids=["images with classes in parts", "images in parts", "idx", "table"],
)
def test_an_archive_or_a_folder_is_what_its_files_are(tmp_path: Path, packed, files, train, test, shape, classes):
    done = read(tmp_path, zipped(files)) if packed else placed(tmp_path, files)
    assert (len(done.data.x_train), len(done.data.x_test)) == (train, test)
    assert (done.data.shape, done.data.label_names) == (shape, classes)
    assert done.about["has_parts"] == (train + test != 20)


def test_the_parts_of_an_archive_can_be_drawn_anew(tmp_path: Path):
    done = read(tmp_path, zipped(IDX), parts="draw", held_out=0.5)
    assert (len(done.data.x_train), len(done.data.x_test)) == (15, 15)


@pytest.mark.parametrize(
    "files, sentence",
    [
        ({"a.csv": b"x", "b.parquet": b"x"}, "there must be one table or array in the ZIP; got 2: a.csv, b.parquet"),
        ({"[Content_Types].xml": b"x", "word/document.xml": b"x"}, "an Office document that is no workbook"),
        ({**IDX, "more-images-idx3-ubyte": IDX["t10k-images-idx3-ubyte"]}, "more-images-idx3-ubyte is one too many"),
        ({"a.csv": zipped({"b.csv": table().encode()})}, "no text"),
    ],
)
def test_what_an_archive_cannot_be_is_told_by_name(tmp_path: Path, files: dict[str, bytes], sentence: str):
    with pytest.raises(UploadError, match=sentence):
        read(tmp_path, zipped(files))


def test_a_link_in_a_folder_leads_nowhere(tmp_path: Path):
    secret = tmp_path / "secret.png"
    secret.write_bytes(grey(255, 9, 9))
    (tmp_path / "placed").mkdir()
    (tmp_path / "placed" / "link.png").symlink_to(secret)
    (tmp_path / "placed" / "up").symlink_to(tmp_path)
    assert len(placed(tmp_path, pictures(12)).data.x_train) == 10


def workbook(frame: pd.DataFrame, **others: pd.DataFrame) -> bytes:
    file = io.BytesIO()
    with pd.ExcelWriter(file, engine="openpyxl") as writer:
        for name, sheet in {"flowers": frame, **others}.items():
            sheet.to_excel(writer, sheet_name=name, index=False)
    return file.getvalue()


FRAME = pd.DataFrame(
    {
        "size": np.arange(30) * 0.5,
        "day": pd.date_range("2020-01-01", periods=30),
        "species": ["cat", "dog", None] * 10,
    }
)


def test_a_workbook_is_read_as_a_table_and_other_sheets_are_told(tmp_path: Path):
    done = read(tmp_path, workbook(FRAME, notes=FRAME), scaling="none")
    assert done.data.label_names == ("(missing)", "cat", "dog")
    rows = np.concatenate([done.data.x_train, done.data.x_test])
    rows = rows[np.argsort(rows[:, 0])]
    np.testing.assert_allclose(rows[:, 0], FRAME["size"])
    np.testing.assert_allclose(rows[:, 1] - rows[0, 1], np.arange(30))
    assert "Sheet flowers is read; 1 others are not: notes" in done.about["warnings"]


def test_without_fastexcel_the_way_to_it_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "fastexcel", None)
    with pytest.raises(UploadError, match=r'fastexcel, which is not installed here: pip install "aejax\[excel\]"'):
        read(tmp_path, workbook(FRAME))


def test_a_cell_far_away_does_not_make_a_sheet_large(tmp_path: Path):
    book = openpyxl.Workbook()
    book.active["A1"], book.active["XFD1048576"] = 1, 2
    file = io.BytesIO()
    book.save(file)
    with pytest.raises(UploadError, match="rows of a sheet must be at most 3,001; got 1,048,576"):
        read(tmp_path, file.getvalue())
