import json

import numpy as np
import pytest
import safetensors.numpy

import aejax
from aejax import ModelSpec, StoreError, TrainSpec
from aejax.store import DOCUMENT, WEIGHTS, read_document, write_folder


@pytest.fixture(scope="module")
def run():
    return aejax.train(ModelSpec(latent=1), TrainSpec(epochs=1, batch_size=2), np.full((4, 3), 0.5, np.float32))


@pytest.fixture
def folder(run, tmp_path):
    run.save(tmp_path / "saved")
    return tmp_path / "saved"


def rewrite(folder, **changes):
    document = json.loads((folder / DOCUMENT).read_text())
    (folder / DOCUMENT).write_text(json.dumps(document | changes))


def replace_weights(folder, arrays):
    """Weights by another hand, with a hash that fits them."""
    (folder / WEIGHTS).unlink()
    document = json.loads((folder / DOCUMENT).read_text())
    (folder / DOCUMENT).unlink()
    del document["files"], document["schema"]
    write_folder(folder, document, arrays)


def test_a_folder_holds_json_and_safetensors_and_nothing_unfinished(folder):
    assert sorted(path.name for path in folder.iterdir()) == [DOCUMENT, WEIGHTS]
    document = json.loads((folder / DOCUMENT).read_text())
    assert document["schema"] == 1
    assert document["spec"]["latent"] == 1
    names = safetensors.numpy.load_file(folder / WEIGHTS)
    assert "params.encoder.body.layers.0.kernel" in names


def test_a_run_is_never_written_over_something_else(run, folder):
    with pytest.raises(StoreError, match="folder must be new or empty; .*saved holds files already"):
        run.save(folder)


def test_a_folder_that_cannot_be_written_is_named(run, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="could not be written to .*file"):
        run.save(tmp_path / "file" / "run")


def test_a_failed_write_leaves_nothing_behind(run, tmp_path, monkeypatch):
    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(StoreError, match="No space left on device"):
        run.save(tmp_path / "run")
    assert list((tmp_path / "run").iterdir()) == []


def test_no_run_is_said_so(tmp_path):
    with pytest.raises(StoreError, match=f"no run in .*: {DOCUMENT}: No such file"):
        aejax.load_run(tmp_path)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"schema": 1}', '{"schema": "x"}', "null"])
def test_a_broken_description_is_said_so(folder, text):
    (folder / DOCUMENT).write_text(text)
    with pytest.raises(StoreError, match="is not a run's description"):
        read_document(folder)


def test_a_later_schema_is_refused(folder):
    rewrite(folder, schema=99)
    with pytest.raises(StoreError, match=r"written by a later aejax \(schema 99; this one reads up to 1\)"):
        aejax.load_run(folder)


def test_a_flipped_bit_in_the_weights_is_found(folder):
    data = bytearray((folder / WEIGHTS).read_bytes())
    data[-1] ^= 1
    (folder / WEIGHTS).write_bytes(bytes(data))
    with pytest.raises(StoreError, match="the weights in .* are damaged"):
        aejax.load_run(folder)


def test_missing_extra_and_misshapen_weights_are_named(run, folder):
    arrays = {f"params.{name}": np.asarray(value) for name, value in run.params.items()}
    name = "encoder.body.layers.0.kernel"
    replace_weights(folder, {n: v for n, v in arrays.items() if not n.endswith(name)})
    with pytest.raises(StoreError, match=f"{name} is missing"):
        aejax.load_run(folder)
    replace_weights(folder, arrays | {"params.other": np.zeros(2, np.float32)})
    with pytest.raises(StoreError, match="other is extra"):
        aejax.load_run(folder)
    replace_weights(folder, arrays | {f"params.{name}": np.zeros((2, 2), np.float32)})
    with pytest.raises(StoreError, match=r"must be float32\[3, 1\]; got float32\[2, 2\]"):
        aejax.load_run(folder)


def test_a_bad_setting_in_a_file_is_refused_by_name(folder):
    document = json.loads((folder / DOCUMENT).read_text())
    rewrite(folder, spec=document["spec"] | {"latent": -3})
    with pytest.raises(StoreError, match="latent must be greater than or equal to 1; got -3"):
        aejax.load_run(folder)


def test_a_huge_header_is_refused_before_it_is_read(folder):
    replace_weights(folder, {f"params.{i}": np.zeros(0, np.float32) for i in range(5000)})
    with pytest.raises(StoreError, match="header over 262144 bytes"):
        aejax.load_run(folder)
