"""aejax: a laboratory for latent spaces. These are its public names, each imported when it is first asked for."""

import importlib
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from aejax.arrays import DataError as DataError
    from aejax.baselines import PCA as PCA
    from aejax.data import DATASETS as DATASETS
    from aejax.data import Data as Data
    from aejax.data import DownloadError as DownloadError
    from aejax.data import load_data as load_data
    from aejax.embedder import Embedder as Embedder
    from aejax.estimator import Autoencoder as Autoencoder
    from aejax.many import Many as Many
    from aejax.many import fit_many as fit_many
    from aejax.quality import measure_codes as measure_codes
    from aejax.recipe import Recipe as Recipe
    from aejax.run import Run as Run
    from aejax.run import load_run as load_run
    from aejax.selection import selected as selected
    from aejax.settings import SpecError as SpecError
    from aejax.spec import ModelSpec as ModelSpec
    from aejax.spec import TrainSpec as TrainSpec
    from aejax.store import StoreError as StoreError
    from aejax.training import DivergedError as DivergedError
    from aejax.training import Progress as Progress
    from aejax.training import fit as fit
    from aejax.training import train as train
    from aejax.zoo import ZOO as zoo  # noqa: F401, N811

__version__ = "0.1.0"

_HOMES = {
    "DATASETS": "aejax.data",
    "Autoencoder": "aejax.estimator",
    "Data": "aejax.data",
    "DataError": "aejax.arrays",
    "DivergedError": "aejax.training",
    "DownloadError": "aejax.data",
    "Embedder": "aejax.embedder",
    "Many": "aejax.many",
    "ModelSpec": "aejax.spec",
    "PCA": "aejax.baselines",
    "Progress": "aejax.training",
    "Recipe": "aejax.recipe",
    "Run": "aejax.run",
    "SpecError": "aejax.settings",
    "StoreError": "aejax.store",
    "TrainSpec": "aejax.spec",
    "fit": "aejax.training",
    "fit_many": "aejax.many",
    "load_data": "aejax.data",
    "load_run": "aejax.run",
    "selected": "aejax.selection",
    "measure_codes": "aejax.quality",
    "train": "aejax.training",
    "zoo": "aejax.zoo",
}

__all__ = list(_HOMES)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = importlib.import_module(_HOMES[name])
    globals()[name] = value = module.ZOO if name == "zoo" else getattr(module, name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})


class _Package(ModuleType):
    def __setattr__(self, name: str, value: Any) -> None:
        # Importing aejax.zoo binds that module to its name here, where it would hide the mapping.
        if name != "zoo" or not isinstance(value, ModuleType):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package
