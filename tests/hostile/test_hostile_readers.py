"""Hostile files by the hundred, made by rule: every form of file cut short and spoilt, every name an attack."""

import gzip
import io
import json
import struct
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import openpyxl
import pyarrow as pa
import pyarrow.parquet
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from uploads import SMALL, grey, npy, npz, pictures, png_that_claims, read, table, zipped

from aejax.data.idx import write_idx
from aejax.data.upload.limits import UploadError
from aejax.data.upload.origins import Origin, read_origin
from aejax.data.upload.plan import Plan

LONGEST_SENTENCE = 600
MARKUP = set('<>`[]*$\\~|#"')


def workbook(rows: list[list[object]]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def parquet(columns: object, **metadata: object) -> bytes:
    file = io.BytesIO()
    made = pa.table(columns)
    pyarrow.parquet.write_table(made.replace_schema_metadata(metadata) if metadata else made, file)
    return file.getvalue()


def arrow(columns: object, stream: bool = False) -> bytes:
    made, file = pa.table(columns), io.BytesIO()
    with (pa.ipc.new_stream if stream else pa.ipc.new_file)(file, made.schema) as writer:
        writer.write_table(made)
    return file.getvalue()


def cells(images: list[bytes | None]) -> list[dict[str, object] | None]:
    return [None if image is None else {"bytes": image, "path": "x.png"} for image in images]


def series(name: str = "who", rows: int = 60) -> bytes:
    lines = [f"{row % 12},{row // 12},{row * 0.5}" for row in range(rows)]
    return "\n".join([f"{name},when,value", *lines]).encode()


NUMBERS = np.arange(60.0).reshape(20, 3)
ROWS = [["height", "width", "kind"], *([n, n * 0.5, "ab"[n % 2]] for n in range(20))]
COLUMNS = {"height": list(range(20)), "kind": ["a", "b"] * 10}
PICTURES = {"image": cells([grey(n * 9 + 1) for n in range(20)]), "label": [0, 1] * 10}
IMAGES = np.arange(20 * 9, dtype=np.uint8).reshape(20, 3, 3)
LONG = {"kind": "sequence", "series": "who", "time": "when"}

GOOD: dict[str, tuple[bytes, dict[str, object]]] = {
    "CSV": (table().encode(), {}),
    "semicolons in UTF-16": (table().replace(",", ";").encode("utf-16"), {}),
    "workbook": (workbook(ROWS), {}),
    "Parquet": (parquet(COLUMNS), {}),
    "Parquet of images": (parquet(PICTURES), {}),
    "Arrow file": (arrow(COLUMNS), {}),
    "Arrow stream": (arrow(COLUMNS, stream=True), {}),
    "ZIP of images": (zipped(pictures(12)), {}),
    "ZIP of IDX": (zipped({"a-images-idx3-ubyte": write_idx(IMAGES), "b-idx1-ubyte": write_idx(IMAGES[:, 0, 0])}), {}),
    "ZIP of one table": (zipped({"a.csv": table().encode()}), {}),
    "npz": (npz(x=NUMBERS, y=np.arange(20) % 2), {}),
    "npy": (npy(NUMBERS), {}),
    "IDX": (write_idx(IMAGES), {}),
    "gzipped IDX": (gzip.compress(write_idx(IMAGES)), {}),
    "steps of sequences": (series(), LONG),
    "rows of sequences": (table().encode(), {"kind": "sequence"}),
}


def test_the_files_that_are_spoilt_here_are_good(tmp_path: Path) -> None:
    for name, (content, plan) in GOOD.items():
        done = read(tmp_path, content, **plan)
        assert len(done.data.x_train) + len(done.data.x_test) >= 12, name


def cut(content: bytes) -> Iterator[tuple[str, bytes]]:
    """The same file cut short, with bytes before or behind it, doubled, and with bits turned."""
    for share in (1, 30, 60, 90):
        yield f"cut to {share} %", content[: max(1, len(content) * share // 100)]
    yield "without its last byte", content[:-1]
    yield "after a byte", b"\0" + content
    yield "twice", content + content
    yield "with its first half zero", bytes(len(content) // 2) + content[len(content) // 2 :]
    for place in (5, len(content) // 3, len(content) // 2, len(content) - 5):
        yield f"with byte {place} turned", content[:place] + bytes([content[place] ^ 255]) + content[place + 1 :]


SPOILT = [(f"{name} {how}", content) for name, (good, _) in GOOD.items() for how, content in cut(good)]


@pytest.mark.parametrize("name", GOOD)
def test_a_spoilt_file_is_read_or_refused_in_one_sentence(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content, plan = GOOD[name]
    (tmp_path / "inside").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    for how, spoilt in cut(content):
        assert read_or_refused(tmp_path / "inside", spoilt, how, **plan)
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["file", "inside"]


def read_or_refused(folder: Path, content: bytes, how: str = "", **plan: object) -> str:
    """What is said of a file, once it is one clean sentence or a clean data set."""
    try:
        done = read(folder, content, **plan)
    except UploadError as error:
        told = str(error)
        assert not set("<>`[]") & set(told), how
    else:
        told = repr(done.data)
        assert np.isfinite(done.data.x_train).all(), how
        assert json.dumps(done.about, allow_nan=False)
    assert 0 < len(told) < LONGEST_SENTENCE, how
    assert "\n" not in told
    assert "Traceback" not in told
    return told


NAMES = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[x](javascript:alert(1))",
    "![x](https://example.invalid/x.png)",
    "$\\href{javascript:alert(1)}{x}$",
    "{{7*7}}",
    "\u202egnp.exe",
    "a\u2066\u200fb\u200bc",
    "a\x1b[31mred\x07",
    "n" * 10_000,
    "../../../etc/passwd",
    "C:\\Windows\\win.ini",
    "'; DROP TABLE runs; --",
    "__import__('os').system('id')",
    "=cmd|'/C calc'!A0",
    ":material/delete: :red[x] **x** ~x~ #x",
    "\ufeff",
    "e\u0301" * 300,
)


def folders(name: str) -> bytes:
    plain = name.replace("/", "\u2044").replace("\\", "\u2216")
    return zipped(pictures(12, (f"{plain}/", "other/")))


def sheet(name: str) -> bytes:
    # A workbook cannot hold control characters at all.
    plain = "".join(letter for letter in name if letter >= " ")
    return workbook([[plain, "width", "kind"], *([n, n, [plain, "b"][n % 2]] for n in range(20))])


def hub_classes(name: str) -> bytes:
    info = {"info": {"features": {"label": {"names": [name, "b"]}}}}
    return parquet(PICTURES, huggingface=json.dumps(info))


CHANNELS: dict[str, tuple[Callable[[str], bytes], dict[str, object]]] = {
    "folder": (folders, {}),
    "column of CSV": (lambda name: parquet({name: list(range(20)), "b": list(range(20))}), {}),
    "value of a column": (lambda name: parquet({"x": list(range(20)), "kind": [name, "b"] * 10}), {}),
    "label in npz": (lambda name: npz(x=NUMBERS, y=np.array([name[:80] or "?", "b"] * 10)), {}),
    "cell of a workbook": (sheet, {}),
    "class of a hub": (hub_classes, {}),
    "channel of sequences": (
        lambda name: parquet({"who": [n // 2 for n in range(40)], name: [n * 0.5 for n in range(40)]}),
        {"kind": "sequence", "series": "who"},
    ),
    "name of an array": (
        lambda name: npz(**{"x": NUMBERS, "y": np.arange(20) % 2, name.replace("/", "_"): NUMBERS}),
        {},
    ),
    "file left out": (
        lambda name: zipped(pictures(12) | {f"{name.replace('/', '_')[:200]}.txt": b"hello"}),
        {},
    ),
}


@pytest.mark.parametrize("channel", CHANNELS)
def test_no_name_keeps_what_a_page_would_take_for_markup(channel: str, tmp_path: Path) -> None:
    make, plan = CHANNELS[channel]
    refusals: list[str] = []
    for name in NAMES:
        try:
            done = read(tmp_path, make(name), **plan)
        except UploadError as error:
            refusals.append(str(error))
            continue
        shown = [*done.data.label_names, *(done.about[key] for key in ("label", "form", "source", "licence"))]
        for key in ("features", "columns", "every", "plan", "warnings"):
            shown += done.about[key]
        shown += [column["name"] for column in done.about["statistics"]]
        for text in shown:
            assert not MARKUP & set(text), name
            assert text.isprintable()
            assert len(text) < LONGEST_SENTENCE
    assert not [told for told in refusals if MARKUP & set(told) or len(told) > LONGEST_SENTENCE]


def far_cell(reference: str, rows: int = 20) -> bytes:
    """A workbook whose sheet says that one of its cells is far away."""
    content = workbook(ROWS)
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            part = old.read(name)
            new.writestr(name, part.replace(b'r="A21"', f'r="{reference}"'.encode()) if "sheet1" in name else part)
    return file.getvalue()


def with_part(name: str, part: bytes) -> bytes:
    """A workbook with one of its parts replaced."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook(ROWS))) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for other in old.namelist():
            if other != name:
                new.writestr(other, old.read(other))
        new.writestr(name, part)
    return file.getvalue()


ENTITIES = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "' + b"&a;" * 10 + b'">]>'
LOOKING_AWAY = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><sst><si><t>&a;</t></si></sst>'
REFUSED: dict[str, tuple[Callable[[], bytes], dict[str, object], str]] = {
    "a cell in the last row of all": (lambda: far_cell("A1048576"), {}, "rows of a sheet must be at most"),
    "a cell in the last column of all": (lambda: far_cell("XFD21"), {}, "columns of a sheet must be at most"),
    "a cell beyond all sheets": (lambda: far_cell("ZZZZZZZZZ999999999"), {}, "rows of a sheet must be at most"),
    "a workbook that unpacks to too much": (
        lambda: with_part("xl/sharedStrings.xml", bytes(9_000_000)),
        {},
        "unpacked bytes in the archive must be at most",
    ),
    "a workbook without a sheet": (lambda: with_part("xl/workbook.xml", b"<workbook/>"), {}, "cannot be read|no"),
    "a workbook that is no XML": (lambda: with_part("xl/worksheets/sheet1.xml", b"\xff" * 99), {}, "must have|cannot"),
    "an empty workbook": (lambda: workbook([]), {}, "must have a sheet with rows"),
    "a Word document": (lambda: zipped({"[Content_Types].xml": b"", "word/document.xml": b""}), {}, "no workbook"),
    "an old workbook": (lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(99), {}, "an old Office file"),
    "a database": (lambda: b"SQLite format 3\0" + bytes(99), {}, "an SQLite database"),
    "a Zstandard file": (lambda: b"\x28\xb5\x2f\xfd" + bytes(99), {}, "a Zstandard file"),
    "images of no bytes": (lambda: parquet({"image": cells([b""] * 19 + [grey(1)])}), {}, "at least 10 examples"),
    "images that claim to be huge": (
        lambda: parquet({"image": cells([png_that_claims(50_000, 50_000)] * 20)}),
        {},
        "no image that can be read; 20 files were left out .more than 1,000,000 pixels",
    ),
    "columns of pixels that make no square": (
        lambda: parquet({"a": list(range(20)), "b": list(range(20))}),
        {"kind": "image"},
        "as many columns as a square has pixels; got 2",
    ),
    "sequences of nothing": (lambda: b"a,b\n" + b",\n" * 20, {"kind": "sequence", "label": ""}, "must have|at least"),
    "sequences of five dimensions": (lambda: npy(np.zeros((20, 2, 2, 2))), {"kind": "sequence"}, "2 or 3 dimensions"),
    "a sequence too long": (lambda: b"who,when,value\n" + b"1,1,1\n" * 2500, LONG, "steps and channels of a sequence"),
    "sequences that one long one makes too large": (
        lambda: b"who,when,value,other\n" + b"0,1,2,3\n" * 900 + b"".join(b"%d,1,2,3\n" % n for n in range(1, 900)),
        LONG,
        "bytes of all sequences must be at most",
    ),
    "sequences of which none has a name": (lambda: b"who,when,value\n" + b",1,2\n" * 20, LONG, "must name a sequence"),
    "sequences of numbers beyond measure": (
        lambda: series().replace(b"0,0,0.0", b"0,0,1e300"),
        LONG,
        "must hold numbers up to 1e.30; got 1e.300",
    ),
    "two tables": (lambda: zipped({"a.csv": b"", "b.csv": b""}), {}, "one table or array in the ZIP; got 2"),
    "a table that is an archive": (lambda: zipped({"a.csv": zipped({"b.csv": b"x"})}), {}, "no text"),
    "a table behind a name that leads out": (lambda: zipped({"../a.csv": table().encode()}), {}, "names that lead out"),
    "IDX behind a name that leads out": (lambda: zipped({"/a-idx3-ubyte": write_idx(IMAGES)}), {}, "names that lead"),
    "IDX with a lying header": (
        lambda: zipped({"a-idx3-ubyte": b"\0\0\x08\x03" + struct.pack(">3I", 2**31, 28, 28)}),
        {},
        "declares 1683627180048 bytes",
    ),
    "IDX that a gzip blows up": (
        lambda: zipped({"a-idx2-ubyte.gz": gzip.compress(write_idx(np.zeros((9_000_000, 1), np.uint8)))}),
        {},
        "at most 8000000",
    ),
    "labels for fewer IDX images": (
        lambda: zipped({"a-idx3-ubyte": write_idx(IMAGES), "b-idx1-ubyte": write_idx(IMAGES[:9, 0, 0])}),
        {},
        "one for each of 20 examples",
    ),
    "a stream of nothing": (lambda: b"\xff" * 40, {}, "Arrow file is damaged|cannot be read"),
    "a stream that declares too much": (lambda: b"\xff\xff\xff\xff" + struct.pack("<i", 2**31 - 1), {}, "damaged"),
    "a stratum that there is not": (lambda: table().encode(), {"stratum": "<b>"}, "stratum must be one of"),
    "a column left out that there is not": (lambda: table().encode(), {"without": ("<b>",)}, "without must be one of"),
    "all columns left out": (lambda: table().encode(), {"without": ("height", "width")}, "beside the label"),
    "rows with gaps alone": (
        lambda: b"a,b\n" + b"1,\n,2\n" * 20,
        {"missing": "rows"},
        "at least 10 examples .*; got 0",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_a_reader_must_not_swallow_is_refused_in_one_sentence(name: str, tmp_path: Path) -> None:
    make, plan, expected = REFUSED[name]
    with pytest.raises(UploadError, match=expected) as refusal:
        read(tmp_path, make(), **plan)
    sentence = str(refusal.value)
    assert len(sentence) < LONGEST_SENTENCE
    assert not MARKUP & set(sentence)


@pytest.mark.parametrize(
    "part", [LOOKING_AWAY, ENTITIES + b"<sst><si><t>&b;</t></si></sst>", b"<sst>" + b"<si>" * 5000, b"", b"<sst"]
)
def test_a_workbook_s_words_reach_nothing_outside(part: bytes, tmp_path: Path) -> None:
    assert "root:" not in read_or_refused(tmp_path, with_part("xl/sharedStrings.xml", part))


PATHS = (
    "",
    "/nowhere/at/all",
    "~nobody/x",
    "\0",
    "a" * 5000,
    "/dev/zero",
    "/dev/stdin",
    "/proc/self/mem",
    "file:///etc",
)


@pytest.mark.parametrize("path", PATHS)
def test_a_path_that_is_no_file_or_folder_is_refused(path: str) -> None:
    with pytest.raises(UploadError, match="the path") as refusal:
        read_origin(Origin(kind="folder", name=path or "/nowhere"), Plan(), SMALL, lambda done, total: None)
    assert len(str(refusal.value)) < LONGEST_SENTENCE


def test_there_are_three_hundred_hostile_files() -> None:
    made = {content for _, content in SPOILT}
    made |= {make(name) for make, _ in CHANNELS.values() for name in NAMES}
    assert len(made) + len(REFUSED) + len(PATHS) >= 300


@pytest.mark.parametrize("name", GOOD)
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(data=st.data())
def test_whatever_is_done_to_a_file_of_any_form_it_is_read_or_refused(
    name: str, data: st.DataObject, tmp_path: Path
) -> None:
    content, plan = GOOD[name]
    spoilt = bytearray(content)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(spoilt)))
        spoilt[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    if spoilt:
        read_or_refused(tmp_path, bytes(spoilt), **plan)
