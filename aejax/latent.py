"""What one does with codes: ranges for sliders, grids, mosaics, paths and traversals."""

from collections.abc import Callable, Sequence
from typing import Literal

import numpy as np
from jaxtyping import Float, Shaped

from aejax.arrays import DataError, as_examples
from aejax.embedder import Embedder

_LEAST_WIDTH = 0.01


def ranges(codes: object, low: float = 0.01, high: float = 0.99) -> Float[np.ndarray, "latent 2"]:
    """The range of each coordinate, between two quantiles of `codes`; never empty.

    Args:
        codes: Codes of examples, (n, latent).
        low: Quantile at the lower end.
        high: Quantile at the upper end.

    Returns:
        Least and greatest value, a row for each coordinate; a coordinate that hardly varies is given a hundredth of
        its size, or of 1 where that is more.

    Raises:
        DataError: If `codes` is not a table of finite numbers, or the quantiles are not 0 <= low < high <= 1.
    """
    if not 0.0 <= low < high <= 1.0:
        raise DataError(f"low and high must be quantiles, 0 <= low < high <= 1; got {low} and {high}")
    table = as_examples(codes, "codes").astype(np.float64)
    if table.ndim != 2:
        raise DataError(f"codes must be of shape (n, latent); got {table.shape}")
    least, greatest = np.quantile(table, (low, high), axis=0)
    middle = (least + greatest) / 2
    half = np.maximum(greatest - least, _LEAST_WIDTH * np.maximum(1.0, np.abs(middle))) / 2
    return np.stack([middle - half, middle + half], axis=1)


def grid(decoder: Embedder, box: object, n: int) -> Float[np.ndarray, "n n *shape"]:
    """A 2-D box of codes, decoded: the centres of n by n cells, so that the mosaic covers the box exactly.

    Args:
        decoder: Whatever decodes codes of two coordinates.
        box: Least and greatest value of each coordinate, as `ranges` gives them.
        n: Cells along each side.

    Returns:
        Decoded examples; rows from the top (greatest second coordinate) down, columns from the left.

    Raises:
        DataError: If the codes have not two coordinates, or the box is none.
    """
    return decoder.decode(grid_codes(decoder, box, n)).reshape(n, n, *decoder.shape)


def grid_codes(decoder: Embedder, box: object, n: int) -> Float[np.ndarray, "cells 2"]:
    """The codes that `grid` decodes, row by row."""
    if decoder.latent != 2:
        raise DataError(f"a grid needs a code of 2 coordinates; got one of {decoder.latent}")
    if n < 1:
        raise DataError(f"n must be at least 1; got {n}")
    sides = as_examples(box, "box").astype(np.float64)
    if sides.shape != (2, 2) or not (sides[:, 0] < sides[:, 1]).all():
        raise DataError(f"box must hold ((least, greatest), (least, greatest)); got {sides.tolist()}")
    centres = (np.arange(n) + 0.5) / n
    across, up = sides[:, :1] + centres * (sides[:, 1:] - sides[:, :1])
    return np.stack(np.meshgrid(across, up[::-1]), axis=-1).reshape(-1, 2).astype(np.float32)


def plane_codes(corner: object, across: object, down: object, columns: int, rows: int) -> Float[np.ndarray, "n latent"]:
    """The codes at the centres of the cells of a parallelogram, row by row from its corner.

    Args:
        corner: Code at the corner where the first row begins.
        across: From that corner to the end of the first row.
        down: From that corner to the beginning of the last row's far side.
        columns: Cells in a row.
        rows: Rows.

    Raises:
        DataError: If the codes are of different sizes, or there are no cells.
    """
    start, right, below = _code(corner, "corner"), _code(across, "across"), _code(down, "down")
    if not len(start) == len(right) == len(below):
        raise DataError(f"across and down must have {len(start)} coordinates; got {len(right)} and {len(below)}")
    if columns < 1 or rows < 1:
        raise DataError(f"columns and rows must be at least 1; got {columns} and {rows}")
    x = ((np.arange(columns) + 0.5) / columns)[:, None]
    y = ((np.arange(rows) + 0.5) / rows)[:, None, None]
    return (start + x * right + y * below).reshape(-1, len(start)).astype(np.float32)


def mosaic(images: Shaped[np.ndarray, "rows columns ..."]) -> np.ndarray:
    """A grid of images as one image.

    Args:
        images: (rows, columns, height, width) or (rows, columns, height, width, channels).

    Raises:
        DataError: If they are not images.
    """
    if images.ndim not in (4, 5):
        raise DataError(
            f"images must be of shape (rows, columns, height, width) or with channels after; got {images.shape}"
        )
    rows, columns, height, width, *channels = images.shape
    return np.swapaxes(images, 1, 2).reshape(rows * height, columns * width, *channels)


def path(a: object, b: object, n: int, kind: Literal["line", "slerp"] = "line") -> Float[np.ndarray, "n latent"]:
    """Codes from `a` to `b`, both included.

    Args:
        a: Code at the start.
        b: Code at the end.
        n: Number of codes, at least 2.
        kind: `line` for equal steps, or `slerp` for equal angles seen from the origin, which keeps to where a normal
            prior has its mass; along a line through the origin that is a straight line too.

    Raises:
        DataError: If the codes are of different sizes, or n is below 2.

    References:
        Shoemake, Animating Rotation with Quaternion Curves, 1985; White, Sampling Generative Networks, 2016.
    """
    start, end = _code(a, "a"), _code(b, "b")
    if start.shape != end.shape:
        raise DataError(f"a and b must be codes of one size; got {len(start)} and {len(end)}")
    if n < 2:
        raise DataError(f"n must be at least 2; got {n}")
    if kind not in _PATHS:
        raise DataError(f"kind must be one of {', '.join(_PATHS)}; got {kind!r}")
    return _PATHS[kind](start, end, np.linspace(0.0, 1.0, n)[:, None]).astype(np.float32)


def traverse(
    decoder: Embedder, code: object, coordinate: int, values: Sequence[float] | np.ndarray
) -> Float[np.ndarray, "n *shape"]:
    """One code decoded with one of its coordinates at each of `values`, the others as they are.

    Raises:
        DataError: If there is no such coordinate, or the code is not of the decoder's size.
    """
    start = _code(code, "code")
    if len(start) != decoder.latent:
        raise DataError(f"code must have {decoder.latent} coordinates; got {len(start)}")
    if not 0 <= coordinate < decoder.latent:
        raise DataError(f"coordinate must be between 0 and {decoder.latent - 1}; got {coordinate}")
    codes = np.repeat(start[None], len(values), axis=0)
    codes[:, coordinate] = values
    return decoder.decode(codes.astype(np.float32))


def _code(value: object, name: str) -> Float[np.ndarray, " latent"]:
    array = np.asarray(value, np.float64)
    if array.ndim != 1 or not array.size or not np.isfinite(array).all():
        raise DataError(f"{name} must be one code, a row of finite numbers; got {value!r}")
    return array


def _line(a: np.ndarray, b: np.ndarray, t: np.ndarray) -> np.ndarray:
    return (1 - t) * a + t * b


def _slerp(a: np.ndarray, b: np.ndarray, t: np.ndarray) -> np.ndarray:
    lengths = np.linalg.norm(a) * np.linalg.norm(b)
    angle = np.arccos(np.clip(a @ b / lengths, -1.0, 1.0)) if lengths > 0 else 0.0
    if np.sin(angle) < 1e-6:
        return _line(a, b, t)
    return (np.sin((1 - t) * angle) * a + np.sin(t * angle) * b) / np.sin(angle)


_PATHS: dict[str, Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]] = {"line": _line, "slerp": _slerp}
