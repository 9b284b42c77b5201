"""IDX, the file format of MNIST: a magic number, the dimensions, the values.

Read with suspicion: nothing is decompressed or allocated beyond what the header declares.

References:
    LeCun, Cortes & Burges, The MNIST database of handwritten digits, "File formats".
"""

import gzip
import io
import math
import zlib
from pathlib import Path

import numpy as np

# The third byte of the magic number names the type; values are big-endian.
DTYPES: dict[int, np.dtype] = {
    0x08: np.dtype("u1"),
    0x09: np.dtype("i1"),
    0x0B: np.dtype(">i2"),
    0x0C: np.dtype(">i4"),
    0x0D: np.dtype(">f4"),
    0x0E: np.dtype(">f8"),
}
CODES = {dtype.newbyteorder("="): code for code, dtype in DTYPES.items()}
MAX_DIMENSIONS = 8
MAX_BYTES = 2**30
CHUNK_BYTES = 2**20


def read_idx(source: Path | bytes, max_bytes: int = MAX_BYTES) -> np.ndarray:
    """The array in an IDX file, gzipped or not, closed to writing.

    Args:
        source: A path, or the file's bytes.
        max_bytes: Most bytes that the header may declare.

    Raises:
        ValueError: If it is not a whole IDX file, or larger than `max_bytes`.
        OSError: If the path cannot be read.
    """
    return parse_idx(read_content(source, max_bytes))


def read_content(source: Path | bytes, max_bytes: int = MAX_BYTES) -> bytes:
    """The decompressed bytes of an IDX file: the header and exactly what it declares.

    Args:
        source: A path, or the file's bytes.
        max_bytes: Most bytes that the header may declare.

    Raises:
        ValueError: If it is not a whole IDX file, or larger than `max_bytes`.
        OSError: If the path cannot be read.
    """
    with io.BytesIO(source) if isinstance(source, bytes) else open(source, "rb") as raw:
        is_gzip = raw.read(2) == b"\x1f\x8b"
        raw.seek(0)
        if not is_gzip:
            return whole_content(raw, max_bytes)
        try:
            with gzip.GzipFile(fileobj=raw) as plain:
                return whole_content(plain, max_bytes)
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise ValueError(f"not a whole gzip file: {error}") from error


def parse_idx(content: bytes) -> np.ndarray:
    """The array in the decompressed bytes of an IDX file, as a view of them.

    Raises:
        ValueError: If the header is not IDX or does not declare exactly the bytes that follow.
    """
    dtype, shape, start = parse_header(content)
    declared = start + dtype.itemsize * math.prod(shape)
    if declared != len(content):
        raise ValueError(f"IDX header declares {declared} bytes; the file holds {len(content)}")
    values = np.frombuffer(content, dtype, offset=start).reshape(shape)
    native = values.astype(dtype.newbyteorder("="), copy=False)
    native.flags.writeable = False
    return native


def write_idx(array: np.ndarray) -> bytes:
    """The array as the bytes of an IDX file, not compressed.

    Raises:
        ValueError: If IDX has no code for its dtype, or it is empty or has too many dimensions.
    """
    if array.dtype.newbyteorder("=") not in CODES:
        raise ValueError(f"array must be uint8, int8, int16, int32, float32 or float64; got {array.dtype}")
    if not (array.size and 1 <= array.ndim <= MAX_DIMENSIONS):
        raise ValueError(f"array must have values and 1 to {MAX_DIMENSIONS} dimensions; got {array.shape}")
    code = CODES[array.dtype.newbyteorder("=")]
    header = bytes([0, 0, code, array.ndim]) + np.array(array.shape, ">u4").tobytes()
    return header + array.astype(DTYPES[code]).tobytes()


def parse_header(content: bytes) -> tuple[np.dtype, tuple[int, ...], int]:
    """Type, shape and length in bytes of the header that the content begins with."""
    if len(content) < 4 or content[:2] != b"\0\0" or content[2] not in DTYPES:
        raise ValueError(f"not an IDX file: it begins with {content[:4]!r}")
    dimensions = content[3]
    start = 4 + 4 * dimensions
    if not 1 <= dimensions <= MAX_DIMENSIONS:
        raise ValueError(f"IDX header must declare 1 to {MAX_DIMENSIONS} dimensions; got {dimensions}")
    if len(content) < start:
        raise ValueError(f"IDX header is cut short: {len(content)} of {start} bytes")
    shape = tuple(int(size) for size in np.frombuffer(content, ">u4", dimensions, offset=4))
    if 0 in shape:
        raise ValueError(f"IDX header must declare at least one value; got shape {shape}")
    return DTYPES[content[2]], shape, start


def whole_content(stream: io.BufferedIOBase, max_bytes: int) -> bytes:
    """Everything in the stream, once its header has said how much that is."""
    header = stream.read(4)
    header += stream.read(4 * min(header[3], MAX_DIMENSIONS)) if len(header) == 4 else b""
    dtype, shape, start = parse_header(header)
    declared = start + dtype.itemsize * math.prod(shape)
    if declared > max_bytes:
        raise ValueError(f"IDX header declares {declared} bytes; at most {max_bytes} are read")
    content = bytearray(header)
    # One byte further than declared: that is how trailing bytes are seen, and where gzip checks its CRC.
    while chunk := stream.read(min(CHUNK_BYTES, declared + 1 - len(content))):
        content += chunk
    if len(content) < declared:
        raise ValueError(f"IDX file is cut short: {len(content)} of {declared} bytes")
    if len(content) > declared:
        raise ValueError(f"IDX file goes on after the {declared} bytes that its header declares")
    return bytes(content)
