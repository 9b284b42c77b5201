"""The small map of a run: where some held-out examples lie in the plane, in a file that a page reads at a glance."""

import io
from pathlib import Path

import numpy as np
from jaxtyping import Float, Int

from aejax.alignment import main_plane
from aejax.data import Data
from aejax.embedder import told
from aejax.files import read_plain, write_whole
from aejax.frames import probe_rows
from aejax.run import Run

POINTS = 500

_FILE, _LARGEST = "places.npy", 1 << 16


def places_rows(data: Data) -> Int[np.ndarray, " points"]:
    """The held-out examples whose places are kept."""
    return np.asarray(probe_rows(data.y_test, len(data.x_test), POINTS))


def write_places(folder: Path, run: Run, data: Data) -> None:
    """Keep where the examples lie now: codes of two numbers as they are, others along their two main directions.

    Raises:
        OSError: If the folder cannot be written.
    """
    rows = places_rows(data)
    labels = None if data.y_test is None else data.y_test[rows]
    codes = run.encode(data.x_test[rows], **told(run, labels))
    if not np.isfinite(codes).all():
        return
    file = io.BytesIO()
    np.save(file, main_plane(codes)(codes).astype(np.float32), allow_pickle=False)
    write_whole(folder / _FILE, file.getvalue())


def read_places(folder: Path) -> Float[np.ndarray, "points 2"] | None:
    """Where the examples lie; None where nothing is known of it."""
    try:
        found = np.load(io.BytesIO(read_plain(folder / _FILE, _LARGEST)), allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return None
    whole = found.ndim == 2 and found.shape[1] == 2 and found.dtype == np.float32 and bool(np.isfinite(found).all())
    return found if whole else None
