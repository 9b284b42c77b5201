"""IDX files come back as they were written, and anything else is a ValueError."""

import contextlib
import gzip
import itertools
import struct
import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from aejax.data.idx import DTYPES, read_idx, write_idx

IMAGES = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)
PLAIN = write_idx(IMAGES)


def header(code: int, *shape: int) -> bytes:
    return bytes([0, 0, code, len(shape)]) + struct.pack(f">{len(shape)}I", *shape)


def test_the_bytes_are_those_of_the_format():
    assert header(0x08, 2, 3, 4) + bytes(range(24)) == PLAIN


@given(
    st.sampled_from(sorted(DTYPES)).flatmap(
        lambda code: arrays.arrays(DTYPES[code].newbyteorder("="), arrays.array_shapes(max_dims=4))
    )
)
def test_any_array_comes_back_as_it_was_written(array):
    for packed in (write_idx(array), gzip.compress(write_idx(array))):
        back = read_idx(packed)
        assert back.dtype == array.dtype
        np.testing.assert_array_equal(back, array)
        assert not back.flags.writeable


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_file_is_read_gzipped_or_not(tmp_path, pack):
    path = tmp_path / "images"
    path.write_bytes(pack(PLAIN))
    np.testing.assert_array_equal(read_idx(path), IMAGES)


@pytest.mark.parametrize(
    "content, message",
    [
        (b"", "not an IDX file"),
        (b"\x89PNG\r\n", "not an IDX file"),
        (header(0x0A, 1) + b"0", "not an IDX file"),
        (b"\x01\0\x08\x01\0\0\0\x01\0", "not an IDX file"),
        (b"\0\0\x08\0", "must declare 1 to 8 dimensions; got 0"),
        (header(0x08, *[1] * 9) + b"0", "must declare 1 to 8 dimensions; got 9"),
        (b"\0\0\x08\xff", "must declare 1 to 8 dimensions; got 255"),
        (PLAIN[:10], "header is cut short: 10 of 16 bytes"),
        (header(0x08, 0, 28, 28), r"at least one value; got shape \(0, 28, 28\)"),
        (PLAIN[:-1], "cut short: 39 of 40 bytes"),
        (PLAIN + b"0", "goes on after the 40 bytes"),
        (header(0x0D, 2) + b"0" * 7, "cut short: 15 of 16 bytes"),
        (header(0x08, 2**32 - 1, 2**32 - 1, 2**32 - 1), "at most 1073741824 are read"),
        (gzip.compress(PLAIN)[:-9], "not a whole gzip file"),
        (gzip.compress(PLAIN) + b"trailing", "not a whole gzip file"),
        (gzip.compress(PLAIN) + gzip.compress(b"more"), "goes on after the 40 bytes"),
        (gzip.compress(PLAIN)[:10] + b"\xff" * 40, "not a whole gzip file"),
        (b"\x1f\x8b", "not a whole gzip file"),
    ],
    ids=itertools.count(),
)
def test_a_bad_file_is_refused_in_words(content, message):
    with pytest.raises(ValueError, match=message):
        read_idx(content)


def test_a_flipped_bit_inside_gzip_is_noticed():
    packed = bytearray(gzip.compress(PLAIN))
    packed[-6] ^= 1
    with pytest.raises(ValueError, match="not a whole gzip file: CRC check failed"):
        read_idx(bytes(packed))


@given(st.binary(max_size=200))
def test_arbitrary_bytes_raise_nothing_but_a_value_error(content):
    for bytes_read in (content, b"\0\0\x08" + content, b"\x1f\x8b\x08\0" + content, gzip.compress(content)):
        with contextlib.suppress(ValueError):
            read_idx(bytes_read)


@given(st.binary(max_size=60), st.integers(0, len(PLAIN)), st.integers(0, len(PLAIN)))
def test_a_file_with_a_piece_exchanged_raises_nothing_but_a_value_error(piece, start, end):
    for whole in (PLAIN, gzip.compress(PLAIN, mtime=0)):
        with contextlib.suppress(ValueError):
            read_idx(whole[:start] + piece + whole[end:])


@pytest.mark.parametrize(
    "bomb",
    [
        gzip.compress(header(0x08, 10) + bytes(2**26), compresslevel=1),
        header(0x08, 2**30 - 8),
        gzip.compress(header(0x08, 2**30 - 8)),
    ],
    ids=["gzip that goes on", "plain that ends", "gzip that ends"],
)
def test_memory_stays_within_what_the_file_holds_and_declares(bomb):
    tracemalloc.start()
    try:
        with pytest.raises(ValueError, match="IDX file"):
            read_idx(bomb)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 4 * 2**20


def test_a_caller_may_set_a_lower_bound():
    with pytest.raises(ValueError, match="declares 40 bytes; at most 39 are read"):
        read_idx(PLAIN, max_bytes=39)


@pytest.mark.parametrize(
    "array, message",
    [
        (np.zeros(3, np.int64), "got int64"),
        (np.zeros((0, 2), np.uint8), r"must have values and 1 to 8 dimensions; got \(0, 2\)"),
        (np.zeros((), np.uint8), r"got \(\)"),
    ],
)
def test_what_the_format_cannot_hold_is_not_written(array, message):
    with pytest.raises(ValueError, match=message):
        write_idx(array)
