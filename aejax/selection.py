"""The features that a model has chosen as its code, and where they are in an example."""

from collections.abc import Iterable
from dataclasses import dataclass

import jax
import numpy as np
from jaxtyping import Float, Int, UInt8

from aejax.arrays import DataError
from aejax.parts.selector import Selector
from aejax.run import Run
from aejax.settings import SpecError
from aejax.types import Shape

_MARK = np.array([230, 90, 20], np.float64)
"""Red, green and blue of a chosen pixel."""


@dataclass(frozen=True, eq=False)
class Selection:
    """The chosen features, in the order of the code's coordinates.

    Attributes:
        features: Number of each among the features of an example, counted along its last axis first.
        probabilities: Each choice's probability in the model: far from 1 where the training was too short.
        heat: Probabilities of all choices added up for each feature, as the model had learnt them.
        shape: Shape of one example.
        names: Name of each chosen feature, where the data have names.
    """

    features: Int[np.ndarray, " latent"]
    probabilities: Float[np.ndarray, " latent"]
    heat: Float[np.ndarray, "*shape"]
    shape: Shape
    names: tuple[str, ...] | None = None

    @property
    def places(self) -> Int[np.ndarray, "latent axes"]:
        """Position of each chosen feature in an example, such as its row and column in an image."""
        return np.stack(np.unravel_index(self.features, self.shape), axis=1)


def selected(run: Run, names: Iterable[str] | None = None) -> Selection:
    """The features that a run's code is made of.

    At the end of training each is chosen once; before it several coordinates may share one.

    Args:
        run: A run with bottleneck 'select'.
        names: Names of all features, such as the columns of a table.

    Raises:
        SpecError: If the model chooses no features.
        DataError: If `names` are not one for each feature.
    """
    selector = run.model.network(run.params).bottleneck
    if not isinstance(selector, Selector):
        raise SpecError(f"spec must have bottleneck 'select' for features to be selected; got {run.spec}")
    known = None if names is None else [str(name) for name in names]
    if known is not None and len(known) != np.prod(run.shape):
        raise DataError(f"names must be one for each of {np.prod(run.shape)} features; got {len(known)}")
    probabilities = np.asarray(jax.nn.softmax(selector.logits(), axis=1))
    features = np.asarray(selector.chosen())
    own = probabilities[np.arange(len(features)), features]
    named = None if known is None else tuple(known[index] for index in features)
    return Selection(features, own, probabilities.sum(axis=0).reshape(run.shape), run.shape, named)


def marked(selection: Selection, image: Float[np.ndarray, "*shape"]) -> UInt8[np.ndarray, "height width 3"]:
    """The image in grey, from its least value as black to its greatest as white, with the chosen pixels in colour.

    Args:
        selection: Features of images.
        image: What to mark them on, such as the mean of the training images; channels are averaged.

    Raises:
        DataError: If the features are not those of images of this shape.
    """
    if image.shape != selection.shape or image.ndim not in (2, 3):
        raise DataError(f"image must be one picture of shape {selection.shape}; got {image.shape}")
    flat = image.astype(np.float64).reshape(*image.shape[:2], -1).mean(axis=2)
    picture = np.repeat(255 * (flat - flat.min()) / max(float(np.ptp(flat)), 1e-12), 3).reshape(*flat.shape, 3)
    rows, columns = selection.places[:, :2].T
    picture[rows, columns] = _MARK
    return np.round(picture).astype(np.uint8)
