"""The digits of scikit-learn as a small data set, with or without labels."""

import numpy as np
from sklearn.datasets import load_digits

from aejax.data import Data


def data(labelled: bool = True, scale: float = 1 / 16, enlarged: int = 1) -> Data:
    """1,200 + 597 digits of 8 x 8 pixels from 0 to 16 times `scale`, each pixel `enlarged`."""
    digits = load_digits()
    images = np.repeat(np.repeat(digits.images * scale, enlarged, axis=1), enlarged, axis=2).astype(np.float32)
    labels = digits.target.astype(np.int32) if labelled else None
    return Data(
        "digits",
        "Digits",
        images[:1200],
        None if labels is None else labels[:1200],
        images[1200:],
        None if labels is None else labels[1200:],
        images.shape[1:],
        (0.0, 16 * scale),
        tuple("0123456789") if labelled else (),
    )
