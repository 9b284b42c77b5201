"""Thumbnails of examples: one sheet for pictures, plain bytes for what is drawn as lines or bars."""

import hashlib
import io
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from jaxtyping import UInt8

GREATEST_SIDE = 8192
"""Pixels along a side of a sheet, at most: what every graphics card takes."""


@dataclass(frozen=True, eq=False)
class Thumbnails:
    """The first `count` points' examples: as a PNG sheet of so many `columns`, or where that is 0 as plain bytes."""

    values: UInt8[np.ndarray, " bytes"]
    shape: tuple[int, ...]
    count: int
    columns: int = 0

    @cached_property
    def digest(self) -> str:
        """What tells these from all others."""
        return hashlib.blake2b(self.values.data, digest_size=12).hexdigest()


def picture_sheet(pictures: UInt8[np.ndarray, "n height width ..."]) -> Thumbnails:
    """The pictures side by side without gaps, row by row, as a PNG file.

    Raises:
        ValueError: If the sheet would be more than `GREATEST_SIDE` pixels high.
    """
    from PIL import Image

    n, height, width, *channels = pictures.shape
    columns = max(1, min(n, GREATEST_SIDE // width, -(-int(np.ceil(np.sqrt(n * height / width))) // 1)))
    rows = -(-n // columns)
    if rows * height > GREATEST_SIDE:
        raise ValueError(f"pictures must fit a sheet of {GREATEST_SIDE} pixels a side; got {n} of {height} by {width}")
    sheet = np.zeros((rows * columns, height, width, *channels), np.uint8)
    sheet[:n] = pictures
    grid = sheet.reshape(rows, columns, height, width, *channels).swapaxes(1, 2)
    whole = grid.reshape(rows * height, columns * width, *channels)
    file = io.BytesIO()
    Image.fromarray(whole[..., 0] if channels == [1] else whole).save(file, "PNG")
    return Thumbnails(np.frombuffer(file.getvalue(), np.uint8), (height, width, *channels), n, columns)


def plain_bytes(examples: UInt8[np.ndarray, "n ..."]) -> Thumbnails:
    """The examples' values one after another."""
    return Thumbnails(examples.reshape(-1), examples.shape[1:], len(examples))
