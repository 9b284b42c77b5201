"""Files as visitors bring them, made by other means than those that read them."""

import io
import struct
import zipfile
import zlib
from pathlib import Path

import numpy as np
from PIL import Image

from aejax.data.upload.finishing import Finished
from aejax.data.upload.limits import Limits
from aejax.data.upload.parsing import read_upload
from aejax.data.upload.plan import Plan

SMALL = Limits(
    upload_bytes=4_000_000,
    decompressed_bytes=8_000_000,
    pixels=1_000_000,
    files=300,
    rows=3000,
    features=2000,
    seconds=30,
)


def read(folder: Path, content: bytes, limits: Limits = SMALL, **plan: object) -> Finished:
    """What a file of this content becomes."""
    path = folder / "file"
    path.write_bytes(content)
    return read_upload(path, Plan(**plan), limits, lambda done, total: None)


def png(picture: np.ndarray, **options: object) -> bytes:
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "PNG", **options)
    return file.getvalue()


def grey(value: int, height: int = 4, width: int = 4) -> bytes:
    """A grey picture, no two of one value alike in another."""
    picture = np.full((height, width), value, np.uint8)
    picture[0, 0] = 255 - value
    return png(picture)


def zipped(files: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return file.getvalue()


def pictures(count: int = 12, folders: tuple[str, ...] = ("a/", "b/")) -> dict[str, bytes]:
    return {f"{folders[number % len(folders)]}{number}.png": grey(number * 9 + 1) for number in range(count)}


def npy(array: np.ndarray, **options: object) -> bytes:
    file = io.BytesIO()
    np.lib.format.write_array(file, array, **options)
    return file.getvalue()


def npy_header(text: str, payload: bytes = b"") -> bytes:
    """An npy file whose header says whatever one likes."""
    header = text.encode() + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + payload


def npz(**arrays: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)
    return file.getvalue()


def png_chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png_that_claims(width: int, height: int) -> bytes:
    """A tiny PNG file that says it is huge."""
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    body = png_chunk(b"IHDR", header) + png_chunk(b"IDAT", zlib.compress(bytes(64))) + png_chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def table(rows: int = 20, header: str = "height,width,species") -> str:
    lines = [f"{row * 1.5},{row % 7},{'ab'[row % 2]}" for row in range(rows)]
    return "\n".join([header, *lines]) + "\n"
