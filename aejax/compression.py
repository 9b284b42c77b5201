"""An image's code as compression: its bytes beside those of JPEG at an equal error, and of PNG, which makes none."""

import io
from bisect import bisect_left
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float, Num, UInt8

from aejax.arrays import DataError, as_values
from aejax.errors import mean_errors
from aejax.rebuilding import psnr
from aejax.run import Run

_STEPS = 255
_QUALITIES = range(1, 101)
_START_OF_SCAN = 0xDA
_JPEG = "JPEG, quality {}"

COARSEST = _JPEG.format(_QUALITIES[0])
"""Name of the JPEG that takes the fewest bytes."""


@dataclass(frozen=True)
class Way:
    """One way to keep images.

    Attributes:
        name: What it is called.
        bytes: Mean bytes per image, headers and tables included.
        payload: The same without headers and tables, which are alike for all images of a set.
        mse: Squared error per pixel, intensities being from 0 to 1.
        once: Bytes that are needed once, whatever the number of images: the decoder's weights and what the numbers of
            a code stand for.
    """

    name: str
    bytes: float
    payload: float
    mse: float
    once: int = 0

    @property
    def psnr(self) -> float:
        """Peak signal-to-noise ratio in decibels."""
        return psnr(self.mse)


def ways(run: Run, x: Num[np.ndarray, "batch *shape"], known: Float[np.ndarray, "n latent"], **told: Any) -> list[Way]:
    """The run's code, JPEG at the error of the first of its ways, and PNG; a file for each image.

    A code of which there are finitely many takes the bits that tell these apart, any other one 16 or 8 bits a number.
    JPEG has the least quality whose error is not above the run's; it is left out if there is none.

    Args:
        run: A trained run.
        x: Images, as bytes or with values from 0 to 1.
        known: Codes of training images, whose range the 8 bits divide into equal steps.
        told: The labels, for a run that is told classes.

    Raises:
        DataError: If the examples are no images of one or three channels with such values.
    """
    pictures, values = as_pictures(x), as_values(x)
    found = _discrete(run, x, values, told) or _continuous(run, x, values, known, told)
    alike = jpeg_within(pictures, values, found[0].mse)
    return [*found, *([alike] if alike else []), png(pictures, values)]


def _discrete(
    run: Run, x: Num[np.ndarray, "batch *shape"], values: Float[np.ndarray, "batch *shape"], told: dict[str, Any]
) -> list[Way]:
    bits = run.spec.bottleneck.bits(run.latent)
    if bits is None:
        return []
    once = decoder_bytes(run) + _weight_bytes(run, "bottleneck.")
    return [_of_codes(f"Code, {bits:.5g} bits", run, values, run.encode(x, **told), bits / 8, once, told)]


def _continuous(
    run: Run,
    x: Num[np.ndarray, "batch *shape"],
    values: Float[np.ndarray, "batch *shape"],
    known: Float[np.ndarray, "n latent"],
    told: dict[str, Any],
) -> list[Way]:
    codes, once, size = run.encode(x, **told), decoder_bytes(run), run.latent
    low, high = known.min(axis=0), known.max(axis=0)
    half, coarse = codes.astype(np.float16).astype(np.float32), unstepped(stepped(codes, low, high), low, high)
    ends = low.nbytes + high.nbytes
    return [
        _of_codes("Code, 16 bits a number", run, values, half, 2 * size, once, told),
        _of_codes("Code, 8 bits a number", run, values, coarse, size, once + ends, told),
    ]


def as_pictures(x: Num[np.ndarray, "batch *shape"]) -> UInt8[np.ndarray, "batch height width ..."]:
    """The images as bytes that Pillow takes.

    Raises:
        DataError: If they are no images of one or three channels, or go beyond [0, 1].
    """
    channels = x.shape[3] if x.ndim == 4 else 1
    if x.ndim not in (3, 4) or channels not in (1, 3):
        raise DataError(
            f"x must hold images of 1 or 3 channels to be kept as files; got shape {x.shape[1:]}",
            "image files hold 1 or 3 channels; these data have others",
        )
    values = as_values(x)
    if values.min() < 0 or values.max() > 1:
        limits = f"{values.min():g} to {values.max():g}"
        raise DataError(
            f"x must lie in [0, 1] to be kept as files; got {limits}",
            f"image files need values from 0 to 1; these go from {limits}",
        )
    pictures = np.round(255 * values).astype(np.uint8)
    return pictures[..., 0] if x.ndim == 4 and channels == 1 else pictures


def decoder_bytes(run: Run) -> int:
    """Bytes of the weights that turn a code into an image, as float32."""
    return _weight_bytes(run, "decoder.")


def _weight_bytes(run: Run, prefix: str) -> int:
    return sum(4 * value.size for name, value in run.params.items() if name.startswith(prefix))


def stepped(
    codes: Float[np.ndarray, "n latent"], low: Float[np.ndarray, " latent"], high: Float[np.ndarray, " latent"]
) -> UInt8[np.ndarray, "n latent"]:
    """Each coordinate as the nearest of 256 values evenly from its least to its greatest; beyond them, the last one."""
    share = (codes - low) / np.where(high > low, high - low, 1.0)
    return np.round(np.clip(share, 0.0, 1.0) * _STEPS).astype(np.uint8)


def unstepped(
    steps: UInt8[np.ndarray, "n latent"], low: Float[np.ndarray, " latent"], high: Float[np.ndarray, " latent"]
) -> Float[np.ndarray, "n latent"]:
    """The coordinates that the steps stand for."""
    return (low + steps.astype(np.float32) / _STEPS * (high - low)).astype(np.float32)


def jpeg_within(
    pictures: UInt8[np.ndarray, "batch height width ..."], values: Float[np.ndarray, "batch *shape"], most: float
) -> Way | None:
    """JPEG at the least quality whose error is at most this, found by halving, for the error falls as quality rises.

    Args:
        pictures: Images as bytes.
        values: The same from 0 to 1, not rounded.
        most: Squared error per pixel.

    Returns:
        The way; None if quality 100 has a greater error still.
    """
    known: dict[int, Way] = {}

    def fits(quality: int) -> bool:
        known[quality] = jpeg(pictures, values, quality)
        return known[quality].mse <= most

    found = bisect_left(_QUALITIES, True, key=fits)
    return known[_QUALITIES[found]] if found < len(_QUALITIES) else None


def jpeg(
    pictures: UInt8[np.ndarray, "batch height width ..."], values: Float[np.ndarray, "batch *shape"], quality: int
) -> Way:
    """JPEG at a quality from 1 to 100, with the tables that the standard suggests."""
    files = [_file(picture, "JPEG", quality=quality) for picture in pictures]
    return _of_files(_JPEG.format(quality), files, [_scan_bytes(file) for file in files], values)


def png(pictures: UInt8[np.ndarray, "batch height width ..."], values: Float[np.ndarray, "batch *shape"]) -> Way:
    """PNG: no error beyond that of intensities rounded to bytes."""
    files = [_file(picture, "PNG", optimize=True) for picture in pictures]
    return _of_files("PNG, lossless", files, [_chunk_bytes(file, b"IDAT") for file in files], values)


def _of_codes(
    name: str,
    run: Run,
    values: Float[np.ndarray, "batch *shape"],
    codes: Float[np.ndarray, "batch latent"],
    size: float,
    once: int,
    told: dict[str, Any],
) -> Way:
    mse = mean_errors(values, run.decode(codes, **told))["mse"]
    return Way(name, size, size, mse, once)


def _of_files(name: str, files: list[bytes], payloads: list[int], values: Float[np.ndarray, "batch *shape"]) -> Way:
    seen = np.stack([_opened(file) for file in files]).reshape(values.shape).astype(np.float32) / 255
    mse = float(np.square(seen - values).mean(dtype=np.float64))
    return Way(name, float(np.mean([len(file) for file in files])), float(np.mean(payloads)), mse)


def _file(picture: UInt8[np.ndarray, "height width ..."], kind: str, **settings: Any) -> bytes:
    from PIL import Image

    file = io.BytesIO()
    Image.fromarray(picture).save(file, kind, **settings)
    return file.getvalue()


def _opened(file: bytes) -> np.ndarray:
    from PIL import Image

    with Image.open(io.BytesIO(file)) as picture:
        return np.asarray(picture)


def _scan_bytes(file: bytes) -> int:
    """Bytes of a JPEG file's coded pixels: all from the end of the last header to the two that end the file."""
    at = 2
    while file[at + 1] != _START_OF_SCAN:
        at += 2 + int.from_bytes(file[at + 2 : at + 4], "big")
    return len(file) - 2 - (at + 2 + int.from_bytes(file[at + 2 : at + 4], "big"))


def _chunk_bytes(file: bytes, kind: bytes) -> int:
    """Bytes that a PNG file's chunks of this kind hold."""
    at, found = 8, 0
    while at < len(file):
        size = int.from_bytes(file[at : at + 4], "big")
        found += size if file[at + 4 : at + 8] == kind else 0
        at += 12 + size
    return found
