"""Every data set in the table is what the table says it is."""

import dataclasses
import math

import numpy as np
import pytest

from aejax.data import DATASETS, load_data
from aejax.data.points import circles
from aejax.data.waves import waves

LOCAL = [name for name, source in DATASETS.items() if not source.remote]
REMOTE = [name for name, source in DATASETS.items() if source.remote]

# What aejax ships must stay what it was: runs are compared across machines and years.
SAMPLE_HASH = "fa893d96fdbbec4f285cbbb0f0e4f80726b05d13e1f72a5db913edc4985f91ce"
FASHION_HASH = "3f92db17a11712e8662fd3bc52c73eef1dca7fdb7b584881dc64c1802b1a734c"


def test_the_sample_is_the_default_and_so_comes_first():
    assert next(iter(DATASETS)) == "mnist-sample"


@pytest.mark.parametrize("name", DATASETS)
def test_an_entry_says_what_it_is(name):
    source = DATASETS[name]
    assert name == name.lower()
    assert all((source.title, source.source, source.licence, source.label_names))
    assert source.description.endswith(".")
    assert len(source.description) <= 110
    assert source.remote == (source.download_bytes > 0)


@pytest.mark.parametrize("name", LOCAL)
def test_a_local_set_is_what_its_entry_says(name):
    source, data = DATASETS[name], load_data(name)
    assert source.ready
    assert data.name == name
    assert (data.title, data.kind, data.source, data.licence) == (
        source.title,
        source.kind,
        source.source,
        source.licence,
    )
    assert data.x_train.shape == (source.train, *source.shape)
    assert data.x_test.shape == (source.test, *source.shape)
    assert data.x_train.dtype == (np.uint8 if data.value_range == (0, 255) else np.float32)


@pytest.mark.parametrize("name", LOCAL)
def test_a_local_set_has_every_class_in_both_splits(name):
    data = load_data(name)
    classes = np.arange(len(data.label_names))
    np.testing.assert_array_equal(np.unique(data.y_train), classes)
    np.testing.assert_array_equal(np.unique(data.y_test), classes)


@pytest.mark.parametrize("name", LOCAL)
def test_a_local_set_fills_its_value_range(name):
    data = load_data(name)
    low, high = data.value_range
    assert np.ptp(data.x_train) > 0.6 * (high - low)


@pytest.mark.parametrize("name", LOCAL)
def test_the_splits_of_a_local_set_have_no_example_in_common(name):
    data = load_data(name)
    train = {example.tobytes() for example in data.x_train}
    assert not train & {example.tobytes() for example in data.x_test}


@pytest.mark.parametrize("name", LOCAL)
def test_a_local_set_cannot_be_written_to(name):
    data = load_data(name)
    for array in (data.x_train, data.y_train, data.x_test, data.y_test):
        assert not array.flags.writeable


@pytest.mark.parametrize("name", LOCAL)
def test_a_local_set_is_the_same_at_every_load(name):
    assert DATASETS[name].record(name).content_hash == load_data(name).content_hash
    assert load_data(name) is load_data(name)


def test_the_sample_is_the_one_that_was_built():
    assert load_data("mnist-sample").content_hash == SAMPLE_HASH


def test_the_sample_has_as_many_of_each_digit():
    data = load_data("mnist-sample")
    assert np.bincount(data.y_train).tolist() == [1000] * 10
    assert np.bincount(data.y_test).tolist() == [200] * 10


def test_the_fashion_sample_is_the_one_that_was_built():
    data = load_data("fashion-sample")
    assert data.content_hash == FASHION_HASH
    assert np.bincount(data.y_train).tolist() == np.bincount(data.y_test).tolist() == [100] * 10


def test_any_beginning_of_the_sample_holds_all_digits():
    assert len(np.unique(load_data("mnist-sample").y_test[:100])) == 10


def test_the_samples_are_small_enough_to_ship_and_say_whose_they_are(root):
    assets = root / "aejax" / "data" / "assets"
    assert sum(path.stat().st_size for path in (assets / "mnist-sample").iterdir()) <= 2_500_000
    assert sum(path.stat().st_size for path in (assets / "fashion-sample").iterdir()) <= 1_000_000
    notice = (assets / "README.md").read_text()
    assert all(word in notice for word in ("Yann LeCun", "Corinna Cortes", "ShareAlike 3.0", "Zalando", "MIT licence"))


def test_digits_keep_their_grey_levels_exactly():
    levels = np.unique(load_data("digits").x_train) * 16
    np.testing.assert_array_equal(levels, np.arange(17))


@pytest.mark.parametrize("name", REMOTE)
def test_a_remote_set_names_four_files_and_more_than_one_mirror(name):
    origin = DATASETS[name].origin
    assert origin.folder == name
    assert len(origin.mirrors) >= 2
    assert all(mirror.startswith("http") and mirror.endswith("/") for mirror in origin.mirrors)
    assert len({file.name for file in origin.files}) == 4
    for file in origin.files:
        assert all(len(digest) == 64 for digest in (file.gz_sha256, file.content_sha256 or "0" * 64))


@pytest.mark.parametrize(
    "name, message",
    [
        ("mnits", 'got "mnits". Did you mean "mnist"?'),
        ("fashion_mnist", 'got "fashion_mnist". Did you mean "fashion-mnist"?'),
        ("MNIST", 'got "MNIST". Did you mean "mnist"?'),
        ("zebra", 'got "zebra".'),
        ("", 'got "".'),
        ("a" * 1000, f'got "{"a" * 40}...".'),
    ],
)
def test_an_unknown_name_is_answered_with_the_known_ones_and_the_nearest(name, message):
    with pytest.raises(ValueError, match="name must be one of mnist-sample, digits, mnist,") as refusal:
        load_data(name)
    assert str(refusal.value).endswith(message)


@pytest.mark.parametrize("dimensions", [2, 3, 10])
def test_circles_lie_in_a_plane_whatever_the_dimensions(dimensions):
    points, labels = circles(300, seed=0, dimensions=dimensions, noise=0)
    np.testing.assert_allclose(np.linalg.norm(points, axis=1), 0.3 * (labels + 1))
    assert np.linalg.matrix_rank(points, tol=1e-9) == 2


def test_circles_need_a_plane():
    with pytest.raises(ValueError, match="dimensions must be at least 2; got 1"):
        circles(3, seed=0, dimensions=1)


def test_labels_of_the_swiss_roll_follow_the_angle_along_it():
    data = load_data("swiss-roll")
    # On the roll the distance from its axis is the angle; the noise moves few points by more than a bin.
    angles = 16 * np.hypot(data.x_train[:, 0], data.x_train[:, 2])
    bins = np.floor(angles / (math.pi / 2)) - 3
    assert (bins == data.y_train).mean() > 0.75
    assert np.abs(bins - data.y_train).max() == 1


def test_labels_of_the_s_curve_follow_the_angle_along_it():
    data = load_data("s-curve")
    x, _, z = np.stack([data.x_train[data.y_train == label].mean(0) for label in range(6)]).T
    assert np.sign(x).tolist() == [1, -1, -1, 1, 1, -1]
    assert np.sign(z).tolist() == [1, 1, 1, -1, -1, -1]


def test_waves_have_the_shapes_that_their_labels_say():
    sequences, labels = waves(300, 64, seed=0)
    assert np.abs(sequences).max() <= 1
    assert (np.abs(sequences[labels == 1]) > 1 - 1e-9).mean() > 0.8
    # A triangle's slope is the same all along but at its corners; a sine's changes at every step.
    bends = np.abs(np.diff(sequences, n=2)) > 1e-9
    assert bends[labels == 2].mean() < 0.3
    assert bends[labels == 0].mean() > 0.99


def test_waves_have_many_phases_and_periods():
    data = load_data("waves-64")
    assert len({round(float(first), 3) for first in data.x_train[data.y_train == 0, 0]}) > 300
    crossings = (np.diff(np.sign(data.x_train[data.y_train == 0])) != 0).sum(1)
    assert crossings.min() <= 2
    assert crossings.max() >= 7


def test_sources_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        DATASETS["digits"].title = "Other"
