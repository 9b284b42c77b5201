"""Hostile files: each is read rightly or refused in one sentence, and nothing is written but where it may be."""

import gzip
import io
import pickle
import re
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from uploads import grey, npy, npy_header, npz, pictures, png, png_that_claims, read, table, zipped

from aejax.data.idx import write_idx
from aejax.data.upload.images import FORMATS
from aejax.data.upload.limits import UploadError

LONGEST_SENTENCE = 600
CANARY = "canary"


class Bomb:
    """Where it is unpickled, it leaves a file behind."""

    def __reduce__(self) -> tuple[Callable[..., object], tuple[str, str]]:
        return open, (CANARY, "w")


def objects() -> np.ndarray:
    return np.array([Bomb()] * 12, dtype=object)


def with_member(name: str, content: bytes | None = None, **attributes: object) -> bytes:
    """An archive of good images, and one member of that name."""
    file = io.BytesIO(zipped(pictures(12)))
    with zipfile.ZipFile(file, "a") as archive:
        info = zipfile.ZipInfo(name)
        info.compress_type = zipfile.ZIP_DEFLATED
        for attribute, value in attributes.items():
            setattr(info, attribute, value)
        archive.writestr(info, grey(250) if content is None else content)
    return file.getvalue()


def commented() -> bytes:
    file = io.BytesIO(GOOD_ZIP)
    with zipfile.ZipFile(file, "a") as archive:
        archive.comment = b"<script>" + bytes(300)
    return file.getvalue()


def twice() -> bytes:
    """Two arrays of one name."""
    return zipped({"x.npy": npy(NUMBERS), "w.npy": npy(NUMBERS)}).replace(b"w.npy", b"x.npy")


def lying_size(size: int) -> bytes:
    """An archive whose directory gives its first member another size."""
    content = zipped(pictures(12))
    at = content.index(b"PK\x01\x02")
    return content[: at + 24] + struct.pack("<I", size) + content[at + 28 :]


def with_flag(flag: int) -> bytes:
    """An archive whose first member has that flag."""
    content = zipped(pictures(12))
    local, central = content.index(b"PK\x03\x04"), content.index(b"PK\x01\x02")
    content = bytearray(content)
    content[local + 6] |= flag
    content[central + 8] |= flag
    return bytes(content)


def with_method(method: int) -> bytes:
    content = bytearray(zipped(pictures(12)))
    local, central = content.index(b"PK\x03\x04"), content.index(b"PK\x01\x02")
    content[local + 8 : local + 10] = content[central + 10 : central + 12] = struct.pack("<H", method)
    return bytes(content)


def overlapping() -> bytes:
    """Many directory entries for one and the same member."""
    content = zipped({"a.png": grey(7)})
    at, end = content.index(b"PK\x01\x02"), content.index(b"PK\x05\x06")
    entry = content[at:end]
    directory = b"".join(entry.replace(b"a.png", b"%05d" % number) for number in range(40))
    tail = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 40, 40, len(directory), at, 0)
    return content[:at] + directory + tail


def lying_idx() -> bytes:
    return b"\0\0\x08\x03" + struct.pack(">3I", 2**31, 28, 28) + bytes(100)


def parquet(**columns: object) -> bytes:
    file = io.BytesIO()
    pyarrow.parquet.write_table(pa.table(columns), file)
    return file.getvalue()


def header_of(shape: str, dtype: str = "<f8") -> bytes:
    return npy_header(f"{{'descr': '{dtype}', 'fortran_order': False, 'shape': {shape}}}", bytes(160))


NUMBERS = np.arange(60.0).reshape(20, 3)
GOOD_CSV, GOOD_ZIP, GOOD_NPZ = table().encode(), zipped(pictures(12)), npz(x=NUMBERS)

REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    # Code in disguise.
    "pickle": (lambda: pickle.dumps(objects()), "could run code"),
    "pickle of protocol 2": (lambda: pickle.dumps([Bomb()], 2), "could run code"),
    "pickle of protocol 0": (lambda: pickle.dumps([1, 2], 0), "could run code"),
    "npy of objects": (lambda: npy(objects(), allow_pickle=True), "could run code"),
    "npz of objects": (lambda: npz(x=objects()), "could run code"),
    "npz with a pickled member": (lambda: zipped({"x.npy": pickle.dumps([Bomb()])}), "header of an npy file"),
    "npy of a structure with objects": (lambda: header_of("(4,)", "|O"), "could run code"),
    "program": (lambda: b"\x7fELF" + bytes(100), "a program"),
    # Archives that grow.
    "bomb of one member": (lambda: zipped({"a.png": bytes(9_000_000)}), "unpacked bytes .* at most 8,000,000"),
    "bomb of many members": (lambda: zipped({f"{n}.png": bytes(100_000) for n in range(90)}), "at most 8,000,000"),
    "bomb inside a bomb": (lambda: zipped({"a.zip": zipped({"b.png": bytes(7_000_000)})}), "archives inside"),
    "overlapping members": (overlapping, "damaged|at least 10"),
    "bomb as npz": (lambda: npz(x=np.zeros((1200, 1000))), "at most 8,000,000"),
    "too many members": (lambda: zipped({f"{n}": b"" for n in range(301)}), "files in the archive .* 300; got 301"),
    "far too many members": (lambda: zipped({f"{n}": b"" for n in range(700)}), "entries in the archive"),
    "gzip bomb": (lambda: gzip.compress(write_idx(np.zeros((10_000_000, 1), np.uint8))), "at most 8000000"),
    "gzip that is no IDX": (lambda: gzip.compress(b"a,b\n1,2\n"), "not an IDX file"),
    "xz": (lambda: b"\xfd7zXZ\0" + bytes(20), "an xz file"),
    "7z": (lambda: b"7z\xbc\xaf\x27\x1c" + bytes(20), "a 7z archive"),
    "rar": (lambda: b"Rar!\x1a\x07" + bytes(20), "a RAR archive"),
    # Archives that lie or break.
    "empty archive": (lambda: zipped({}), "no image"),
    "archive of folders": (lambda: zipped({"a/": b"", "b/": b""}), "no image"),
    "archive of text": (lambda: zipped({"a.txt": b"hello"}), "no image that can be read; 1 files .*: a.txt"),
    "archive cut short": (lambda: GOOD_ZIP[: len(GOOD_ZIP) // 2], "cannot be opened"),
    "archive of one byte less": (lambda: GOOD_ZIP[:-1], "cannot be opened"),
    "archive without a directory": (lambda: GOOD_ZIP[: GOOD_ZIP.index(b"PK\x01\x02")], "cannot be opened"),
    "four gigabytes declared": (lambda: lying_size(2**32 - 2), "unpacked bytes"),
    # Arrays that lie or break.
    "npy of a trillion": (lambda: header_of("(1000000000000,)"), "at most 8,000,000; got 8,000,000,000,000"),
    "npy of negative shape": (lambda: header_of("(-4, 3)"), "at least one example"),
    "npy of no shape": (lambda: header_of("()"), "at least one example"),
    "npy of shape 0": (lambda: npy(np.zeros((0, 3))), "at least one example"),
    "npy of an overflowing shape": (lambda: header_of("(4294967296, 4294967296)"), "at most 8,000,000"),
    "npy shorter than its header": (lambda: npy(NUMBERS)[:-8], "must have the 480 bytes that it declares; got 472"),
    "npy longer than its header": (lambda: npy(NUMBERS) + b"x", "must have the 480 bytes"),
    "npy with a header of code": (lambda: npy_header("__import__('os').system('touch canary')"), "header of an npy"),
    "npy with a deep header": (lambda: npy_header("(" * 5000 + ")" * 5000), "header of an npy"),
    "npy with a huge header": (lambda: npy_header(" " * 60_000), "header of an npy"),
    "npy of version 9": (lambda: b"\x93NUMPY\x09\x00" + bytes(100), "header of an npy"),
    "npy cut in the magic": (lambda: b"\x93NUMPY", "header of an npy"),
    "npy of complex": (lambda: npy(NUMBERS.astype(complex)), "real numbers or text; got complex128"),
    "npy of dates": (lambda: npy(np.zeros((20, 2), "M8[s]")), "real numbers or text"),
    "npy of records": (lambda: npy(np.zeros(20, [("a", "f4")])), "real numbers or text"),
    "npy of text": (lambda: npy(np.full((20, 2), "a")), "x must hold real numbers"),
    "npy of one dimension": (lambda: npy(np.arange(20.0)), "one example a row"),
    "npy of five dimensions": (lambda: npy(np.zeros((20, 2, 2, 2, 3))), "1 or 3 colours"),
    "npy of images with infinity": (lambda: npy(np.full((20, 2, 2), np.inf)), "80 are not, the first .* \\(0, 0, 0\\)"),
    "npy of nothing but NaN": (lambda: npy(np.full((20, 2), np.nan)), "all are empty"),
    "npz of names unknown": (lambda: npz(p=NUMBERS, q=NUMBERS), "named x and y"),
    "npz with fewer labels": (lambda: npz(x=NUMBERS, y=np.arange(19)), "one for each of 20 examples"),
    "npz with parts of two shapes": (lambda: npz(x_train=NUMBERS, x_test=np.zeros((3, 2))), "one shape and type"),
    "npz with a member twice": (lambda: twice(), "array x must come once"),
    "npz with a flipped bit": (lambda: GOOD_NPZ[:60] + bytes([GOOD_NPZ[60] ^ 255]) + GOOD_NPZ[61:], "damaged"),
    "IDX of two thousand million": (lying_idx, "declares 1683627180048 bytes|declares .* bytes"),
    "IDX of no dimension": (lambda: b"\0\0\x08\0", "1 to 8 dimensions"),
    "IDX of labels alone": (lambda: write_idx(np.arange(20, dtype=np.uint8)), "one example a row"),
    "IDX cut short": (lambda: write_idx(np.zeros((20, 4, 4), np.uint8))[:-1], "cut short"),
    "gzip cut short": (lambda: gzip.compress(write_idx(np.zeros((20, 4, 4), np.uint8)))[:-9], "not a whole gzip"),
    # Tables that break.
    "nothing": (lambda: b"", "is empty"),
    "white space": (lambda: b" \n\n \n", "the file is empty"),
    "header alone": (lambda: b"a,b,c\n", "must have rows"),
    "one row": (lambda: b"a,b\n1,2\n", "at least 10 examples .*; got 1"),
    "ragged": (lambda: GOOD_CSV + b"1,2\n", "row 22 must have 3 columns, like those before; got 2"),
    "binary": (lambda: bytes(range(1, 256)) + b"\0\0\xff", "no text"),
    "UTF-16 cut short": (lambda: table().encode("utf-16")[:-1], "must be whole UTF-16"),
    "too many columns": (lambda: b",".join(b"c" for _ in range(2001)), "columns must be at most 2,000; got 2,001"),
    "too many rows": (lambda: b"a,b\n" + b"1,2\n" * 3002, "rows must be at most"),
    "one column of prose": (
        lambda: "\n".join(["t", *(f"word {n}" for n in range(20))]).encode(),
        "a column of numbers",
    ),
    "only a label": (lambda: ("species\n" + "cat\ndog\n" * 10).encode(), "beside the label"),
    "numbers beyond measure": (
        lambda: ("a,b\n" + "1,2\n" * 20 + "1e200,3\n").encode(),
        r"up to 1e\+30; got 1e\+200 in row 21",
    ),
    "open quote": (lambda: b"a,b\n" + b"1,2\n" * 20 + b'"3,4', "row 22|cannot be read"),
    "Parquet cut short": (lambda: parquet(a=list(range(20)))[:-20], "damaged"),
    "Parquet of nothing but magic": (lambda: b"PAR1" * 3, "damaged"),
    "Parquet of too many rows": (lambda: parquet(a=list(range(3001))), "rows must be at most 3,000; got 3,001"),
    "Parquet of lists": (lambda: parquet(a=[[1, 2]] * 20), "a column of numbers"),
    "Arrow of nothing but magic": (lambda: b"ARROW1\0\0" + bytes(40), "damaged"),
    # Files of another kind.
    "PDF": (lambda: b"%PDF-1.7" + bytes(40), "a PDF file"),
    "single image": (lambda: grey(3), "a single image"),
    "HDF5": (lambda: b"\x89HDF\r\n\x1a\n" + bytes(20), "an HDF5 file"),
    "HTML": (lambda: b"<html><script>alert(1)</script></html>", "."),
    "too many bytes": (lambda: bytes(4_000_001), "bytes of the file must be at most 4,000,000; got 4,000,001"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_hostile_file_is_refused_in_one_sentence(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make, expected = REFUSED[name]
    content = make()
    (tmp_path / "inside").mkdir()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UploadError) as refusal:
        read(tmp_path / "inside", content)
    sentence = str(refusal.value)
    assert re.search(expected, sentence)
    assert len(sentence) < LONGEST_SENTENCE
    assert "\n" not in sentence
    assert not set("<>`[]") & set(sentence)
    assert [path.name for path in tmp_path.rglob("*")] == ["inside", "file"]


LEFT_OUT: dict[str, tuple[Callable[[], bytes], str]] = {
    "a name that leads up": (lambda: with_member("../../evil.png"), "names that lead out of the archive"),
    "a name that leads up midway": (lambda: with_member("a/../../evil.png"), "names that lead out"),
    "a name from the root": (lambda: with_member("/etc/evil.png"), "names that lead out"),
    "a name of Windows": (lambda: with_member("C:\\evil.png"), "names that lead out"),
    "a name that leads up in Windows": (lambda: with_member("..\\evil.png"), "names that lead out"),
    "a link": (lambda: with_member("a/link.png", b"/etc/passwd", external_attr=0o120777 << 16), "links"),
    "an archive": (lambda: with_member("a/more.png", zipped({"x": b"y"})), "archives inside"),
    "a gzip": (lambda: with_member("a/more.gz", gzip.compress(b"y")), "archives inside"),
    "an encrypted member": (lambda: with_flag(1), "encrypted"),
    "a member of unknown compression": (lambda: with_method(77), "damaged"),
    "a member that is longer than declared": (lambda: lying_size(20), "damaged"),
    "a member that is shorter than declared": (lambda: lying_size(5000), "damaged"),
    "an image that claims to be huge": (lambda: with_member("a/h.png", png_that_claims(60_000, 60_000)), "pixels"),
    "an image that claims a little too much": (lambda: with_member("a/h.png", png_that_claims(1001, 1000)), "pixels"),
    "an image that claims more than it holds": (lambda: with_member("a/h.png", png_that_claims(400, 400)), "damaged"),
    "an image of no pixels": (lambda: with_member("a/h.png", png_that_claims(0, 4)), "known kind|no pixels"),
    "an image cut short": (lambda: with_member("a/h.png", png(np.eye(99, dtype=np.uint8))[:-40]), "damaged"),
    "an SVG": (lambda: with_member("a/h.svg", b"<svg onload='alert(1)'/>"), "no image of a known kind"),
    "a PostScript file": (
        lambda: with_member("a/h.eps", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n"),
        "known kind",
    ),
    "a PDF named as an image": (lambda: with_member("a/h.png", b"%PDF-1.7"), "known kind"),
    "an empty member": (lambda: with_member("a/h.png", b""), "known kind"),
    "a pickle named as an image": (lambda: with_member("a/h.png", pickle.dumps([Bomb()])), "known kind"),
    "a name of markup": (lambda: with_member("a/<img src=x onerror=alert(1)>.txt", b"x"), "‹img src=x"),
}


@pytest.mark.parametrize("name", LEFT_OUT)
def test_a_hostile_member_is_left_out_and_told(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make, expected = LEFT_OUT[name]
    (tmp_path / "inside").mkdir()
    monkeypatch.chdir(tmp_path)
    done = read(tmp_path / "inside", make())
    count = len(done.data.x_train) + len(done.data.x_test)
    assert count in (11, 12)
    (told,) = (warning for warning in done.about["warnings"] if "left out" in warning)
    assert re.search(expected, told)
    assert [path.name for path in tmp_path.rglob("*")] == ["inside", "file"]


READ: dict[str, tuple[Callable[[], bytes], Callable[[object], bool]]] = {
    "labels of markup": (
        lambda: zipped(pictures(12, ("<script>alert(1)</script>/", "[x](javascript:alert(1))/"))),
        lambda done: not set("<>[]:") & set("".join(done.data.label_names)),
    ),
    "labels that run right to left": (
        lambda: zipped(pictures(12, ("\u202eabc/", "b\u2066\u200f/"))),
        lambda done: done.data.label_names == ("b", "abc"),
    ),
    "labels of control characters": (
        lambda: zipped(pictures(12, ("a\x1b[31m\x07/", "b/"))),
        lambda done: done.data.label_names == ("a(31m", "b"),
    ),
    "labels of ten thousand characters": (
        lambda: zipped(pictures(12, ("a" * 10_000 + "/", "a" * 10_000 + "b/"))),
        lambda done: max(map(len, done.data.label_names)) < 70 and len(set(done.data.label_names)) == 2,
    ),
    "labels of nothing": (
        lambda: zipped(pictures(12, ("\u200b/", "b/"))),
        lambda done: "(no name)" in done.data.label_names,
    ),
    "columns of markup": (
        lambda: table(header="<b>x</b>,`y`,$z$").encode(),
        lambda done: not set("<`$") & set("".join(done.about["features"] + done.about["columns"])),
    ),
    "columns of one name": (lambda: table(header="a,a,a").encode(), lambda done: done.about["label"] == "a (3)"),
    "columns without a name": (lambda: table(header=",,").encode(), lambda done: len(done.about["features"]) == 2),
    "a column of ten thousand characters": (
        lambda: table(header="x" * 10_000 + ",b,c").encode(),
        lambda done: len(done.about["features"][0]) == 60,
    ),
    "formulas": (
        lambda: ("a,b\n" + "".join(f"=cmd|'/C calc'!A0,{n}\n" for n in range(20))).encode(),
        lambda done: done.about["features"] == ["b"],
    ),
    "one column": (lambda: ("a\n" + "1\n2\n" * 10).encode(), lambda done: done.data.shape == (1,)),
    "constant columns": (
        lambda: ("a,b\n" + "".join(f"3,{n}\n" for n in range(20))).encode(),
        lambda done: "never vary" in done.about["warnings"][0],
    ),
    "nothing but constants": (lambda: ("a,b\n" + "3,4\n" * 20).encode(), lambda done: done.about["duplicates"] == 19),
    "a column of gaps": (
        lambda: ("a,b\n" + "".join(f",{n}\n" for n in range(20))).encode(),
        lambda done: done.about["features"] == ["b"],
    ),
    "infinities in a table": (
        lambda: ("a,b\n" + "".join(f"{n},{'inf' if n < 3 else n}\n" for n in range(20))).encode(),
        lambda done: done.about["missing"] == 3,
    ),
    "a header of JSON": (lambda: table(header='"{""a"": 1}",b,c').encode(), lambda done: done.data.shape == (2,)),
    "NUL in UTF-16": (lambda: table().encode("utf-16"), lambda done: done.data.shape == (2,)),
    "bytes that are no UTF-8": (
        lambda: table(header="caf\xe9,b,c").encode("latin-1"),
        lambda done: done.about["features"][0] == "café",
    ),
    "invisible first bytes": (lambda: b"\xef\xbb\xbf" + GOOD_CSV, lambda done: "height" in done.about["features"]),
    "lines of old Macs": (lambda: GOOD_CSV.replace(b"\n", b"\r"), lambda done: done.data.shape == (2,)),
    "a constant image": (
        lambda: npy(np.zeros((12, 4, 4), np.float32)),
        lambda done: done.data.value_range == (0.0, 1.0),
    ),
    "the greatest floats": (
        lambda: npy(np.tile(np.linspace(-3e38, 3e38, 20)[:, None, None], (1, 2, 2)).astype(np.float32)),
        lambda done: np.isfinite(done.data.x_train).all() and np.ptp(done.data.x_train) > 0.5,
    ),
    "an archive with a comment": (lambda: commented(), lambda done: len(done.data.label_names) == 2),
    "bytes after the archive's end": (lambda: GOOD_ZIP + b"\0" * 10, lambda done: len(done.data.label_names) == 2),
    "an npy named in an archive of one": (lambda: npz(whatever=NUMBERS), lambda done: done.data.shape == (3,)),
    "a PNG with a megabyte of text": (
        lambda: zipped(pictures(12) | {"a/t.png": with_text()}),
        lambda done: len(done.data.x_train) + len(done.data.x_test) >= 12,
    ),
}


def with_text() -> bytes:
    """A PNG file with a comment that grows when it is read."""
    plain = grey(200)
    text = b"Comment\0\0" + zlib.compress(bytes(3_000_000))
    chunk = struct.pack(">I", len(text)) + b"zTXt" + text + struct.pack(">I", zlib.crc32(b"zTXt" + text))
    return plain[:33] + chunk + plain[33:]


@pytest.mark.parametrize("name", READ)
def test_a_strange_file_is_read_as_it_should_be(name: str, tmp_path: Path) -> None:
    make, expected = READ[name]
    try:
        done = read(tmp_path, make())
    except UploadError as error:
        pytest.fail(str(error))
    assert expected(done)


def test_there_are_many_hostile_files() -> None:
    assert len(REFUSED) + len(LEFT_OUT) + len(READ) >= 100


@pytest.mark.parametrize(
    "content",
    [GOOD_CSV, GOOD_ZIP, GOOD_NPZ, npy(NUMBERS), write_idx(np.zeros((12, 3, 3), np.uint8)), parquet(a=[1.5] * 20)],
    ids=["csv", "zip", "npz", "npy", "idx", "parquet"],
)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(data=st.data())
def test_whatever_is_done_to_a_good_file_it_is_read_or_refused(
    content: bytes, data: st.DataObject, tmp_path: Path
) -> None:
    spoilt = bytearray(content)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(spoilt) - 1))
        spoilt[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
        if not spoilt:
            break
    refused_or_read(
        tmp_path, bytes(spoilt[: data.draw(st.integers(0, len(spoilt)))] if data.draw(st.booleans()) else spoilt)
    )


@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    content=st.one_of(st.binary(max_size=300), st.text(max_size=300).map(lambda text: text.encode("utf-8", "replace")))
)
def test_whatever_is_brought_is_read_or_refused(content: bytes, tmp_path: Path) -> None:
    refused_or_read(tmp_path, content)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.lists(st.text(max_size=6), min_size=3, max_size=3), min_size=10, max_size=20))
def test_whatever_stands_in_a_table_is_read_or_refused(rows: list[list[str]], tmp_path: Path) -> None:
    refused_or_read(tmp_path, "\n".join(",".join(row) for row in rows).encode("utf-8", "replace"))


def refused_or_read(folder: Path, content: bytes) -> None:
    try:
        done = read(folder, content)
    except UploadError as error:
        told = str(error)
    else:
        told = repr(done.data)
        assert np.isfinite(done.data.x_train).all()
    assert 0 < len(told) < LONGEST_SENTENCE


def test_the_decoder_of_images_still_knows_none_that_runs_programs() -> None:
    Image.init()
    assert "EPS" in Image.OPEN
    assert "EPS" not in FORMATS
