"""Frames of a training: numbered records in a bounded file that one process writes while many read it.

A file holds a fixed number of slots of one form. When all are full, that frame makes room whose going leaves the
smallest gap, so that what is kept covers the whole training evenly, its first and its newest frame included.
"""

import json
import math
import mmap
import os
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float, Shaped, UInt16

from aejax.files import open_plain

_MAGIC = b"aejax frames 1\n\0"
# One entry a slot; `sequence` is odd while its slot is being written, and 0 where the slot is empty.
_ENTRY = np.dtype([("sequence", "<u8"), ("number", "<u8"), ("step", "<u8"), ("checksum", "<u8")])
LEVELS = 65535


class FrameError(OSError):
    """A file of frames that cannot be read: one sentence with the path."""


class Frames:
    """A file of frames, opened to be read; `FrameWriter` is the one that writes."""

    def __init__(self, path: Path, writable: bool = False) -> None:
        """Open the file.

        Raises:
            FrameError: If there is none, or it holds something else.
        """
        try:
            with open_plain(path, "r+b" if writable else "rb") as file:
                access = mmap.ACCESS_WRITE if writable else mmap.ACCESS_READ
                self._map = mmap.mmap(file.fileno(), 0, access=access)
            header = _header(self._map)
            self.about: dict[str, Any] = header["about"]
            self.form = np.dtype([(name, kind, tuple(shape)) for name, kind, shape in header["form"]])
            self._index = np.frombuffer(self._map, _ENTRY, header["slots"], header["start"])
            self._slots = np.frombuffer(self._map, self.form, header["slots"], header["start"] + self._index.nbytes)
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError) as error:
            raise FrameError(f"{path} holds no frames: {error}") from error

    def steps(self) -> dict[int, int]:
        """The number of each frame kept, and the step it was taken after; oldest first."""
        return {int(entry["number"]): int(entry["step"]) for entry in np.sort(self._kept_entries(), order="number")}

    @property
    def newest_number(self) -> int | None:
        """Number of the newest frame; None if there is none."""
        numbers = self._kept_entries()["number"]
        return int(numbers.max()) if len(numbers) else None

    def _kept_entries(self) -> Shaped[np.ndarray, " kept"]:
        index = self._index.copy()
        return index[(index["sequence"] % 2 == 0) & (index["sequence"] > 0)]

    def read(self, number: int) -> dict[str, Any] | None:
        """The fields of a frame; None if it has made room for another, or is doing so at this moment."""
        for slot in np.flatnonzero((self._index["number"] == number) & (self._index["sequence"] > 0)):
            before = self._index[slot].copy()
            record = self._slots[slot].copy()
            whole = before["sequence"] % 2 == 0 and before == self._index[slot]
            if whole and before["number"] == number and zlib.crc32(record.tobytes()) == before["checksum"]:
                return {name: record[name] for name in self.form.names or ()}
        return None

    def newest(self) -> tuple[int, dict[str, Any]] | None:
        """Number and fields of the newest frame that can be read; None if there is none."""
        found = ((number, self.read(number)) for number in reversed(self.steps()))
        return next(((number, fields) for number, fields in found if fields is not None), None)


class FrameWriter(Frames):
    """A file of frames for the one process that writes it."""

    def __init__(self, path: Path) -> None:
        """Open a file that `create_frames` made, to go on writing."""
        super().__init__(path, writable=True)
        slots = [slot for slot in range(len(self._index)) if self._whole(slot)]
        self._kept = dict(sorted((int(self._index["number"][slot]), slot) for slot in slots))
        self._next = max(self._kept, default=-1) + 1

    def append(self, step: int, fields: Mapping[str, Any]) -> int:
        """Write a frame and give its number."""
        record = np.zeros((), self.form)
        for name, value in fields.items():
            record[name] = value
        number, slot = self._next, self._free()
        entry = self._index[slot : slot + 1]
        entry["sequence"] |= 1
        entry["number"], entry["step"], entry["checksum"] = number, step, zlib.crc32(record.tobytes())
        self._slots[slot] = record
        entry["sequence"] += 1
        self._kept[number], self._next = slot, number + 1
        return number

    def forget_after(self, step: int) -> None:
        """Drop the frames taken after `step`."""
        for number in [number for number, slot in self._kept.items() if self._index["step"][slot] > step]:
            self._index["sequence"][self._kept.pop(number)] = 0

    def _whole(self, slot: int) -> bool:
        return bool(self._index["sequence"][slot] % 2 == 0 and self._index["sequence"][slot] > 0)

    def _free(self) -> int:
        """An empty slot, else that of the frame whose going leaves the smallest gap."""
        if len(self._kept) < len(self._index):
            return next(slot for slot in range(len(self._index)) if slot not in self._kept.values())
        numbers = list(self._kept)
        steps = [int(self._index["step"][slot]) for slot in self._kept.values()]
        return self._kept.pop(numbers[superfluous(steps)])


def superfluous(steps: Sequence[int]) -> int:
    """Which of these moments leaves the smallest gap when it goes, never the first or the last of three or more."""
    return min(range(1, len(steps) - 1), key=lambda at: steps[at + 1] - steps[at - 1], default=0)


def create_frames(path: Path, form: np.dtype, slots: int, about: Mapping[str, Any]) -> FrameWriter:
    """Make a file for so many frames of `form`, one record each, in place of any there was.

    Args:
        path: Where; nobody sees the file before it is whole.
        form: Names, types and shapes of a frame's fields.
        slots: Frames kept at most.
        about: What holds for all of them, as JSON.
    """
    fields = [[name, form[name].base.str, list(form[name].shape)] for name in form.names or ()]
    header = json.dumps({"form": fields, "slots": slots, "about": dict(about)}, allow_nan=False).encode()
    start = _aligned(len(_MAGIC) + 8 + len(header))
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    with unfinished.open("wb") as file:
        file.write(_MAGIC + len(header).to_bytes(8, "little") + header)
        # The slots take room on the disk as they are filled.
        file.truncate(start + slots * (_ENTRY.itemsize + form.itemsize))
    unfinished.replace(path)
    return FrameWriter(path)


def slots_within(form: np.dtype, size: int, least: int, most: int) -> int:
    """How many frames of `form` fit into `size` bytes, but no fewer than `least` and no more than `most`."""
    return max(least, min(most, size // max(form.itemsize, 1)))


def quantised(
    codes: Float[np.ndarray, "points latent"],
) -> tuple[UInt16[np.ndarray, "points latent"], Float[np.ndarray, "latent 2"]]:
    """Codes as 16-bit levels between the least and the greatest of each coordinate, and these bounds."""
    # The difference of two finite numbers need not be one in 32 bits.
    low, high = codes.min(axis=0).astype(np.float64), codes.max(axis=0).astype(np.float64)
    span = np.where(high > low, high - low, 1.0)
    levels = np.rint((codes - low) / span * LEVELS).astype(np.uint16)
    return levels, np.stack([low, high], axis=-1).astype(np.float32)


def restored(
    levels: UInt16[np.ndarray, "points latent"], bounds: Float[np.ndarray, "latent 2"]
) -> Float[np.ndarray, "points latent"]:
    """The codes that `quantised` was given, to within half a level."""
    low, high = bounds[:, 0].astype(np.float64), bounds[:, 1].astype(np.float64)
    codes: np.ndarray = (low + levels * ((high - low) / LEVELS)).astype(np.float32)
    return codes


def probe_rows(labels: Shaped[np.ndarray, " examples"] | None, examples: int, count: int) -> list[int]:
    """Positions of `count` examples, the same each time: of every class its share, each spread over the whole set."""
    if count >= examples:
        return list(range(examples))
    # Where examples are in the order of their classes, places evenly apart give each class its share.
    order = np.arange(examples) if labels is None else np.lexsort((np.arange(examples), labels))
    places = (np.arange(count) + 0.5) * (examples / count)
    return sorted(order[places.astype(int)].tolist())


def _header(memory: mmap.mmap) -> dict[str, Any]:
    if memory[: len(_MAGIC)] != _MAGIC:
        raise ValueError("it begins with something else")
    length = int.from_bytes(memory[len(_MAGIC) : len(_MAGIC) + 8], "little")
    header: dict[str, Any] = json.loads(memory[len(_MAGIC) + 8 : len(_MAGIC) + 8 + length])
    return header | {"start": _aligned(len(_MAGIC) + 8 + length)}


def _aligned(size: int) -> int:
    return math.ceil(size / 64) * 64
