"""Results that are kept are those of equal arrays, and only the latest."""

import numpy as np

from aejax.kept import digest, kept


def test_a_result_is_worked_out_once_and_the_least_recently_asked_for_is_dropped() -> None:
    asked = []

    @kept(2)
    def total(array):
        asked.append(array)
        return array.sum()

    one, two, three = (np.full((3, 2), value) for value in (1.0, 2.0, 3.0))
    assert [total(array) for array in (one, two, one.copy(), three, one)] == [6, 12, 6, 18, 6]
    assert len(asked) == 3
    total(two)
    assert len(asked) == 4


def test_contents_shape_and_type_all_count() -> None:
    zeros = np.zeros((2, 3))
    others = [zeros.T, zeros.astype(np.float32), zeros.reshape(6), zeros + [0, 0, 1]]
    assert len({digest(array) for array in (zeros, *others)}) == 5
    assert digest(zeros.T) == digest(np.zeros((3, 2)))
