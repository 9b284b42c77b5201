"""Sets by their names: of scikit-learn, and of OpenML and the Hugging Face hub as servers on this machine play them."""

import json
import os
import sys
from pathlib import Path

import pyarrow as pa
import pytest
from providers import Pages, hub, openml, served
from sklearn.datasets import _openml
from uploads import SMALL, grey

from aejax.data.shelf import read_document, read_set
from aejax.data.upload.finishing import Finished
from aejax.data.upload.limits import UploadError
from aejax.data.upload.origins import WAYS, Origin, read_origin
from aejax.data.upload.plan import Plan
from aejax.data.upload.reading import Reading, Upload
from aejax.settings import SpecError


def named(kind: str, name: str, **plan: object) -> Finished:
    return read_origin(Origin(kind=kind, name=name), Plan(**plan), SMALL, lambda done, total: None)


@pytest.mark.parametrize("name, features, classes", [("Breast_Cancer", 30, 2), ("iris", 4, 3), ("diabetes", 11, 0)])
def test_sets_of_scikit_learn_come_with_classes_source_and_licence(name: str, features: int, classes: int):
    done = named("scikit-learn", name)
    assert done.data.shape == (features,)
    assert len(done.data.label_names) == classes
    assert done.about["source"].startswith("scikit-learn: ")
    assert done.about["licence"]


@pytest.fixture
def flowers(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [(1.5 * n, 0.5 + n % 7, "ab"[n % 2]) for n in range(30)]
    pages: Pages = {}
    with served(pages) as address:
        pages |= openml("flowers", 61, rows, address)
        for name in ("_SEARCH_NAME", "_DATA_INFO", "_DATA_FEATURES", "_DATA_QUALITIES"):
            monkeypatch.setattr(_openml, name, getattr(_openml, name).replace("https://www.openml.org", address))
        yield


@pytest.mark.parametrize("name", ["flowers", "61"])
def test_a_set_of_openml_comes_by_name_or_number(flowers: None, name: str):
    done = named("openml", name)
    assert done.data.shape == (2,)
    assert done.data.label_names == ("a", "b")
    assert done.about["label"] == "kind"
    assert done.about["source"] == "OpenML flowers, version 1, number 61"
    assert done.about["licence"] == "Public"


def test_what_openml_does_not_have_is_told_so(flowers: None):
    with pytest.raises(UploadError, match="OpenML has no data set weeds that is active .it answered 404.$"):
        named("openml", "weeds")


def test_without_a_network_the_way_out_is_told(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(_openml, "_DATA_INFO", "http://127.0.0.1:9/{}")
    with pytest.raises(UploadError, match="OpenML cannot be reached .* download 61 elsewhere and bring it as a file"):
        named("openml", "61")


@pytest.mark.parametrize(
    "kind, name",
    [
        ("scikit-learn", "../../etc/passwd"),
        ("scikit-learn", "fetch_olivetti_faces"),
        ("openml", "http://127.0.0.1/x"),
        ("openml", "a b"),
        ("openml", "../1"),
        ("hugging-face", "a/b/c"),
        ("hugging-face", "/etc"),
        ("hugging-face", "<script>alert(1)</script>"),
    ],
)
def test_a_name_is_nothing_but_a_name(kind: str, name: str):
    with pytest.raises(UploadError, match="name must be one of") as refusal:
        named(kind, name)
    assert not set("<>") & set(str(refusal.value))


def test_without_the_library_of_the_hub_the_way_to_it_is_told(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(os, "environ", dict(os.environ))
    monkeypatch.setitem(sys.modules, "datasets", None)
    with pytest.raises(UploadError, match=r'pip install "aejax\[hub\]", or bring the set.s Parquet file'):
        named("hugging-face", "owner/set")


def test_a_way_that_there_is_not_is_refused():
    with pytest.raises(SpecError, match=f"kind must be one of {', '.join(WAYS)}; got 'ftp'"):
        Origin(kind="ftp", name="x")


def test_a_set_of_the_hub_comes_with_its_parts_and_the_names_of_its_classes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    pytest.importorskip("datasets")
    images = [{"bytes": grey(n * 5 + 1), "path": f"{n}.png"} for n in range(30)]
    features = {
        "info": {"features": {"image": {"_type": "Image"}, "label": {"names": ["cat", "dog"], "_type": "ClassLabel"}}}
    }
    table = pa.table({"image": images, "label": [n % 2 for n in range(30)]})
    table = table.replace_schema_metadata({b"huggingface": json.dumps(features).encode()})
    monkeypatch.setenv("AEJAX_WORKSPACE", str(tmp_path))
    with served(hub("owner/pets", {"train": table.slice(0, 20), "test": table.slice(20)})) as address:
        monkeypatch.setenv("HF_ENDPOINT", address)
        upload = Upload(origin=Origin(kind="hugging-face", name="owner/pets"))
        done = Reading(upload, Plan(), SMALL).wait()
        missing = Reading(Upload(origin=Origin(kind="hugging-face", name="owner/none")), Plan(), SMALL).wait()
    assert done.error is None
    data, about = read_set("own", done.folder), read_document(done.folder)["about"]
    assert (data.kind, data.shape, data.label_names) == ("image", (4, 4), ("cat", "dog"))
    assert (len(data.x_train), len(data.x_test)) == (20, 10)
    assert (about["source"], about["licence"]) == ("Hugging Face hub: owner/pets", "cc0-1.0")
    assert [path.name for path in upload.folder.iterdir() if path.is_dir()] == [done.folder.name]
    assert missing.error == "The hub has no open data set owner/none."
