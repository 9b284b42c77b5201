"""Examples that are named by the file in which they lie, and looked at without reading it whole."""

import tempfile
from pathlib import Path

import numpy as np

from aejax.arrays import DataError

_ROWS_AT_ONCE = 1 << 16


def opened(x: object, name: str = "x") -> object:
    """The array in the file that `x` names, mapped into memory; anything but a path as it is.

    An npy file is mapped as it lies. A Parquet file is unpacked once, some rows at a time, into a file without a name
    in the folder for temporary files (TMPDIR), which is gone when nobody looks at it any more.

    Raises:
        DataError: If there is no such file, or it is of another form.
    """
    if not isinstance(x, str | Path):
        return x
    path = Path(x)
    readers = {".npy": _mapped, ".parquet": _unpacked}
    if path.suffix not in readers:
        raise DataError(f"{name} must be an array, or name a file that ends in {' or '.join(readers)}; got {str(x)!r}")
    try:
        return readers[path.suffix](path, name)
    except (OSError, ValueError) as error:
        if isinstance(error, DataError):
            raise
        raise DataError(f"{name} cannot be read from {path}: {error}") from error


def _mapped(path: Path, name: str) -> np.ndarray:
    array: np.ndarray = np.load(path, mmap_mode="r", allow_pickle=False)
    return array


def _unpacked(path: Path, name: str) -> np.ndarray:
    # Imported at use: few files are of this form, and pyarrow takes its time.
    import pyarrow as pa
    import pyarrow.parquet as pq

    with pq.ParquetFile(path) as file, tempfile.TemporaryFile() as out:
        schema = file.schema_arrow
        is_number = [pa.types.is_integer, pa.types.is_floating, pa.types.is_boolean]
        for field in schema:
            if not any(test(field.type) for test in is_number):
                raise DataError(f"{name} must hold columns of numbers; column {field.name!r} of {path} is {field.type}")
        of_bytes = all(pa.types.is_uint8(field.type) for field in schema)
        dtype = np.dtype(np.uint8 if of_bytes else np.float32)
        for batch in file.iter_batches(_ROWS_AT_ONCE):
            columns = [column.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False) for column in batch.columns]
            out.write(np.stack(columns, axis=1).astype(dtype).tobytes())
        out.flush()
        shape = (file.metadata.num_rows, len(schema))
        if 0 in shape:
            raise DataError(f"{name} must have at least one example and one feature; got shape {shape}")
        return np.memmap(out, dtype, "r", shape=shape)
