"""What is done with an uploaded file: the lines that a visitor may change, and what a reader finds."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import numpy as np

from aejax.data.record import Kind
from aejax.settings import Settings, parameter

# Called with the parts done and the parts in all.
Report: TypeAlias = Callable[[int, int], None]

LARGEST_SIDE = 1024


class Plan(Settings):
    """How a file becomes a data set."""

    kind: Literal["auto", "image", "points", "sequence"] = parameter(
        "auto", "What one example is: a picture, a row of numbers, or a sequence in time; auto as the file suggests"
    )
    height: int = parameter(
        0, "Height that images are fitted into, in pixels; 0 as the file has them", ge=0, le=LARGEST_SIDE
    )
    width: int = parameter(0, "Width likewise; where only one of the two is given it is both", ge=0, le=LARGEST_SIDE)
    colour: Literal["auto", "grey", "rgb"] = parameter("auto", "Colour of images; auto for grey where all of them are")
    levels: Literal["auto", "own"] = parameter(
        "auto", "Range of images made of numbers that becomes 0 to 1: 0 to 1 or 0 to 255 where they fit, or their own"
    )
    label: str | None = parameter(
        None, "Column of the classes, or the folders' names; empty for no classes, none to choose by itself"
    )
    without: tuple[str, ...] = parameter((), "Columns of a table that are left out")
    words: Literal["one-hot", "out"] = parameter(
        "one-hot", "A column of few words becomes a feature of 0 and 1 for each, or is left out"
    )
    series: str = parameter("", "Column that says to which sequence a row belongs; empty where each row is one")
    time: str = parameter("", "Column by which the rows of a sequence are put in order; empty as they stand")
    missing: Literal["median", "mean", "zero", "rows"] = parameter(
        "median", "What stands for a missing number: median or mean over the training examples, 0, or its row goes"
    )
    scaling: Literal["standard", "unit", "none"] = parameter(
        "standard", "Features with mean 0 and deviation 1, or from 0 to 1, or as they are"
    )
    parts: Literal["file", "draw"] = parameter("file", "Held-out examples as the file sets them apart, or drawn anew")
    held_out: float = parameter(0.2, "Share of the examples that is held out", ge=0.05, le=0.5)
    stratum: str | None = parameter(
        None, "Column whose values are held out in proportion; none for the classes, empty for a plain draw"
    )
    seed: int = parameter(0, "Seed by which they are drawn", ge=0, lt=2**32)


@dataclass(frozen=True)
class Column:
    """What was found in a column of a table before anything was done to it."""

    name: str
    kind: str
    least: float | None
    greatest: float | None
    mean: float | None
    missing: int
    different: int


@dataclass
class Found:
    """What a reader has found in a file.

    Attributes:
        form: What the file is, in words.
        kind: What one example is.
        x: The examples: images as bytes or as numbers from 0 to 1; features, and steps of sequences, as float64 with
            NaN where they are missing.
        labels: Class of each as an index into `names`, or None.
        names: Name of each class.
        test: Which of the examples the file itself sets apart; None where it says nothing.
        lengths: Steps of each sequence; None for what is no sequence.
        features: Name of each feature of a table, or of each channel of a sequence.
        kinds: What each feature is: "number", "date", "truth" or "word".
        columns: Columns that can be chosen as label.
        label: The column that was.
        strata: Values of the columns by which examples are held out in proportion, as numbers from 0.
        every: All columns of a table, in their order.
        statistics: What was found in each column.
        shapeable: Whether the numbers could be examples of another kind as well.
        notes: Sentences on what was done.
        warnings: Sentences on what the visitor should know.
        source: Where it comes from, where the file or its provider says so.
        licence: Under which terms, likewise.
    """

    form: str
    kind: Kind
    x: np.ndarray
    labels: np.ndarray | None = None
    names: list[str] = field(default_factory=list)
    test: np.ndarray | None = None
    lengths: np.ndarray | None = None
    features: list[str] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)
    columns: list[str] = field(default_factory=list)
    label: str = ""
    strata: dict[str, np.ndarray] = field(default_factory=dict)
    every: list[str] = field(default_factory=list)
    statistics: list[Column] = field(default_factory=list)
    shapeable: bool = False
    notes: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    source: str = ""
    licence: str = ""

    def keep(self, which: np.ndarray) -> None:
        """Keep only some of the examples, whatever is said of each."""
        self.x = self.x[which]
        for name in ("labels", "test", "lengths"):
            if (values := getattr(self, name)) is not None:
                setattr(self, name, values[which])
        self.strata = {name: values[which] for name, values in self.strata.items()}
