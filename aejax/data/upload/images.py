"""A ZIP archive of images, of any size and colour, in folders that are their classes or in none."""

import io
import warnings
import zipfile
from collections import Counter
from pathlib import Path, PurePosixPath

import numpy as np
from PIL import Image, ImageOps

from aejax.data.upload.archive import Archive, MemberError, opened
from aejax.data.upload.limits import Limits, UploadError, check_limit
from aejax.data.upload.plan import Found, Plan, Report
from aejax.data.upload.words import listed

FORMATS = ("PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP", "PPM")
_GREY = ("1", "L", "LA", "La", "I", "I;16", "I;16B", "I;16L", "I;16N", "F")
_TURNED = (5, 6, 7, 8)
_ORIENTATION = 0x0112
_KEPT_SIDE, _USUAL_SIDE = 64, 32
_SPLITS = {"train", "training", "test", "testing", "val", "valid", "validation"}

FOLDERS = "folder names"


def read_images(path: Path, plan: Plan, limits: Limits, report: Report) -> Found:
    """The images in an archive, as bytes; what cannot be read is left out, and counted.

    Raises:
        UploadError: If it is no archive, breaks a limit, or holds no image.
    """
    refused: dict[str, list[str]] = {}
    with opened(path, limits) as archive:
        total = 2 * len(archive.members)
        sizes: dict[str, tuple[int, int]] = {}
        headed: list[tuple[zipfile.ZipInfo, bool]] = []
        for number, member in enumerate(archive.members):
            report(number, total)
            try:
                image = _header(archive, member, limits)
                sizes[member.filename] = _turned_size(image)
            except MemberError as error:
                refused.setdefault(str(error), []).append(member.filename)
                continue
            headed.append((member, image.mode not in _GREY))
        if not headed:
            raise UploadError(f"the archive holds no image that can be read{_told(refused)}")
        height, width = _shape(set(sizes.values()), plan)
        is_coloured = plan.colour != "grey" and (plan.colour == "rgb" or any(colour for _, colour in headed))
        shape = (height, width, 3) if is_coloured else (height, width)
        check_limit("pixels and colours of an image", int(np.prod(shape)), limits.features)
        check_limit("images", len(headed), limits.rows)
        check_limit("bytes of all images", len(headed) * int(np.prod(shape)), limits.decompressed_bytes)
        x = np.zeros((len(headed), *shape), np.uint8)
        kept: list[str] = []
        for number, (member, _) in enumerate(headed):
            report(len(archive.members) + number, total)
            try:
                x[len(kept)] = _pixels(archive, member, limits, shape)
            except MemberError as error:
                refused.setdefault(str(error), []).append(member.filename)
                continue
            kept.append(member.filename)
    if not kept:
        raise UploadError(f"the archive holds no image that can be read{_told(refused)}")
    return _found(x[: len(kept)], kept, plan, limits, refused, sizes)


def _found(
    x: np.ndarray,
    kept: list[str],
    plan: Plan,
    limits: Limits,
    refused: dict[str, list[str]],
    sizes: dict[str, tuple[int, int]],
) -> Found:
    notes: list[str] = []
    if plan.colour == "auto" and x.ndim == 4 and (x == x[..., :1]).all():
        x = np.ascontiguousarray(x[..., 0])
    if set(sizes.values()) != {x.shape[1:3]}:
        different = len(set(sizes.values()))
        notes.append(
            f"Images of {different:,} different sizes are fitted into {x.shape[1]} × {x.shape[2]} pixels, "
            "without distortion, on black"
        )
    found = Found("ZIP of images", "image", x, notes=notes)
    found.warnings += [f"{len(names):,} files were left out ({why}): {listed(names)}" for why, names in refused.items()]
    classes = classes_of(kept)
    if len(set(classes)) > 1:
        found.columns = [FOLDERS]
    if found.columns and plan.label in (None, FOLDERS):
        found.label = FOLDERS
        found.names, found.labels = np.unique(classes, return_inverse=True)[0].tolist(), _indices(classes)
    return found


def classes_of(names: list[str]) -> list[str]:
    """The class of each file: its topmost folder below those that all of them share."""
    folders = [PurePosixPath(name.replace("\\", "/")).parts[:-1] for name in names]
    depth = 0
    while len({parts[depth : depth + 1] for parts in folders}) == 1 and len(folders[0]) > depth:
        depth += 1
    tops = [parts[depth : depth + 1] for parts in folders]
    if {"".join(top).lower() for top in tops} <= _SPLITS and all(len(parts) > depth + 1 for parts in folders):
        tops = [parts[depth + 1 : depth + 2] for parts in folders]
    return ["".join(top) or "(no folder)" for top in tops]


def _indices(classes: list[str]) -> np.ndarray:
    indices: np.ndarray = np.unique(classes, return_inverse=True)[1]
    return indices


def _header(archive: Archive, member: zipfile.ZipInfo, limits: Limits) -> Image.Image:
    """The image before it is decoded, once it is known not to be too large."""
    content = archive.read(member)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            image = Image.open(io.BytesIO(content), formats=FORMATS)
    except Image.DecompressionBombError as error:
        raise MemberError(f"more than {limits.pixels:,} pixels") from error
    except Exception as error:
        raise MemberError("no image of a known kind") from error
    if image.width * image.height > limits.pixels:
        raise MemberError(f"more than {limits.pixels:,} pixels")
    if min(image.size) < 1:
        raise MemberError("no pixels")
    return image


def _turned_size(image: Image.Image) -> tuple[int, int]:
    """Height and width, as the camera was held."""
    height, width = image.height, image.width
    # Asked of a PNG file that has none before its pixels, Pillow decodes them all to look behind them.
    if image.format == "PNG" and "exif" not in image.info:
        return height, width
    try:
        is_turned = image.getexif().get(_ORIENTATION) in _TURNED
    except Exception as error:
        raise MemberError("damaged") from error
    return (width, height) if is_turned else (height, width)


def _shape(sizes: set[tuple[int, int]], plan: Plan) -> tuple[int, int]:
    if plan.side:
        return plan.side, plan.side
    only = next(iter(sizes))
    if len(sizes) == 1 and max(only) <= _KEPT_SIDE:
        return only
    commonest, _ = Counter(sizes).most_common(1)[0]
    side = min(_USUAL_SIDE, max(commonest))
    return side, side


def _pixels(archive: Archive, member: zipfile.ZipInfo, limits: Limits, shape: tuple[int, ...]) -> np.ndarray:
    image = _header(archive, member, limits)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            # A JPEG can be decoded at a part of its size, in a part of the time.
            image.draft(None, (2 * shape[1], 2 * shape[0]))
            plain = flattened(ImageOps.exif_transpose(image), "RGB" if len(shape) == 3 else "L")
            return np.asarray(fitted(plain, shape[1], shape[0]))
    except MemoryError:
        raise
    except Exception as error:
        raise MemberError("damaged") from error


def flattened(image: Image.Image, mode: str) -> Image.Image:
    """The image in that mode: what is transparent on black, 16 bits scaled to 8, other numbers from their own range."""
    if image.mode.startswith("I;16"):
        return Image.fromarray((np.asarray(image).astype(np.uint32) // 257).astype(np.uint8)).convert(mode)
    if image.mode in ("I", "F"):
        numbers = np.nan_to_num(np.asarray(image, np.float64))
        # 16-bit PNG files are opened as 32-bit numbers.
        low, high = (
            (0.0, 65535.0)
            if image.mode == "I" and numbers.min() >= 0 and numbers.max() <= 65535
            else (
                float(numbers.min()),
                float(numbers.max()),
            )
        )
        scaled = (numbers - low) / ((high - low) or 1.0) * 255
        return Image.fromarray(scaled.astype(np.uint8)).convert(mode)
    if image.has_transparency_data:
        image = image.convert("RGBA")
        ground = Image.new("RGBA", image.size, (0, 0, 0, 255))
        image = Image.alpha_composite(ground, image)
    return image.convert("RGB").convert(mode) if image.mode == "P" else image.convert(mode)


def fitted(image: Image.Image, width: int, height: int) -> Image.Image:
    """The image within so many pixels, its proportions kept, on black."""
    if image.size == (width, height):
        return image
    return ImageOps.pad(image, (width, height), Image.Resampling.BILINEAR, color=0)


def _told(refused: dict[str, list[str]]) -> str:
    return "".join(f"; {len(names):,} files were left out ({why}): {listed(names)}" for why, names in refused.items())
