import jax.numpy as jnp
import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from aejax.arrays import DataError, as_examples, check_batch, check_range
from aejax.settings import SpecError
from aejax.spec import ModelSpec


@pytest.mark.parametrize(
    "x, message",
    [
        (np.zeros((0, 3)), r"x must have at least one example and one feature; got shape \(0, 3\)"),
        (np.zeros((3, 0)), "x must have at least one example and one feature"),
        (np.zeros(3), r"x must have at least 2 dimensions, one example a row; got shape \(3,\)"),
        (3.0, r"got shape \(\)"),
        ([["a", "b"]], "x must hold real numbers; got an array of <U1"),
        ([[1j]], "x must hold real numbers; got an array of complex128"),
        ([[1.0, np.nan], [np.inf, 0.0]], r"x must be finite float32 numbers; got nan at \(0, 1\) \(2 in all\)"),
        ([[1e300]], r"x must be finite float32 numbers; got 1e\+300 at \(0, 0\)"),
        (np.zeros((2, 2), object), "x must hold real numbers; got an array of object"),
        ([[1.0], [1.0, 2.0]], "x must be an array with rows of one length"),
    ],
)
def test_data_that_cannot_be_used_is_refused_in_one_sentence(x, message):
    with pytest.raises(DataError, match=message) as caught:
        as_examples(x)
    assert "\n" not in str(caught.value)


def test_examples_of_another_shape_are_refused_by_the_callers_name():
    with pytest.raises(DataError, match=r"validation must hold examples of shape \(8, 8\); got \(3,\)"):
        as_examples(np.zeros((5, 3)), "validation", (8, 8))
    with pytest.raises(DataError, match=r"got \(4, 16\)"):
        as_examples(np.zeros((5, 4, 16)), "x", (8, 8))
    with pytest.raises(DataError, match=r"one example a row; got a single example, so pass z\[None\]"):
        as_examples(np.zeros(2), "z", (2,))


def test_flat_rows_and_a_lone_channel_take_the_shape_asked_for():
    assert as_examples(np.zeros((5, 64)), "x", (8, 8)).shape == (5, 8, 8)
    assert as_examples(np.zeros((5, 8, 8, 1)), "x", (8, 8)).shape == (5, 8, 8)


def test_bytes_stay_bytes_and_all_else_becomes_float32():
    assert as_examples(np.zeros((2, 3), np.uint8)).dtype == np.uint8
    for dtype in (bool, np.int64, np.float16, np.float64):
        assert as_examples(np.ones((2, 3), dtype)).dtype == np.float32
    assert as_examples(jnp.ones((2, 3))).dtype == np.float32


def test_frames_are_read_as_arrays():
    columns = {"a": [1.0, 2.0], "b": [3.0, 4.0]}
    for frame in (pd.DataFrame(columns), pl.DataFrame(columns)):
        np.testing.assert_array_equal(as_examples(frame), [[1.0, 3.0], [2.0, 4.0]])


@given(
    arrays.arrays(
        st.sampled_from([np.float64, np.int32, bool, "U3", "M8[s]"]),
        arrays.array_shapes(min_dims=0, max_dims=4, min_side=0),
    )
)
def test_any_array_is_either_finite_examples_or_refused(array):
    try:
        examples = as_examples(array)
    except DataError:
        return
    assert examples.ndim >= 2
    assert np.isfinite(examples).all()


def test_a_range_beyond_the_likelihood_is_refused_and_never_clipped():
    x = np.array([[-1.5, 2.0]], np.float32)
    with pytest.raises(
        DataError, match=r"x must lie in \[0, 1\] for likelihood 'bernoulli'; got -1.5 to 2: scale it, or"
    ):
        check_range(ModelSpec(), x)
    with pytest.raises(DataError, match=r"for corruption 'gaussian'.*set corruption.clip to false"):
        check_range(ModelSpec(likelihood="mse", corruption="gaussian"), x)
    check_range(ModelSpec(likelihood="mse"), x)
    check_range(ModelSpec(), np.array([[0, 255]], np.uint8))


def test_a_batch_larger_than_the_data_is_refused():
    check_batch(5, 5)
    with pytest.raises(SpecError, match="batch_size must be at most 5, the number of training examples; got 6"):
        check_batch(6, 5)


def test_readers_of_a_page_are_told_the_limit_without_an_argument() -> None:
    with pytest.raises(DataError, match="x must lie in") as refused:
        check_range(ModelSpec(), np.full((2, 4), 3.0, np.float32))
    assert refused.value.plain == "cross-entropy needs values from 0 to 1; these go from 3 to 3"
    assert DataError("x must be finite").plain == "x must be finite"
