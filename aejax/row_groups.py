"""Examples in a folder of Parquet files, of which only the row groups are read that are asked for."""

from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from aejax.arrays import DataError
from aejax.types import Shape

# Neighbours that are read one after another lie in the same group, or in the next.
_GROUPS_HELD = 2


class _Group(NamedTuple):
    """A piece of a file that is read whole."""

    path: Path
    metadata: Any
    number: int


class RowGroups:
    """The rows of all Parquet files in a folder, in the order of their names, to be sliced as an array is.

    Attributes:
        shape: Rows in all, and features.
        dtype: uint8 where all features are, else float32.
        block: Rows that should be read together: as many as a row group has.
    """

    def __init__(self, folder: Path, name: str = "x") -> None:
        """Read what the files say of themselves, and no rows.

        Raises:
            DataError: If there are none, or they do not hold the same columns of numbers.
        """
        import pyarrow.parquet as pq

        paths = sorted(folder.glob("*.parquet"))
        if not paths:
            raise DataError(f"{name} must be a folder with Parquet files; {folder} has none that ends in .parquet")
        groups, sizes, schema = list[_Group](), [0], None
        for path in paths:
            with pq.ParquetFile(path) as file:
                schema = file.schema_arrow if schema is None else schema
                if not file.schema_arrow.equals(schema):
                    raise DataError(f"{name} must have the same columns in every file; those of {path} are others")
                for number in range(file.metadata.num_row_groups):
                    groups.append(_Group(path, file.metadata, number))
                    sizes.append(sizes[-1] + file.metadata.row_group(number).num_rows)
        width, self.dtype = width_of(schema, name, paths[0])
        self.shape: Shape = (sizes[-1], width)
        if 0 in self.shape:
            raise DataError(f"{name} must have at least one example and one feature; got shape {self.shape}")
        self._groups, self._firsts = groups, np.array(sizes)
        self.block = int(np.diff(self._firsts).max())
        self._rows_of = lru_cache(_GROUPS_HELD)(self._read)

    def __len__(self) -> int:
        return self.shape[0]

    @property
    def ndim(self) -> int:
        """Dimensions: 2."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """Numbers in all."""
        return self.shape[0] * self.shape[1]

    def __getitem__(self, rows: slice) -> np.ndarray:
        """The rows of a slice with a positive step."""
        first, last, step = rows.indices(len(self))
        numbers = np.arange(first, last, step)
        out = np.empty((len(numbers), self.shape[1]), self.dtype)
        owners = np.searchsorted(self._firsts, numbers, "right") - 1
        for group in np.unique(owners):
            here = np.flatnonzero(owners == group)
            out[here[0] : here[-1] + 1] = self._rows_of(int(group))[numbers[here] - self._firsts[group]]
        return out

    def _read(self, number: int) -> np.ndarray:
        import pyarrow.parquet as pq

        group = self._groups[number]
        with pq.ParquetFile(group.path, metadata=group.metadata) as file:
            return decoded(file.read_row_group(group.number), self.shape[1], self.dtype)


def width_of(schema: Any, name: str, path: Path) -> tuple[int, np.dtype]:
    """Features in each row of a Parquet file, and the type in which they are taken.

    Raises:
        DataError: If its columns are not of numbers, or one column of lists of them, all as long.
    """
    import pyarrow as pa

    fields = list(schema)
    is_one = len(fields) == 1 and pa.types.is_fixed_size_list(fields[0].type)
    types = [fields[0].type.value_type] if is_one else [field.type for field in fields]
    is_number = [pa.types.is_integer, pa.types.is_floating, pa.types.is_boolean]
    for field, kind in zip(fields, types, strict=True):
        if not any(test(kind) for test in is_number):
            raise DataError(f"{name} must hold columns of numbers; column {field.name!r} of {path} is {field.type}")
    dtype = np.dtype(np.uint8 if types and all(pa.types.is_uint8(kind) for kind in types) else np.float32)
    return fields[0].type.list_size if is_one else len(fields), dtype


def decoded(table: Any, width: int, dtype: np.dtype) -> np.ndarray:
    """The rows of an Arrow table, or of a batch of one, as an array of this width and type."""
    import pyarrow as pa

    columns = [pa.concat_arrays(column.chunks) if hasattr(column, "chunks") else column for column in table.columns]
    if len(columns) == 1 and pa.types.is_fixed_size_list(columns[0].type):
        columns = [columns[0].flatten()]
    # Missing cells become NaN, which is refused where it is read.
    found = [
        column.to_numpy(zero_copy_only=False)
        if column.null_count == 0
        else column.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False)
        for column in columns
    ]
    rows: np.ndarray = found[0].reshape(-1, width) if len(found) == 1 else np.stack(found, axis=1)
    return rows.astype(dtype, copy=False)
