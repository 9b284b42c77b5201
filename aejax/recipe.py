"""All that a training depends on, as one record, and as text: a link, a program, a command, a notebook."""

import base64
import binascii
import hashlib
import json
import shlex
import zlib
from dataclasses import dataclass
from typing import Any

from aejax.data.shelf import PREFIX
from aejax.settings import Settings, SpecError
from aejax.spec import ModelSpec, TrainSpec
from aejax.zoo import ZOO

VALIDATION_EXAMPLES = 5000
"""Held-out examples that are evaluated after each epoch, at most, wherever a training is begun."""

_VERSION = 1
_LONGEST, _LARGEST = 8192, 1 << 16
_LONGEST_NAME = 80


@dataclass(frozen=True)
class Recipe:
    """A data set by its name, a model, and how it is trained: equal recipes give equal numbers on one machine."""

    data: str
    spec: ModelSpec
    train: TrainSpec

    @property
    def digest(self) -> str:
        """Sixteen hexadecimal digits that are equal exactly where recipes are."""
        return hashlib.sha256(self._text().encode()).hexdigest()[:16]

    def packed(self) -> str:
        """The recipe as a few hundred letters, digits, hyphens and underscores, which `unpacked` reads."""
        return base64.urlsafe_b64encode(zlib.compress(self._text().encode(), 9)).decode().rstrip("=")

    def _text(self) -> str:
        told = {"version": _VERSION, "data": self.data}
        settings = {name: getattr(self, name).model_dump(mode="json") for name in ("spec", "train")}
        return json.dumps(told | settings, sort_keys=True, separators=(",", ":"))


def unpacked(text: str) -> Recipe:
    """The recipe that `packed` gave, from anyone: it is read as data, within bounds, and every setting is checked.

    Raises:
        SpecError: If it is none.
    """
    if len(text) > _LONGEST:
        raise SpecError(f"a recipe in an address must have at most {_LONGEST} characters; got {len(text)}")
    try:
        packed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        reader = zlib.decompressobj()
        written = reader.decompress(packed, _LARGEST)
        if reader.unconsumed_tail or not reader.eof:
            raise SpecError(f"a recipe in an address must be whole and of at most {_LARGEST} bytes")
        told = json.loads(written)
        version, data, settings = told["version"], told["data"], (told["spec"], told["train"])
        spec, train = ModelSpec(**settings[0]), TrainSpec(**settings[1])
    except SpecError:
        raise
    except (binascii.Error, zlib.error, ValueError, KeyError, TypeError, RecursionError) as error:
        raise SpecError(f"the recipe in the address cannot be read ({type(error).__name__})") from error
    if version != _VERSION:
        raise SpecError(f"the recipe in the address is of version {version!r}; this aejax reads {_VERSION}")
    if not isinstance(data, str) or len(data) > _LONGEST_NAME:
        raise SpecError("the recipe in the address names no data set")
    return Recipe(data, spec, train)


def as_python(recipe: Recipe) -> str:
    """A program that trains by the recipe, and says what comes of it."""
    return f"""import aejax

data = aejax.load_data({recipe.data!r})
spec = aejax.{_called("ModelSpec", recipe.spec)}
train = aejax.{_called("TrainSpec", recipe.train)}

run = aejax.train(
    spec,
    train,
    data.x_train,
    data.x_test[:{VALIDATION_EXAMPLES}],{_told(recipe)}
    progress=True,
)
print("recipe", aejax.Recipe(data.name, spec, train).digest)
print("final loss", run.history[-1].loss)
"""


def _told(recipe: Recipe) -> str:
    """What else the training is told: classes if the model heeds them, and which cells of a table are known."""
    told = []
    if recipe.spec.classes:
        told += ["labels=data.y_train", f"validation_labels=data.y_test[:{VALIDATION_EXAMPLES}]"]
    if recipe.data.startswith(PREFIX):
        gaps = f"None if data.known_test is None else data.known_test[:{VALIDATION_EXAMPLES}]"
        told += ["known=data.known_train", f"validation_known={gaps}"]
    return "".join(f"\n    {line}," for line in told)


def as_command(recipe: Recipe) -> str:
    """A line for a shell that trains by the recipe."""
    name, changes = _nearest(recipe)
    assignments = [part for change in changes for part in ("--set", change)]
    return shlex.join(["aejax", "train", name, "--data", recipe.data, *assignments])


def as_notebook(recipe: Recipe) -> bytes:
    """A Jupyter notebook, version 4.5, that trains by the recipe and draws the codes of held-out examples."""
    intro = f"# An autoencoder of {recipe.data}\n\n`{recipe.spec}`\n\nRecipe {recipe.digest}."
    drawing = """import plotly.express as px

codes = run.encode(data.x_test, labels=spec.told(data.y_test))
labels = None if data.y_test is None else [data.label_names[label] for label in data.y_test]
px.scatter(x=codes[:, 0], y=codes[:, min(1, run.latent - 1)], color=labels)
"""
    cells = [
        {"cell_type": "markdown", "id": "about", "metadata": {}, "source": intro},
        _code("install", "%pip install --quiet aejax\n"),
        _code("train", as_python(recipe)),
        _code("draw", drawing),
    ]
    kernel = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    notebook = {"cells": cells, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(notebook, indent=1).encode()


def _code(name: str, source: str) -> dict[str, Any]:
    about: dict[str, Any] = {"cell_type": "code", "id": name, "metadata": {}, "outputs": [], "execution_count": None}
    return about | {"source": source}


def _called(name: str, settings: Settings) -> str:
    """The call that makes the settings: what is not as usual, a line each."""
    lines = [f"    {key}={value!r},\n" for key, value in _unusual(settings).items()]
    return f"{name}(\n{''.join(lines)})" if lines else f"{name}()"


def _unusual(settings: Settings) -> dict[str, Any]:
    """The settings that are not as by default, parts as dictionaries; a learning rate always, for its default moves."""
    found: dict[str, Any] = {}
    for name, value in settings:
        if name == "kind" or name == "learning_rate" or value != type(settings).model_fields[name].default:
            found[name] = _plain(value)
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, Settings):
        return _unusual(value)
    return tuple(_plain(entry) for entry in value) if isinstance(value, tuple) else value


def _nearest(recipe: Recipe) -> tuple[str, list[str]]:
    """The named autoencoder from which the recipe differs least, and the assignments that make up the difference."""
    differences = {
        name: _assignments("spec", entry.spec, recipe.spec) + _assignments("train", entry.train, recipe.train)
        for name, entry in ZOO.items()
    }
    return min(differences.items(), key=lambda item: len(" ".join(item[1])))


def _assignments(root: str, base: Settings, wanted: Settings) -> list[str]:
    changed = [name for name in type(wanted).model_fields if getattr(base, name) != getattr(wanted, name)]
    if "optimizer" in changed and "learning_rate" not in changed:
        changed.append("learning_rate")
    values = wanted.model_dump(mode="json")
    return [f"{root}.{name}={_written(values[name])}" for name in changed]


def _written(value: Any) -> str:
    if isinstance(value, str):
        return value
    return "none" if value is None else json.dumps(value, separators=(",", ":"))
