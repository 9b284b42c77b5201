"""Examples made into pictures: bytes, enlarged without blur, set side by side."""

import base64
import io
from typing import TypeAlias

import numpy as np
from jaxtyping import Float, Num, UInt8

from aejax.data import Data

Picture: TypeAlias = UInt8[np.ndarray, "_ _ ..."]

GAP = 2
"""Pixels between pictures that are set side by side."""
_GROUND = 128
_LEAST_WIDTH = 280


def bounds(data: Data) -> tuple[float, float]:
    """Least and greatest value of what a model makes of the data: bytes are read as intensities from 0 to 1."""
    return (0.0, 1.0) if data.x_test.dtype == np.uint8 else data.value_range


def are_pictures(data: Data) -> bool:
    """Whether an example is shown as a picture: grey, or with three colours or four channels."""
    return data.kind == "image" and (len(data.shape) == 2 or (len(data.shape) == 3 and data.shape[2] in (1, 3, 4)))


def as_bytes(pictures: Num[np.ndarray, "..."], limits: tuple[float, float]) -> UInt8[np.ndarray, "..."]:
    """The values between the limits as bytes, what lies beyond cut off; bytes stay as they are."""
    if pictures.dtype == np.uint8:
        return pictures
    share = (pictures.astype(np.float32) - limits[0]) / (limits[1] - limits[0])
    return np.round(255 * np.clip(share, 0.0, 1.0)).astype(np.uint8)


def centred(pictures: Float[np.ndarray, "n *shape"]) -> UInt8[np.ndarray, "n *shape"]:
    """Pictures of signed numbers: zero is mid-grey in each, and its greatest size is black or white."""
    size = np.abs(pictures.reshape(len(pictures), -1)).max(axis=1).reshape(-1, *[1] * (pictures.ndim - 1))
    return as_bytes(pictures / np.maximum(size, 1e-12), (-1.0, 1.0))


def enlarged(picture: Picture, least: int = _LEAST_WIDTH) -> Picture:
    """The picture with each pixel repeated, until it is at least about so many pixels wide."""
    factor = max(1, round(least / picture.shape[1]))
    return np.repeat(np.repeat(_grey(picture), factor, axis=0), factor, axis=1)


def sheet(pictures: UInt8[np.ndarray, "n height width ..."], columns: int, gap: int = GAP) -> Picture:
    """The pictures row by row on grey ground."""
    pictures = _grey(pictures, 4)
    n, height, width, *channels = pictures.shape
    columns = max(1, min(columns, n))
    rows = -(-n // columns)
    whole = np.full((rows * (height + gap) - gap, columns * (width + gap) - gap, *channels), _GROUND, np.uint8)
    for index, picture in enumerate(pictures):
        top, left = index // columns * (height + gap), index % columns * (width + gap)
        whole[top : top + height, left : left + width] = picture
    return whole


def png_address(picture: Picture) -> str:
    """The picture as a `data:` address, for figures that have one as their ground."""
    return "data:image/png;base64," + base64.b64encode(png(picture)).decode()


def png(picture: Picture) -> bytes:
    """The picture as a file."""
    from PIL import Image

    file = io.BytesIO()
    Image.fromarray(_grey(picture)).save(file, "PNG", compress_level=1)
    return file.getvalue()


def _grey(pictures: np.ndarray, dimensions: int = 3) -> np.ndarray:
    """Pictures of one channel without it; `dimensions` are those of pictures with channels."""
    return pictures[..., 0] if pictures.ndim == dimensions and pictures.shape[-1] == 1 else pictures
