"""The data sets that visitors have brought: a folder each in the workspace, found by its name by every process."""

import functools
import json
import re
import secrets
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from aejax.data.column import Column, truths
from aejax.data.record import KINDS, Data
from aejax.data.remote import Progress
from aejax.data.source import Arrays, Source
from aejax.data.upload.words import cleaned
from aejax.files import write_whole
from aejax.mapped import map_arrays
from aejax.place import workspace_folder
from aejax.store import StoreError, write_arrays

PREFIX = "own-"
DOCUMENT, ARRAYS = "data.json", "arrays.safetensors"
_SCHEMA = 1
_LONGEST_NAME, _LONGEST_REMARK = 40, 160
# A name may come from an address: nothing but one of our own form ever becomes a path.
_NAME = re.compile(rf"{PREFIX}[a-z0-9]+(-[a-z0-9]+)*")
_SPLITS = ("x_train", "y_train", "x_test", "y_test")
_GAPS = ("known_train", "known_test")
_LICENCE = "none stated"


def shelf_folder() -> Path:
    """The folder of the data sets that visitors have brought."""
    return workspace_folder() / "data"


def write_set(folder: Path, data: Data, about: Mapping[str, Any]) -> None:
    """Write a data set into an empty folder; the document comes last, so a folder with one is complete.

    Raises:
        StoreError: If the folder cannot be written.
    """
    arrays = {name: value for name in _SPLITS if (value := getattr(data, name)) is not None}
    arrays |= {name: value.astype(np.uint8) for name in _GAPS if (value := getattr(data, name)) is not None}
    file = write_arrays(folder, ARRAYS, arrays)
    document = {
        "schema": _SCHEMA,
        "created": datetime.now().astimezone().isoformat(),
        "kind": data.kind,
        "shape": list(data.shape),
        "value_range": list(data.value_range),
        "label_names": list(data.label_names),
        "train": len(data.x_train),
        "test": len(data.x_test),
        "sha256": data.content_hash,
        "columns": [asdict(column) for column in data.columns],
        "about": dict(about),
        "files": {ARRAYS: file},
    }
    _write(folder, document)


def _write(folder: Path, document: Mapping[str, Any]) -> None:
    try:
        write_whole(folder / DOCUMENT, json.dumps(document, indent=1, allow_nan=False).encode())
    except OSError as error:
        raise StoreError(f"the data set could not be written to {folder}: {error.strerror or error}") from error


def keep(folder: Path, title: str, source: str = "", licence: str = "") -> str:
    """Move a data set that `write_set` wrote onto the shelf, and give the name that it has there.

    Args:
        folder: Where it was written, on the same disk.
        title: Its name for people; the name itself is made from it.
        source: Where the data come from, if anyone has said so.
        licence: Under which terms, likewise.

    Raises:
        StoreError: If it is damaged, or the shelf cannot be written.
    """
    document = read_document(folder) | {"title": cleaned(title)}
    said = {"source": cleaned(source, _LONGEST_REMARK) if source.strip() else ""}
    said["licence"] = cleaned(licence, _LONGEST_REMARK) if licence.strip() else ""
    document["about"] |= {name: text for name, text in said.items() if text}
    read_set("own", folder)
    _write(folder, document)
    stem = re.sub(r"[^a-z0-9]+", "-", title.lower())[:_LONGEST_NAME].strip("-") or "data"
    shelf = shelf_folder()
    names = [f"{PREFIX}{stem}", *(f"{PREFIX}{stem}-{number}" for number in range(2, 1000))]
    try:
        shelf.mkdir(parents=True, exist_ok=True)
        name = next(name for name in names if not (shelf / name).exists())
        folder.rename(shelf / name)
    except (OSError, StopIteration) as error:
        raise StoreError(f"the data set could not be kept in {shelf}: {error}") from error
    return name


def delete(name: str) -> None:
    """Take a data set off the shelf, for good.

    Raises:
        StoreError: If there is none of this name, or it cannot be removed.
    """
    folder = _find(name)
    # Renamed first, so that nobody finds half of it.
    doomed = folder.with_name(f".deleted-{secrets.token_hex(4)}")
    try:
        folder.rename(doomed)
    except OSError as error:
        raise StoreError(f"{name} could not be deleted: {error.strerror or error}") from error
    shutil.rmtree(doomed, ignore_errors=True)


def sources() -> dict[str, Source]:
    """The data sets on the shelf, by their names; damaged ones are passed over."""
    shelf = shelf_folder()
    try:
        names = sorted(path.name for path in shelf.iterdir() if _NAME.fullmatch(path.name))
    except OSError:
        return {}
    found: dict[str, Source] = {}
    for name in names:
        try:
            found[name] = _source(name, shelf / name, _stamp(shelf / name))
        except StoreError:
            continue
    return found


def load(name: str) -> Data:
    """The data set of this name, kept in memory while it is among the last few that were asked for.

    Raises:
        StoreError: If it is not there, or damaged.
    """
    folder = _find(name)
    return _loaded(name, folder, _stamp(folder))


def is_own(name: str) -> bool:
    """Whether this could be the name of a data set on the shelf."""
    return _NAME.fullmatch(name) is not None


@functools.lru_cache(maxsize=4)
def _loaded(name: str, folder: Path, stamp: int) -> Data:
    return read_set(name, folder)


@functools.lru_cache(maxsize=256)
def _source(name: str, folder: Path, stamp: int) -> Source:
    document = read_document(folder)
    title = cleaned(document.get("title", name))
    classes, about = len(document["label_names"]), document["about"]
    told = f"{document['train'] + document['test']:,} examples of {size(document['kind'], document['shape'])}"
    return Source(
        title=title,
        description=f"{told}, {f'{classes} classes' if classes else 'no classes'}; brought by a visitor.",
        kind=document["kind"],
        shape=tuple(document["shape"]),
        value_range=tuple(document["value_range"]),
        train=document["train"],
        test=document["test"],
        label_names=tuple(document["label_names"]),
        source=f"{_remark(about, 'source')}{cleaned(about.get('form', ''))}, brought {document['created'][:10]}",
        licence=_remark(about, "licence").removesuffix("; ") or _LICENCE,
        load=functools.partial(_arrays, name),
        columns=functools.partial(_columns, document),
        truths=truths(_columns(document)),
    )


def _remark(about: Mapping[str, Any], name: str) -> str:
    return f"{cleaned(about[name], _LONGEST_REMARK)}; " if about.get(name) else ""


def size(kind: str, shape: Sequence[int]) -> str:
    """How large an example is, in words."""
    if kind == "sequence":
        return f"{shape[0]} steps" + (f" of {shape[1]} channels" if len(shape) > 1 else "")
    return f"{shape[0]} features" if len(shape) == 1 else f"{' × '.join(map(str, shape))} pixels"


def _columns(document: Mapping[str, Any]) -> tuple[Column, ...]:
    """The columns of a table; none in documents of earlier times."""
    try:
        found = [Column(**entry) for entry in document.get("columns", ())]
        return tuple(
            Column(
                cleaned(c.name), bool(c.is_truth), float(c.middle), float(c.spread), cleaned(c.unit) if c.unit else ""
            )
            for c in found
        )
    except (TypeError, ValueError) as error:
        raise StoreError(f"the columns of a data set are told in another way ({error})") from error


def _arrays(name: str, progress: Progress | None = None) -> Arrays:
    data = load(name)
    return data.x_train, data.y_train, data.x_test, data.y_test


def read_set(name: str, folder: Path) -> Data:
    """The data set in a folder, under that name, once its hashes hold.

    Raises:
        StoreError: If there is none, or a damaged one.
    """
    document = read_document(folder)
    arrays: dict[str, np.ndarray | None] = dict(map_arrays(folder, ARRAYS, document, "data set"))
    source = _source(name, folder, _stamp(folder))
    try:
        return Data(
            name=name,
            title=source.title,
            **{split: arrays.get(split) for split in (*_SPLITS, *_GAPS)},  # type: ignore[arg-type]
            columns=_columns(document),
            shape=source.shape,
            value_range=source.value_range,
            label_names=source.label_names,
            source=source.source,
            licence=source.licence,
            kind=source.kind,
        )
    except (ValueError, AttributeError) as error:
        raise StoreError(f"the data set in {folder} contradicts itself: {error}") from error


def read_document(folder: Path) -> dict[str, Any]:
    """What is said of a data set in its folder.

    Raises:
        StoreError: If there is none, or it is no description of one.
    """
    try:
        document = json.loads((folder / DOCUMENT).read_text("utf-8"))
        if int(document["schema"]) > _SCHEMA:
            raise StoreError(f"{folder} was written by a later aejax")
        forms: dict[str, type] = {
            "shape": list,
            "value_range": list,
            "label_names": list,
            "about": dict,
            "created": str,
        }
        forms |= {"train": int, "test": int, "files": dict, "kind": str}
        if not all(isinstance(document[name], form) for name, form in forms.items()) or document["kind"] not in KINDS:
            raise TypeError("an entry is of another kind")
        str(document["files"][ARRAYS]["sha256"])
    except StoreError:
        raise
    except OSError as error:
        raise StoreError(f"there is no data set in {folder}: {error.strerror or error}") from error
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise StoreError(f"{folder / DOCUMENT} is not a data set's description ({error!r})") from error
    return dict(document)


def _find(name: str) -> Path:
    folder = shelf_folder() / name
    if not is_own(name) or not (folder / DOCUMENT).is_file():
        raise StoreError(f"there is no data set {name[:60]!r} here any more: it was deleted, or never brought")
    return folder


def _stamp(folder: Path) -> int:
    try:
        return (folder / DOCUMENT).stat().st_mtime_ns
    except OSError as error:
        raise StoreError(f"there is no data set in {folder}: {error.strerror or error}") from error
