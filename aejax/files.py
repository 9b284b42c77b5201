"""Files written whole or not at all, and read only where they are plain ones of a size to expect."""

import errno
import os
import stat
from io import BufferedIOBase
from pathlib import Path

# A link could lead anywhere, and a pipe would be waited for; Windows knows neither flag.
_PLAIN = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)


def write_whole(path: Path, data: bytes) -> None:
    """Write, flush to the disk, then rename: the name never stands for half a file."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with unfinished.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    if hasattr(os, "O_DIRECTORY"):
        directory = os.open(path.parent, os.O_DIRECTORY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)


def open_plain(path: Path, mode: str = "rb") -> BufferedIOBase:
    """A file opened in a binary mode.

    Raises:
        OSError: If it cannot be opened, or is a link, a pipe or a device.
    """
    try:
        file: BufferedIOBase = open(path, mode, opener=lambda name, flags: os.open(name, flags | _PLAIN))  # type: ignore[assignment]  # noqa: SIM115
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise OSError(errno.ELOOP, "it is a link") from error
        raise
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise OSError(errno.EINVAL, "it is not a plain file")
    return file


def read_plain(path: Path, most: int) -> bytes:
    """What is in a file.

    Raises:
        OSError: As `open_plain`, or if it is larger than `most` bytes.
    """
    with open_plain(path) as file:
        size = os.fstat(file.fileno()).st_size
        if size > most:
            raise OSError(errno.EFBIG, f"it has {size:,} bytes, more than {most:,}")
        return file.read(most)
