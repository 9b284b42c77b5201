"""A ZIP of images becomes a data set of bytes, whatever the images are."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from uploads import grey, pictures, png, read, zipped

from aejax.data.upload.images import classes_of, flattened
from aejax.data.upload.limits import UploadError

RED, HALF = np.zeros((4, 6, 3), np.uint8), np.zeros((4, 6, 4), np.uint8)
RED[..., 0] = 200
HALF[..., :] = (255, 255, 255, 128)


def all_of(done) -> np.ndarray:
    return np.concatenate([done.data.x_train, done.data.x_test])


def test_folders_are_classes_and_images_keep_their_size(tmp_path: Path):
    done = read(tmp_path, zipped(pictures(20)))
    assert done.data.label_names == ("a", "b")
    assert done.data.shape == (4, 4)
    assert done.data.value_range == (0, 255)
    assert done.about["counts"] == [10, 10]
    seen = {(int(x[1, 1]), int(y)) for x, y in zip(done.data.x_train, done.data.y_train, strict=True)}
    assert all((value - 1) // 9 % 2 == label for value, label in seen)
    assert (len(done.data.x_train), len(done.data.x_test)) == (16, 4)


def test_the_draw_is_that_of_the_seed(tmp_path: Path):
    content = zipped(pictures(28))
    hashes = [read(tmp_path, content, seed=seed).data.content_hash for seed in (1, 1, 2)]
    assert hashes[0] == hashes[1] != hashes[2]


@pytest.mark.parametrize(
    "names, classes",
    [
        (["x/a/1.png", "x/b/2.png"], ["a", "b"]),
        (["x/train/a/1.png", "x/test/b/2.png"], ["a", "b"]),
        (["1.png", "a/2.png"], ["(no folder)", "a"]),
        (["a\\1.png", "b\\2.png"], ["a", "b"]),
        (["1.png", "2.png"], ["(no folder)"] * 2),
    ],
)
def test_a_class_is_the_folder_below_those_that_all_share(names: list[str], classes: list[str]):
    assert classes_of(names) == classes


def test_images_of_several_sizes_are_fitted_without_distortion(tmp_path: Path):
    files = pictures(10, ("",)) | {f"wide{number}.png": grey(255, 10, 20) for number in range(2)}
    done = read(tmp_path, zipped(files), height=20, width=20)
    wide = [image for image in all_of(done) if (image[0] == 0).all()]
    assert len(wide) == 2
    assert all((image[5:15, 5:] == 255).all() and not image[15:].any() for image in wide)
    assert any("without distortion" in note for note in done.about["plan"])


@pytest.mark.parametrize(
    "image, expected",
    [
        (Image.fromarray(HALF), 128),
        (Image.fromarray(np.full((4, 4), 65535, np.uint16)), 255),
        (Image.fromarray(np.full((4, 4), 257 * 7, np.uint16)), 7),
        (Image.fromarray(np.full((4, 4), 0.5, np.float32)), 0),
        (Image.fromarray(np.full((4, 4, 3), 90, np.uint8)).quantize(4), 90),
        (Image.new("CMYK", (4, 4), (0, 0, 0, 255)), 0),
        (Image.new("LA", (4, 4), (200, 0)), 0),
        (Image.new("1", (4, 4), 1), 255),
    ],
    ids=["half transparent", "16 bits", "16 bits, dark", "float", "palette", "cmyk", "transparent grey", "1 bit"],
)
def test_every_mode_becomes_grey_bytes(image: Image.Image, expected: int):
    assert np.unique(np.asarray(flattened(image, "L"))).tolist() == [expected]


def test_colour_is_kept_only_where_there_is_any(tmp_path: Path):
    coloured = pictures(11, ("",)) | {"red.png": png(RED)}
    assert read(tmp_path, zipped(coloured)).data.shape == (4, 4, 3)
    assert read(tmp_path, zipped(coloured), colour="grey").data.shape == (4, 4)
    false = {f"{n}.png": png(np.full((4, 4, 3), n, np.uint8)) for n in range(12)}
    assert read(tmp_path, zipped(false)).data.shape == (4, 4)
    assert read(tmp_path, zipped(false), colour="rgb").data.shape == (4, 4, 3)


def test_a_photograph_is_turned_as_the_camera_was_held(tmp_path: Path):
    picture = np.zeros((6, 12), np.uint8)
    picture[:, :6] = 255
    exif = Image.Exif()
    exif[0x0112] = 6
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "JPEG", exif=exif, quality=100)
    done = read(tmp_path, zipped({f"{n}.jpg": file.getvalue() for n in range(10)}))
    assert done.data.shape == (12, 6)
    assert done.data.x_train[0][:5].min() > 240
    assert done.data.x_train[0][7:].max() < 15


def test_of_an_animation_the_first_frame_is_taken(tmp_path: Path):
    frames = [Image.fromarray(np.full((4, 4), value, np.uint8)) for value in (40, 200)]
    file = io.BytesIO()
    frames[0].save(file, "GIF", save_all=True, append_images=frames[1:])
    done = read(tmp_path, zipped({f"{n}.gif": file.getvalue() for n in range(10)}))
    assert np.unique(all_of(done)).tolist() == [40]


def test_what_cannot_be_read_is_left_out_by_name(tmp_path: Path):
    files = pictures(12) | {"a/notes.txt": b"hello", "b/broken.png": grey(3)[:40], "__MACOSX/a/._1.png": b"x"}
    done = read(tmp_path, zipped(files))
    assert len(all_of(done)) == 12
    told = " ".join(done.about["warnings"])
    assert "notes.txt" in told
    assert "broken.png" in told
    assert "MACOSX" not in told


def test_equal_images_are_counted_and_told_of_across_the_parts(tmp_path: Path):
    done = read(tmp_path, zipped({f"{n}.png": grey(5) for n in range(10)}))
    assert done.about["duplicates"] == 9
    assert "2 held-out examples equal a training example" in done.about["warnings"][0]


def test_too_few_images_are_refused_with_their_number(tmp_path: Path):
    with pytest.raises(UploadError, match="at least 10 examples .*; got 3"):
        read(tmp_path, zipped(pictures(3)))
