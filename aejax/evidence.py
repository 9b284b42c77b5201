"""What is known of one embedding of one data set: examples, codes, reconstructions, and what many metrics share."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from jaxtyping import Float, Int, Integer, Shaped

from aejax.activity import Activity, activity
from aejax.arrays import DataError
from aejax.baselines import PCA
from aejax.coranking import NEIGHBOURS, ExchangedRanks, exchanged_ranks
from aejax.data.record import Data
from aejax.embedder import Embedder, told
from aejax.errors import errors_of_each
from aejax.run import Run
from aejax.separation import classes_of, clusters, silhouettes
from aejax.subspaces import principal_directions


@dataclass(frozen=True, eq=False)
class Split:
    """Examples, what an embedding makes of them, and their labels if they have any; a sample of `of` examples."""

    x: Shaped[np.ndarray, "batch *shape"]
    codes: Float[np.ndarray, "batch latent"]
    labels: Integer[np.ndarray, " batch"] | None
    of: int
    rows: Integer[np.ndarray, " batch"] | None = None
    """Their places in the data set, where they are of one."""

    def __str__(self) -> str:
        return self.sample(len(self.x))

    def sample(self, count: int) -> str:
        """So many of these examples, in words."""
        return f"{count:,}" if count == self.of else f"{count:,} of {self.of:,}"


@dataclass(frozen=True, eq=False)
class Evidence:
    """All that a metric may look at.

    Attributes:
        train: Training examples whose labels are known to classifiers.
        test: The examples that are measured, none of them in `train`.
        reconstruction: The measured examples, decoded from their codes.
        embedder: What made the codes, for metrics that ask it for more.
        data: The data set that the examples are from.
        k: Neighbours of an example that metrics of ranks look at.
        split: What the measured examples are of the data set: 'test', held out, or 'train', trained on.
        missing: Why there is no reconstruction.
    """

    train: Split
    test: Split
    reconstruction: Float[np.ndarray, "batch *shape"] | None = None
    embedder: Embedder | None = None
    data: Data | None = None
    k: int = NEIGHBOURS
    split: str = "test"
    missing: str = "reconstructions are missing: nothing is known but codes"

    @property
    def rebuilt(self) -> Float[np.ndarray, "batch *shape"]:
        """The reconstructions of the measured examples.

        Raises:
            DataError: If there are none.
        """
        if self.reconstruction is None:
            raise DataError(self.missing)
        return self.reconstruction

    @property
    def limits(self) -> tuple[float, float]:
        """The least and greatest value that a reconstruction may have: those of the data, bytes being intensities."""
        low, high = self._data.value_range
        scale = 255.0 if self.test.x.dtype == np.uint8 else 1.0
        return low / scale, high / scale

    @property
    def label_names(self) -> tuple[str, ...]:
        """Name of each class: of the data set, or else the label itself."""
        if self.data is not None:
            return self.data.label_names
        labels = self.test.labels
        return () if labels is None else tuple(map(str, range(int(labels.max()) + 1)))

    @property
    def images(self) -> tuple[np.ndarray, np.ndarray]:
        """The measured examples and their reconstructions.

        Raises:
            DataError: If they are no images, or there are no reconstructions.
        """
        rebuilt = self.rebuilt
        if self._data.kind != "image":
            raise DataError(f"likeness within a window of pixels needs images; these data are {self._data.kind}")
        return self.test.x, rebuilt

    @cached_property
    def errors_of_each(self) -> dict[str, Float[np.ndarray, " batch"]]:
        """Errors of the reconstruction of each measured example."""
        return errors_of_each(self.test.x, self.rebuilt)

    @cached_property
    def ranks(self) -> ExchangedRanks:
        """The ranks that nearest neighbours have in the other space."""
        return exchanged_ranks(self.test.x, self.test.codes, self.k)

    @cached_property
    def silhouettes(self) -> Float[np.ndarray, " batch"]:
        """How well each measured code sits in its class."""
        return silhouettes(self.test.codes, self.test.labels)

    @cached_property
    def clusters(self) -> Int[np.ndarray, " batch"]:
        """The measured codes in as many clusters as there are classes."""
        labels = classes_of(self.test.labels, "labels", len(self.test.codes))
        return clusters(self.test.codes, len(np.unique(labels)))

    @cached_property
    def activity(self) -> Activity:
        """What the coordinates of the measured codes do; of a run, what it says itself."""
        if isinstance(self.embedder, Run):
            return self.embedder.activity(self.test.x, **told(self.embedder, self.test.labels))
        return activity(self.test.codes)

    @property
    def principal(self) -> PCA:
        """PCA of all training examples."""
        return principal_directions(self._data.x_train)

    @property
    def _data(self) -> Data:
        if self.data is None:
            raise DataError("data are missing: nothing is known but codes")
        return self.data
