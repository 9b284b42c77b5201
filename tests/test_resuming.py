"""A training that is broken off at any moment is found whole, and goes on to the bits of one that was not."""

import random
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from aejax import SpecError, StoreError, load_data, load_run
from aejax.arrays import DataError
from aejax.cli import main
from aejax.folder import RunFolder, new_document, this_process
from aejax.overrides import overridden
from aejax.resuming import begin, kept, taken_up, trainer_of
from aejax.run import Run
from aejax.store import read_arrays, read_document, write_document
from aejax.trainer import Trainer
from aejax.training import progress_of
from aejax.zoo import ZOO

SETTINGS = ["spec.encoder.widths=16", "spec.bottleneck=gaussian", "train.epochs=60", "train.schedule=cosine"]
TRAIN = ["train", "map", "--data", "digits", *(part for text in SETTINGS for part in ("--set", text))]

# A checkpoint every few steps, so that many moments lie within the writing of one.
HASTY = """
import sys
from aejax import resuming
resuming._SECONDS_BETWEEN_CHECKPOINTS, resuming._SHARE_OF_CHECKPOINTS = 0.0, 0
resuming._SECONDS_BETWEEN_LOOKS = 0.002
from aejax.cli import main
sys.exit(main(sys.argv[1:]))
"""

SAVING = """
import sys
from pathlib import Path
import numpy as np
from aejax.folder import RunFolder
from aejax.store import append_record, write_arrays
folder = RunFolder(Path(sys.argv[1]))
for number in range(10**9):
    name = f"checkpoint-{number:09d}.safetensors"
    files = {name: write_arrays(folder.path, name, {"params.x": np.full(300_000, number, np.float32)})}
    append_record(folder.history, {"epoch": number})
    folder.update(files=files, weights=name, step=number)
    for path in folder.path.glob("checkpoint-*"):
        if path.name != name:
            path.unlink()
"""


def fresh() -> Trainer:
    entry = ZOO["map"]
    return trainer_of(*overridden(entry.spec, entry.train, SETTINGS), load_data("digits"))


@pytest.fixture(scope="module")
def whole() -> Run:
    """The run that nothing broke off."""
    *_, last = progress_of(fresh())
    return last.run


def same(one: Run, other: Run) -> bool:
    terms = [[(epoch.terms, epoch.validation) for epoch in run.history] for run in (one, other)]
    return terms[0] == terms[1] and all(np.array_equal(value, other.params[name]) for name, value in one.params.items())


def killed(code: str, arguments: list[str], at_work: Callable[[int], bool], seconds: float) -> int:
    """Start a program, wait until it is at work and so many seconds more, and kill it; its exit status if it was over.

    What is asked of its process number is whether it is at work.
    """
    command = [sys.executable, "-c", code, *arguments]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        end = time.monotonic() + 60
        while not at_work(process.pid) and process.poll() is None and time.monotonic() < end:
            time.sleep(0.01)
        time.sleep(seconds)
        process.kill()
    return process.returncode


def trains(out: Path, pid: int) -> bool:
    return (out / "run.json").exists() and (read_document(out)["worker"] or {}).get("pid") == pid


def broken_off(place: Path, whole: Run, kills: int, chance: random.Random) -> int:
    """Train anew and anew until that many were killed; how many trainings came to their end meanwhile."""
    over = done = 0
    while over < kills:
        out = place / f"run-{done}"
        arguments = ["resume", str(out)] if (out / "run.json").exists() else [*TRAIN, "--out", str(out)]
        status = killed(HASTY, arguments, partial(trains, out), chance.uniform(0, 1.2))
        assert status in (0, -9)
        document = read_document(out)
        if document["files"]:
            assert len(load_run(out).history) <= 60
        if status == 0:
            assert same(load_run(out), whole)
            done += 1
        else:
            over += 1
            assert document["status"] in ("running", "done")
    if (out / "run.json").exists() and read_document(out)["status"] != "done":
        assert main(["resume", str(out)]) == 0
    assert same(load_run(out), whole)
    assert not [path.name for path in out.iterdir() if path.name.startswith(".")]
    return done


def test_killed_while_it_trains_it_goes_on_to_the_same_bits(tmp_path, whole):
    broken_off(tmp_path, whole, 4, random.Random(4))


@pytest.mark.slow
def test_two_hundred_kills_leave_no_run_half_written(tmp_path, whole):
    broken_off(tmp_path, whole, 200, random.Random(200))


def test_killed_while_it_saves_the_last_whole_state_is_there(tmp_path):
    chance = random.Random(6)
    trainer = fresh()
    write_document(tmp_path, new_document(load_data("digits"), trainer.spec, trainer.train))
    folder, step = RunFolder(tmp_path), -1
    for _ in range(6):
        (tmp_path / "history.jsonl").unlink(missing_ok=True)
        begun = (tmp_path / "history.jsonl").exists
        assert killed(SAVING, [str(tmp_path)], lambda pid, begun=begun: begun(), chance.uniform(0, 0.3)) == -9
        document = folder.document()
        if "weights" in document:
            arrays = read_arrays(tmp_path, document["weights"], document)
            step = int(arrays["params.x"][0])
            assert (arrays["params.x"] == step).all()
            assert document["step"] == step
            assert [epoch["epoch"] for epoch in folder.epochs()] == list(range(len(folder.epochs())))
    assert step >= 0


def test_stopped_and_resumed_within_an_epoch_it_is_the_same(tmp_path, whole, monkeypatch):
    monkeypatch.setattr("aejax.resuming._SECONDS_BETWEEN_LOOKS", 1e-3)
    trainer, data = fresh(), load_data("digits")
    steps = kept(begin(tmp_path / "run", trainer, data), trainer, data)
    for progress in steps:
        if progress.step > 40 and progress.step % 12:
            break
    steps.close()
    assert read_document(tmp_path / "run")["status"] == "stopped"
    assert read_document(tmp_path / "run")["step"] == progress.step
    again = taken_up(tmp_path / "run")
    assert again[1].step == progress.step
    with pytest.raises(StoreError, match="is in progress already, by process"):
        taken_up(tmp_path / "run")
    *_, last = kept(*again)
    assert same(last.run, whole)
    assert same(load_run(tmp_path / "run"), whole)
    with pytest.raises(StoreError, match="is over: all 60 epochs are done"):
        taken_up(tmp_path / "run")


def stopped(place: Path) -> Path:
    """A run with two checkpoints, of which the second is not the end."""
    trainer, data = fresh(), load_data("digits")
    steps = kept(begin(place, trainer, data), trainer, data)
    for progress in steps:
        if progress.step >= 24:
            break
    steps.close()
    return place


def test_what_cannot_be_resumed_is_told_in_a_sentence(tmp_path, whole):
    place = stopped(tmp_path / "run")
    document = read_document(place)
    first, last = document["checkpoints"][0], document["checkpoints"][-1]
    assert first["step"] < last["step"]
    (place / last["name"]).write_bytes(b"torn")
    with pytest.raises(StoreError, match="damaged.*an earlier state"):
        load_run(place)
    assert taken_up(place)[1].step < last["step"]
    write_document(place, document | {"data": {"name": "digits", "sha256": "0"}})
    with pytest.raises(DataError, match="'digits' is not what it was when this run began"):
        taken_up(place)
    write_document(place, document | {"data": {"name": "gone", "sha256": "0"}})
    with pytest.raises(DataError, match="'gone' is not on this machine"):
        taken_up(place)
    write_document(place, document | {"train": document["train"] | {"batch_size": 32}})
    with pytest.raises(SpecError, match="the state kept is not one of this model, optimizer and batch size"):
        taken_up(place)
    whole.save(tmp_path / "saved")
    with pytest.raises(StoreError, match="keeps no state to go on from"):
        taken_up(tmp_path / "saved")


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), OSError(30, "Read-only file system")])
def test_a_full_or_closed_disk_is_told_and_the_state_before_stands(error, tmp_path, monkeypatch):
    place = stopped(tmp_path / "run")
    before = {path.name: path.read_bytes() for path in place.iterdir()}

    def refused(*arguments: object) -> None:
        raise error

    folder, trainer, data = taken_up(place)
    monkeypatch.setattr("os.fsync", refused)
    with pytest.raises(StoreError, match=f"could not be written to .*run: {error.strerror}"):
        list(kept(folder, trainer, data))
    monkeypatch.undo()
    after = {path.name: path.read_bytes() for path in place.iterdir()}
    assert {name: data for name, data in after.items() if "checkpoint" in name} == {
        name: data for name, data in before.items() if "checkpoint" in name
    }
    write_document(place, read_document(place) | {"worker": this_process() | {"started": "1"}})
    assert taken_up(place)[1].step == trainer_step(before)


def trainer_step(files: dict[str, bytes]) -> int:
    return max(int(name[11:20]) for name in files if name.startswith("checkpoint-"))
