"""The record that every data set is handed over as."""

import dataclasses
import functools
import hashlib
import math
from typing import Literal, TypeAlias

import numpy as np

from aejax.data.column import Column
from aejax.data.ends import are_ragged

Kind: TypeAlias = Literal["image", "points", "sequence"]

KINDS: tuple[Kind, ...] = ("image", "points", "sequence")


@dataclasses.dataclass(frozen=True, eq=False)
class Data:
    """One data set: train and test examples, and what must be known to show and to model them.

    Arrays are read-only, for one record is shared by everyone who asks for it.

    Attributes:
        name: Key in the table of data sets.
        title: Name for people.
        x_train: Examples to learn from, (train, *shape): pixels 0 to 255 as uint8, all else as float32.
        y_train: Class of each of them as an index into `label_names`, kept as int32, or None.
        x_test: Examples held out.
        y_test: Class of each held-out example, or None.
        shape: Shape of one example, such as (28, 28).
        value_range: Least and greatest value that an example may hold.
        label_names: Name of each class; empty without labels.
        source: Where the data come from: address or citation.
        licence: Terms under which they may be used.
        kind: What one example is: an image, a point in space, or a sequence in time.
        columns: What is known of each feature, where the features are columns of a table.
        known_train: Where a cell of a training example is known, and not filled in; None where all are.
        known_test: The same of the held-out examples.

    Raises:
        ValueError: If the fields contradict one another.
    """

    name: str
    title: str
    x_train: np.ndarray
    y_train: np.ndarray | None
    x_test: np.ndarray
    y_test: np.ndarray | None
    shape: tuple[int, ...]
    value_range: tuple[float, float]
    label_names: tuple[str, ...] = ()
    source: str = ""
    licence: str = ""
    kind: Kind = "image"
    columns: tuple[Column, ...] = ()
    known_train: np.ndarray | None = None
    known_test: np.ndarray | None = None

    def __post_init__(self) -> None:
        """Check the fields against one another and close the arrays to writing."""
        if self.kind not in KINDS:
            raise ValueError(f"kind must be one of {', '.join(KINDS)}; got {self.kind!r}")
        low, high = self.value_range
        if not (math.isfinite(low) and math.isfinite(high) and low < high):
            raise ValueError(f"value_range must be two finite numbers, low < high; got {self.value_range}")
        if self.x_train.dtype != self.x_test.dtype:
            raise ValueError(f"x_train and x_test differ in dtype: {self.x_train.dtype}, {self.x_test.dtype}")
        if (self.y_train is None) != (self.y_test is None):
            raise ValueError("y_train and y_test must both be labels or both be None")
        if self.y_train is None and self.label_names:
            raise ValueError("label_names must be empty where there are no labels")
        if self.columns and self.shape != (len(self.columns),):
            raise ValueError(f"columns must be one for each feature, {self.shape}; got {len(self.columns)}")
        for split in ("train", "test"):
            self._close(split)

    def _close(self, split: str) -> None:
        """Check the arrays of one part, and close them to writing."""
        examples, labels, known = (getattr(self, f"{letter}_{split}") for letter in ("x", "y", "known"))
        check_examples(f"x_{split}", examples, self.shape, self.value_range)
        object.__setattr__(self, f"x_{split}", closed(examples))
        if labels is not None:
            check_labels(f"y_{split}", labels, len(examples), len(self.label_names))
            object.__setattr__(self, f"y_{split}", closed(labels.astype(np.int32, copy=False)))
        if known is not None:
            if known.shape != examples.shape or known.dtype not in (np.bool_, np.uint8):
                wanted = f"a truth for each value of x_{split}, {examples.shape}"
                raise ValueError(f"known_{split} must hold {wanted}; got {known.dtype} of {known.shape}")
            object.__setattr__(self, f"known_{split}", closed(known.astype(np.bool_, copy=False)))

    @property
    def features(self) -> int:
        """Numbers that make up one example."""
        return math.prod(self.shape)

    @functools.cached_property
    def ragged(self) -> bool:
        """Whether these are sequences of which some end early."""
        return self.kind == "sequence" and (are_ragged(self.x_train) or are_ragged(self.x_test))

    @functools.cached_property
    def content_hash(self) -> str:
        """SHA-256 of the arrays, in hexadecimal: equal exactly where the data are."""
        digest = hashlib.sha256()
        for array in (self.x_train, self.y_train, self.x_test, self.y_test):
            if array is None:
                digest.update(b"none;")
                continue
            little_endian = array.astype(array.dtype.newbyteorder("<"), copy=False)
            digest.update(f"{little_endian.dtype.str}{array.shape};".encode())
            digest.update(little_endian.reshape(-1).data)
        # Sets without gaps keep the hash that they had before there could be any.
        for gaps in (self.known_train, self.known_test):
            digest.update(b"" if gaps is None else np.packbits(gaps).tobytes())
        return digest.hexdigest()

    def __repr__(self) -> str:
        """One line, without the arrays."""
        return (
            f"Data({self.name!r}, {len(self.x_train)} train + {len(self.x_test)} test "
            f"of shape {self.shape}, {self.x_train.dtype}, {len(self.label_names)} labels)"
        )


def check_examples(name: str, examples: np.ndarray, shape: tuple[int, ...], value_range: tuple[float, float]) -> None:
    """Refuse examples of another dtype, shape or range than declared."""
    if examples.dtype not in (np.uint8, np.float32):
        raise ValueError(f"{name} must be uint8 or float32; got {examples.dtype}")
    if not shape or examples.shape[1:] != tuple(shape):
        raise ValueError(f"{name} must hold examples of shape {shape}; got an array of shape {examples.shape}")
    if examples.size == 0:
        raise ValueError(f"{name} must hold at least one example; got none")
    least, greatest = float(examples.min()), float(examples.max())
    low, high = value_range
    # Written so that a NaN, which compares false with everything, is refused too.
    if not (low <= least and greatest <= high):
        raise ValueError(f"{name} must lie in value_range [{low}, {high}]; got [{least}, {greatest}]")


def check_labels(name: str, labels: np.ndarray, examples: int, classes: int) -> None:
    """Refuse labels that are not one index into `label_names` for each example."""
    if labels.shape != (examples,):
        raise ValueError(f"{name} must hold one label for each of {examples} examples; got {labels.shape}")
    if not np.issubdtype(labels.dtype, np.integer):
        raise ValueError(f"{name} must hold whole numbers; got {labels.dtype}")
    if labels.min() < 0 or labels.max() >= classes:
        raise ValueError(
            f"{name} must lie in 0 to {classes - 1}, one for each of label_names; got {labels.min()} to {labels.max()}"
        )


def closed(array: np.ndarray) -> np.ndarray:
    """The array, closed to writing: itself if nobody can write to it already, else a copy."""
    array = np.ascontiguousarray(array)
    if array.flags.writeable:
        array = array.copy()
        array.flags.writeable = False
    return array
