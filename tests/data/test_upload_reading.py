"""Uploads are read in a process of their own, which ends when it must and writes where it may."""

import time
from pathlib import Path

import numpy as np
import pytest
from uploads import SMALL, npz, pictures, table, zipped

from aejax.data import load_data, shelf, sources
from aejax.data.upload.limits import Limits, limits_here
from aejax.data.upload.parsing import read_upload
from aejax.data.upload.plan import Plan
from aejax.data.upload.reading import Outcome, Reading, Upload
from aejax.settings import SpecError
from aejax.store import StoreError


@pytest.fixture(autouse=True)
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("AEJAX_WORKSPACE", str(tmp_path))
    return tmp_path


def outcome(content: bytes, limits: Limits = SMALL, **plan: object) -> Outcome:
    return Reading(Upload(content), Plan(**plan), limits).wait()


def kept(content: bytes, title: str) -> str:
    """The name of a data set that was read in this process and put on the shelf."""
    upload = Upload(content)
    done = read_upload(upload.path, Plan(), SMALL, lambda done, total: None)
    folder = upload.folder / "set"
    folder.mkdir()
    shelf.write_set(folder, done.data, done.about)
    return shelf.keep(folder, title)


def test_what_is_kept_is_found_by_its_name_and_is_the_same_again(workspace: Path):
    name = kept(npz(x=np.arange(60.0).reshape(20, 3), y=np.arange(20) % 2), "My *points* / 1")
    assert name == "own-my-points-1"
    data = load_data(name)
    assert (data.name, data.kind, data.shape) == (name, "points", (3,))
    assert "*" not in data.title
    assert sources()[name].train == len(data.x_train) == 16
    assert load_data(name) is data
    assert sources()[name].record(name).content_hash == data.content_hash
    assert not data.x_train.flags.writeable


def test_what_a_process_has_read_can_be_kept():
    folder = outcome(table().encode()).folder
    assert folder is not None
    assert load_data(shelf.keep(folder, "flowers")).label_names == ("a", "b")


def test_names_do_not_clash():
    assert [kept(table().encode(), "../../T\n") for _ in range(2)] == ["own-t", "own-t-2"]


@pytest.mark.parametrize("title", ["", "日本", "..", "\u202e", "-" * 90])
def test_a_title_without_letters_has_a_name_all_the_same(title: str):
    assert kept(table().encode(), title) == "own-data"
    assert sources()["own-data"].title


def test_what_is_deleted_is_gone():
    name = kept(table().encode(), "flowers")
    load_data(name)
    shelf.delete(name)
    assert name not in sources()
    with pytest.raises(StoreError, match="no data set 'own-flowers' here any more"):
        load_data(name)


def test_a_damaged_set_is_refused_and_the_others_are_there(workspace: Path):
    first, second = kept(table().encode(), "first"), kept(table(30).encode(), "second")
    path = workspace / "data" / first / shelf.ARRAYS
    path.write_bytes(path.read_bytes()[:-1] + b"\1")
    with pytest.raises(StoreError, match="damaged"):
        load_data(first)
    (workspace / "data" / first / shelf.DOCUMENT).write_text("{}")
    assert list(shelf.sources()) == [second]


@pytest.mark.parametrize("name", ["own-../x", "own-", "own-A", "own-a--b", "own-a/b"])
def test_nothing_but_a_name_of_our_own_form_is_looked_up(name: str):
    with pytest.raises(ValueError, match="name must be one of"):
        load_data(name)


def test_the_time_is_limited():
    began = time.monotonic()
    slow = outcome(zipped({f"{n}.png": pictures(1)["a/0.png"] for n in range(9000)}), Limits(seconds=1, files=9000))
    assert slow.error == "Reading the file must take at most 1 seconds; it took longer."
    assert time.monotonic() - began < 20


def test_the_memory_is_limited():
    large = npz(x=np.zeros((9000, 2000)))
    done = outcome(large, Limits(memory_bytes=700_000_000))
    assert done.error is not None
    assert "memory" in done.error


def test_a_reading_that_is_stopped_says_so():
    reading = Reading(Upload(zipped(pictures(20))), Plan(), SMALL)
    assert reading.running
    reading.stop()
    assert reading.outcome().error == "Reading was stopped."


def test_a_reader_that_breaks_down_is_told_in_one_sentence():
    upload = Upload(table().encode())
    upload.path.unlink()
    error = Reading(upload, Plan(), SMALL).wait().error
    assert error == "The file cannot be read: its reader broke down over it, and nothing else was touched."


def test_an_upload_that_is_forgotten_leaves_nothing(workspace: Path):
    upload = Upload(table().encode())
    Reading(upload, Plan(), SMALL).wait()
    upload.forget()
    assert not list((workspace / "uploads").iterdir())


def test_limits_come_from_the_environment(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("AEJAX_LIMIT_ROWS", "77")
    assert limits_here() == Limits(rows=77)
    monkeypatch.setenv("AEJAX_LIMIT_ROWS", "-1")
    with pytest.raises(SpecError, match="rows must be greater than or equal to 1; got '-1'"):
        limits_here()
