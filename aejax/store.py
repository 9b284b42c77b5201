"""Runs on disk: a folder each, one JSON document and safetensors files, each written whole or not at all."""

import hashlib
import json
import math
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import safetensors.numpy
from safetensors import SafetensorError

SCHEMA = 1
DOCUMENT, WEIGHTS, HISTORY = "run.json", "weights.safetensors", "history.jsonl"
_LARGEST_HEADER = 256 * 1024
_DTYPES = {"U8": "u1", "I32": "<i4", "I64": "<i8", "F32": "<f4", "F64": "<f8"}
_FILE = re.compile(r"[a-z]+(-\d+)?\.safetensors")


class StoreError(OSError):
    """A run that cannot be written or read: one sentence with the path."""


def write_folder(folder: Path, document: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> None:
    """Write a run into a new or empty folder; the document comes last, so a folder with one is complete.

    Raises:
        StoreError: If the folder holds something already or cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise StoreError(f"folder must be new or empty; {folder} holds files already")
    except StoreError:
        raise
    except OSError as error:
        raise _unwritten(folder, error) from error
    files = {WEIGHTS: write_arrays(folder, WEIGHTS, arrays)}
    write_document(folder, {**document, "files": files})


def write_document(folder: Path, document: Mapping[str, Any]) -> None:
    """Write a run's document, in place of the one before.

    Raises:
        StoreError: If the folder cannot be written.
    """
    text = json.dumps({"schema": SCHEMA, **document}, indent=1, allow_nan=False)
    try:
        write_whole(folder / DOCUMENT, text.encode())
    except OSError as error:
        raise _unwritten(folder, error) from error


def write_arrays(folder: Path, name: str, arrays: Mapping[str, np.ndarray]) -> dict[str, Any]:
    """Write a file of arrays, and give what its document must say of it.

    Raises:
        StoreError: If the folder cannot be written.
    """
    # ascontiguousarray would give a 0-d array one dimension.
    data = safetensors.numpy.save({name: np.asarray(value, order="C") for name, value in arrays.items()})
    try:
        write_whole(folder / name, data)
    except OSError as error:
        raise _unwritten(folder, error) from error
    return {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}


def _unwritten(folder: Path, error: OSError) -> StoreError:
    return StoreError(f"the run could not be written to {folder}: {error.strerror or error}")


def write_whole(path: Path, data: bytes) -> None:
    """Write, flush to the disk, then rename: the name never stands for half a file."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with unfinished.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    if hasattr(os, "O_DIRECTORY"):
        directory = os.open(path.parent, os.O_DIRECTORY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)


def read_folder(folder: Path) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """The document and the arrays of a run, once their sizes and hashes hold.

    Raises:
        StoreError: If the folder holds no run, a damaged one, or one of a later version.
    """
    document = read_document(folder)
    name = document.get("weights", WEIGHTS)
    if name not in document["files"]:
        raise StoreError(f"no weights in {folder}: its training has not come so far")
    return document, read_arrays(folder, name, document)


def read_arrays(folder: Path, name: str, document: Mapping[str, Any], what: str = "weights") -> dict[str, np.ndarray]:
    """The arrays of a file that the document names, `what` they are, once its size and hash hold.

    Raises:
        StoreError: If there is no such file, or a damaged one.
    """
    data = _read(folder / name, what)
    if hashlib.sha256(data).hexdigest() != document["files"][name]["sha256"]:
        raise StoreError(f"the {what} in {folder} are damaged: they are not what was saved")
    # A header of many empty tensors takes seconds to read; real ones are a few kilobytes.
    if int.from_bytes(data[:8], "little") > _LARGEST_HEADER:
        raise StoreError(f"the {what} in {folder} have a header over {_LARGEST_HEADER} bytes")
    try:
        arrays: dict[str, np.ndarray] = safetensors.numpy.load(data)
    except SafetensorError as error:
        raise StoreError(f"the {what} in {folder} are no safetensors file: {error}") from error
    return arrays


def map_arrays(folder: Path, name: str, document: Mapping[str, Any], what: str) -> dict[str, np.ndarray]:
    """As `read_arrays`, but mapped into memory and closed to writing: the file may be larger than memory.

    Raises:
        StoreError: If there is no such file, or a damaged one.
    """
    path = folder / name
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            file.seek(0)
            length = int.from_bytes(file.read(8), "little")
            header = file.read(min(length, _LARGEST_HEADER))
    except OSError as error:
        raise StoreError(f"no {what} in {folder}: {name}: {error.strerror}") from error
    if digest != document["files"][name]["sha256"]:
        raise StoreError(f"the {what} in {folder} are damaged: they are not what was saved")
    if length > _LARGEST_HEADER:
        raise StoreError(f"the {what} in {folder} have a header over {_LARGEST_HEADER} bytes")
    try:
        # The layout is the format's own: the header's length, the header, then the arrays at its offsets.
        told = {key: entry for key, entry in json.loads(header).items() if key != "__metadata__"}
        return {key: _mapped(path, 8 + length, entry) for key, entry in told.items()}
    except (ValueError, KeyError, TypeError, RecursionError, OSError) as error:
        raise StoreError(f"the {what} in {folder} are no safetensors file: {error!r}") from error


def _mapped(path: Path, start: int, entry: Mapping[str, Any]) -> np.ndarray:
    dtype, shape = np.dtype(_DTYPES[entry["dtype"]]), tuple(map(int, entry["shape"]))
    first, last = entry["data_offsets"]
    if last - first != dtype.itemsize * math.prod(shape):
        raise ValueError(f"an array of {dtype}{list(shape)} lies in {last - first} bytes")
    return np.memmap(path, dtype, "r", start + first, shape) if math.prod(shape) else np.zeros(shape, dtype)


def read_document(folder: Path) -> dict[str, Any]:
    """The settings and history of a run, without its weights.

    Raises:
        StoreError: If the folder holds no run, or one of a later version.
    """
    text = _read(folder / DOCUMENT, "run")
    try:
        document = json.loads(text)
        schema = int(document["schema"])
        _check_forms(document)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise StoreError(f"{folder / DOCUMENT} is not a run's description ({error!r})") from error
    if schema > SCHEMA:
        raise StoreError(f"{folder} was written by a later aejax (schema {schema}; this one reads up to {SCHEMA})")
    return dict(document)


def _check_forms(document: dict[str, Any]) -> None:
    """Refuse a document whose entries are not of the kinds that a run's are."""
    forms = {"spec": dict, "train": dict, "files": dict, "shape": list, "history": list}
    for name, form in forms.items():
        if not isinstance(document[name], form):
            raise TypeError(f"{name} is a {type(document[name]).__name__}")
    weights = document.get("weights", WEIGHTS)
    if document["files"] and not _FILE.fullmatch(weights):
        raise ValueError(f"weights is {weights!r}")
    for file in document["files"].values():
        str(file["sha256"])
    if not all(type(size) is int and size > 0 for size in document["shape"]):
        raise ValueError(f"shape is {document['shape']}")


def _read(path: Path, what: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise StoreError(f"no {what} in {path.parent}: {path.name}: {error.strerror}") from error


def check_arrays(found: Mapping[str, Any], expected: Mapping[str, Any], folder: Path) -> None:
    """Refuse weights that are not those of the spec, name for name, shape for shape, and finite.

    Raises:
        StoreError: With the first that differs.
    """
    for name in sorted(found.keys() ^ expected.keys()):
        raise StoreError(
            f"the weights in {folder} do not fit its spec: {name} is {'extra' if name in found else 'missing'}"
        )
    for name, value in found.items():
        wanted = expected[name]
        if value.shape != wanted.shape or value.dtype != wanted.dtype:
            raise StoreError(
                f"the weights in {folder} do not fit its spec: {name} must be {wanted.dtype}{list(wanted.shape)}; "
                f"got {value.dtype}{list(value.shape)}"
            )


def append_record(path: Path, record: Mapping[str, Any]) -> None:
    """Add one line of JSON to a file."""
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(record, allow_nan=False) + "\n")


def read_records(path: Path) -> list[dict[str, Any]]:
    """The lines that `append_record` wrote; what a last line that was cut short says is left out."""
    try:
        lines = path.read_text("utf-8").split("\n")
    except FileNotFoundError:
        return []
    return [json.loads(line) for line in lines[:-1]]
