"""The worker as a process: what it says, what it does not, and how it ends."""

import json
import subprocess
import sys

import pytest

from aejax import ModelSpec, TrainSpec, load_data
from aejax.folder import Workspace, new_document
from aejax.worker import explained

PRINTING = """
import os, threading
from aejax import player, worker
show = player.Player.show
def loud(self):
    print("a stray print", flush=True)
    os.write(1, b"{not json}\\n")
    show(self)
player.Player.show = loud
worker.main()
"""


def test_stray_prints_do_not_come_between_its_messages(tmp_path):
    data = load_data("digits")
    spec, train = ModelSpec(latent=1, encoder="linear", likelihood="mse"), TrainSpec(epochs=2, batch_size=512)
    folder = Workspace(tmp_path).create(new_document(data, spec, train))
    run = {"do": "run", "folder": str(folder.path), "parent": None, "play": True, "tune": {}}
    worker = [sys.executable, "-c", PRINTING]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(worker, text=True, **pipes) as process:
        process.stdin.write(json.dumps(run) + "\n")
        process.stdin.flush()
        messages = [json.loads(process.stdout.readline()) for _ in range(3)]
        rest, errors = process.communicate()
    assert rest == ""
    assert [message.get("status") for message in messages] == [None, "running", "done"]
    assert "a stray print" in errors
    assert folder.document()["status"] == "done"


@pytest.mark.parametrize(
    "error, sentence",
    [
        (MemoryError(), "There is not enough memory"),
        (ValueError("latent must be 1"), "Latent must be 1."),
        (ArithmeticError("the loss is gone."), "The loss is gone."),
    ],
)
def test_what_went_wrong_is_one_sentence(error, sentence):
    assert explained(error).startswith(sentence)
