"""Arrays of numbers: npy, npz and IDX files, their headers believed only where the bytes bear them out."""

import io
import math
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from PIL import Image

from aejax.data.idx import read_idx
from aejax.data.upload.archive import MemberError, opened
from aejax.data.upload.images import fitted
from aejax.data.upload.limits import Limits, UploadError, check_limit
from aejax.data.upload.plan import Found, Plan, Report
from aejax.data.upload.series import wide_series
from aejax.data.upload.words import cleaned, listed

_HEADER_BYTES = 10_000
_SMALLEST_SIDE = 8
_PIXEL = 255

LABELS = "labels in the file"


def read_npy(path: Path, plan: Plan, limits: Limits, report: Report) -> Found:
    """The examples in an npy file.

    Raises:
        UploadError: If it is not whole, or no numbers, or breaks a limit.
    """
    return examples_found("NumPy array", {"x": parse_npy(path.read_bytes(), "the array", limits)}, plan, limits)


def read_idx_file(path: Path, plan: Plan, limits: Limits, report: Report) -> Found:
    """The examples in an IDX file, gzipped or not.

    Raises:
        UploadError: If it is not whole, or breaks a limit.
    """
    try:
        array = read_idx(path, limits.decompressed_bytes)
    except (ValueError, OSError) as error:
        raise UploadError(cleaned(error, 200)) from error
    return examples_found("IDX file", {"x": array}, plan, limits)


def read_npz(path: Path, plan: Plan, limits: Limits, report: Report) -> Found:
    """The examples in an npz file, and their labels if it holds any.

    Raises:
        UploadError: If an array in it is not whole, or no numbers, or breaks a limit.
    """
    arrays: dict[str, np.ndarray] = {}
    with opened(path, limits) as archive:
        for member in archive.members:
            name = member.name.removesuffix(".npy")
            try:
                content = archive.read(member)
            except MemberError as error:
                raise UploadError(f"array {cleaned(name)} cannot be read: {error}") from error
            if name in arrays:
                raise UploadError(f"array {cleaned(name)} must come once; it comes twice")
            arrays[name] = parse_npy(content, f"array {cleaned(name)}", limits)
    return examples_found("NumPy arrays (npz)", arrays, plan, limits)


def parse_npy(content: bytes, what: str, limits: Limits) -> np.ndarray:
    """The array in the bytes of an npy file, as a view of them.

    Raises:
        UploadError: If it is not whole, or of objects, which could run code.
    """
    stream = io.BytesIO(content)
    try:
        version = np.lib.format.read_magic(stream)
        read_header = {
            (1, 0): np.lib.format.read_array_header_1_0,
            (2, 0): np.lib.format.read_array_header_2_0,
        }[version]
        shape, is_fortran, dtype = read_header(stream, max_header_size=_HEADER_BYTES)
    except Exception as error:
        raise UploadError(f"{what} must begin with the header of an npy file; it does not") from error
    if dtype.hasobject:
        raise UploadError(f"{what} must hold plain numbers; got Python objects, which could run code")
    if dtype.kind not in "biufUS" or not dtype.itemsize:
        raise UploadError(f"{what} must hold real numbers or text; got {cleaned(dtype)}")
    if not shape or min(shape) < 1:
        raise UploadError(f"{what} must hold at least one example; got shape {cleaned(shape)}")
    declared = math.prod(shape) * dtype.itemsize
    check_limit(f"bytes of {what}", declared, limits.decompressed_bytes)
    if declared != len(content) - stream.tell():
        raise UploadError(
            f"{what} must have the {declared:,} bytes that it declares; got {len(content) - stream.tell():,}"
        )
    values = np.frombuffer(content, dtype, offset=stream.tell())
    return values.reshape(shape, order="F" if is_fortran else "C")


def examples_found(form: str, arrays: Mapping[str, np.ndarray], plan: Plan, limits: Limits) -> Found:
    """What arrays by their names are: examples with or without labels, in one part or two.

    Raises:
        UploadError: If the names or shapes do not tell.
    """
    low = {name.lower(): array for name, array in arrays.items()}
    test: np.ndarray | None = None
    if {"x_train", "x_test"} <= low.keys():
        _check_same(low["x_train"], low["x_test"])
        test = np.arange(len(low["x_train"]) + len(low["x_test"])) >= len(low["x_train"])
        x = np.concatenate([low["x_train"], low["x_test"]])
        both = {"y_train", "y_test"} <= low.keys()
        _check_labels(low.get("y_train"), len(low["x_train"]), both)
        y = np.concatenate([low["y_train"], low["y_test"]]) if both else None
    elif "x" in low or len(low) == 1:
        x, y = low.get("x", next(iter(low.values()))), low.get("y")
    else:
        raise UploadError(
            f"arrays must be named x and y, or x_train, y_train, x_test and y_test; got {listed([*arrays])}"
        )
    if x.dtype.kind not in "biuf":
        raise UploadError(f"x must hold real numbers; got {cleaned(x.dtype)}")
    check_limit("examples", len(x), limits.rows)
    found = _examples(x, plan, form, limits)
    check_limit("numbers in an example", math.prod(found.x.shape[1:]), limits.features)
    found.test, found.shapeable = test, True
    if y is not None:
        _check_labels(y, len(x), True)
        _label(found, y, plan)
    return found


def _check_same(train: np.ndarray, test: np.ndarray) -> None:
    if train.shape[1:] != test.shape[1:] or train.dtype != test.dtype:
        raise UploadError(
            f"x_train and x_test must hold examples of one shape and type; got {train.dtype} of {train.shape[1:]} "
            f"and {test.dtype} of {test.shape[1:]}"
        )


def _check_labels(labels: np.ndarray | None, examples: int, expected: bool) -> None:
    if expected and labels is not None and labels.reshape(-1).shape != (examples,):
        raise UploadError(f"labels must be one for each of {examples:,} examples; got shape {cleaned(labels.shape)}")


def _label(found: Found, y: np.ndarray, plan: Plan) -> None:
    found.columns = [LABELS]
    y = y.reshape(-1)
    if y.dtype.kind == "f" and not np.isin(y, np.round(y)).all():
        found.warnings.append("The labels are no whole numbers and were left out")
        return
    values, labels = np.unique(y, return_inverse=True)
    texts = [value.decode("utf-8", "replace") if isinstance(value, bytes) else value for value in values.tolist()]
    found.strata[LABELS] = labels
    if plan.label in (None, LABELS):
        found.names = [f"{text:g}" if isinstance(text, float) else str(text) for text in texts]
        found.labels, found.label = labels, LABELS


def _examples(x: np.ndarray, plan: Plan, form: str, limits: Limits) -> Found:
    """The array as examples of the kind that the plan says, or that its shape suggests."""
    if plan.kind == "sequence":
        found = Found(form, "sequence", np.empty((len(x), 0)))
        wide_series(found, x.astype(np.float64), limits)
        return found
    if plan.kind == "points":
        return _as_points(x.reshape(len(x), -1) if x.ndim > 1 else x, form)
    square = flat_side(x.shape[-1], 1 if plan.kind == "image" else _SMALLEST_SIDE)
    is_flat = x.ndim == 2 and square and (x.dtype == np.uint8 or plan.kind == "image")
    return _as_images(x, plan, form) if x.ndim > 2 or is_flat or plan.kind == "image" else _as_points(x, form)


def flat_side(numbers: int, least: int = _SMALLEST_SIDE) -> int:
    """The side of the square that has so many pixels; 0 where there is none of at least that side."""
    side = math.isqrt(numbers)
    return side if side * side == numbers and side >= least else 0


def _as_points(x: np.ndarray, form: str) -> Found:
    if x.ndim < 2:
        raise UploadError(f"x must hold one example a row, so have 2 to 4 dimensions; got shape {cleaned(x.shape)}")
    features = [f"feature {number + 1}" for number in range(x.shape[1])]
    return Found(form, "points", x.astype(np.float64), features=features, kinds=["number"] * len(features))


def _as_images(x: np.ndarray, plan: Plan, form: str) -> Found:
    notes: list[str] = []
    if x.ndim == 2 and (side := flat_side(x.shape[1], 1)):
        notes.append(f"Rows of {x.shape[1]} numbers are taken for images of {side} × {side} pixels")
        x = x.reshape(len(x), side, side)
    if x.ndim == 4 and x.shape[1] in (1, 3) and x.shape[3] not in (1, 3):
        notes.append("The colours come before the rows and are moved behind them")
        x = np.moveaxis(x, 1, 3)
    if x.ndim not in (3, 4) or (x.ndim == 4 and x.shape[3] not in (1, 3)):
        raise UploadError(f"x must hold rows, or images with 1 or 3 colours; got shape {cleaned(x.shape)}")
    if x.ndim == 4 and x.shape[3] == 1:
        x = x[..., 0]
    found = Found(form, "image", x, notes=notes)
    found.x = as_pixels(x, found, plan)
    if plan.colour == "grey" and found.x.ndim == 4:
        grey = found.x.mean(axis=3, dtype=np.float32)
        found.x = np.round(grey).astype(np.uint8) if found.x.dtype == np.uint8 else grey
        notes.append("The three colours are averaged to grey")
    resize(found, plan)
    return found


def as_pixels(x: np.ndarray, found: Found, plan: Plan) -> np.ndarray:
    """Bytes as they are; whole numbers up to 255 as bytes; other numbers, or all if so planned, brought to 0 to 1.

    Raises:
        UploadError: If a number is not finite.
    """
    is_auto = plan.levels == "auto"
    if x.dtype == np.uint8 and is_auto:
        found.notes.append("Pixels are bytes from 0 to 255")
        return np.ascontiguousarray(x)
    if x.dtype.kind == "b":
        found.notes.append("True and false become white and black")
        return x.astype(np.uint8) * np.uint8(_PIXEL)
    with np.errstate(over="ignore"):
        numbers = x.astype(np.float32)
    finite = np.isfinite(numbers)
    if not finite.all():
        first = tuple(int(i) for i in np.argwhere(~finite)[0])
        raise UploadError(f"images must hold finite numbers; {(~finite).sum():,} are not, the first of them at {first}")
    low, high = float(numbers.min()), float(numbers.max())
    if is_auto and x.dtype.kind in "iu" and low >= 0 and high <= _PIXEL:
        found.notes.append("Pixels are bytes from 0 to 255")
        return numbers.astype(np.uint8)
    if is_auto and low >= 0 and high <= 1:
        found.notes.append("Pixels are numbers from 0 to 1, as they are")
        return numbers
    scale = (0.0, 255.0) if is_auto and low >= 0 and 1 < high <= _PIXEL else (low, high)
    found.notes.append(f"Values from {scale[0]:g} to {scale[1]:g} become 0 to 1")
    return ((numbers.astype(np.float64) - scale[0]) / ((scale[1] - scale[0]) or 1.0)).astype(np.float32).clip(0, 1)


def resize(found: Found, plan: Plan) -> None:
    """Fit images that are an array into the height and width of the plan, where it has them."""
    height, width = plan.height or plan.width, plan.width or plan.height
    if not height:
        return
    x = found.x if found.x.dtype == np.uint8 else np.round(found.x * _PIXEL).astype(np.uint8)
    found.x = np.stack([np.asarray(fitted(Image.fromarray(image), width, height)) for image in x])
    found.notes.append(f"Images are fitted into {height} × {width} pixels, without distortion, on black")
