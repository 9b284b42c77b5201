"""Excel workbooks: the first sheet, as fastexcel reads it, once its archive is known to unpack to what it declares."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa

from aejax.data.upload.archive import Archive, MemberError, opened
from aejax.data.upload.columns import table_found
from aejax.data.upload.limits import Limits, UploadError, check_limit
from aejax.data.upload.plan import Found, Plan, Report
from aejax.data.upload.words import cleaned, listed

WORKBOOK = "xl/workbook.xml"
INSTALL = 'pip install "aejax[excel]"'
_SHEETS = re.compile(r"xl/worksheets/[^/]+\.xml")
_CELL = re.compile(rb"""<(?:\w+:)?c\s[^>]*?\br=["']([A-Z]{1,9})(\d{1,9})["']""")
_ROW = re.compile(rb"""<(?:\w+:)?row\s[^>]*?\br=["'](\d{1,9})["']""")


def read_workbook(path: Path, plan: Plan, limits: Limits, report: Report) -> Found:
    """The examples in the first sheet of an xlsx workbook that has rows.

    Raises:
        UploadError: If it is damaged, breaks a limit, or fastexcel is not installed.
    """
    try:
        import fastexcel
    except ImportError as error:
        raise UploadError(f"workbooks need fastexcel, which is not installed here: {INSTALL}, or bring CSV") from error
    with opened(path, limits) as archive:
        _check(archive, limits)
    try:
        book = fastexcel.read_excel(path)
        name, table = next(_sheets(book))
        others = [other for other in book.sheet_names if other != name]
    except StopIteration:
        raise UploadError("the workbook must have a sheet with rows; it has none") from None
    except (fastexcel.FastExcelError, pa.ArrowException, ValueError) as error:
        raise UploadError(f"the workbook cannot be read ({cleaned(error, 120)})") from error
    found = table_found("Excel workbook", table, plan, limits)
    if others:
        found.warnings.append(f"Sheet {cleaned(name)} is read; {len(others):,} others are not: {listed(others)}")
    return found


def _sheets(book: Any) -> Iterator[tuple[str, pa.Table]]:
    """The sheets that have rows, one by one."""
    for name in book.sheet_names:
        sheet = book.load_sheet_by_name(name)
        if sheet.height and sheet.width:
            yield name, pa.Table.from_batches([pa.record_batch(sheet)])


def _check(archive: Archive, limits: Limits) -> None:
    """Refuse what fastexcel would unpack without a bound: a lying member, or a cell far away from the others."""
    for member in archive.members:
        try:
            content = archive.read(member, packed=True)
        except MemberError as error:
            raise UploadError(f"{cleaned(member.name)} in the workbook cannot be read: {error}") from error
        if _SHEETS.fullmatch(member.name):
            rows = max((int(row) for row in _ROW.findall(content)), default=0)
            cells = [(_number(letters), int(row)) for letters, row in set(_CELL.findall(content))]
            rows = max([rows, *(row for _, row in cells)])
            columns = max((column for column, _ in cells), default=0)
            check_limit("rows of a sheet", rows, limits.rows + 1)
            check_limit("columns of a sheet", columns, limits.features)
            check_limit("bytes of a sheet's cells", 32 * rows * columns, limits.decompressed_bytes)


def _number(letters: bytes) -> int:
    """The place of a column from its letters: A is 1, AA is 27."""
    number = 0
    for letter in letters:
        number = 26 * number + letter - 64
    return number
