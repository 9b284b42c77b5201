"""Runs by another hand: each is refused in one sentence or loads as what it is; nothing outside of it is touched."""

import hashlib
import json
import os
import random
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.numpy

from aejax import StoreError, load_data, load_run
from aejax.folder import RunFolder, Workspace
from aejax.frames import FrameError
from aejax.jobs import Jobs
from aejax.resuming import taken_up

GOLDEN = Path(__file__).parents[1] / "golden"
WEIGHTS = "checkpoint-000000016.safetensors"
KERNEL = "params.encoder.body.layers.0.kernel"

Tamper = Callable[[Path], object]


@pytest.fixture
def place(tmp_path: Path) -> Path:
    shutil.copytree(GOLDEN / "schema-1", tmp_path / "run")
    return tmp_path / "run"


def says(**changes: Any) -> Tamper:
    """Entries of the document changed."""

    def tamper(place: Path) -> None:
        document = json.loads((place / "run.json").read_text())
        (place / "run.json").write_text(json.dumps(document | changes))

    return tamper


def part(path: str, value: Any) -> Tamper:
    """One entry deep in the document changed."""

    def tamper(place: Path) -> None:
        document = json.loads((place / "run.json").read_text())
        *steps, last = path.split("/")
        inner = document
        for step in steps:
            inner = inner[step]
        inner[last] = value
        (place / "run.json").write_text(json.dumps(document))

    return tamper


def text(name: str, data: bytes) -> Tamper:
    return lambda place: (place / name).write_bytes(data)


def weights(data: bytes | Callable[[dict[str, np.ndarray]], bytes]) -> Tamper:
    """The weights replaced, with a hash that fits them."""

    def tamper(place: Path) -> None:
        arrays = safetensors.numpy.load_file(place / WEIGHTS)
        new = data if isinstance(data, bytes) else data(arrays)
        (place / WEIGHTS).write_bytes(new)
        told = {"sha256": hashlib.sha256(new).hexdigest(), "bytes": len(new)}
        part(f"files/{WEIGHTS}", told)(place)

    return tamper


def tensors(**changes: np.ndarray | None) -> Tamper:
    """Some tensors replaced, added, or taken out."""

    def changed(arrays: dict[str, np.ndarray]) -> bytes:
        named = {name.replace("kernel", KERNEL): value for name, value in changes.items()}
        return safetensors.numpy.save({n: v for n, v in (arrays | named).items() if v is not None})

    return weights(changed)


def raw(header: dict[str, Any], payload: bytes = b"") -> bytes:
    told = json.dumps(header).encode()
    return len(told).to_bytes(8, "little") + told + payload


def linked(name: str, target: str = "/etc/hostname") -> Tamper:
    def tamper(place: Path) -> None:
        (place / name).unlink(missing_ok=True)
        (place / name).symlink_to(target)

    return tamper


def piped(name: str) -> Tamper:
    def tamper(place: Path) -> None:
        (place / name).unlink()
        os.mkfifo(place / name)

    return tamper


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(bytes(data))


def tear(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b'{"epoch": 3, "st')


def nothing() -> dict[str, Any]:
    return tensor([0], 0)


def tensor(shape: list[int], end: int) -> dict[str, Any]:
    return {"dtype": "F32", "shape": shape, "data_offsets": [0, end]}


BAD = "is not a run's description"

REFUSED: dict[str, tuple[Tamper, str]] = {
    "a later schema": (says(schema=99), r"later aejax \(schema 99; this one reads up to 1\)"),
    "a later schema of another form": (text("run.json", b'{"schema": 7, "runs": []}'), r"\(schema 7; "),
    "a schema that is no number": (says(schema="x"), BAD),
    "a document that is a link": (linked("run.json"), "run.json: it is a link"),
    "a document that is a pipe": (piped("run.json"), "run.json: it is not a plain file"),
    "a document without an end": (text("run.json", b" " * ((16 << 20) + 1)), "more than 16,777,216"),
    "a document nested without end": (text("run.json", b'{"a":' + b"[" * 100_000), BAD),
    "a document that is no text": (text("run.json", bytes(range(256))), BAD),
    "a document with NaN": (text("run.json", b'{"schema": NaN}'), "NaN is no JSON"),
    "a path as weights": (says(weights="../../etc/passwd"), "a file is named '../../etc/passwd'"),
    "a path as a file": (part("files", {"../x.safetensors": {"sha256": "0"}}), "a file is named"),
    "a path as a checkpoint": (part("checkpoints", [{"name": "../x", "step": 1, "seconds": 0}]), "a file is named"),
    "a number as a checkpoint": (part("checkpoints", [{"name": 3, "step": 1, "seconds": 0}]), BAD),
    "a checkpoint at no step": (part("checkpoints", [{"name": WEIGHTS, "step": "1; rm", "seconds": 0}]), BAD),
    "a hash that is a list": (part(f"files/{WEIGHTS}/sha256", []), BAD),
    "a size that is text": (part(f"files/{WEIGHTS}/bytes", "9"), BAD),
    "a shape without end": (says(shape=[10**18]), BAD),
    "a shape below nothing": (says(shape=[-2]), BAD),
    "no shape": (says(shape=[]), BAD),
    "a shape of truth values": (says(shape=[True]), BAD),
    "another shape": (says(shape=[3]), "do not fit its spec"),
    "a part that names code": (part("spec/encoder", {"kind": "os.system"}), "encoder must be one of"),
    "a part with an unknown setting": (part("spec/encoder/module", "os"), "module is not a setting"),
    "layers without end": (part("spec/encoder/widths", [1] * 100_000), "at most 64 items"),
    "a layer too wide": (part("spec/encoder/widths", [10**9]), "less than or equal to 16384"),
    "other layers": (part("spec/encoder/widths", [3, 3]), "do not fit its spec"),
    "penalties without end": (part("spec/penalties", ["l1"] * 10_000), "at most 16 items"),
    "a spec that is a list": (says(spec=[]), BAD),
    "a training out of bounds": (part("train/epochs", 10**9), "epochs must be less than or equal to 100000"),
    "an epoch of text": (text("history.jsonl", b'{"epoch": "<script>", "step": 1}\n'), "history has an entry"),
    "an epoch of NaN": (text("history.jsonl", b'{"epoch": NaN}\n'), "is not a run's history"),
    "an epoch that is none": (text("history.jsonl", b"[]\n3\n"), "is not a run's history"),
    "a history that is a link": (linked("history.jsonl"), "history.jsonl: it is a link"),
    "weights that are a link": (linked(WEIGHTS), "it is a link"),
    "weights that are endless": (linked(WEIGHTS, "/dev/zero"), "it is a link"),
    "no weights": (lambda place: (place / WEIGHTS).unlink(), "No such file"),
    "a flipped bit": (lambda place: flip(place / WEIGHTS), "damaged"),
    "weights longer than said": (part(f"files/{WEIGHTS}/bytes", 9), "more than 9"),
    "no safetensors": (weights(b"PK\x03\x04" * 99), "header over|no safetensors"),
    "a header without end": (weights(lambda _: raw({f"t{i}": nothing() for i in range(9999)})), "header over"),
    "a tensor beyond the file": (weights(raw({"params.x": tensor([10**9], 4 * 10**9)})), "no safetensors file"),
    "a tensor of no size, and yet large": (tensors(kernel=np.zeros((0, 2**40), np.float32)), "do not fit its spec"),
    "a tensor of another kind": (tensors(kernel=np.zeros((2, 3), np.int64)), r"must be float32\[2, 3\]; got int64"),
    "a tensor of another shape": (tensors(kernel=np.zeros((3, 2), np.float32)), r"got float32\[3, 2\]"),
    "a tensor too many": (tensors(**{"params.<b>": np.zeros(1, np.float32)}), "<b> is extra"),
    "a tensor too few": (tensors(kernel=None), "kernel is missing"),
    "weights that are not finite": (tensors(kernel=np.full((2, 3), np.nan, np.float32)), "must be finite"),
    "statistics of another size": (tensors(**{"codes.mean": np.zeros(9)}), "codes.mean must be float64"),
}

LOADS: dict[str, Tamper] = {
    "a name that is markup": says(name="<img src=x onerror=alert(1)>"),
    "an unknown entry": says(colour="red"),
    "a torn last line": lambda place: tear(place / "history.jsonl"),
    "a link beside": linked("notes.txt"),
    "a stranger's file beside": text("evil.pkl", b"cos\nsystem\n(S'touch pwned'\ntR."),
    "tensors beside the weights": tensors(**{"state.extra": np.zeros(3, np.float32)}),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_tampered_run_is_refused_in_one_sentence(name: str, place: Path) -> None:
    tamper, message = REFUSED[name]
    tamper(place)
    began = time.monotonic()
    with pytest.raises(StoreError, match=message) as refused:
        load_run(place)
    assert time.monotonic() - began < 5
    assert "\n" not in str(refused.value)
    assert len(str(refused.value)) < 1000


@pytest.mark.parametrize("name", LOADS)
def test_what_does_no_harm_loads(name: str, place: Path) -> None:
    LOADS[name](place)
    run = load_run(place)
    assert [epoch.epoch for epoch in run.history] == [1, 2]


def test_the_golden_run_of_each_schema_gives_what_it_gave(tmp_path: Path) -> None:
    for golden in sorted(GOLDEN.iterdir()):
        expected = json.loads((golden / "expected.json").read_text())
        data = load_data("two-moons")
        run = load_run(golden)
        np.testing.assert_allclose(run.encode(data.x_test[:5]), expected["codes"], rtol=1e-5)
        assert run.history[-1].terms == expected["terms"]
        shutil.copytree(golden, tmp_path / golden.name)
        document = json.loads((golden / "run.json").read_text())
        part("train/epochs", 3)(tmp_path / golden.name)
        assert taken_up(tmp_path / golden.name)[1].step == document["step"]


def test_bytes_changed_at_random_never_raise_anything_else(place: Path) -> None:
    chance = random.Random(8)
    whole = {name: (place / name).read_bytes() for name in ("run.json", "history.jsonl", WEIGHTS)}
    refused: list[str] = []
    for turn in range(150):
        name = list(whole)[turn % 3]
        data = bytearray(whole[name])
        for _ in range(chance.choice((1, 3, 30))):
            data[chance.randrange(len(data))] = chance.randrange(256)
        cut = bytes(data[: chance.randrange(len(data))] if chance.random() < 0.3 else data)
        (weights(cut) if name == WEIGHTS else text(name, cut))(place)
        try:
            load_run(place)
        except StoreError as error:
            refused.append(str(error))
        for known, content in whole.items():
            (place / known).write_bytes(content)
    assert len(refused) > 75
    assert not [sentence for sentence in refused if "\n" in sentence]


def test_a_list_with_tampered_runs_in_it_lists_the_others(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    names = [f"20261126-0000{number:02d}-00000000" for number in range(len(REFUSED) + 1)]
    for name in names:
        shutil.copytree(GOLDEN / "schema-1", tmp_path / "runs" / name)
    for name, (tamper, _) in zip(names, REFUSED.values(), strict=False):
        tamper(workspace.find(name).path)
    listed = [standing.id for standing in Jobs(workspace).runs()]
    assert names[-1] in listed
    assert names[0] not in listed


@pytest.mark.parametrize("tamper", [linked("frames.ring"), text("frames.ring", b"aejax frames 1\n\0" + b"\xff" * 99)])
def test_frames_that_are_none_are_refused(tamper: Tamper, place: Path) -> None:
    tamper(place)
    with pytest.raises(FrameError, match="holds no frames"):
        RunFolder(place).open_frames()
