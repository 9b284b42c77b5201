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
    told = subprocess.run(
        [sys.executable, "-c", PRINTING], input=json.dumps(run) + "\n", capture_output=True, text=True, check=True
    )
    messages = [json.loads(line) for line in told.stdout.splitlines()]
    # The input ends at once: it may come to the end of the training, or be interrupted before it.
    assert messages[0] == {"ready": True}
    assert messages[-1]["status"] in ("done", "interrupted")
    assert "a stray print" in told.stderr
    assert folder.document()["status"] == messages[-1]["status"]


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
