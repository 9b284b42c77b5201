"""What the system is told of a mapped file, so that it fetches from the disk what is read and no more.

Left alone it reads ahead of each place that is touched, up to megabytes, of which blocks in random order need a part.
"""

import mmap

import numpy as np


class Pages:
    """The pages of a mapped file under an array of rows."""

    def __init__(self, rows: object) -> None:
        """Announce that rows are read in random order; nothing where they are not those of a mapped file."""
        self._map, self._start, self._row = None, 0, 0
        found = _map_under(rows)
        if found is None or not isinstance(rows, np.ndarray) or not rows.flags.c_contiguous or not len(rows):
            return
        self._map, self._row = found, rows.nbytes // len(rows)
        self._start = rows.ctypes.data - np.frombuffer(found, np.uint8).ctypes.data
        found.madvise(mmap.MADV_RANDOM)

    def expect(self, first: int, last: int) -> None:
        """Announce that the rows from `first` up to `last` are read soon."""
        if self._map is not None:
            start = self._start + first * self._row
            whole = start - start % mmap.PAGESIZE
            self._map.madvise(mmap.MADV_WILLNEED, whole, self._start + last * self._row - whole)


def _map_under(rows: object) -> mmap.mmap | None:
    """The map of the file that an array looks into, if it does and the system takes advice."""
    if not hasattr(mmap, "MADV_RANDOM"):
        return None
    while isinstance(rows, np.ndarray):
        rows = rows.base
    return rows if isinstance(rows, mmap.mmap) else None
