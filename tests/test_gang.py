"""Processes that train as one: the bits of one process with as many devices, one end for all, and a way on."""

import json
import subprocess
import sys
from pathlib import Path

import jax
import numpy as np
import pytest
from gangs import PATIENCE, Gang, gone_within, weights

from aejax import SpecError, cli, gang
from aejax.folder import RunFolder
from aejax.gang import GangError
from aejax.layout import Layout
from aejax.task import Meeting, Order, read, written

DIGITS = ["--data", "digits", "--set", "train.batch_size=48", "--set", "train.epochs=2"]
STREAMED = ["--set", "train.device_megabytes=0.04"]
MODELS = {
    "dense": ["train", "deep", *DIGITS, *STREAMED, "--set", "spec.encoder.widths=32"],
    "convolutional": ["train", "simple", *DIGITS, "--set", "spec.encoder=conv", "--set", "spec.encoder.channels=4,2"],
    "variational": ["train", "variational", *DIGITS, "--set", "spec.latent=2", "--set", "spec.corruption=masking"],
}


@pytest.fixture
def gangs():
    """Starts gangs, and leaves none behind."""
    started: list[Gang] = []

    def start(*arguments, **options) -> Gang:
        started.append(Gang(*arguments, **options))
        return started[-1]

    yield start
    for found in started:
        found.close()


def curve(folder: Path) -> list[dict[str, float]]:
    """The loss terms of each epoch."""
    return [epoch["terms"] for epoch in RunFolder(folder).epochs()]


def check_equal(words: list[str], tmp_path: Path, gangs, **options) -> None:
    """Two processes beside two devices of one, and beside one device."""
    both = [
        gangs([*words, "--out", str(tmp_path / "two"), "--json"]),
        gangs([*words, "--out", str(tmp_path / "forced")], processes=1, devices=2),
    ]
    assert cli.main([*words, "--out", str(tmp_path / "one")]) == 0
    (first, second), (alone,) = (found.endings() for found in both)
    assert [first[0], second[0], alone[0]] == [0, 0, 0], first[2] + second[2] + alone[2]
    assert json.loads(first[1].splitlines()[0])["devices"] == 2
    assert second[1] == "", "the first one speaks for all"
    two, forced = weights(tmp_path / "two"), weights(tmp_path / "forced")
    assert two.keys() == forced.keys()
    assert all(np.array_equal(value, forced[name]) for name, value in two.items())
    for mine, theirs in zip(curve(tmp_path / "two"), curve(tmp_path / "one"), strict=True):
        assert mine == pytest.approx(theirs, rel=1e-4)


def test_two_processes_come_to_the_bits_of_two_devices_and_the_loss_of_one(tmp_path, gangs):
    check_equal(MODELS["dense"], tmp_path, gangs)


@pytest.mark.slow
@pytest.mark.parametrize("model", ["convolutional", "variational"])
def test_so_do_other_models(model, tmp_path, gangs):
    check_equal(MODELS[model], tmp_path, gangs)


@pytest.mark.slow
def test_a_model_cut_over_two_devices_of_two_processes_learns_as_one_on_one_device(tmp_path, gangs):
    words = MODELS["dense"]
    cut = gangs([*words, "--out", str(tmp_path / "cut"), "--model-shards", "2"], devices=2)
    assert cli.main([*words, "--out", str(tmp_path / "one")]) == 0
    first, second = cut.endings()
    assert (first[0], second[0]) == (0, 0), first[2] + second[2]
    assert "4 devices in 2 processes, 2 to a copy of the model" in first[1]
    for mine, theirs in zip(curve(tmp_path / "cut"), curve(tmp_path / "one"), strict=True):
        assert mine == pytest.approx(theirs, rel=1e-4)
    one = weights(tmp_path / "one")
    assert {name: value.shape for name, value in weights(tmp_path / "cut").items()} == {
        name: value.shape for name, value in one.items()
    }


@pytest.mark.slow
def test_when_one_is_stopped_or_killed_all_end_with_a_sentence_and_the_run_goes_on_to_the_same_bits(tmp_path, gangs):
    words = ["train", "simple", *DIGITS, "--set", "train.epochs=40"]
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    assert [status for status, *_ in gangs([*words, "--out", str(whole)]).endings()] == [0, 0]

    stopped = gangs([*words, "--out", str(broken)])
    stopped.wait_for("epoch 2 of")
    stopped.processes[1].terminate()
    for number, (status, _, said) in enumerate(stopped.endings()):
        assert status == 130
        assert f"process {number} of 2: stopped after" in said
    reached = RunFolder(broken).document()["step"]
    assert 0 < reached < RunFolder(whole).document()["step"]

    for victim in (1, 0):
        killed = gangs(["resume", str(broken)])
        killed.wait_for("epoch [0-9]+ of")
        member, other = killed.member(victim), killed.member(1 - victim)
        member.kill()
        assert gone_within(other, 40)
        said = killed.endings()
        assert [status for status, *_ in said] == [1, 1]
        assert f"process {victim} of 2 was ended by SIGKILL from outside; so all end" in said[victim][2]
        assert "gone" in said[1 - victim][2]
        assert "goes on from its last checkpoint" in said[victim][2]

    assert [status for status, *_ in gangs(["resume", str(broken)]).endings()] == [0, 0]
    one, other = weights(whole), weights(broken)
    assert all(np.array_equal(value, other[name]) for name, value in one.items())
    assert curve(whole) == curve(broken)


@pytest.mark.slow
def test_whoever_waits_in_vain_says_so_in_time(gangs, capfd):
    waiting = gangs([*MODELS["dense"], "--wait", "5"], started=1)
    assert cli.main([*MODELS["dense"], "--distributed"]) == 1
    assert "--distributed finds no launcher that says who the processes are" in capfd.readouterr().err
    ((status, _, said),) = waiting.endings()
    assert status == 1
    assert "process 0 of 2" in said


@pytest.mark.slow
def test_processes_that_ray_starts_are_one_gang(tmp_path, gangs):
    pytest.importorskip("ray")
    words = MODELS["dense"]
    forced = gangs([*words, "--out", str(tmp_path / "forced")], processes=1, devices=2)
    ray = [sys.executable, "-m", "aejax", *words, "--ray-workers", "2"]
    done = subprocess.run([*ray, "--out", str(tmp_path / "ray")], capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == 0, done.stderr
    assert "2 devices in 2 processes" in done.stdout
    assert forced.endings()[0][0] == 0
    both, alone = weights(tmp_path / "ray"), weights(tmp_path / "forced")
    assert all(np.array_equal(value, alone[name]) for name, value in both.items())
    odd = subprocess.run([*ray, "--set", "train.batch_size=33"], capture_output=True, text=True, timeout=PATIENCE)
    assert (odd.returncode, odd.stderr.count("\n")) == (2, 1)
    assert "process 0 of 2: batch_size must be a multiple of 2" in odd.stderr


@pytest.mark.parametrize(
    "words, said",
    [
        (["--processes", "2", "--distributed"], "--process and --coordinator must be given too, or all three left"),
        (["--process", "0", "--distributed"], "--processes must be given too"),
        (["--processes=2", "--process=2", "--coordinator=a:1", "--distributed"], "--process must be below --processes"),
        (["--model-shards", "2"], "--model-shards 2 needs --distributed"),
        (["--ray-workers", "2", "--distributed"], "--ray-workers starts the processes itself"),
    ],
)
def test_a_gang_that_cannot_be_is_refused_in_a_sentence(words, said, capsys):
    assert cli.main(["train", "simple", *words]) == 2
    assert said in capsys.readouterr().err


def test_a_process_that_finds_no_other_does_not_train_alone(monkeypatch):
    monkeypatch.setattr(gang, "_initialise", lambda meeting: None)
    with pytest.raises(GangError, match="2 processes were to train as one, but this one knows of 1"):
        gang.join(Meeting(2, 0, "127.0.0.1:1"))
    with pytest.raises(GangError, match="--devices must be the number of devices in all, 1; got 8"):
        gang.join(Meeting(1, devices=8))


def test_ray_is_asked_for_by_name_where_it_is_not_installed(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "ray", None)
    assert cli.main(["train", "simple", "--ray-workers", "2"]) == 2
    assert "pip install 'aejax[ray]'" in capsys.readouterr().err


def test_devices_and_batches_must_come_out_even():
    with pytest.raises(SpecError, match="model_shards must divide the number of devices, 1; got 2"):
        Layout.over(jax.devices()[:1], 2)
    order, meeting = Order("deep", "digits", ("a=1",), json=True), Meeting(2, 1, "a:1", 4, 9, 2)
    assert read(written(order, meeting)) == (order, meeting)
