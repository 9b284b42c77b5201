"""What is done with an uploaded file: the lines that a visitor may change, and what a reader finds."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import numpy as np

from aejax.data.record import Kind
from aejax.settings import Settings, parameter

# Called with the parts done and the parts in all.
Report: TypeAlias = Callable[[int, int], None]


class Plan(Settings):
    """How a file becomes a data set."""

    side: int = parameter(0, "Side of the square that images are fitted into, in pixels; 0 as the file has them", ge=0)
    colour: Literal["auto", "grey", "rgb"] = parameter("auto", "Colour of images; auto for grey where all of them are")
    label: str | None = parameter(
        None, "Column of the classes, or the folders' names; empty for no classes, none to choose by itself"
    )
    held_out: float = parameter(0.2, "Share of the examples that is held out", ge=0.05, le=0.5)
    seed: int = parameter(0, "Seed by which they are drawn", ge=0, lt=2**32)
    scaling: Literal["standard", "unit", "none"] = parameter(
        "standard", "Features with mean 0 and deviation 1, or from 0 to 1, or as they are"
    )


@dataclass
class Found:
    """What a reader has found in a file.

    Attributes:
        form: What the file is, in words.
        kind: What one example is.
        x: The examples: images as bytes or as numbers from 0 to 1, features as float64 with NaN where they are missing.
        labels: Class of each as an index into `names`, or None.
        names: Name of each class.
        train: How many of the first examples the file itself sets apart for training; None where it says nothing.
        features: Name of each feature of a table.
        columns: Columns that can be chosen as label.
        label: The column that was.
        notes: Sentences on what was done.
        warnings: Sentences on what the visitor should know.
    """

    form: str
    kind: Kind
    x: np.ndarray
    labels: np.ndarray | None = None
    names: list[str] = field(default_factory=list)
    train: int | None = None
    features: list[str] = field(default_factory=list)
    columns: list[str] = field(default_factory=list)
    label: str = ""
    notes: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
