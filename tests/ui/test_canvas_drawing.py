"""Drawings are prepared as MNIST's digits were: those digits, enlarged and moved, come back as they are."""

import numpy as np

from aejax.data import load_data
from tests import node


def test_mnists_own_digits_drawn_large_and_off_centre_come_back() -> None:
    digits = load_data("mnist-sample").x_test[:40].astype(np.float32) / 255
    large = np.repeat(np.repeat(digits, 5, axis=1), 5, axis=2)
    moved = np.zeros((len(digits), 200, 200), np.float32)
    moved[:, 50:190, 10:150] = large
    question = {"pictures": moved.reshape(len(digits), -1).tolist(), "width": 200}
    found = np.reshape(node.answer("digits.mjs", question)["digits"], digits.shape)
    same = np.abs(found - digits).max(axis=(1, 2)) < 1e-5
    # Of some the faintest row does not count as ink here.
    assert same.mean() > 0.9
    assert np.abs(found.sum(axis=(1, 2)) - digits.sum(axis=(1, 2))).max() < 0.5
