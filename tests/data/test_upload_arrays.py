"""npy, npz and IDX files become data sets."""

import gzip
from pathlib import Path

import numpy as np
import pytest
from uploads import SMALL, npy, npz, read

from aejax.data.idx import write_idx
from aejax.data.upload.limits import UploadError

POINTS = np.random.default_rng(0).normal(5, 3, (40, 3))
IMAGES = np.random.default_rng(1).integers(0, 256, (30, 5, 6), np.uint8)


def test_points_are_standardised_over_the_training_examples(tmp_path: Path):
    done = read(tmp_path, npy(POINTS))
    assert done.data.kind == "points"
    np.testing.assert_allclose(done.data.x_train.mean(0), 0, atol=1e-5)
    np.testing.assert_allclose(done.data.x_train.std(0), 1, atol=1e-5)
    assert len(done.data.x_test) == 8


@pytest.mark.parametrize("scaling, low, high", [("unit", 0, 1), ("none", POINTS.min(), POINTS.max())])
def test_other_scalings_do_as_they_say(tmp_path: Path, scaling: str, low: float, high: float):
    data = read(tmp_path, npy(POINTS), scaling=scaling).data
    both = np.concatenate([data.x_train, data.x_test])
    assert both.min() == pytest.approx(low, abs=1e-6)
    assert both.max() == pytest.approx(high, abs=1e-6)


def test_bytes_stay_bytes_with_their_labels(tmp_path: Path):
    data = read(tmp_path, npz(x=IMAGES, y=np.arange(30) % 3)).data
    assert data.x_train.dtype == np.uint8
    assert data.shape == (5, 6)
    assert data.label_names == ("0", "1", "2")
    where = {image.tobytes(): number % 3 for number, image in enumerate(IMAGES)}
    assert [where[image.tobytes()] for image in data.x_train] == data.y_train.tolist()


def test_the_parts_of_a_file_are_kept(tmp_path: Path):
    y = np.array(["cat", "dog"] * 15)
    content = npz(x_train=IMAGES[:20], y_train=y[:20], x_test=IMAGES[20:], y_test=y[20:])
    data = read(tmp_path, content).data
    np.testing.assert_array_equal(data.x_train, IMAGES[:20])
    np.testing.assert_array_equal(data.x_test, IMAGES[20:])
    assert data.label_names == ("cat", "dog")


@pytest.mark.parametrize(
    "array, shape, dtype",
    [
        (IMAGES[..., None], (5, 6), np.uint8),
        (np.stack([IMAGES] * 3, axis=1), (5, 6, 3), np.uint8),
        (IMAGES.astype(np.int64), (5, 6), np.uint8),
        (IMAGES > 100, (5, 6), np.uint8),
        (IMAGES.astype(np.float64), (5, 6), np.float32),
        (IMAGES / 255, (5, 6), np.float32),
        (IMAGES.astype(np.float16) - 300, (5, 6), np.float32),
        (np.asfortranarray(IMAGES), (5, 6), np.uint8),
        (IMAGES.astype(">i2"), (5, 6), np.uint8),
        (np.zeros((30, 784), np.uint8) + np.arange(30, dtype=np.uint8)[:, None], (28, 28), np.uint8),
    ],
)
def test_images_of_every_layout_and_type(tmp_path: Path, array: np.ndarray, shape: tuple[int, ...], dtype: type):
    data = read(tmp_path, npy(array)).data
    assert (data.kind, data.shape, data.x_train.dtype) == ("image", shape, dtype)
    assert data.value_range == ((0, 255) if dtype is np.uint8 else (0, 1))


def test_images_can_be_made_smaller_and_grey(tmp_path: Path):
    data = read(tmp_path, npy(np.stack([IMAGES] * 3, axis=3)), height=3, colour="grey").data
    assert data.shape == (3, 3)


@pytest.mark.parametrize("packed", [False, True])
def test_idx_files_are_read_gzipped_or_not(tmp_path: Path, packed: bool):
    content = write_idx(IMAGES)
    data = read(tmp_path, gzip.compress(content) if packed else content).data
    assert sorted(x.tobytes() for x in [*data.x_train, *data.x_test]) == sorted(x.tobytes() for x in IMAGES)


def test_missing_numbers_are_filled_with_the_median_and_counted(tmp_path: Path):
    x = np.tile(np.arange(20.0)[:, None], (1, 2))
    x[3, 1] = np.nan
    x[4, 1] = np.inf
    done = read(tmp_path, npy(x), scaling="none")
    assert done.about["missing"] == 2
    train = np.isin(done.data.x_train[:, 0], [3, 4])
    known = done.data.x_train[~train, 1]
    filled = np.concatenate([done.data.x_train, done.data.x_test])
    assert filled[np.isin(filled[:, 0], [3, 4]), 1].tolist() == pytest.approx([np.median(known)] * 2)


def test_labels_of_too_many_classes_are_left_out_with_a_word(tmp_path: Path):
    done = read(tmp_path, npz(x=POINTS, y=np.arange(40)), SMALL.replace(classes=10))
    assert done.data.y_train is None
    assert "40 classes, more than the 10" in done.about["warnings"][0]


def test_the_limit_of_features_is_told_with_the_value(tmp_path: Path):
    with pytest.raises(UploadError, match="numbers in an example must be at most 2,000; got 2,001"):
        read(tmp_path, npy(np.zeros((10, 2001))))
