"""Each finding is made on a run that really shows it, and none on a healthy one."""

from functools import lru_cache

import pytest

from aejax.data import load_data
from aejax.findings import FINDINGS, findings
from aejax.spec import ModelSpec, TrainSpec
from aejax.training import train

DENSE = {"kind": "dense", "widths": (64,)}
LINEAR = {"likelihood": "mse", "encoder": "linear"}

# What each model and recipe has other than the healthy run, and on how few examples it is trained.
ILL = {
    "collapsed": ({"bottleneck": {"kind": "gaussian", "beta": 60.0}}, {"epochs": 5}, 512),
    "dead": (
        {"bottleneck": {"kind": "point", "activation": "relu"}, "penalties": ({"kind": "l1", "weight": 60.0},)},
        {"epochs": 10},
        512,
    ),
    "unused": ({"bottleneck": {"kind": "codebook", "codes": 4096, "width": 2}}, {"epochs": 4}, 256),
    "diverging": (
        LINEAR,
        {"optimizer": "sgd", "learning_rate": 0.3, "warm_up": 1.0, "gradient_clip": 5.0, "epochs": 8},
        512,
    ),
    "flat": ({}, {"learning_rate": 0.0, "epochs": 5}, 256),
    "rate_too_high": (LINEAR, {"optimizer": "rmsprop", "learning_rate": 0.03, "batch_size": 8, "epochs": 20}, 256),
    "rate_too_low": ({}, {"learning_rate": 3e-4, "epochs": 6}, 256),
    "unfinished": ({}, {"epochs": 12}, 256),
    "overfitting": ({"encoder": {"kind": "dense", "widths": (256, 128)}, "latent": 32}, {"epochs": 120}, 40),
    "underfitting": ({"latent": 1, "encoder": "linear"}, {"epochs": 10}, 512),
    "roomy": ({"latent": 40, "encoder": {"kind": "dense", "widths": (3,)}}, {"epochs": 20}, 512),
}


@lru_cache(maxsize=16)
def found(name: str) -> dict[str, str]:
    changes, recipe, few = ILL.get(name, ({}, {}, 1400))
    data = load_data("digits")
    spec = ModelSpec(**{"latent": 6, "encoder": DENSE} | changes)
    schedule = "constant" if recipe else "cosine"
    how = TrainSpec(**{"epochs": 40, "batch_size": 32, "learning_rate": 5e-3, "schedule": schedule} | recipe)
    run = train(spec, how, data.x_train[:few], data.x_test)
    return findings(run, data.x_test)


@pytest.mark.parametrize("name", FINDINGS)
def test_a_run_that_shows_it_is_told_so(name: str) -> None:
    assert name in found(name)


def test_a_healthy_run_shows_nothing() -> None:
    assert found("healthy") == {}
