"""aejax: a laboratory for latent spaces. These are its public names."""

from aejax.arrays import DataError
from aejax.run import Run, load_run
from aejax.settings import SpecError
from aejax.spec import ModelSpec, TrainSpec
from aejax.store import StoreError
from aejax.training import DivergedError, Progress, fit, train
from aejax.zoo import ZOO as zoo  # noqa: N811

__version__ = "0.1.0"

__all__ = [
    "DataError",
    "DivergedError",
    "ModelSpec",
    "Progress",
    "Run",
    "SpecError",
    "StoreError",
    "TrainSpec",
    "fit",
    "load_run",
    "train",
    "zoo",
]
