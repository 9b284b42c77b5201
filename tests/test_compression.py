"""Bytes and errors, against Pillow's own files and a search of every quality."""

import io
import math

import numpy as np
import pytest
from PIL import Image
from visitors import trained

from aejax import compression
from aejax.arrays import DataError, as_values
from aejax.data import load_data
from aejax.spec import ModelSpec, TrainSpec
from aejax.training import train
from aejax.ui.compression import matching

X = load_data("fashion-sample").x_test[:12]


def saved(picture: np.ndarray, kind: str, **settings: object) -> bytes:
    file = io.BytesIO()
    Image.fromarray(picture).save(file, kind, **settings)
    return file.getvalue()


def test_codes_take_their_numbers_times_their_size() -> None:
    result = trained("eight numbers")
    x = result.data.x_test[:30]
    half, eighth, *_, png = compression.ways(result.run, x, result.run.encode(x))
    assert (half.bytes, eighth.bytes) == (16, 8)
    rebuilt = result.run.decode(result.run.encode(x).astype(np.float16).astype(np.float32))
    assert half.mse == pytest.approx(np.square(rebuilt - x).mean(), rel=1e-4)
    assert eighth.mse == pytest.approx(half.mse, rel=0.02)
    # One layer from 8 numbers to 64 pixels, with an offset each; and two ends of each number's range.
    assert (half.once, eighth.once) == (4 * (8 * 64 + 64), 4 * (8 * 64 + 64) + 2 * 4 * 8)
    assert png.mse < 1e-5


@pytest.mark.parametrize(
    "bottleneck, latent, numbers",
    [
        ({"kind": "quantise", "levels": 5}, 3, 5**3),
        ({"kind": "codebook", "codes": 16, "width": 2}, 6, 16**3),
        ({"kind": "categorical", "values": 4}, 8, 4**2),
    ],
)
def test_a_discrete_code_takes_the_bits_that_tell_its_values_apart(
    bottleneck: dict[str, object], latent: int, numbers: int
) -> None:
    x = load_data("digits").x_train[:200]
    run = train(ModelSpec(latent=latent, encoder="linear", bottleneck=bottleneck), TrainSpec(epochs=1), x)
    codes = run.encode(x)
    assert len(np.unique(codes, axis=0)) <= numbers
    code, *files = compression.ways(run, x[:20], codes)
    assert code.bytes == code.payload == pytest.approx(math.log2(numbers) / 8)
    assert code.name == f"Code, {math.log2(numbers):.5g} bits"
    assert code.mse == pytest.approx(np.square(run.reconstruct(x[:20]) - x[:20]).mean(), rel=1e-4)
    assert not any(file.name.startswith("Code") for file in files)
    book = 16 * 2 if bottleneck["kind"] == "codebook" else 0
    assert code.once == 4 * (latent * 64 + 64 + book)


def test_steps_are_off_by_half_a_step_at_most() -> None:
    codes = np.random.default_rng(0).normal(size=(500, 3)).astype(np.float32)
    low, high = codes.min(axis=0), codes.max(axis=0)
    back = compression.unstepped(compression.stepped(codes, low, high), low, high)
    assert (np.abs(back - codes) <= (high - low) / 255 / 2 * 1.001).all()
    beyond = compression.unstepped(compression.stepped(codes * 10, low, high), low, high)
    assert (beyond >= low - 1e-6).all()
    assert (beyond <= high + 1e-6).all()


def test_a_number_that_never_changes_is_kept() -> None:
    same = np.full((4, 1), 3.0, np.float32)
    assert compression.unstepped(compression.stepped(same, same[0], same[0]), same[0], same[0]).tolist() == [[3.0]] * 4


@pytest.mark.parametrize("most", [0.02, 0.002, 0.0002])
def test_the_quality_found_is_the_least_that_is_good_enough(most: float) -> None:
    found = compression.jpeg_within(X, as_values(X), most)
    every = [compression.jpeg(X, as_values(X), quality) for quality in range(1, 101)]
    assert found == next(way for way in every if way.mse <= most)


def test_no_quality_is_without_any_error() -> None:
    assert compression.jpeg_within(X, as_values(X), 0.0) is None


def test_bytes_are_those_of_pillows_files() -> None:
    way = compression.jpeg(X, as_values(X), 50)
    files = [saved(picture, "JPEG", quality=50) for picture in X]
    assert way.bytes == pytest.approx(np.mean([len(file) for file in files]))
    seen = np.stack([np.asarray(Image.open(io.BytesIO(file))) for file in files])
    assert way.mse == pytest.approx(np.square(seen / 255 - X / 255).mean(), rel=1e-4)


def test_headers_are_alike_for_all_pictures() -> None:
    jpegs = [compression.jpeg(X[[row]], as_values(X[[row]]), 50) for row in range(4)]
    assert len({way.bytes - way.payload for way in jpegs}) == 1
    pngs = [compression.png(X[[row]], as_values(X[[row]])) for row in range(4)]
    # The signature and three chunks' frames around the 13 bytes that say the size.
    assert {way.bytes - way.payload for way in pngs} == {8 + 3 * 12 + 13}
    assert all(way.mse == pytest.approx(0, abs=1e-12) for way in pngs)


def test_colours_are_kept_too() -> None:
    x = np.random.default_rng(0).integers(0, 256, (3, 8, 8, 3), dtype=np.uint8)
    assert compression.png(compression.as_pictures(x), as_values(x)).mse == pytest.approx(0, abs=1e-12)
    assert compression.jpeg(compression.as_pictures(x), as_values(x), 90).mse > 0


@pytest.mark.parametrize(
    "x, message",
    [
        (np.zeros((2, 8), np.float32), "1 or 3 channels"),
        (np.zeros((2, 8, 8, 4), np.uint8), "1 or 3 channels"),
        (np.full((2, 8, 8), 2, np.float32), "must lie in"),
    ],
)
def test_what_is_no_picture_is_refused(x: np.ndarray, message: str) -> None:
    with pytest.raises(DataError, match=message) as refused:
        compression.as_pictures(x)
    assert refused.value.plain.startswith("image files ")


@pytest.mark.parametrize(
    "name, said",
    [
        (None, "No quality of JPEG errs as little as the model (MSE 0.1)"),
        (compression.COARSEST, "JPEG's coarsest setting errs less than the model (MSE 0.05 against 0.1)"),
        ("JPEG, quality 30", "JPEG has the least quality that errs no more than the model (MSE 0.05 against 0.1)"),
    ],
)
def test_an_unequal_comparison_is_said_to_be_one(name: str | None, said: str) -> None:
    jpeg = [compression.Way(name, 30, 20, 0.05)] if name else []
    found = [compression.Way("Code", 2, 2, 0.1), *jpeg, compression.Way("PNG, lossless", 90, 40, 0)]
    assert matching(found).startswith(said)
    assert ("cannot be matched" in matching(found)) == (name != "JPEG, quality 30")
