"""The columns of a table as features: numbers as they are, dates as days, a few words one by one."""

from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from aejax.data.upload.limits import Limits, UploadError, check_limit
from aejax.data.upload.plan import Found, Plan
from aejax.data.upload.words import distinct, listed

_USUAL_LABELS = ("label", "labels", "class", "target", "species", "category", "y", "diagnosis", "cluster")
_GREATEST_GUESS = 30
_MISSING = "(missing)"


def table_found(form: str, table: pa.Table, plan: Plan, limits: Limits) -> Found:
    """The table's features and, if one of its columns is chosen for them, its classes.

    Raises:
        UploadError: If it has no rows or no column of use, or breaks a limit.
    """
    check_limit("rows", table.num_rows, limits.rows)
    check_limit("columns", table.num_columns, limits.features)
    if not table.num_rows or not table.num_columns:
        raise UploadError(f"the table must have rows and columns; got {table.num_rows} and {table.num_columns}")
    given = [f"column {number + 1}" if _is_placed(table) else name for number, name in enumerate(table.column_names)]
    names = distinct(given)
    columns = {name: _plain(column) for name, column in zip(names, table.columns, strict=True)}
    found = Found(form, "points", np.empty((table.num_rows, 0)))
    if len(set(given)) < len(given):
        found.warnings.append("Columns of one name are told apart by a number behind it")
    found.columns = [name for name, column in columns.items() if _is_label(column, limits)]
    found.label = _chosen(found.columns, columns, plan)
    if found.label:
        _label(found, columns.pop(found.label))
    _features(found, columns, limits)
    return found


def _is_placed(table: pa.Table) -> bool:
    return bool(table.column_names == [f"f{number}" for number in range(table.num_columns)])


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """The column without a dictionary."""
    return column.cast(column.type.value_type) if pa.types.is_dictionary(column.type) else column


def _is_label(column: pa.ChunkedArray, limits: Limits) -> bool:
    kind = column.type
    if not (_is_text(kind) or pa.types.is_integer(kind) or pa.types.is_boolean(kind)):
        return False
    return 2 <= len(pc.unique(column)) <= limits.classes


def _chosen(choices: list[str], columns: dict[str, pa.ChunkedArray], plan: Plan) -> str:
    """The column of the classes: the one that the plan names, else one called so, else the last of few words."""
    if plan.label is not None:
        if plan.label and plan.label not in choices:
            raise UploadError(f"label must be one of {listed(choices) or 'no column'}; got {listed([plan.label])}")
        return plan.label
    usual = [name for name in choices if name.lower() in _USUAL_LABELS]
    words = [name for name in choices if _few_words(columns[name], _GREATEST_GUESS) is not None]
    return (usual or words[-1:] or [""])[0]


def _label(found: Found, column: pa.ChunkedArray) -> None:
    encoded = pc.dictionary_encode(column.cast(pa.string()).fill_null(_MISSING)).combine_chunks()
    texts: list[str] = encoded.dictionary.to_pylist()
    order = sorted(range(len(texts)), key=lambda index: _natural(texts[index]))
    found.labels = np.argsort(order)[encoded.indices.to_numpy(zero_copy_only=False)]
    found.names = [texts[index] for index in order]


def _natural(text: str) -> tuple[int, float, str]:
    """Numbers before words, by their size."""
    return (0, float(text), "") if text.lstrip("-").isdecimal() and len(text) < 20 else (1, 0.0, text)


def _features(found: Found, columns: dict[str, pa.ChunkedArray], limits: Limits) -> None:
    parts: list[np.ndarray] = []
    left: list[str] = []
    for name, column in columns.items():
        numbers = _numbers(column)
        if numbers is not None:
            found.features.append(name)
            parts.append(numbers[:, None])
        elif (words := _few_words(column, limits.categories)) is not None:
            found.features += distinct([f"{name} = {word}" for word in words])
            found.notes.append(f"Column {name} becomes {len(words)} features of 0 and 1, one for each word")
            parts.append(np.stack([_is_word(column, word) for word in words], axis=1))
        else:
            left.append(name)
        check_limit("features", len(found.features), limits.features)
        check_limit("bytes of all features", 8 * len(found.features) * len(column), limits.decompressed_bytes)
    if left:
        found.warnings.append(
            f"{len(left):,} columns are no numbers, dates or few words and were left out: {listed(left)}"
        )
    if not parts:
        raise UploadError("the table must have a column of numbers, dates or few words beside the label; it has none")
    found.x = np.concatenate(parts, axis=1)


def _few_words(column: pa.ChunkedArray, most: int) -> list[str] | None:
    """The words of a column that says the same few again and again; None where it is another."""
    if not _is_text(column.type):
        return None
    known = pc.unique(column)
    # One word a row, as in names and notes, tells nothing of the rows.
    if not 2 <= len(known) <= min(most, len(column) // 2):
        return None
    return sorted(word for word in known.to_pylist() if word is not None)


def _is_word(column: pa.ChunkedArray, word: str) -> np.ndarray:
    return pc.equal(column, word).cast(pa.float64()).to_numpy()


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _numbers(column: pa.ChunkedArray) -> np.ndarray | None:
    """The column as numbers, NaN where one is missing; None where it is something else."""
    kind = column.type
    ways: dict[Callable[[pa.DataType], bool], Callable[[pa.ChunkedArray], pa.ChunkedArray]] = {
        pa.types.is_boolean: lambda c: c.cast(pa.uint8()),
        pa.types.is_date: lambda c: c.cast(pa.timestamp("s")).cast(pa.int64()),
        pa.types.is_timestamp: lambda c: c.cast(pa.timestamp("s", tz=c.type.tz), safe=False).cast(pa.int64()),
        pa.types.is_integer: lambda c: c,
        pa.types.is_floating: lambda c: c,
        pa.types.is_decimal: lambda c: c,
    }
    way = next((way for test, way in ways.items() if test(kind)), None)
    if way is None:
        return None
    numbers = np.array(way(column).cast(pa.float64(), safe=False).to_numpy(), np.float64)
    return numbers / 86400 if pa.types.is_date(kind) or pa.types.is_timestamp(kind) else numbers
