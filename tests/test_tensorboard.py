"""A run's course as an event file, read back as TensorBoard reads it."""

import shutil
import struct
import sys
from datetime import datetime
from pathlib import Path

import pytest
from tensorboardX.proto.event_pb2 import Event

from aejax import SpecError, load_run
from aejax.cli import main
from aejax.store import read_document
from aejax.tensorboard import event_file

GOLDEN = Path(__file__).parent / "golden" / "schema-1"


def events(data: bytes) -> list[Event]:
    """The records of a file: length, its checksum, as many bytes, their checksum."""
    found, at = [], 0
    while at < len(data):
        (length,) = struct.unpack_from("<Q", data, at)
        found.append(Event.FromString(data[at + 12 : at + 12 + length]))
        at += length + 16
    return found


def test_every_term_of_every_epoch_is_there_at_its_step_and_time(tmp_path, capsys):
    shutil.copytree(GOLDEN, tmp_path / "run")
    assert main(["export", str(tmp_path / "run"), "--as", "tensorboard", "--out", str(tmp_path / "told")]) == 0
    assert "told.tfevents: " in capsys.readouterr().out
    found = events((tmp_path / "told.tfevents").read_bytes())
    values = {
        (value.tag, event.step): (value.simple_value, event.wall_time)
        for event in found
        for value in event.summary.value
    }
    run, begun = load_run(GOLDEN), datetime.fromisoformat(read_document(GOLDEN)["created"]).timestamp()
    assert len(run.history) == 2
    for epoch in run.history:
        expected = {"loss/training": epoch.loss} | {f"{name}/training": value for name, value in epoch.terms.items()}
        expected |= {f"{name}/held-out": value for name, value in epoch.validation.items()}
        for tag, value in expected.items():
            assert values[tag, epoch.step] == pytest.approx((value, begun + epoch.seconds), rel=1e-6)
    texts = [
        value.tensor.string_val[0].decode() for event in found for value in event.summary.value if "text" in value.tag
    ]
    assert f"    {run.spec.model_dump_json()}" in texts


def test_without_the_package_it_says_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorboardX", None)
    with pytest.raises(SpecError, match=r'pip install "aejax\[export\]"'):
        event_file(load_run(GOLDEN), "2026-01-01T00:00:00+00:00")
