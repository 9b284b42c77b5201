"""The record refuses what contradicts itself, and cannot be written to."""

import dataclasses

import numpy as np
import pytest
from jaxtyping import TypeCheckError

from aejax.data import Data

PIXELS = np.arange(24, dtype=np.uint8).reshape(6, 2, 2)
LABELS = np.array([0, 1, 0, 1, 0, 1])
FIELDS = {
    "name": "tiny",
    "title": "Tiny",
    "x_train": PIXELS[:4],
    "y_train": LABELS[:4],
    "x_test": PIXELS[4:],
    "y_test": LABELS[4:],
    "shape": (2, 2),
    "value_range": (0, 255),
    "label_names": ("even", "odd"),
}


def test_a_record_keeps_what_it_was_given():
    data = Data(**FIELDS)
    np.testing.assert_array_equal(data.x_train, PIXELS[:4])
    np.testing.assert_array_equal(data.y_test, LABELS[4:])
    assert data.y_train.dtype == np.int32
    assert data.features == 4
    assert repr(data) == "Data('tiny', 4 train + 2 test of shape (2, 2), uint8, 2 labels)"


def test_labels_may_be_absent():
    data = Data(**FIELDS | {"y_train": None, "y_test": None, "label_names": ()})
    assert data.y_train is None


def test_arrays_are_closed_to_writing_and_the_callers_own_stay_open():
    mine = PIXELS[:4].copy()
    data = Data(**FIELDS | {"x_train": mine})
    with pytest.raises(ValueError, match="read-only"):
        data.x_train[0] = 1
    before = data.content_hash
    mine[0] = 99
    assert data.x_train[0, 0, 0] == 0
    assert Data(**FIELDS | {"x_train": data.x_train}).content_hash == before


def test_a_record_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        Data(**FIELDS).name = "other"


@pytest.mark.parametrize(
    "change",
    [
        {"x_test": PIXELS[3:5]},
        {"y_train": np.array([0, 1, 1, 1])},
        {"y_train": None, "y_test": None, "label_names": ()},
        {"x_train": PIXELS[:4].astype(np.float32), "x_test": PIXELS[4:].astype(np.float32)},
        {
            "x_train": PIXELS[:4].reshape(4, 1, 4),
            "x_test": PIXELS[4:].reshape(2, 1, 4),
            "shape": (1, 4),
        },
    ],
)
def test_the_content_hash_changes_with_the_content(change):
    assert Data(**FIELDS | change).content_hash != Data(**FIELDS).content_hash


def test_the_content_hash_is_that_of_the_content_alone():
    assert Data(**FIELDS | {"title": "Other"}).content_hash == Data(**FIELDS).content_hash


@pytest.mark.parametrize(
    "change, message",
    [
        ({"x_train": PIXELS[:4].astype(np.float64)}, "differ in dtype: float64, uint8"),
        (
            {"x_train": PIXELS[:4].astype(np.int32), "x_test": PIXELS[4:].astype(np.int32)},
            "x_train must be uint8 or float32; got int32",
        ),
        ({"shape": (4,)}, r"x_train must hold examples of shape \(4,\); got an array of shape \(4, 2, 2\)"),
        ({"x_train": PIXELS[:0]}, "x_train must hold at least one example"),
        ({"value_range": (0, 20)}, r"x_test must lie in value_range \[0, 20\]; got \[16.0, 23.0\]"),
        ({"value_range": (1, 0)}, "value_range must be two finite numbers, low < high"),
        ({"value_range": (0, float("inf"))}, "value_range must be two finite numbers"),
        ({"y_test": None}, "y_train and y_test must both be labels"),
        ({"y_train": None, "y_test": None}, "label_names must be empty"),
        ({"y_train": LABELS[:3]}, r"y_train must hold one label for each of 4 examples; got \(3,\)"),
        ({"y_train": LABELS[:4] / 1.0}, "y_train must hold whole numbers; got float64"),
        ({"label_names": ("even",)}, "y_train must lie in 0 to 0, one for each of label_names; got 0 to 1"),
        ({"y_test": np.array([-1, 0])}, "y_test must lie in 0 to 1"),
    ],
)
def test_a_contradiction_is_refused_in_words(change, message):
    with pytest.raises(ValueError, match=message):
        Data(**FIELDS | change)


def test_an_unknown_kind_is_refused():
    with pytest.raises((ValueError, TypeCheckError), match="'sound'"):
        Data(**FIELDS | {"kind": "sound"})


def test_a_nan_is_refused():
    nan = np.array([[np.nan], [0.5]], np.float32)
    with pytest.raises(ValueError, match="x_train must lie in value_range"):
        Data("nan", "NaN", nan, None, nan, None, (1,), (0, 1))
