"""Runs on disk: a folder each, one JSON document and safetensors files, each written whole or not at all."""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import safetensors.numpy
from safetensors import SafetensorError

from aejax.files import read_plain, write_whole

SCHEMA = 1
DOCUMENT, WEIGHTS, HISTORY = "run.json", "weights.safetensors", "history.jsonl"
LARGEST_HEADER = 256 * 1024
_LARGEST_DOCUMENT, _LARGEST_HISTORY, _LARGEST_ARRAYS = 16 << 20, 64 << 20, 8 << 30
_GREATEST_SIDE = 1 << 24
_FILE = re.compile(r"[a-z]+(-\d+)?\.safetensors")
_UNFINISHED = re.compile(r"\.(run\.json|history\.jsonl|[a-z]+(-\d+)?\.safetensors|[a-z]+\.ring)\.\d+")
_LONGEST_LINE = 1 << 16


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
    data = _read(folder / name, what, min(document["files"][name].get("bytes", _LARGEST_ARRAYS), _LARGEST_ARRAYS))
    if hashlib.sha256(data).hexdigest() != document["files"][name]["sha256"]:
        others = [entry["name"] for entry in document.get("checkpoints", ()) if entry["name"] != name]
        hint = f"; `aejax resume {folder}` goes on from an earlier state" if others else ""
        raise StoreError(f"the {what} in {folder} are damaged: they are not what was saved{hint}")
    return arrays_of(data, f"the {what} in {folder}")


def arrays_of(data: bytes, told: str, most: int = LARGEST_HEADER) -> dict[str, np.ndarray]:
    """The arrays of a safetensors file's bytes, whoever wrote them; `told` is what they are called.

    Raises:
        StoreError: If they are no such file.
    """
    # A header of many empty tensors takes seconds to read; real ones are a few kilobytes.
    if int.from_bytes(data[:8], "little") > most:
        raise StoreError(f"{told} have a header over {most} bytes")
    try:
        arrays: dict[str, np.ndarray] = safetensors.numpy.load(data)
    except (SafetensorError, ValueError, TypeError, KeyError, OverflowError) as error:
        raise StoreError(f"{told} are no safetensors file: {error}") from error
    return arrays


def read_document(folder: Path) -> dict[str, Any]:
    """The settings and history of a run, without its weights.

    Raises:
        StoreError: If the folder holds no run, or one of a later version.
    """
    text = _read(folder / DOCUMENT, "run", _LARGEST_DOCUMENT)
    return document_of(text, folder / DOCUMENT)


def document_of(text: bytes | str, told: Path | str) -> dict[str, Any]:
    """A run's document, whoever wrote it; `told` is where it is from.

    Raises:
        StoreError: If it is none, or one of a later version.
    """
    try:
        document = json.loads(text, parse_constant=_refuse_constant)
        schema = int(document["schema"])
        if schema <= SCHEMA:
            _check_forms(document)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise StoreError(f"{told} is not a run's description ({_short(error)})") from error
    if schema > SCHEMA:
        raise StoreError(f"{told} was written by a later aejax (schema {schema}; this one reads up to {SCHEMA})")
    return dict(document)


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def _short(error: Exception) -> str:
    said = repr(error)
    return said if len(said) <= 200 else f"{said[:200]}…"


def _check_forms(document: dict[str, Any]) -> None:
    """Refuse a document whose entries are not of the kinds that a run's are."""
    forms = {"spec": dict, "train": dict, "files": dict, "shape": list, "history": list}
    for name, form in forms.items():
        if not isinstance(document[name], form):
            raise TypeError(f"{name} is a {type(document[name]).__name__}")
    _check_files(document)
    shape = document["shape"]
    if not all(type(size) is int and 0 < size <= _GREATEST_SIDE for size in shape) or not 1 <= len(shape) <= 8:
        raise ValueError(f"shape is {shape}")


def _check_files(document: dict[str, Any]) -> None:
    """Refuse names that would lead out of the run's folder, and what is said of files in another form."""
    checkpoints = document.get("checkpoints", ())
    for name in (document.get("weights", WEIGHTS), *document["files"], *(entry["name"] for entry in checkpoints)):
        if not _FILE.fullmatch(name):
            raise ValueError(f"a file is named {name!r}")
    for entry in checkpoints:
        if type(entry["step"]) is not int or not isinstance(entry["seconds"], int | float):
            raise TypeError("checkpoints hold no steps and seconds")
    for file in document["files"].values():
        if not isinstance(file["sha256"], str) or type(file.get("bytes", 0)) is not int:
            raise TypeError("files holds no sizes and hashes")


def _read(path: Path, what: str, most: int) -> bytes:
    try:
        return read_plain(path, most)
    except OSError as error:
        raise StoreError(f"no {what} in {path.parent}: {path.name}: {error.strerror}") from error


def check_arrays(found: Mapping[str, Any], expected: Mapping[str, Any], folder: str) -> None:
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
        if not np.isfinite(value).all():
            raise StoreError(f"the weights in {folder} must be finite; {name} is not")


def append_record(path: Path, record: Mapping[str, Any]) -> None:
    """Add one line of JSON to a file, in place of a last line that was cut short.

    Raises:
        StoreError: If it cannot be written.
    """
    try:
        with path.open("a+b") as file:
            if size := file.tell():
                file.seek(max(0, size - _LONGEST_LINE))
                tail = file.read()
                if not tail.endswith(b"\n"):
                    file.truncate(size - len(tail) + tail.rfind(b"\n") + 1)
            file.write(_line(record))
    except OSError as error:
        raise _unwritten(path.parent, error) from error


def write_records(path: Path, records: Iterable[Mapping[str, Any]]) -> None:
    """Write a file of such lines, in place of the one before.

    Raises:
        StoreError: If it cannot be written.
    """
    try:
        write_whole(path, b"".join(map(_line, records)))
    except OSError as error:
        raise _unwritten(path.parent, error) from error


def _line(record: Mapping[str, Any]) -> bytes:
    return (json.dumps(record, allow_nan=False) + "\n").encode()


def read_records(path: Path) -> list[dict[str, Any]]:
    """The lines that `append_record` wrote; what a last line that was cut short says is left out.

    Raises:
        StoreError: If there is another line that is none of those.
    """
    if not path.exists():
        return []
    lines = _read(path, "history", _LARGEST_HISTORY).split(b"\n")
    try:
        return [dict(json.loads(line, parse_constant=_refuse_constant)) for line in lines[:-1]]
    except (ValueError, TypeError, RecursionError) as error:
        raise StoreError(f"{path} is not a run's history ({_short(error)})") from error


def sweep(folder: Path, document: Mapping[str, Any]) -> None:
    """Remove what a process that was killed has left: files half written, and checkpoints that nobody names."""
    for path in folder.iterdir():
        orphan = path.name.startswith("checkpoint-") and path.name not in document["files"]
        if orphan or _UNFINISHED.fullmatch(path.name):
            path.unlink(missing_ok=True)
