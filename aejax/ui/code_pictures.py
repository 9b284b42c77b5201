"""Codes as small pictures: a map where the encoder's own map is the code, else a bar for each number."""

from math import ceil, prod, sqrt

import numpy as np
from jaxtyping import Float, UInt8

from aejax.types import Shape
from aejax.ui import images

_GROUND, _AXIS, _BAR = 24, 110, 235


def draw(
    codes: Float[np.ndarray, "n latent"], shape: Shape, height: int, width: int
) -> list[UInt8[np.ndarray, "height width"]]:
    """A picture of each code, all on one scale.

    Args:
        codes: The codes.
        shape: Shape in which a code is best shown, as its encoder knows it.
        height: Of each picture, in pixels.
        width: Of each picture, in pixels.
    """
    if is_map(shape) or codes.shape[1] > width:
        limits = float(codes.min()), max(float(codes.max()), float(codes.min()) + 1e-9)
        return [fitted(_map(images.as_bytes(code, limits), shape), height, width) for code in codes]
    return [_bars(code, float(np.abs(codes).max()), height, width) for code in codes]


def is_map(shape: Shape) -> bool:
    """Whether a code of this shape has rows and columns."""
    return len(shape) in (2, 3)


def told(shape: Shape, latent: int, width: int) -> str:
    """How to read the pictures, in a few words."""
    if is_map(shape):
        channels = f", its {shape[2]} channels side by side" if len(shape) == 3 and shape[2] > 1 else ""
        return f"the code as the map of {shape[0]}×{shape[1]} that it is{channels}"
    return (
        "the code, its numbers in rows, greater ones brighter" if latent > width else "the code, a bar for each number"
    )


def fitted(picture: UInt8[np.ndarray, "rows columns"], height: int, width: int) -> UInt8[np.ndarray, "height width"]:
    """The picture without blur as large as the frame allows, in its middle."""
    rows, columns = picture.shape
    scale = min(height / rows, width / columns)
    tall, wide = max(1, int(rows * scale)), max(1, int(columns * scale))
    across, down = np.arange(wide) * columns // wide, np.arange(tall) * rows // tall
    frame = np.full((height, width), _GROUND, np.uint8)
    top, left = (height - tall) // 2, (width - wide) // 2
    frame[top : top + tall, left : left + wide] = picture[down][:, across]
    return frame


def _map(code: UInt8[np.ndarray, " latent"], shape: Shape) -> UInt8[np.ndarray, "rows columns"]:
    if is_map(shape):
        channels = np.moveaxis(code.reshape(*shape[:2], prod(shape[2:])), 2, 0)
        return images.sheet(channels, columns=ceil(sqrt(len(channels))), gap=int(len(channels) > 1))
    side = ceil(sqrt(len(code)))
    whole = np.full(side * ceil(len(code) / side), _GROUND, np.uint8)
    whole[: len(code)] = code
    return whole.reshape(-1, side)


def _bars(
    code: Float[np.ndarray, " latent"], greatest: float, height: int, width: int
) -> UInt8[np.ndarray, "height width"]:
    """Bars up and down from a line in the middle, which is zero."""
    frame = np.full((height, width), _GROUND, np.uint8)
    middle = height // 2
    edges = np.linspace(0, width, len(code) + 1).astype(int)
    for value, left, right in zip(code, edges, edges[1:], strict=False):
        length = round(float(value) / max(greatest, 1e-12) * (middle - 1))
        low, high = sorted((middle, middle - length))
        frame[low:high, left : max(left + 1, right - (right - left) // 4)] = _BAR
    frame[middle] = np.maximum(frame[middle], _AXIS)
    return frame
