"""The one table of data sets, and the one way to load from it."""

import difflib
import threading
from pathlib import Path

from aejax.data import digits, mnist, points, shelf, tabular, waves
from aejax.data.record import Data
from aejax.data.remote import Progress, data_folder
from aejax.data.source import Source

DATASETS: dict[str, Source] = {
    "mnist-sample": mnist.MNIST_SAMPLE,
    "digits": digits.DIGITS,
    "mnist": mnist.MNIST,
    "fashion-sample": mnist.FASHION_SAMPLE,
    "fashion-mnist": mnist.FASHION_MNIST,
    "kmnist": mnist.KMNIST,
    "two-moons": points.TWO_MOONS,
    "swiss-roll": points.SWISS_ROLL,
    "s-curve": points.S_CURVE,
    "circles": points.CIRCLES,
    "waves": waves.WAVES,
    "waves-64": waves.WAVES_64,
    "wine": tabular.WINE,
    "breast-cancer": tabular.BREAST_CANCER,
    "diabetes": tabular.DIABETES,
}

loaded: dict[tuple[str, Path | None], Data] = {}
# One lock a set, so that two visitors who ask for the same one at once cause one download.
locks = {name: threading.Lock() for name in DATASETS}


def sources() -> dict[str, Source]:
    """All data sets that can be loaded here: those of the table, then those that visitors have brought."""
    return DATASETS | shelf.sources()


def load_data(name: str, progress: Progress | None = None) -> Data:
    """The data set of this name, downloaded first if it must be, and kept in memory for whoever asks next.

    Args:
        name: One of the keys of `DATASETS`, or the name of a set that a visitor has brought, which begins with "own-".
        progress: Called as progress(bytes done, bytes in all, file name) while a download goes on.

    Raises:
        ValueError: If there is no data set of this name.
        DownloadError: If it could not be downloaded; the message is one sentence with the way out.
        StoreError: If it is one that a visitor had brought, and is not here any more, or damaged.
    """
    if shelf.is_own(name):
        return shelf.load(name)
    if name not in DATASETS:
        raise ValueError(f"name must be one of {', '.join(DATASETS)}; got {quoted(name)}.{suggestion(name)}")
    source = DATASETS[name]
    key = (name, data_folder() if source.remote else None)
    with locks[name]:
        if key not in loaded:
            loaded[key] = source.record(name, progress)
        return loaded[key]


def quoted(name: str) -> str:
    """The name between double quotes, cut where it is too long to be a name."""
    return f'"{name}"' if len(name) <= 40 else f'"{name[:40]}..."'


def suggestion(name: str) -> str:
    """A question after the name most like this one, or nothing where none is."""
    nearest = difflib.get_close_matches(name.lower().replace("_", "-"), DATASETS, n=1)
    return f' Did you mean "{nearest[0]}"?' if nearest else ""
