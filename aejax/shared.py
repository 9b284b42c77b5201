"""A run as one file to be handed on: its weights as safetensors with all that is known of it; and read back."""

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import safetensors.numpy

from aejax.files import read_plain
from aejax.folder import RunFolder, Workspace
from aejax.remarks import Remarks, read_remarks, write_remarks
from aejax.run import Run, read_run, run_of
from aejax.settings import SpecError
from aejax.store import SCHEMA, WEIGHTS, StoreError, arrays_of, document_of, write_arrays

ENDING = ".aejax.safetensors"
LARGEST = 1 << 30

_METADATA = "aejax"
_LARGEST_HEADER, _MOST_TENSORS = 4 << 20, 2000
_MOST_EPOCHS = 2000
_KEPT = ("spec", "train", "shape", "pretraining", "data", "step", "epoch", "steps", "seconds")


def packed(folder: Path) -> bytes:
    """The file of a run: what it is and what it has learnt, without the moments of its course.

    Raises:
        StoreError: If there is no run in the folder, or none that has weights.
    """
    document, arrays, run = read_run(folder)
    told = {name: document[name] for name in _KEPT if name in document}
    told |= {"spec": run.spec.model_dump(mode="json"), "train": run.train.model_dump(mode="json")}
    told |= {"schema": SCHEMA, "files": {}, "history": [asdict(epoch) for epoch in run.history[-_MOST_EPOCHS:]]}
    told["remarks"] = read_remarks(folder).model_dump(mode="json")
    learned = {n: np.asarray(v, order="C") for n, v in arrays.items() if n.startswith(("params.", "codes."))}
    return safetensors.numpy.save(learned, {_METADATA: json.dumps(told, allow_nan=False)})


def unpacked(data: bytes, told: str = "the file") -> tuple[dict[str, Any], dict[str, np.ndarray], Run]:
    """The document, the arrays and the run of such a file, whoever made it; `told` is what it is called.

    Raises:
        StoreError: If it is none, or what is in it does not fit together; in one sentence.
    """
    size = int.from_bytes(data[:8], "little")
    if len(data) > LARGEST or size > min(_LARGEST_HEADER, len(data)):
        raise StoreError(f"{told} is no shared run: its header must be within {_LARGEST_HEADER:,} bytes")
    try:
        header = json.loads(data[8 : 8 + size])
        text = header.pop("__metadata__")[_METADATA]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise StoreError(f"{told} is no shared run: it says nothing of itself ({type(error).__name__})") from error
    if len(header) > _MOST_TENSORS:
        raise StoreError(f"{told} must hold at most {_MOST_TENSORS} arrays; got {len(header)}")
    document = document_of(text, told)
    arrays = arrays_of(data, told, _LARGEST_HEADER)
    return document, arrays, run_of(document, arrays, told, document["history"])


def imported(path: Path, workspace: Workspace) -> RunFolder:
    """A new run of the workspace, from the file at `path`.

    Raises:
        StoreError: If the file cannot be read, is no shared run, or the run cannot be kept.
    """
    try:
        data = read_plain(path, LARGEST)
    except OSError as error:
        raise StoreError(f"{path} cannot be read: {error.strerror}") from error
    return taken_in(data, workspace, path.name)


def taken_in(data: bytes, workspace: Workspace, told: str = "the file") -> RunFolder:
    """A new run of the workspace, from the bytes of a shared file.

    Raises:
        StoreError: If they are none, or the run cannot be kept.
    """
    document, arrays, run = unpacked(data, told)
    folder = workspace.create(_fresh(document, run))
    folder.update(files={WEIGHTS: write_arrays(folder.path, WEIGHTS, arrays)}, weights=WEIGHTS)
    # What is written there is no more than a remark.
    with suppress(SpecError, TypeError):
        write_remarks(folder.path, Remarks(**document.get("remarks", {})))
    return folder


def _fresh(document: Mapping[str, Any], run: Run) -> dict[str, Any]:
    """What the new run's document says: of the file nothing but what has been checked."""
    settings = {"spec": run.spec.model_dump(mode="json"), "train": run.train.model_dump(mode="json")}
    data = document.get("data")
    named = {name: data.get(name) for name in ("name", "sha256")} if isinstance(data, dict) else {}
    last = run.history[-1] if run.history else None
    step, epoch, seconds = (last.step, last.epoch, last.seconds) if last is not None else (0, 0, 0.0)
    return {
        **settings,
        "began": settings,
        "changes": [],
        "shape": list(run.shape),
        "history": [asdict(entry) for entry in run.history],
        "pretraining": [asdict(entry) for entry in run.pretraining],
        "data": {name: str(named.get(name, ""))[:100] for name in ("name", "sha256")},
        "probes": {"split": "test", "count": 5000},
        "parent": None,
        "created": datetime.now().astimezone().isoformat(),
        "status": "done",
        "message": "Taken in from a file.",
        "server": None,
        "worker": None,
        "step": step,
        "epoch": epoch,
        "steps": step,
        "seconds": seconds,
        "last": None if last is None else asdict(last),
        "checkpoints": [],
        "files": {},
    }
