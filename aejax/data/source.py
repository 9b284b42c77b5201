"""One entry of the table of data sets: what a set is, before any of it is loaded."""

import dataclasses
from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from aejax.data.column import Column
from aejax.data.record import Data, Kind
from aejax.data.remote import Progress, RemoteSet

Arrays: TypeAlias = tuple[np.ndarray, np.ndarray | None, np.ndarray, np.ndarray | None]


@dataclasses.dataclass(frozen=True)
class Source:
    """A data set that can be loaded.

    Attributes:
        title: Name for people.
        description: One line on what is in it and what it is good for.
        kind: What one example is.
        shape: Shape of one example.
        value_range: Least and greatest value that an example may hold.
        train: Number of training examples.
        test: Number of held-out examples.
        label_names: Name of each class.
        source: Where the data come from: address or citation.
        licence: Terms under which they may be used.
        load: Gives the arrays x_train, y_train, x_test, y_test.
        origin: The files to be downloaded, or None for a set that is always there.
        columns: Gives what is known of each feature, where the features are columns of a table.
        truths: Positions of the columns that are 0 or 1.
    """

    title: str
    description: str
    kind: Kind
    shape: tuple[int, ...]
    value_range: tuple[float, float]
    train: int
    test: int
    label_names: tuple[str, ...]
    source: str
    licence: str
    load: Callable[[Progress | None], Arrays]
    origin: RemoteSet | None = None
    columns: Callable[[], tuple[Column, ...]] = tuple
    truths: tuple[int, ...] = ()

    @property
    def remote(self) -> bool:
        """Whether it is downloaded on request."""
        return self.origin is not None

    @property
    def download_bytes(self) -> int:
        """Bytes that a first use downloads; 0 for a set that is always there."""
        return 0 if self.origin is None else self.origin.download_bytes

    @property
    def ready(self) -> bool:
        """Whether it needs no download, going by the names of the files in its folder."""
        return self.origin is None or self.origin.ready

    def record(self, name: str, progress: Progress | None = None) -> Data:
        """The data themselves, under the name that the table gives them."""
        x_train, y_train, x_test, y_test = self.load(progress)
        return Data(
            name=name,
            title=self.title,
            x_train=x_train,
            y_train=None if y_train is None else y_train.astype(np.int32),
            x_test=x_test,
            y_test=None if y_test is None else y_test.astype(np.int32),
            shape=self.shape,
            value_range=self.value_range,
            label_names=self.label_names,
            source=self.source,
            licence=self.licence,
            kind=self.kind,
            columns=self.columns(),
        )
