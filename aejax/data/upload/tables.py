"""Tables: CSV and its kin, Parquet and Arrow, as pyarrow parses them."""

import io
import re
from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pyarrow.ipc
import pyarrow.parquet

from aejax.data.upload.columns import table_found
from aejax.data.upload.limits import Limits, UploadError, check_limit
from aejax.data.upload.pictures import picture_column, pictures_found
from aejax.data.upload.plan import Found, Plan, Report
from aejax.data.upload.words import cleaned

_DELIMITERS = {",": "commas", "\t": "tabs", ";": "semicolons", "|": "bars"}
_NUMBER = re.compile(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d+)?")
_MISSING = ["", "NA", "N/A", "NaN", "nan", "-nan", "null", "NULL", "None", "n/a", "#N/A", "?", "-"]
_ROW = re.compile(r"Row #(\d+): Expected (\d+) columns, got (\d+)")


def read_text(path: Path, plan: Plan, limits: Limits, report: Report) -> Found:
    """The examples in a text file of separated values.

    Raises:
        UploadError: If it is no such file, or breaks a limit.
    """
    text, encoding = decoded(path.read_bytes())
    lines = text.split("\n")
    check_limit("rows", len(lines) - 1, limits.rows + 1)
    first = next((line for line in lines if line.strip()), "")
    if not first:
        raise UploadError("the table must have a row; the file is empty")
    delimiter = max(_DELIMITERS, key=first.count)
    check_limit("columns", first.count(delimiter) + 1, limits.features)
    cells = [cell.strip().strip('"') for cell in first.rstrip("\r").split(delimiter)]
    has_header = not any(_NUMBER.fullmatch(cell) for cell in cells)
    has_decimal_comma = delimiter == ";" and bool(re.search(r";\s*-?\d+,\d", text[:65536])) and "." not in text[:65536]
    table = _parsed(text, delimiter, has_header, has_decimal_comma)
    found = table_found(f"table separated by {_DELIMITERS[delimiter]}", table, plan, limits)
    if not has_header:
        found.notes.append("The first row is numbers, so the columns have no names but their places")
    if encoding != "utf-8":
        found.notes.append(f"The text is read as {encoding}")
    return found


def decoded(content: bytes) -> tuple[str, str]:
    """The text of a file, and the encoding that it was found to have.

    Raises:
        UploadError: If it is not text.
    """
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding = "utf-16"
    elif b"\0" in content:
        raise UploadError("the file is no archive, array or table that is known here, and no text")
    else:
        encoding = "utf-8-sig" if content.startswith(b"\xef\xbb\xbf") else "utf-8"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        if encoding == "utf-16":
            raise UploadError("the text must be whole UTF-16, as its first bytes say; it is not") from None
        encoding = "windows-1252"
        text = content.decode(encoding, "replace")
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", ""), encoding.removesuffix("-sig")


def _parsed(text: str, delimiter: str, has_header: bool, has_decimal_comma: bool) -> pa.Table:
    content = text.encode("utf-8", "replace")
    try:
        return pyarrow.csv.read_csv(
            io.BytesIO(content),
            # One block, so that a column's type is that of all its values.
            pyarrow.csv.ReadOptions(
                use_threads=False, block_size=max(len(content) + 1, 1024), autogenerate_column_names=not has_header
            ),
            pyarrow.csv.ParseOptions(delimiter=delimiter, newlines_in_values=True),
            pyarrow.csv.ConvertOptions(
                null_values=_MISSING, strings_can_be_null=True, decimal_point="," if has_decimal_comma else "."
            ),
        )
    except (pa.ArrowException, ValueError, KeyError) as error:
        if row := _ROW.search(str(error)):
            number, expected, got = row.groups()
            raise UploadError(f"row {number} must have {expected} columns, like those before; got {got}") from error
        raise UploadError(f"the table cannot be read ({cleaned(error, 120)})") from error


def read_parquet(path: Path, plan: Plan, limits: Limits, report: Report) -> Found:
    """The examples in a Parquet file.

    Raises:
        UploadError: If it is damaged, or breaks a limit.
    """
    try:
        with pyarrow.parquet.ParquetFile(path) as file:
            meta = file.metadata
            check_limit("rows", meta.num_rows, limits.rows)
            check_limit("columns", meta.num_columns, limits.features)
            groups = [meta.row_group(number) for number in range(meta.num_row_groups)]
            check_limit("unpacked bytes", sum(group.total_byte_size for group in groups), limits.decompressed_bytes)
            table = file.read(use_threads=False)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise _damaged("Parquet", error) from error
    return columns_found("Parquet table", table, plan, limits, report)


def read_arrow(path: Path, plan: Plan, limits: Limits, report: Report) -> Found:
    """The examples in an Arrow (Feather) file, or a stream of Arrow.

    Raises:
        UploadError: If it is damaged, or breaks a limit.
    """
    options = pa.ipc.IpcReadOptions(use_threads=False)
    try:
        with path.open("rb") as raw:
            is_file = raw.read(6) == b"ARROW1"
            raw.seek(0)
            with (
                pa.ipc.open_file(raw, options=options) if is_file else pa.ipc.open_stream(raw, options=options) as file
            ):
                batches = map(file.get_batch, range(file.num_record_batches)) if is_file else iter(file)
                table = gathered(file.schema, batches, limits)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise _damaged("Arrow", error) from error
    return columns_found("Arrow table", table, plan, limits, report)


def gathered(schema: pa.Schema, batches: Iterable[pa.RecordBatch], limits: Limits) -> pa.Table:
    """The batches as one table, which keeps the limits at each of them.

    Raises:
        UploadError: If a limit is broken.
    """
    check_limit("columns", len(schema), limits.features)
    kept: list[pa.RecordBatch] = []
    rows = size = 0
    for batch in batches:
        batch.validate(full=True)
        rows, size = rows + batch.num_rows, size + batch.nbytes
        check_limit("rows", rows, limits.rows)
        check_limit("unpacked bytes", size, limits.decompressed_bytes)
        kept.append(batch)
    return pa.Table.from_batches(kept, schema)


def columns_found(form: str, table: pa.Table, plan: Plan, limits: Limits, report: Report) -> Found:
    """The examples in a table: images where it has a column of them, else its rows.

    Raises:
        UploadError: If there are none, or a limit is broken.
    """
    pictures = picture_column(table) if plan.kind in ("auto", "image") else None
    if pictures is not None:
        return pictures_found(form, table, pictures, plan, limits, report)
    return table_found(form, table, plan, limits)


def _damaged(form: str, error: Exception) -> UploadError:
    return (
        error if isinstance(error, UploadError) else UploadError(f"the {form} file is damaged ({cleaned(error, 120)})")
    )
