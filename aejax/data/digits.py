"""Digits of 8 by 8 pixels that come with scikit-learn."""

import numpy as np

from aejax.data.remote import Progress
from aejax.data.source import Arrays, Source

SEED = 0
TEST_EXAMPLES = 360


def load_digits(progress: Progress | None = None) -> Arrays:
    """The digits, their grey levels in sixteenths from 0 to 1, split at random with classes in proportion."""
    # Imported at use: scikit-learn takes longer to import than the data to load.
    from sklearn import datasets, model_selection

    bunch = datasets.load_digits()
    x_train, x_test, y_train, y_test = model_selection.train_test_split(
        (bunch.images / 16).astype(np.float32),
        bunch.target,
        test_size=TEST_EXAMPLES,
        random_state=SEED,
        stratify=bunch.target,
    )
    return x_train, y_train, x_test, y_test


DIGITS = Source(
    title="Digits 8×8",
    description="1,797 small handwritten digits, float in steps of 1/16; trains in seconds anywhere.",
    kind="image",
    shape=(8, 8),
    value_range=(0, 1),
    train=1797 - TEST_EXAMPLES,
    test=TEST_EXAMPLES,
    label_names=tuple("0123456789"),
    source=(
        "E. Alpaydin & C. Kaynak, Optical Recognition of Handwritten Digits, "
        "UCI Machine Learning Repository, doi:10.24432/C50P49; its test part, as shipped by scikit-learn"
    ),
    licence="CC BY 4.0",
    load=load_digits,
)
