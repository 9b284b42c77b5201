"""A run as one file: what another makes of it is the same run; what is none is refused in a sentence."""

import json
import shutil
from pathlib import Path

import numpy as np
import pyarrow.parquet
import pytest
import safetensors.numpy

from aejax import StoreError, load_data, load_run
from aejax.cli import main
from aejax.exports import EXPORTS, Taken, exported
from aejax.folder import Workspace
from aejax.remarks import Remarks, read_remarks, write_remarks
from aejax.shared import packed, taken_in, unpacked

GOLDEN = Path(__file__).parent / "golden" / "schema-1"


@pytest.fixture
def place(tmp_path):
    shutil.copytree(GOLDEN, tmp_path / "run")
    return tmp_path / "run"


def test_a_shared_run_is_the_run(place, tmp_path):
    write_remarks(place, Remarks(name="Ours", tags=("a",)))
    folder = taken_in(packed(place), Workspace(tmp_path / "other"))
    one, other = load_run(place), load_run(folder.path)
    x = load_data("two-moons").x_test
    np.testing.assert_array_equal(one.encode(x), other.encode(x))
    assert (one.spec, one.train, one.history) == (other.spec, other.train, other.history)
    np.testing.assert_array_equal(one.sample(3), other.sample(3))
    assert read_remarks(folder.path).name == "Ours"
    document = folder.document()
    assert (document["status"], document["epoch"]) == ("done", 2)
    assert document["data"] == json.loads((place / "run.json").read_text())["data"]
    assert packed(folder.path) == packed(place)


def remade(whole, arrays=None, **changes):
    """The file by another hand."""
    size = int.from_bytes(whole[:8], "little")
    told = json.loads(json.loads(whole[8 : 8 + size])["__metadata__"]["aejax"])
    known = safetensors.numpy.load(whole)
    return safetensors.numpy.save(known | (arrays or {}), {"aejax": json.dumps(told | changes)})


BAD = {
    "nothing": (lambda data: b"", "no shared run"),
    "a pickle": (lambda data: b"cos\nsystem\n(S'touch pwned'\ntR.", "no shared run"),
    "a header beyond the file": (lambda data: (10**12).to_bytes(8, "little") + data, "no shared run"),
    "a file without metadata": (lambda data: safetensors.numpy.save(safetensors.numpy.load(data)), "nothing of itself"),
    "another schema": (lambda data: remade(data, schema=9), "written by a later aejax"),
    "a spec that names code": (lambda data: remade(data, spec={"encoder": "os.system"}), "encoder must be one of"),
    "a path as weights": (lambda data: remade(data, weights="../../x"), "is not a run's description"),
    "an array too many": (lambda data: remade(data, {"params.x": np.zeros(2, np.float32)}), "x is extra"),
    "arrays without end": (
        lambda data: remade(data, {f"params.{n}": np.zeros(0, np.float32) for n in range(3000)}),
        "at most 2000 arrays",
    ),
    "a history that is none": (lambda data: remade(data, history=[{"epoch": "<script>"}]), "history has an entry"),
    "a torn file": (lambda data: data[:-9], "no safetensors file"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_shared_run_is_refused_and_leaves_nothing(name, place, tmp_path):
    make, message = BAD[name]
    with pytest.raises(StoreError, match=message) as refused:
        taken_in(make(packed(place)), Workspace(tmp_path / "other"))
    assert "\n" not in str(refused.value)
    assert not (tmp_path / "other").exists()


def test_of_remarks_and_data_nothing_is_taken_on_trust(place, tmp_path):
    data = remade(packed(place), remarks={"name": 3, "evil": []}, data=["x"], status="running", worker={"pid": 1})
    folder = taken_in(data, Workspace(tmp_path / "other"))
    assert read_remarks(folder.path) == Remarks()
    assert (folder.document()["data"], folder.document()["worker"]) == ({"name": "", "sha256": ""}, None)
    assert unpacked(packed(folder.path))[2].latent == 1


def test_every_light_form_holds_every_example(place, tmp_path, monkeypatch):
    data, run = load_data("digits"), None
    assert main(["train", "linear", "--data", "digits", "--set", "train.epochs=1", "--out", str(tmp_path / "d")]) == 0
    run = load_run(tmp_path / "d")
    taken = Taken(tmp_path / "d", run, data)
    files = {
        ending: found for kind in ("codes", "atlas", "projector") for ending, found in exported(taken, kind).items()
    }
    for name, found in files.items():
        (tmp_path / f"x{name}").write_bytes(found)
    codes = pyarrow.parquet.read_table(tmp_path / "x.parquet")
    np.testing.assert_array_equal(codes["z1"].to_numpy(), run.encode(data.x_test)[:, 1])
    assert codes["row"].to_pylist() == list(range(360))
    atlas = pyarrow.parquet.read_table(tmp_path / "x.atlas.parquet")
    np.testing.assert_array_equal(atlas["projection_x"].to_numpy(), run.encode(data.x_test)[:, 0])
    assert atlas["image"][0].as_py()["bytes"][:4] == b"\x89PNG"
    vectors = np.loadtxt(tmp_path / "x.vectors.tsv", delimiter="\t", dtype=np.float32)
    np.testing.assert_array_equal(vectors, run.encode(data.x_test))
    labels = (tmp_path / "x.metadata.tsv").read_text().splitlines()
    assert labels[:2] == ["row\tlabel", f"0\t{data.label_names[data.y_test[0]]}"]
    assert len(labels) == 361
    told = json.loads(files[".projector.json"])["embeddings"][0]
    assert told["sprite"]["singleImageDim"] == [8, 8]


def test_the_command_line_takes_away_and_takes_in(place, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AEJAX_WORKSPACE", str(tmp_path / "workspace"))
    assert main(["export", "run", "--as", "run"]) == 0
    assert main(["import", "run.aejax.safetensors"]) == 0
    (folder,) = Workspace().all()
    assert load_run(folder.path).spec == load_run(place).spec
    assert main(["export", "run", "--as", "pickle"]) == 2
    assert f"--as must be one of {', '.join(EXPORTS)}; got 'pickle'" in capsys.readouterr().err
    assert main(["import", "run/run.json"]) == 2
    assert main(["export", "run", "--as", "codes", "--out", "nowhere/x"]) == 2
    assert "--out must be a file that can be written" in capsys.readouterr().err
