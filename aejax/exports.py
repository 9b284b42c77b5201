"""What a run can be taken away as: one table, from which the command line and the pages offer it."""

import csv
import io
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet
from PIL import Image

from aejax.alignment import main_plane
from aejax.data import Data
from aejax.run import Run
from aejax.settings import SpecError, not_among
from aejax.shared import packed
from aejax.store import StoreError, read_document

_SPRITE_SIDE, _SPRITE_MOST = 8192, 10_000
"""Pixels along a side of a projector's sheet, and pictures on it, at most."""


@dataclass(frozen=True)
class Taken:
    """A run in its folder, loaded, with the data whose codes are wanted."""

    folder: Path
    run: Run
    data: Data
    split: str = "test"

    @property
    def examples(self) -> np.ndarray:
        """The examples of the split."""
        return np.asarray(getattr(self.data, f"x_{self.split}"))

    @property
    def labels(self) -> np.ndarray | None:
        """Their classes."""
        labels: np.ndarray | None = getattr(self.data, f"y_{self.split}")
        return labels

    def codes(self) -> np.ndarray:
        """Their codes."""
        return self.run.encode(self.examples, self.run.spec.told(self.labels))


@dataclass(frozen=True)
class Export:
    """One form: what it is, the ending of its files' names, and what makes them, by their names after a stem."""

    title: str
    about: str
    write: Callable[[Taken], Mapping[str, bytes]]
    needs: tuple[str, ...] = ()
    """Packages of the extra `export` that it cannot do without."""


def _shared(taken: Taken) -> dict[str, bytes]:
    return {".aejax.safetensors": packed(taken.folder)}


def _codes(taken: Taken) -> dict[str, bytes]:
    codes = taken.codes()
    columns = _about(taken) | {f"z{number}": pa.array(column) for number, column in enumerate(codes.T)}
    told = {"aejax.spec": taken.run.spec.model_dump_json(), "aejax.data": taken.data.name, "aejax.split": taken.split}
    return {".parquet": _parquet(pa.table(columns).replace_schema_metadata(told))}


def _about(taken: Taken) -> dict[str, pa.Array]:
    """Row, label and its name; the latter two null without labels."""
    labels, n = taken.labels, len(taken.examples)
    names = None if labels is None else np.array(taken.data.label_names)[labels]
    return {
        "row": pa.array(np.arange(n, dtype=np.int64)),
        "label": pa.nulls(n, pa.int32()) if labels is None else pa.array(labels),
        "label_name": pa.nulls(n, pa.string()) if names is None else pa.array(names),
    }


def _parquet(table: pa.Table) -> bytes:
    file = io.BytesIO()
    pyarrow.parquet.write_table(table, file)
    return file.getvalue()


def _atlas(taken: Taken) -> dict[str, bytes]:
    """Embedding Atlas reads a table of points: `embedding-atlas FILE --x projection_x --y projection_y`."""
    codes = taken.codes()
    places = main_plane(codes)(codes).astype(np.float32) if codes.shape[1] != 2 else codes
    columns = _about(taken) | {"projection_x": pa.array(places[:, 0]), "projection_y": pa.array(places[:, 1])}
    if (pictures := _pictures(taken)) is not None:
        told = [{"bytes": _png(picture)} for picture in pictures]
        columns["image"] = pa.array(told, pa.struct([("bytes", pa.binary())]))
    return {".atlas.parquet": _parquet(pa.table(columns))}


def _pictures(taken: Taken) -> np.ndarray | None:
    """The examples as grey or coloured bytes; None where they are no pictures."""
    x, data = taken.examples, taken.data
    if data.kind != "image" or x.ndim not in (3, 4) or (x.ndim == 4 and x.shape[3] not in (1, 3)):
        return None
    low, high = data.value_range
    shown = np.clip((x.astype(np.float64) - low) / (high - low), 0, 1)
    flat = np.round(255 * shown).astype(np.uint8)
    return flat[..., 0] if x.ndim == 4 and x.shape[3] == 1 else flat


def _png(picture: np.ndarray) -> bytes:
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "PNG")
    return file.getvalue()


def _projector(taken: Taken) -> dict[str, bytes]:
    """Files for TensorBoard's embedding projector: vectors, metadata, a sheet of pictures and what says so."""
    vectors = io.StringIO()
    np.savetxt(vectors, taken.codes(), fmt="%.9g", delimiter="\t")
    labels, names = taken.labels, taken.data.label_names
    told = [""] * len(taken.examples) if labels is None else [names[label] for label in labels]
    metadata = io.StringIO()
    csv.writer(metadata, "excel-tab", lineterminator="\n").writerows([("row", "label"), *enumerate(told)])
    found = {".vectors.tsv": vectors.getvalue().encode(), ".metadata.tsv": metadata.getvalue().encode()}
    about: dict[str, object] = {"tensorName": taken.data.title, "tensorShape": [len(taken.examples), taken.run.latent]}
    pictures = _pictures(taken)
    if pictures is not None and (sheet := _sheet(pictures)) is not None:
        found[".sprite.png"] = _png(sheet)
        about["sprite"] = {"imagePath": "sprite.png", "singleImageDim": [pictures.shape[2], pictures.shape[1]]}
    about |= {"tensorPath": "vectors.tsv", "metadataPath": "metadata.tsv"}
    found[".projector.json"] = json.dumps({"embeddings": [about]}, indent=1).encode()
    return found


def _sheet(pictures: np.ndarray) -> np.ndarray | None:
    """All pictures row by row on a square; None where the projector would not take so large a one."""
    n, height, width = pictures.shape[:3]
    across = int(np.ceil(np.sqrt(n)))
    if n > _SPRITE_MOST or across * max(height, width) > _SPRITE_SIDE:
        return None
    whole = np.zeros((across * across, *pictures.shape[1:]), np.uint8)
    whole[:n] = pictures
    cells = whole.reshape(across, across, *pictures.shape[1:])
    return np.ascontiguousarray(cells.swapaxes(1, 2).reshape(across * height, across * width, *pictures.shape[3:]))


def _html(taken: Taken) -> dict[str, bytes]:
    """The page is made by a program of its own, for what draws it belongs to the application."""
    with tempfile.TemporaryDirectory() as place:
        out = Path(place) / "page.html"
        command = [sys.executable, "-m", "aejax.ui.offline", str(taken.folder), taken.data.name, str(out)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            said = done.stderr.strip().splitlines() or [f"status {done.returncode}"]
            raise StoreError(f"the page could not be made: {said[-1]}")
        return {".html": out.read_bytes()}


def _onnx(taken: Taken) -> dict[str, bytes]:
    from aejax.onnx_export import onnx_files

    return onnx_files(taken.run, taken.examples)


def _tensorboard(taken: Taken) -> dict[str, bytes]:
    from aejax.tensorboard import event_file

    begun = read_document(taken.folder).get("created", "1970-01-01T00:00:00+00:00")
    return {".tfevents": event_file(taken.run, begun)}


EXPORTS: dict[str, Export] = {
    "run": Export("Run (one file)", "Weights and all that is known of it, for another aejax to take in", _shared),
    "codes": Export("Codes (Parquet)", "Row, label and coordinates of every example", _codes),
    "html": Export("Page (HTML)", "Map, decoder and thumbnails in one file that needs no network", _html),
    "onnx": Export("ONNX", "Encoder and decoder for onnxruntime and its like", _onnx, ("jax2onnx", "onnxruntime")),
    "atlas": Export("Embedding Atlas (Parquet)", "Places, labels and pictures of every example", _atlas),
    "projector": Export("Projector (TSV)", "Vectors, metadata and pictures for TensorBoard's projector", _projector),
    "tensorboard": Export("TensorBoard (events)", "Each term of the loss over steps", _tensorboard, ("tensorboardX",)),
}
"""The forms by their names."""


def exported(taken: Taken, kind: str) -> Mapping[str, bytes]:
    """The files of a form, by what comes after the stem of their names.

    Raises:
        SpecError: If there is no such form, the run cannot have it, or a package is missing.
        DataError: If the data do not suit the run.
        StoreError: If the run's folder cannot be read.
    """
    if kind not in EXPORTS:
        raise SpecError(f"--as {not_among(kind, EXPORTS)}")
    return EXPORTS[kind].write(taken)
