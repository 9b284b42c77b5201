"""Trainings as jobs: they are steered, queued, branched from, found again, and end with their server."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from aejax import ModelSpec, TrainSpec, load_data, load_run
from aejax.data import Data
from aejax.folder import UnknownRunError, Workspace, is_alive, new_document, this_process
from aejax.frames import Frames
from aejax.jobs import JobError, Jobs
from aejax.store import read_arrays, write_document
from aejax.trainer import Trainer

SPEC = ModelSpec(latent=2, encoder={"kind": "dense", "widths": (16,)}, bottleneck="gaussian")
TRAIN = TrainSpec(epochs=4, batch_size=128, schedule="cosine")
BIAS = "decoder.body.layers.0.bias"
ENDLESS = TRAIN.replace(epochs=100_000, schedule="constant")


@pytest.fixture(scope="module")
def data() -> Data:
    return load_data("digits")


@pytest.fixture(scope="module")
def jobs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Jobs]:
    """Jobs of which one trains at a time; most tests share its one worker."""
    office = Jobs(Workspace(tmp_path_factory.mktemp("workspace")), limit=1)
    yield office
    office.close()


@pytest.fixture(autouse=True)
def _stop_what_is_left(jobs: Jobs) -> Iterator[None]:
    yield
    for run in [standing.id for standing in jobs.runs() if standing.active]:
        jobs.stop(run)
        reach(jobs, run, "stopped")


def until(holds: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.005)


def reach(jobs: Jobs, run: str, *statuses: str) -> None:
    until(lambda: jobs.standing(run).status in statuses)


def frames(jobs: Jobs, run: str) -> Frames:
    file = jobs.workspace.find(run).frames
    until(file.exists)
    return Frames(file)


def step_of(jobs: Jobs, run: str) -> int:
    return max(frames(jobs, run).steps().values(), default=-1)


def last_state(jobs: Jobs, run: str) -> dict[str, np.ndarray]:
    folder = jobs.workspace.find(run)
    document = folder.document()
    return read_arrays(folder.path, document["weights"], document)


def same(one: dict[str, np.ndarray], other: dict[str, np.ndarray]) -> bool:
    return one.keys() == other.keys() and all(np.array_equal(one[name], other[name]) for name in one)


@pytest.fixture(scope="module")
def whole(jobs: Jobs, data: Data) -> str:
    """A run that was left alone from its beginning to its end."""
    run = jobs.start(data, SPEC, TRAIN)
    reach(jobs, run, "done")
    return run


def test_a_run_leaves_frames_a_history_and_what_can_be_loaded(jobs, whole, data):
    folder = jobs.workspace.find(whole)
    newest = frames(jobs, whole).newest()[1]
    assert (newest["step"], newest["epoch"]) == (48, 4)
    assert frames(jobs, whole).read(0)["step"] == 0
    run = load_run(folder.path)
    assert [epoch.epoch for epoch in run.history] == [1, 2, 3, 4]
    about = frames(jobs, whole).about
    assert run.history[-1].terms == pytest.approx(dict(zip(about["terms"], newest["terms"], strict=True)))
    assert run.history[-1].validation == pytest.approx(dict(zip(about["terms"], newest["validation"], strict=True)))
    assert about["rows"] == list(range(360))
    codes = run.encode(data.x_test)
    span = np.ptp(codes, axis=0)
    shown = newest["bounds"][:, 0] + newest["levels"] * (np.ptp(newest["bounds"], axis=1) / 65535)
    assert np.abs(shown - codes).max() < span.max() / 65535
    np.testing.assert_allclose(newest["rebuilt"], run.reconstruct(data.x_test[about["strip"]]), atol=1e-6)
    flat = Frames(folder.weights).newest()[1]["values"]
    np.testing.assert_array_equal(flat, np.concatenate([np.ravel(value) for _, value in sorted(run.params.items())]))
    decoder = [np.ravel(value) for name, value in sorted(run.params.items()) if name.startswith("decoder.")]
    np.testing.assert_array_equal(
        Frames(folder.decoders).newest()[1]["values"], np.concatenate(decoder).astype(np.float16)
    )


def test_a_run_in_a_worker_is_the_run_of_fit_bit_for_bit(jobs, whole, data):
    import aejax

    run = aejax.train(SPEC, TRAIN, data.x_train, data.x_test)
    kept = load_run(jobs.workspace.find(whole).path)
    assert all(np.array_equal(value, kept.params[name]) for name, value in run.params.items())
    assert [epoch.validation for epoch in run.history] == [epoch.validation for epoch in kept.history]


def test_it_pauses_steps_and_goes_on_to_the_same_end(jobs, whole, data):
    run = jobs.start(data, SPEC, TRAIN, play=False)
    reach(jobs, run, "paused")
    assert step_of(jobs, run) == 0
    jobs.step(run, "batch")
    until(lambda: step_of(jobs, run) == 1)
    jobs.step(run, "epoch")
    until(lambda: step_of(jobs, run) == 12)
    reach(jobs, run, "paused")
    jobs.play(run)
    reach(jobs, run, "done")
    assert same(last_state(jobs, run), last_state(jobs, whole))


def test_controls_are_obeyed_at_once_while_it_trains(jobs, data):
    run = jobs.start(data, SPEC, ENDLESS)
    until(lambda: step_of(jobs, run) > 100)
    asked = time.monotonic()
    jobs.pause(run)
    jobs.step(run, "batch")
    jobs.tune(run, {"train.learning_rate": 0.5})
    until(lambda: bool(jobs.standing(run).document["changes"]))
    # A fifth of a second is promised on two free cores; a crowded machine is given more.
    assert time.monotonic() - asked < 2
    change = jobs.standing(run).document["changes"][0]
    assert change["numbers"] == {"train.learning_rate": 0.5}
    assert jobs.standing(run).document["train"]["learning_rate"] == 0.5
    jobs.tune(run, {"train.learning_rate": -1.0})
    until(lambda: jobs.standing(run).message is not None)
    assert "earning_rate must be greater than or equal to 0; got -1" in jobs.standing(run).message
    assert jobs.standing(run).active


@pytest.mark.parametrize("step", [12, 31])
def test_a_branch_with_the_same_settings_is_the_same_bit_for_bit(jobs, whole, data, step):
    branch = jobs.start(data, SPEC, TRAIN, parent=(whole, step))
    reach(jobs, branch, "done")
    assert same(last_state(jobs, branch), last_state(jobs, whole))
    epochs = [jobs.workspace.find(run).epochs() for run in (branch, whole)]
    assert [epoch["terms"] for epoch in epochs[0]] == [epoch["terms"] for epoch in epochs[1]]
    mine, theirs = frames(jobs, branch), frames(jobs, whole)
    numbers = {s: n for n, s in theirs.steps().items()}
    common = [(number, numbers[s]) for number, s in mine.steps().items() if s in numbers]
    assert any(mine.read(number)["step"] > step for number, _ in common)
    for number, other in common:
        np.testing.assert_array_equal(mine.read(number)["levels"], theirs.read(other)["levels"])


def test_a_branch_follows_what_was_changed_before_it_and_not_after(jobs, data):
    run = jobs.start(data, SPEC, TRAIN, play=False)
    jobs.step(run, "epoch")
    until(lambda: step_of(jobs, run) == 12)
    jobs.tune(run, {"spec.bottleneck.beta": 3.0})
    jobs.step(run, "epoch")
    until(lambda: step_of(jobs, run) == 24)
    jobs.tune(run, {"spec.bottleneck.beta": 0.0, "train.learning_rate": 0.02})
    jobs.play(run)
    reach(jobs, run, "done")
    tuned = SPEC.replace(**{"bottleneck.beta": 3.0})
    branches = [jobs.start(data, spec, train, parent=(run, 24)) for spec, train in ((tuned, TRAIN), (SPEC, TRAIN))]
    for branch in branches:
        reach(jobs, branch, "done")
    epochs = [[epoch["terms"] for epoch in jobs.workspace.find(each).epochs()] for each in (run, *branches)]
    assert epochs[0][:2] == epochs[1][:2] == epochs[2][:2]
    assert epochs[1][2] not in (epochs[0][2], epochs[2][2])
    numbers = jobs.workspace.find(run).document()["spec"]["bottleneck"]
    again = jobs.start(
        data,
        SPEC.replace(**{"bottleneck.beta": numbers["beta"]}),
        TRAIN.replace(learning_rate=0.02),
        parent=(run, 24),
    )
    reach(jobs, again, "done")
    assert same(last_state(jobs, again), last_state(jobs, run))


def test_it_trains_further_after_the_end(jobs, whole, data):
    run = jobs.start(data, SPEC, TRAIN.replace(epochs=2))
    reach(jobs, run, "done")
    jobs.extend(run, 3)
    until(lambda: jobs.standing(run).status == "done" and step_of(jobs, run) == 36)
    assert [epoch["epoch"] for epoch in jobs.workspace.find(run).epochs()] == [1, 2, 3]
    assert jobs.standing(run).document["train"]["epochs"] == 3


def test_a_loss_that_is_not_finite_stops_at_the_very_step_and_keeps_the_last_sound_state(jobs, data):
    spec, train = SPEC.replace(likelihood="mse"), ENDLESS.replace(learning_rate=1e9)
    run = jobs.start(data, spec, train)
    reach(jobs, run, "diverged")
    message = jobs.standing(run).message
    alone = Trainer(spec, train, data.x_train)
    while np.isfinite(list(alone.terms().values())).all() and np.isfinite(alone.state.params[BIAS]).all():
        alone.advance(1)
    assert re.fullmatch(
        rf"The .* became (nan|inf) at step {alone.step}: lower the learning rate \(now 1e\+09\), or .*", message
    )
    assert alone.step > step_of(jobs, run) == jobs.standing(run).document["step"]
    assert all(epoch["step"] <= step_of(jobs, run) for epoch in jobs.workspace.find(run).epochs())
    state = last_state(jobs, run)
    assert all(np.isfinite(value).all() for name, value in state.items() if name.startswith("params."))
    gentle = jobs.start(data, spec, TRAIN, parent=(run, 0))
    reach(jobs, gentle, "done")


def test_one_trains_and_the_others_wait_in_their_order(jobs, data):
    first = jobs.start(data, SPEC, ENDLESS)
    second, third = (jobs.start(data, SPEC, TRAIN) for _ in range(2))
    assert [(jobs.standing(run).status, jobs.standing(run).place) for run in (second, third)] == [
        ("queued", 1),
        ("queued", 2),
    ]
    jobs.stop(second)
    assert (jobs.standing(second).status, jobs.standing(third).place) == ("stopped", 1)
    jobs.stop(first)
    reach(jobs, third, "done")
    assert jobs.standing(first).status == "stopped"


def test_a_paused_run_makes_room_and_goes_on_later(jobs, data):
    first = jobs.start(data, SPEC, ENDLESS)
    until(lambda: step_of(jobs, first) > 50)
    jobs.pause(first)
    second = jobs.start(data, SPEC, TRAIN)
    reach(jobs, second, "done")
    assert jobs.standing(first).status == "paused"
    before = step_of(jobs, first)
    jobs.play(first)
    until(lambda: step_of(jobs, first) > before + 50)


def test_a_run_that_takes_anothers_place_stops_it(jobs, data):
    first = jobs.start(data, SPEC, ENDLESS)
    until(lambda: step_of(jobs, first) > 10)
    second = jobs.start(data, SPEC, TRAIN, instead_of=first)
    reach(jobs, second, "done")
    assert jobs.standing(first).status == "stopped"


def test_a_worker_that_is_killed_leaves_a_run_that_can_be_taken_up(jobs, whole, data):
    run = jobs.start(data, SPEC, TRAIN, play=False)
    jobs.step(run, "epoch")
    until(lambda: step_of(jobs, run) == 12)
    os.kill(jobs.standing(run).document["worker"]["pid"], signal.SIGKILL)
    reach(jobs, run, "interrupted")
    assert jobs.standing(run).message == "Its process was ended by SIGKILL."
    jobs.play(run)
    reach(jobs, run, "done")
    assert same(last_state(jobs, run), last_state(jobs, whole))


def test_what_cannot_be_trained_fails_with_its_reason(jobs, data):
    run = jobs.start(data, SPEC, TRAIN.replace(batch_size=5000))
    reach(jobs, run, "failed")
    assert jobs.standing(run).message == "Batch_size must be at most 1437, the number of training examples; got 5000."


def test_a_run_is_deleted_only_when_it_is_over(jobs, data):
    run = jobs.start(data, SPEC, ENDLESS)
    until(lambda: step_of(jobs, run) > 0)
    with pytest.raises(JobError, match="running: stop it first"):
        jobs.delete(run)
    jobs.stop(run)
    reach(jobs, run, "stopped")
    jobs.delete(run)
    with pytest.raises(UnknownRunError):
        jobs.standing(run)


@pytest.mark.parametrize("name", ["../../etc", "", "20261125-223128-b154a916/..", "20261125-223128-B154A916", "x" * 99])
def test_an_identifier_from_an_address_never_becomes_a_path(jobs, name):
    with pytest.raises(UnknownRunError, match="there is no run"):
        jobs.standing(name)


def test_a_process_number_used_again_is_not_the_process_it_was(data, tmp_path):
    me = this_process()
    assert is_alive(me)
    assert not is_alive(me | {"started": "1"})
    assert not is_alive(None)
    assert is_alive(me | {"host": "elsewhere", "started": "1"})
    workspace = Workspace(tmp_path)
    folder = workspace.create(new_document(data, SPEC, TRAIN) | {"status": "running", "worker": me | {"started": "1"}})
    assert Jobs(workspace).standing(folder.id).status == "interrupted"
    folder.update(worker=me)
    standing = Jobs(workspace).standing(folder.id)
    assert (standing.status, standing.own) == ("running", False)
    with pytest.raises(JobError, match="on another server"):
        Jobs(workspace).play(folder.id)


def test_a_folder_that_cannot_be_read_is_left_out_of_the_list(data, tmp_path):
    workspace = Workspace(tmp_path)
    good, bad, later = (workspace.create(new_document(data, SPEC, TRAIN)) for _ in range(3))
    (bad.path / "run.json").write_text("{")
    write_document(later.path, later.document() | {"schema": 99})
    assert [standing.id for standing in Jobs(workspace).runs()] == [good.id]


SERVER = """
import json, sys, time
from pathlib import Path
from aejax.data import load_data
from aejax.folder import Workspace
from aejax.jobs import Jobs

class Settings:
    def __init__(self, values):
        self.values = values
    def model_dump(self, mode):
        return self.values

spec, train = (Settings(json.loads(text)) for text in sys.argv[2:])
jobs = Jobs(Workspace(Path(sys.argv[1])), limit=1)
print(jobs.start(load_data("digits"), spec, train), "jax" in sys.modules, flush=True)
time.sleep(600)
"""


@pytest.mark.parametrize(
    "number", [signal.SIGKILL, signal.SIGTERM, pytest.param(signal.SIGINT, marks=pytest.mark.slow)]
)
def test_when_the_server_dies_its_workers_keep_their_state_and_end(number, tmp_path, jobs):
    settings = [settings.model_dump_json() for settings in (SPEC, ENDLESS)]
    command = [sys.executable, "-c", SERVER, str(tmp_path), *settings]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        try:
            run, imported = server.stdout.readline().split()
            folder = Workspace(tmp_path).find(run)
            until(lambda: folder.frames.exists() and max(Frames(folder.frames).steps().values(), default=0) > 100)
            worker = folder.document()["worker"]
            assert is_alive(worker)
        finally:
            server.send_signal(number)
    assert imported == "False", "a server of pages need not have JAX in memory"
    until(lambda: not is_alive(worker), seconds=10)
    document = json.loads((Path(folder.path) / "run.json").read_text())
    assert document["status"] == "interrupted"
    assert document["step"] == max(Frames(folder.frames).steps().values()) > 100
    # The next server finds it; here one that has its worker already.
    shutil.copytree(folder.path, jobs.workspace.find(jobs.runs()[0].id).path.parent / run)
    assert jobs.standing(run).status == "interrupted"
    jobs.step(run, "batch")
    until(lambda: step_of(jobs, run) == document["step"] + 1)
