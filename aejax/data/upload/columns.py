"""The columns of a table as features: numbers as they are, dates as days, a few words one by one."""

from collections.abc import Callable, Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from aejax.data.upload.arrays import as_pixels, flat_side, resize
from aejax.data.upload.limits import Limits, UploadError, check_limit
from aejax.data.upload.plan import Column, Found, Plan
from aejax.data.upload.series import long_series, wide_series
from aejax.data.upload.words import cleaned, distinct, listed

_USUAL_LABELS = ("label", "labels", "class", "target", "species", "category", "y", "diagnosis", "cluster")
_GREATEST_GUESS = 30
_MISSING = "(missing)"
_TOLD = 500

Columns = Mapping[str, pa.ChunkedArray]


def table_found(form: str, table: pa.Table, plan: Plan, limits: Limits, usual: str = "") -> Found:
    """The table's examples and, if one of its columns is chosen for them, their classes.

    Args:
        form: What the file is, in words.
        table: All of its columns.
        plan: What is to be done with them.
        limits: What the file may ask for.
        usual: The column that holds the classes unless the plan names another, where whoever keeps the set says so.

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
    found = Found(form, "points", np.empty((table.num_rows, 0)), every=names, shapeable=True)
    if len(set(given)) < len(given):
        found.warnings.append("Columns of one name are told apart by a number behind it")
    found.statistics = [_statistics(name, column) for name, column in list(columns.items())[:_TOLD]]
    _check_named("without", plan.without, columns)
    used = {name: column for name, column in columns.items() if name not in plan.without}
    if plan.without:
        found.notes.append(f"Columns left out as chosen: {listed(list(plan.without))}")
    label_columns(found, used, plan, limits)
    tell_label(found, used, plan, usual)
    used.pop(found.label, None)
    _examples(found, used, plan, limits)
    return found


def _examples(found: Found, columns: dict[str, pa.ChunkedArray], plan: Plan, limits: Limits) -> None:
    """Make the rows examples of the kind that the plan says."""
    if plan.kind == "sequence" or (plan.kind == "auto" and plan.series):
        _check_named("series", (plan.series,) if plan.series else (), columns)
        _check_named("time", (plan.time,) if plan.time else (), columns)
        if plan.series:
            ids = columns.pop(plan.series)
            time = columns.pop(plan.time, None)
            rows = pc.dictionary_encode(ids).combine_chunks().indices.fill_null(-1).to_numpy(zero_copy_only=False)
            order = None if time is None else _order(plan.time, time)
            long_series(found, rows, order, _all_numbers(found, columns, limits), limits)
        else:
            wide_series(found, _all_numbers(found, columns, limits), limits)
        return
    _features(found, columns, plan, limits)
    if plan.kind == "image" or (plan.kind == "auto" and _is_flat_images(found)):
        _square(found, plan)


def _check_named(what: str, names: tuple[str, ...], columns: Columns) -> None:
    for name in names:
        if name not in columns:
            raise UploadError(f"{what} must be one of {listed([*columns])}; got {cleaned(name)}")


def _order(name: str, time: pa.ChunkedArray) -> np.ndarray:
    numbers = _numbers(time)
    if numbers is None:
        raise UploadError(f"time must be a column of numbers or dates; {name} holds {cleaned(time.type)}")
    return numbers


def _all_numbers(found: Found, columns: Columns, limits: Limits) -> np.ndarray:
    """The columns that are numbers, side by side; the others are left out, and told."""
    parts = {name: numbers for name, column in columns.items() if (numbers := _numbers(column)) is not None}
    check_limit("bytes of all columns", 8 * len(parts) * len(found.x), limits.decompressed_bytes)
    left = [name for name in columns if name not in parts]
    if left:
        found.warnings.append(f"{len(left):,} columns are no numbers and were left out: {listed(left)}")
    if not parts:
        raise UploadError("the table must have a column of numbers for the sequences; it has none")
    found.features = list(parts)
    return np.stack(list(parts.values()), axis=1)


def _is_flat_images(found: Found) -> bool:
    """Whether the features are as many bytes as a square of pixels has."""
    if not flat_side(found.x.shape[1]) or set(found.kinds) != {"number"}:
        return False
    with np.errstate(invalid="ignore"):
        whole = bool((found.x == np.round(found.x)).all())
    return whole and bool(found.x.min() >= 0 and 1 < found.x.max() <= 255)


def _square(found: Found, plan: Plan) -> None:
    side = flat_side(found.x.shape[1], 1)
    if not side:
        raise UploadError(f"images must have as many columns as a square has pixels; got {found.x.shape[1]:,}")
    found.notes.append(f"Rows of {side * side} numbers are taken for images of {side} × {side} pixels")
    numbers = found.x.reshape(-1, side, side)
    whole = np.isfinite(numbers).all() and (numbers == np.round(numbers)).all()
    found.x = as_pixels(numbers.astype(np.int64) if whole else numbers, found, plan)
    found.kind, found.features, found.kinds = "image", [], []
    resize(found, plan)


def _is_placed(table: pa.Table) -> bool:
    return bool(table.column_names == [f"f{number}" for number in range(table.num_columns)])


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """The column without a dictionary."""
    return column.cast(column.type.value_type) if pa.types.is_dictionary(column.type) else column


def _statistics(name: str, column: pa.ChunkedArray) -> Column:
    numbers = _numbers(column)
    known = np.empty(0) if numbers is None else numbers[np.isfinite(numbers)]
    try:
        different = len(pc.unique(column))
    except pa.ArrowException:
        different = 0
    missing = column.null_count if numbers is None else len(numbers) - len(known)
    if not len(known):
        return Column(name, _kind(column.type), None, None, None, missing, different)
    least, greatest, mean = float(known.min()), float(known.max()), float(known.mean())
    return Column(name, _kind(column.type), least, greatest, mean, missing, different)


def _kind(kind: pa.DataType) -> str:
    if _is_text(kind):
        return "word"
    if pa.types.is_boolean(kind):
        return "truth"
    return "date" if pa.types.is_date(kind) or pa.types.is_timestamp(kind) else "number" if _way(kind) else "other"


def label_columns(found: Found, columns: Columns, plan: Plan, limits: Limits) -> None:
    """Note which columns can be classes, and by which the held-out examples can be drawn in proportion."""
    found.columns = [name for name, column in columns.items() if _is_label(column, limits)]
    if plan.stratum in found.columns:
        found.strata[plan.stratum] = _encoded(columns[plan.stratum])[0]


def _is_label(column: pa.ChunkedArray, limits: Limits) -> bool:
    kind = column.type
    if not (_is_text(kind) or pa.types.is_integer(kind) or pa.types.is_boolean(kind)):
        return False
    return 2 <= len(pc.unique(column)) <= limits.classes


def tell_label(found: Found, columns: Columns, plan: Plan, usual: str = "") -> None:
    """Take the classes from a column: the plan's, else the `usual` or one called so, else the last of few words."""
    if plan.label is not None:
        if plan.label and plan.label not in found.columns:
            raise UploadError(
                f"label must be one of {listed(found.columns) or 'no column'}; got {listed([plan.label])}"
            )
        found.label = plan.label
    else:
        likely = [name for name in found.columns if name == usual or name.lower() in _USUAL_LABELS]
        words = [name for name in found.columns if _few_words(columns[name], _GREATEST_GUESS) is not None]
        found.label = (likely or words[-1:] or [""])[0]
    if found.label:
        found.labels, found.names = _encoded(columns[found.label])


def _encoded(column: pa.ChunkedArray) -> tuple[np.ndarray, list[str]]:
    """Each value of a column as an index into its different values, and those, numbers by their size before words."""
    encoded = pc.dictionary_encode(column.cast(pa.string()).fill_null(_MISSING)).combine_chunks()
    texts: list[str] = encoded.dictionary.to_pylist()
    order = sorted(range(len(texts)), key=lambda index: _natural(texts[index]))
    return np.argsort(order)[encoded.indices.to_numpy(zero_copy_only=False)], [texts[index] for index in order]


def _natural(text: str) -> tuple[int, float, str]:
    """Numbers before words, by their size."""
    return (0, float(text), "") if text.lstrip("-").isdecimal() and len(text) < 20 else (1, 0.0, text)


def _features(found: Found, columns: Columns, plan: Plan, limits: Limits) -> None:
    parts: list[np.ndarray] = []
    left: list[str] = []
    for name, column in columns.items():
        numbers = _numbers(column)
        if numbers is not None:
            found.features.append(name)
            found.kinds.append(_kind(column.type))
            parts.append(numbers[:, None])
        elif plan.words == "one-hot" and (words := _few_words(column, limits.categories)) is not None:
            found.features += distinct([f"{name} = {word}" for word in words])
            found.kinds += ["word"] * len(words)
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


_WAYS: dict[Callable[[pa.DataType], bool], Callable[[pa.ChunkedArray], pa.ChunkedArray]] = {
    pa.types.is_boolean: lambda column: column.cast(pa.uint8()),
    pa.types.is_date: lambda column: column.cast(pa.timestamp("s")).cast(pa.int64()),
    pa.types.is_timestamp: lambda column: column.cast(pa.timestamp("s", tz=column.type.tz), safe=False).cast(
        pa.int64()
    ),
    pa.types.is_integer: lambda column: column,
    pa.types.is_floating: lambda column: column,
    pa.types.is_decimal: lambda column: column,
}


def _way(kind: pa.DataType) -> Callable[[pa.ChunkedArray], pa.ChunkedArray] | None:
    return next((way for test, way in _WAYS.items() if test(kind)), None)


def _numbers(column: pa.ChunkedArray) -> np.ndarray | None:
    """The column as numbers, dates as days, NaN where one is missing; None where it is something else."""
    way, kind = _way(column.type), column.type
    if way is None:
        return None
    numbers = np.array(way(column).cast(pa.float64(), safe=False).to_numpy(), np.float64)
    return numbers / 86400 if pa.types.is_date(kind) or pa.types.is_timestamp(kind) else numbers
