"""Arrays on disk mapped into memory: what is larger than memory is read as it is needed."""

import hashlib
import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from aejax.files import open_plain
from aejax.store import LARGEST_HEADER, StoreError

_DTYPES = {"U8": "u1", "I32": "<i4", "I64": "<i8", "F32": "<f4", "F64": "<f8"}


def map_arrays(folder: Path, name: str, document: Mapping[str, Any], what: str) -> dict[str, np.ndarray]:
    """As `store.read_arrays`, but mapped into memory and closed to writing: the file may be larger than memory.

    Raises:
        StoreError: If there is no such file, or a damaged one.
    """
    path = folder / name
    try:
        with open_plain(path) as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            file.seek(0)
            length = int.from_bytes(file.read(8), "little")
            header = file.read(min(length, LARGEST_HEADER))
    except OSError as error:
        raise StoreError(f"no {what} in {folder}: {name}: {error.strerror}") from error
    if digest != document["files"][name]["sha256"]:
        raise StoreError(f"the {what} in {folder} are damaged: they are not what was saved")
    if length > LARGEST_HEADER:
        raise StoreError(f"the {what} in {folder} have a header over {LARGEST_HEADER} bytes")
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
