"""Visitors of the application's pages: what they have trained, and what they are shown."""

from functools import lru_cache
from pathlib import Path
from typing import Any

from streamlit.testing.v1 import AppTest

from aejax.data import load_data
from aejax.spec import ModelSpec, TrainSpec
from aejax.training import fit
from aejax.ui.session import Result

APP = Path(__file__).parents[1] / "app.py"

# A data set and the settings of a model, one for each thing that a page must draw differently.
CASES: dict[str, tuple[str, dict[str, Any]]] = {
    "one number": ("digits", {"latent": 1}),
    "two numbers": ("digits", {"latent": 2}),
    "three numbers": ("digits", {"latent": 3}),
    "eight numbers": ("digits", {"latent": 8}),
    "forty numbers": ("digits", {"latent": 40}),
    "convolutional": ("digits", {"latent": None, "encoder": {"kind": "conv", "channels": (4, 2)}}),
    "variational": ("digits", {"latent": 2, "bottleneck": "gaussian"}),
    "linear": ("digits", {"latent": 2, "encoder": "linear", "likelihood": "mse"}),
    "conditional": ("digits", {"latent": 2, "bottleneck": "gaussian", "classes": 10}),
    "concrete": ("digits", {"latent": 5, "encoder": "identity", "bottleneck": "select", "likelihood": "mse"}),
    "sigmoid code": ("digits", {"latent": 4, "bottleneck": {"kind": "point", "activation": "sigmoid"}}),
    "plane, one number": ("two-moons", {"latent": 1, "likelihood": "mse"}),
    "plane, linear": ("two-moons", {"latent": 2, "encoder": "linear", "likelihood": "mse"}),
    "space, two numbers": ("swiss-roll", {"latent": 2, "likelihood": "mse"}),
    "space, three numbers": ("swiss-roll", {"latent": 3, "encoder": "linear", "likelihood": "mse"}),
    "ten dimensions": ("circles", {"latent": 3, "encoder": "linear", "likelihood": "mse"}),
    "sequences, one number": ("waves", {"latent": 1, "likelihood": "mse"}),
    "sequences, two numbers": ("waves", {"latent": 2, "encoder": "linear", "likelihood": "mse"}),
}


@lru_cache(maxsize=64)
def trained(case: str) -> Result:
    """What a visitor has after one epoch of the case's model."""
    data_name, settings = CASES[case]
    data = load_data(data_name)
    spec, train = ModelSpec(**settings), TrainSpec(epochs=1, batch_size=256)
    labels, others = spec.told(data.y_train), spec.told(data.y_test)
    *_, progress = fit(spec, train, data.x_train, data.x_test, labels=labels, validation_labels=others)
    return Result(data_name, data, progress.run.given(0) if spec.classes else progress.run, progress)


def charts_of(visitor: AppTest) -> list[Any]:
    """The Plotly charts on the page."""
    return list(visitor.get("plotly_chart"))


def texts(visitor: AppTest) -> str:
    """All that the page says, in one string."""
    kinds = ("title", "subheader", "markdown", "caption", "info", "warning")
    return "\n".join(element.value for kind in kinds for element in visitor.get(kind))
