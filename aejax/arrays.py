"""Arrays as users bring them: checked once, with errors in their words, and laid out for the device."""

from math import prod

import numpy as np
from jaxtyping import Bool, Float, Integer, Num, Shaped

from aejax.data.ends import lengths_of
from aejax.settings import SpecError
from aejax.spec import ModelSpec
from aejax.types import Examples, Shape


class DataError(ValueError):
    """Data that cannot be used: one sentence with the argument's name, its limit and the value given.

    Attributes:
        plain: The same for readers of a page, who know no arguments.
    """

    def __init__(self, message: str, plain: str = "") -> None:
        super().__init__(message)
        self.plain = plain or message


def as_examples(x: object, name: str = "x", shape: Shape | None = None) -> Shaped[np.ndarray, "batch *shape"]:
    """`x` as an array with one example a row: bytes as they are, all else as finite float32.

    Args:
        x: Anything NumPy reads as numbers: (n, features), (n, height, width), (n, height, width, channels).
        name: What the caller calls `x`.
        shape: The shape each example must have, if it is known.

    Raises:
        DataError: If `x` is no array of numbers, has no rows or features, holds NaN, infinity or a value beyond
            float32, or if its examples are not of `shape`.
    """
    array = as_rows(x, name, shape)
    return array if array.dtype == np.uint8 else as_finite(array, name)


def as_rows(x: object, name: str = "x", shape: Shape | None = None) -> Shaped[np.ndarray, "batch *shape"]:
    """`x` as an array of numbers with one example a row, of whatever type, whose values have not been looked at.

    Raises:
        DataError: As `as_examples` does, but for the values.
    """
    try:
        array = np.asarray(x)
    except ValueError as error:
        raise DataError(f"{name} must be an array with rows of one length; got {type(x).__name__}") from error
    if array.dtype.kind not in "biuf":
        raise DataError(f"{name} must hold real numbers; got an array of {array.dtype}")
    if shape is not None and array.ndim == 1 and array.shape == shape:
        raise DataError(f"{name} must hold one example a row; got a single example, so pass {name}[None]")
    if array.ndim < 2:
        raise DataError(f"{name} must have at least 2 dimensions, one example a row; got shape {array.shape}")
    if 0 in array.shape:
        raise DataError(f"{name} must have at least one example and one feature; got shape {array.shape}")
    if shape is not None and array.shape[1:] != shape:
        array = _reshaped(array, name, shape)
    return array


def pair_of_tables(x: object, z: object) -> tuple[np.ndarray, np.ndarray]:
    """Examples and their codes, checked.

    Raises:
        DataError: If they are not as many finite rows, or either does not vary.
    """
    examples, codes = as_examples(x), as_examples(z, "z")
    if len(examples) != len(codes):
        raise DataError(f"z must hold {len(examples)} codes, one for each example of x; got {len(codes)}")
    for name, table in (("x", examples), ("z", codes)):
        check_varies(name, table)
    return examples, codes


def check_varies(name: str, table: np.ndarray) -> None:
    """Refuse rows that are all the same, among which nothing is near or far.

    Raises:
        DataError: If they are.
    """
    if (table == table[:1]).all():
        raise DataError(f"{name} must vary; got {len(table)} equal rows")


def as_values(examples: Num[np.ndarray, "batch *shape"]) -> Float[np.ndarray, "batch *shape"]:
    """Examples in the units of a reconstruction, as float32: bytes as intensities from 0 to 1."""
    return examples.astype(np.float32) / 255 if examples.dtype == np.uint8 else examples.astype(np.float32, copy=False)


def _reshaped(array: np.ndarray, name: str, shape: Shape) -> np.ndarray:
    """Flat rows, or images without their one channel, in the shape that is asked for."""
    if prod(array.shape[1:]) != prod(shape) or (array.ndim > 2 and _squeezed(array.shape[1:]) != _squeezed(shape)):
        raise DataError(f"{name} must hold examples of shape {shape}; got {array.shape[1:]}")
    return array.reshape(len(array), *shape)


def _squeezed(shape: Shape) -> Shape:
    return tuple(size for size in shape if size != 1)


def as_finite(array: np.ndarray, name: str, rows: Integer[np.ndarray, " batch"] | None = None) -> np.ndarray:
    """The array as float32.

    Args:
        array: Numbers of any type.
        name: What the caller calls them.
        rows: Where among the caller's rows these are, if they are only some.

    Raises:
        DataError: If one is not finite, or beyond float32: with its place.
    """
    with np.errstate(over="ignore"):
        floats = array.astype(np.float32, copy=False)
    finite = np.isfinite(floats)
    if not finite.all():
        first, *rest = (int(i) for i in np.argwhere(~finite)[0])
        where = (first if rows is None else int(rows[first]), *rest)
        count = finite.size - np.count_nonzero(finite)
        raise DataError(f"{name} must be finite float32 numbers; got {array[first, *rest]} at {where} ({count} in all)")
    return floats


def check_explained(spec: ModelSpec, x: Examples, name: str = "x") -> None:
    """Refuse examples that the likelihood is asked to explain, and cannot; what is only encoded may be any.

    Raises:
        DataError: With the first feature whose values are none of its kind, or if `check_range` refuses them.
    """
    check_range(spec, x, name)
    try:
        spec.likelihood.check_values(x)
    except SpecError as error:
        raise DataError(f"{name}: {error}", str(error)) from None


_READERS = {"likelihood": "cross-entropy", "corruption": "noise that is cut off at 0 and 1"}


def check_range(spec: ModelSpec, x: Examples, name: str = "x") -> None:
    """Refuse values that the spec's parts cannot explain; nothing is ever clipped to fit.

    Raises:
        DataError: If a part needs [0, 1] and `x` goes beyond.
    """
    if x.dtype == np.uint8:
        return
    low, high = float(x.min()), float(x.max())
    if low >= 0.0 and high <= 1.0:
        return
    way_out = {
        "likelihood": "scale it, or choose likelihood 'mse' with a linear output",
        "corruption": "scale it, or set corruption.clip to false",
    }
    for slot, advice in way_out.items():
        part = getattr(spec, slot)
        if part.needs_unit_range:
            message = f"{name} must lie in [0, 1] for {slot} {part.kind!r}; got {low:g} to {high:g}: {advice}"
            raise DataError(message, f"{_READERS[slot]} needs values from 0 to 1; these go from {low:g} to {high:g}")


def as_labels(
    spec: ModelSpec, labels: object, count: int, name: str = "labels"
) -> Integer[np.ndarray, " batch"] | None:
    """The class of each of `count` examples, for a model that is told it; a single class stands for all.

    Raises:
        DataError: If they are missing, or given to a model that is not told them, or no classes of the spec.
    """
    if not spec.classes:
        if labels is not None:
            raise DataError(f"{name} must be None: the model is not told the class of an example (classes=0)")
        return None
    if labels is None:
        raise DataError(f"{name} must be given: the model is told the class of each example (classes={spec.classes})")
    array = np.asarray(labels)
    if array.dtype.kind not in "iu" or array.shape not in ((), (count,)):
        raise DataError(f"{name} must be whole numbers, one for each of {count}; got {array.dtype} of {array.shape}")
    if array.min() < 0 or array.max() >= spec.classes:
        raise DataError(
            f"{name} must lie in 0 to {spec.classes - 1}, the model's classes; got {array.min()} to {array.max()}"
        )
    return np.broadcast_to(array, (count,)).astype(np.int32)


def as_lengths(
    spec: ModelSpec, lengths: object, x: Examples, name: str = "lengths"
) -> Integer[np.ndarray, " batch"] | None:
    """The number of steps of each sequence in `x`, where they are given or the model is to see where each ends.

    Raises:
        SpecError: If a part of the model cannot heed them.
        DataError: If they are not one for each sequence, or not between 1 and its number of steps.
    """
    if lengths is None:
        if not spec.ragged:
            return None
        lengths = lengths_of(np.asarray(x))
    spec.check_lengths()
    array = np.asarray(lengths)
    if array.dtype.kind not in "iu" or array.shape != (len(x),):
        raise DataError(f"{name} must be whole numbers, one for each of {len(x)}; got {array.dtype} of {array.shape}")
    if array.min() < 1 or array.max() > x.shape[1]:
        raise DataError(
            f"{name} must lie in 1 to {x.shape[1]}, the steps of a sequence; got {array.min()} to {array.max()}"
        )
    return array.astype(np.int32)


def as_known(known: object, x: Examples, name: str = "known") -> Bool[np.ndarray, "batch *shape"] | None:
    """Where each feature of each example in `x` is known, if that is given.

    Raises:
        DataError: If it is no truth for each of them, or nothing is known of an example.
    """
    if known is None:
        return None
    array = np.asarray(known)
    if array.dtype != np.bool_ or array.shape != x.shape:
        raise DataError(f"{name} must be True or False for each of {x.shape}; got {array.dtype} of {array.shape}")
    if not array.reshape(len(array), -1).any(axis=1).all():
        raise DataError(f"{name} must be True somewhere in each example; one of them has no feature that is known")
    return array


def check_batch(batch_size: int, examples: int) -> None:
    """Refuse a batch larger than the data.

    Raises:
        SpecError: With both numbers.
    """
    if batch_size > examples:
        raise SpecError(f"batch_size must be at most {examples}, the number of training examples; got {batch_size}")
