"""A column of images in a table, as Hugging Face's data sets and others keep them: encoded files, row by row."""

import json
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from aejax.data.upload.archive import Holder, Member, MemberError
from aejax.data.upload.columns import label_columns, tell_label
from aejax.data.upload.images import images_found
from aejax.data.upload.limits import Limits, check_limit
from aejax.data.upload.plan import Found, Plan, Report
from aejax.data.upload.words import cleaned, distinct

_STARTS = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM", b"II*\0", b"MM\0*", b"RIFF", b"P5", b"P6")


class Cells(Holder):
    """A column of encoded images as a holder of files."""

    def __init__(self, column: pa.ChunkedArray) -> None:
        self.members = [Member(f"row {row + 1}", 0, row) for row in range(len(column))]
        self._column = column

    def read(self, member: Member, packed: bool = False) -> bytes:
        content = self._column[member.key].as_py()
        if not content:
            raise MemberError("no bytes in their rows")
        return bytes(content)


def picture_column(table: pa.Table) -> tuple[str, pa.ChunkedArray] | None:
    """The first column that holds images as bytes, alone or beside their path, and those bytes; None without one."""
    for name, column in zip(table.column_names, table.columns, strict=True):
        encoded = _bytes_of(column)
        if encoded is not None:
            first = next((known for cell in encoded if (known := cell.as_py())), b"")
            if bytes(first).startswith(_STARTS):
                return str(name), encoded
    return None


def _bytes_of(column: pa.ChunkedArray) -> pa.ChunkedArray | None:
    kind = column.type
    if pa.types.is_struct(kind) and kind.get_field_index("bytes") >= 0:
        column = pc.struct_field(column, "bytes")
        kind = column.type
    return column if pa.types.is_binary(kind) or pa.types.is_large_binary(kind) else None


def pictures_found(
    form: str, table: pa.Table, column: tuple[str, pa.ChunkedArray], plan: Plan, limits: Limits, report: Report
) -> Found:
    """The images of a column that `picture_column` found, and their classes from another one.

    Raises:
        UploadError: If a limit is broken, or there is no image that can be read.
    """
    check_limit("rows", table.num_rows, limits.rows)
    name, encoded = column
    check_limit("bytes of the images", encoded.nbytes, limits.decompressed_bytes)
    found, kept = images_found(f"{form} of images (column {cleaned(name)})", Cells(encoded), plan, limits, report)
    others = [other for other in table.column_names if other != name]
    named = dict(zip(distinct(others), (table.column(other).take(kept) for other in others), strict=True))
    classes = _class_names(table, dict(zip(named, others, strict=True)))
    columns = {told: _named(column, classes.get(told)) for told, column in named.items()}
    label_columns(found, columns, plan, limits)
    tell_label(found, columns, plan)
    return found


def _class_names(table: pa.Table, given: dict[str, str]) -> dict[str, list[str]]:
    """The names of classes that the schema tells, as Hugging Face's do; of each column that has them."""
    try:
        features = json.loads((table.schema.metadata or {})[b"huggingface"])["info"]["features"]
        found = {told: features[name]["names"] for told, name in given.items() if "names" in features.get(name, {})}
    except (KeyError, ValueError, TypeError, AttributeError, RecursionError):
        return {}
    return {told: [str(name) for name in names] for told, names in found.items() if isinstance(names, list)}


def _named(column: pa.ChunkedArray, names: list[str] | None) -> pa.ChunkedArray:
    """Numbers of classes as their names, where all of them have one."""
    if not names or not pa.types.is_integer(column.type):
        return column
    numbers: Any = column.to_numpy(zero_copy_only=False) if not column.null_count else np.array([-1])
    if numbers.min(initial=0) < 0 or numbers.max(initial=0) >= len(names):
        return column
    return pa.chunked_array([pa.array([names[number] for number in numbers], pa.string())])
