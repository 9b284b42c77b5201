"""The worked example of CONTRIBUTING, applied as it is printed there: one class and one line of a table."""

import re
import types

import numpy as np
import pytest

import aejax
from aejax.overrides import overridden
from aejax.parts import penalties, sparsity
from aejax.settings import SpecError
from aejax.ui.declared import declared
from scripts.write_reference import reference


@pytest.fixture
def added(root):
    """The lines that the example adds to each file."""
    (diff,) = re.findall(r"^```diff\n(.*?)^```", (root / "CONTRIBUTING.md").read_text("utf-8"), re.M | re.S)
    files = re.split(r"^--- a/.*\n\+\+\+ b/(.*)\n", diff, flags=re.M)[1:]
    added = {
        path: "\n".join(line[1:] for line in lines.splitlines() if line.startswith("+"))
        for path, lines in zip(files[::2], files[1::2], strict=True)
    }
    assert not [line for line in diff.splitlines() if line.startswith("-") and not line.startswith("---")]
    return added


@pytest.fixture
def l2(added, monkeypatch):
    """The example's class, read in the module that it is written for and entered in the table by the example's line."""
    assert added.keys() == {"aejax/parts/sparsity.py", "aejax/parts/penalties.py"}
    module = types.ModuleType("aejax.parts.sparsity")
    vars(module).update(vars(sparsity))
    exec(compile(added["aejax/parts/sparsity.py"], "CONTRIBUTING.md", "exec"), vars(module))
    (entry,) = re.findall(r'^    "(\w+)": (\w+),$', added["aejax/parts/penalties.py"])
    monkeypatch.setitem(penalties.PENALTIES, entry[0], vars(module)[entry[1]])
    return penalties.PENALTIES["l2"]


def test_it_is_unknown_before_and_known_after(request):
    with pytest.raises(SpecError, match="must be one of"):
        aejax.ModelSpec(penalties=("l2",))
    request.getfixturevalue("l2")
    assert str(aejax.ModelSpec(penalties=("l2",))).endswith("+ l2")


def test_it_is_in_the_reference_the_menus_and_the_command_line(l2):
    page = reference()
    assert "**`l2`** Squared length of the code: none goes far from the origin." in page
    assert "Nats for each unit of squared length" in page
    assert declared(aejax.ModelSpec)["penalties"].table["l2"] is l2
    assert declared(l2)["weight"].help == "Nats for each unit of squared length"
    entry = aejax.zoo["map"]
    spec, _ = overridden(entry.spec, entry.train, ["spec.penalties=l2", "spec.penalties.0.weight=0.5"])
    assert spec.penalties == (l2(weight=0.5),)


def test_it_trains_and_is_kept(l2, tmp_path):
    x = np.random.default_rng(0).uniform(size=(64, 10)).astype(np.float32)
    recipe = aejax.TrainSpec(epochs=100, batch_size=32, learning_rate=0.01)
    runs = [aejax.train(aejax.ModelSpec(latent=2, penalties=(l2(weight=weight),)), recipe, x) for weight in (0.0, 10.0)]
    far, near = (np.square(run.encode(x)).sum(axis=1).mean() for run in runs)
    assert near < 0.5 * far
    assert runs[1].evaluate(x)["l2"] == pytest.approx(10 * near, rel=1e-4)
    runs[1].save(tmp_path / "run")
    assert aejax.load_run(tmp_path / "run").spec.penalties == (l2(weight=10.0),)


def test_its_cost_is_what_the_example_says(l2):
    context = types.SimpleNamespace(latents=np.array([[2.0, 0.0], [0.0, 3.0]], np.float32))
    assert float(np.mean(l2(weight=1.0).cost(context))) == pytest.approx(6.5)
