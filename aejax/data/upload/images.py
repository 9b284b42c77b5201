"""Many images, of any size and colour, in folders that are their classes or in none."""

import io
import warnings
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath

import numpy as np
from PIL import Image, ImageOps

from aejax.data.upload.archive import Holder, Member, MemberError
from aejax.data.upload.limits import Limits, UploadError, check_limit
from aejax.data.upload.plan import Found, Plan, Report
from aejax.data.upload.words import listed

FORMATS = ("PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP", "PPM")
_GREY = ("1", "L", "LA", "La", "I", "I;16", "I;16B", "I;16L", "I;16N", "F")
_TURNED = (5, 6, 7, 8)
_ORIENTATION = 0x0112
_KEPT_SIDE, _USUAL_SIDE = 64, 32
_TRAINING = {"train", "training"}
_HELD_OUT = {"test", "testing", "val", "valid", "validation"}

FOLDERS = "folder names"


def images_found(form: str, holder: Holder, plan: Plan, limits: Limits, report: Report) -> tuple[Found, np.ndarray]:
    """The images among the members, as bytes, and which members they are; what cannot be read is left out, and told.

    Raises:
        UploadError: If a limit is broken, or there is no image.
    """
    refused: dict[str, list[str]] = {}
    total = 2 * len(holder.members)
    headed: dict[int, tuple[tuple[int, int], bool]] = {}
    for number, member in enumerate(holder.members):
        report(number, total)
        try:
            image = _header(holder, member, limits)
            headed[number] = _turned_size(image), image.mode not in _GREY
        except MemberError as error:
            refused.setdefault(str(error), []).append(member.name)
    if not headed:
        raise UploadError(f"there is no image that can be read{_told(refused)}")
    height, width = _shape([size for size, _ in headed.values()], plan)
    is_coloured = plan.colour != "grey" and (plan.colour == "rgb" or any(colour for _, colour in headed.values()))
    shape = (height, width, 3) if is_coloured else (height, width)
    check_limit("pixels and colours of an image", int(np.prod(shape)), limits.features)
    check_limit("images", len(headed), limits.rows)
    check_limit("bytes of all images", len(headed) * int(np.prod(shape)), limits.decompressed_bytes)
    x = np.zeros((len(headed), *shape), np.uint8)
    kept: list[int] = []
    for done, number in enumerate(headed):
        report(len(holder.members) + done, total)
        member = holder.members[number]
        try:
            x[len(kept)] = _pixels(holder, member, limits, shape)
        except MemberError as error:
            refused.setdefault(str(error), []).append(member.name)
            continue
        kept.append(number)
    if not kept:
        raise UploadError(f"there is no image that can be read{_told(refused)}")
    found = _found(form, x[: len(kept)], plan, {headed[number][0] for number in kept})
    found.warnings += [f"{len(names):,} files were left out ({why}): {listed(names)}" for why, names in refused.items()]
    return found, np.array(kept)


def _found(form: str, x: np.ndarray, plan: Plan, sizes: set[tuple[int, int]]) -> Found:
    if plan.colour == "auto" and x.ndim == 4 and (x == x[..., :1]).all():
        x = np.ascontiguousarray(x[..., 0])
    found = Found(form, "image", x)
    if sizes != {x.shape[1:3]}:
        different = f"Images of {len(sizes):,} different sizes" if len(sizes) > 1 else "Images"
        found.notes.append(
            f"{different} are fitted into {x.shape[1]} × {x.shape[2]} pixels, without distortion, on black"
        )
    found.notes.append(f"Pixels are {'grey' if x.ndim == 3 else 'red, green and blue'}, bytes from 0 to 255")
    return found


def tell_folders(found: Found, names: Sequence[str], plan: Plan) -> None:
    """Take classes and parts of images from the folders in their names."""
    found.test = parts_of(names)
    classes = classes_of(names)
    if len(set(classes)) < 2:
        return
    found.columns = [FOLDERS]
    told, indices = np.unique(classes, return_inverse=True)
    found.strata[FOLDERS] = indices
    if plan.label in (None, FOLDERS):
        found.label, found.names, found.labels = FOLDERS, told.tolist(), indices


def classes_of(names: Sequence[str]) -> list[str]:
    """The class of each file: its topmost folder below those that all share, and below those of the parts."""
    folders = _below_shared(names)
    if parts_of(names) is not None or _are_parts(folders):
        folders = [parts[1:] for parts in folders]
    return [parts[0] if parts else "(no folder)" for parts in folders]


def parts_of(names: Sequence[str]) -> np.ndarray | None:
    """Which files lie in a folder of held-out examples; None where the folders are not those of parts."""
    folders = _below_shared(names)
    if not _are_parts(folders):
        return None
    is_test = np.array([parts[0].lower() in _HELD_OUT for parts in folders])
    return None if is_test.all() or not is_test.any() else is_test


def _are_parts(folders: Sequence[tuple[str, ...]]) -> bool:
    return all(parts and parts[0].lower() in _TRAINING | _HELD_OUT for parts in folders)


def _below_shared(names: Sequence[str]) -> list[tuple[str, ...]]:
    """The folders of each file, without those on top that all of them share."""
    folders = [PurePosixPath(name.replace("\\", "/")).parts[:-1] for name in names]
    depth = 0
    while len({parts[depth : depth + 1] for parts in folders}) == 1 and len(folders[0]) > depth:
        depth += 1
    return [parts[depth:] for parts in folders]


def _header(holder: Holder, member: Member, limits: Limits) -> Image.Image:
    """The image before it is decoded, once it is known not to be too large."""
    content = holder.read(member)
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


def _shape(sizes: Sequence[tuple[int, int]], plan: Plan) -> tuple[int, int]:
    if plan.height or plan.width:
        return plan.height or plan.width, plan.width or plan.height
    (commonest, _), *others = Counter(sizes).most_common()
    if not others and max(commonest) <= _KEPT_SIDE:
        return commonest
    side = min(_USUAL_SIDE, max(commonest))
    return side, side


def _pixels(holder: Holder, member: Member, limits: Limits, shape: tuple[int, ...]) -> np.ndarray:
    image = _header(holder, member, limits)
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


def _told(refused: Mapping[str, list[str]]) -> str:
    return "".join(f"; {len(names):,} files were left out ({why}): {listed(names)}" for why, names in refused.items())
