"""A recipe as text: what it says, run as it is pasted, gives the same numbers; what anyone else writes is only read."""

import base64
import json
import re
import shlex
import subprocess
import sys
import zlib

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from aejax import ModelSpec, Recipe, SpecError, TrainSpec, load_data
from aejax.cli import main
from aejax.recipe import as_command, as_notebook, as_python, unpacked
from aejax.resuming import trainer_of
from aejax.training import progress_of
from aejax.zoo import ZOO

RECIPES = {
    "changed": Recipe(
        "digits",
        ModelSpec(
            latent=3,
            corruption={"kind": "gaussian", "sd": 0.25},
            encoder={"kind": "dense", "widths": (16, 8), "activation": "tanh"},
            bottleneck={"kind": "gaussian", "beta": 0.5},
            penalties=("l1",),
        ),
        TrainSpec(epochs=2, batch_size=100, optimizer="sgd", learning_rate=0.003, seed=7),
    ),
    "told classes": Recipe(
        "digits",
        ModelSpec(latent=2, encoder={"kind": "dense", "widths": (8,)}, classes=10),
        TrainSpec(epochs=1, batch_size=256),
    ),
}


@pytest.fixture(scope="module", params=RECIPES)
def recipe(request):
    return RECIPES[request.param]


@pytest.fixture(scope="module")
def loss(recipe):
    """The loss of the last epoch as the laboratory has it."""
    *_, last = progress_of(trainer_of(recipe.spec, recipe.train, load_data(recipe.data)))
    return last.run.history[-1].loss


def outcome(said):
    return re.search(r"recipe (\w+)", said)[1], float(re.search(r"final loss (\S+)", said)[1])


def test_the_command_as_pasted_gives_the_same_numbers(recipe, loss, capsys):
    command, *arguments = shlex.split(as_command(recipe))
    assert command == "aejax"
    assert main([*arguments, "--json"]) == 0
    start, *_, done = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert (start["recipe"], done["loss"]) == (recipe.digest, loss)


def test_program_and_notebook_as_pasted_give_the_same_numbers(recipe, loss, tmp_path):
    cells = {cell["id"]: cell["source"] for cell in json.loads(as_notebook(recipe))["cells"]}
    assert cells["train"] == as_python(recipe)
    code = f"{cells['train']}\n{cells['draw']}"
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert outcome(done.stdout) == (recipe.digest, loss)


@pytest.mark.parametrize("name", ZOO)
def test_every_named_autoencoder_survives_each_form(name):
    entry = ZOO[name]
    recipe = Recipe("mnist-sample", entry.spec, entry.train.replace(seed=3))
    assert unpacked(recipe.packed()) == recipe
    assert len(recipe.packed()) < 1000
    command = shlex.split(as_command(recipe))
    assert command[-4:] == ["--data", "mnist-sample", "--set", "train.seed=3"]
    known = {}
    exec(as_python(recipe).split("run =")[0].replace("aejax.load_data", "str"), known)
    assert (known["spec"], known["train"]) == (recipe.spec, recipe.train)


def packed(value):
    return base64.urlsafe_b64encode(zlib.compress(json.dumps(value).encode())).decode().rstrip("=")


GOOD = json.loads(RECIPES["changed"]._text())


@pytest.mark.parametrize(
    "text, message",
    [
        ("", "must be whole"),
        ("!!", "cannot be read"),
        ("x" * 9000, "at most 8192 characters; got 9000"),
        (base64.urlsafe_b64encode(zlib.compress(b" " * 10**6)).decode().rstrip("="), "at most 65536 bytes"),
        (RECIPES["changed"].packed()[:-9], "must be whole|cannot be read"),
        (packed("[" * 10_000), "cannot be read"),
        (packed([]), "cannot be read"),
        (packed(GOOD | {"version": 2}), "is of version 2; this aejax reads 1"),
        (packed(GOOD | {"data": ["x"]}), "names no data set"),
        (packed(GOOD | {"spec": {"encoder": {"kind": "os.system"}}}), "encoder must be one of"),
        (packed(GOOD | {"spec": {"latent": -1}}), "latent must be greater than or equal to 1"),
        (packed(GOOD | {"train": {"epochs": 10**9}}), "epochs must be less than"),
        (packed(GOOD | {"train": {"__class__": 1}}), "is not a setting"),
    ],
)
def test_what_is_no_recipe_is_refused_in_a_sentence(text, message):
    with pytest.raises(SpecError, match=message):
        unpacked(text)


@given(
    st.one_of(st.text(max_size=300), st.binary(max_size=300).map(lambda raw: base64.urlsafe_b64encode(raw).decode()))
)
@settings(max_examples=100)
def test_nothing_else_is_ever_raised(text):
    with pytest.raises(SpecError):
        unpacked(text)
