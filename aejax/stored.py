"""Examples that are named by the file in which they lie, and looked at without reading it whole."""

import tempfile
from pathlib import Path

import numpy as np

from aejax.arrays import DataError
from aejax.row_groups import RowGroups, decoded, width_of

_ROWS_AT_ONCE = 1 << 16


def opened(x: object, name: str = "x") -> object:
    """The array in the file that `x` names, mapped into memory; anything but a path as it is.

    Of a folder of Parquet files, row groups are read when they are needed. An npy file is mapped as it lies. A single
    Parquet file is unpacked once, some rows at a time, into a file without a name in the folder for temporary files
    (TMPDIR), which is gone when nobody looks at it any more.

    Raises:
        DataError: If there is no such file, or it is of another form.
    """
    if not isinstance(x, str | Path):
        return x
    path = Path(x)
    readers = {".npy": _mapped, ".parquet": _unpacked}
    if path.suffix not in readers and not path.is_dir():
        raise DataError(f"{name} must be an array, or name a file that ends in {' or '.join(readers)}; got {str(x)!r}")
    try:
        return RowGroups(path, name) if path.is_dir() else readers[path.suffix](path, name)
    except (OSError, ValueError) as error:
        if isinstance(error, DataError):
            raise
        raise DataError(f"{name} cannot be read from {path}: {error}") from error


def _mapped(path: Path, name: str) -> np.ndarray:
    array: np.ndarray = np.load(path, mmap_mode="r", allow_pickle=False)
    return array


def _unpacked(path: Path, name: str) -> np.ndarray:
    # Imported at use: few files are of this form, and pyarrow takes its time.
    import pyarrow.parquet as pq

    with pq.ParquetFile(path) as file, tempfile.TemporaryFile() as out:
        width, dtype = width_of(file.schema_arrow, name, path)
        for batch in file.iter_batches(_ROWS_AT_ONCE):
            out.write(decoded(batch, width, dtype).tobytes())
        out.flush()
        shape = (file.metadata.num_rows, width)
        if 0 in shape:
            raise DataError(f"{name} must have at least one example and one feature; got shape {shape}")
        return np.memmap(out, dtype, "r", shape=shape)
