"""Functions of chunks give what the function of the whole would."""

import jax
import numpy as np
import pytest

from aejax.batches import CHUNK, Chunks, over_chunks


@pytest.mark.parametrize("count", [1, 3, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK + 5])
@pytest.mark.parametrize("hold", [lambda x: x, Chunks], ids=["cut", "held"])
def test_each_row_is_that_of_its_example(count, hold) -> None:
    x = np.arange(2 * count, dtype=np.int32).reshape(count, 2)
    squares, names = over_chunks(jax.jit(lambda rows, number: (rows**2, rows[:, 0])), hold(x))
    np.testing.assert_array_equal(squares, x**2)
    np.testing.assert_array_equal(names, x[:, 0])
    assert squares.dtype == names.dtype == x.dtype
    assert squares.flags.writeable


def test_companions_are_cut_with_their_examples_and_chunks_counted() -> None:
    x, labels = np.ones((2 * CHUNK + 1, 2), np.float32), np.arange(2 * CHUNK + 1)
    found = over_chunks(lambda given, number: given[0].sum(axis=1) * number + given[1], (x, labels))
    np.testing.assert_array_equal(found, 2 * (labels // CHUNK) + labels)


def test_few_sizes_are_ever_seen() -> None:
    seen = [over_chunks(lambda rows, _: np.full(len(rows), len(rows)), np.zeros((n, 1)))[-1] for n in range(1, 3000, 7)]
    assert {int(size) for size in seen} <= {2**power for power in range(11)}


def test_the_next_chunk_is_asked_for_before_the_last_one_is_fetched() -> None:
    told = []

    class Result:
        dtype, shape = np.dtype(np.float32), (CHUNK,)

        def __init__(self, number: int) -> None:
            self.number = number
            told.append(f"asked {number}")

        def __array__(self, dtype=None, copy=None):
            told.append(f"fetched {self.number}")
            return np.zeros(CHUNK, np.float32)

    over_chunks(lambda rows, number: Result(number), np.zeros((3 * CHUNK, 1)))
    assert told == ["asked 0", "asked 1", "fetched 0", "asked 2", "fetched 1", "fetched 2"]
