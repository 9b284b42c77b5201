"""ZIP archives, read member by member in memory: nothing in them ever becomes a path."""

import mmap
import re
import stat
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from aejax.data.upload.limits import Limits, UploadError, check_limit
from aejax.data.upload.words import cleaned

# What an operating system puts into archives by itself.
_LITTER = re.compile(r"(^|/)(__MACOSX/|\._|\.DS_Store$|Thumbs\.db$|desktop\.ini$)")
_ARCHIVES = (
    b"PK\x03\x04",
    b"PK\x05\x06",
    b"\x1f\x8b",
    b"BZh",
    b"\xfd7zXZ",
    b"7z\xbc\xaf",
    b"Rar!",
    b"\x28\xb5\x2f\xfd",
)
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError)
_ENTRY = b"PK\x01\x02"


class MemberError(ValueError):
    """A member that is left out: why, in a few words."""


class Archive:
    """An open archive whose members are known to stay within the limits."""

    def __init__(self, file: zipfile.ZipFile, limits: Limits) -> None:
        self.members = [m for m in file.infolist() if not m.is_dir() and not _LITTER.search(m.filename)]
        check_limit("files in the archive", len(self.members), limits.files)
        check_limit("unpacked bytes in the archive", sum(m.file_size for m in self.members), limits.decompressed_bytes)
        self._file = file

    def read(self, member: zipfile.ZipInfo) -> bytes:
        """The bytes of a member, exactly as many as the archive declares.

        Raises:
            MemberError: If it is a link, encrypted, damaged, or an archive itself, or has a name that leads elsewhere.
        """
        if stat.S_ISLNK(member.external_attr >> 16):
            raise MemberError("links")
        if leads_out(member.filename):
            raise MemberError("names that lead out of the archive")
        if member.flag_bits & 0x1:
            raise MemberError("encrypted")
        try:
            with self._file.open(member) as stream:
                content = stream.read(member.file_size + 1)
        except _BROKEN as error:
            raise MemberError("damaged") from error
        if len(content) != member.file_size:
            raise MemberError("damaged")
        if content.startswith(_ARCHIVES):
            raise MemberError("archives inside the archive")
        return content


@contextmanager
def opened(path: Path, limits: Limits) -> Iterator[Archive]:
    """The archive at `path`, once its directory keeps the limits.

    Raises:
        UploadError: If it is no archive, or its directory declares too much.
    """
    with path.open("rb") as raw, mmap.mmap(raw.fileno(), 0, access=mmap.ACCESS_READ) as content:
        # Before the directory becomes objects, which take ten times its bytes.
        entries = len(re.findall(re.escape(_ENTRY), content[-100 * limits.files :]))
    check_limit("entries in the archive's directory", entries, 2 * limits.files)
    try:
        file = zipfile.ZipFile(path)
    except _BROKEN as error:
        raise UploadError(f"the archive cannot be opened ({cleaned(error)})") from error
    with file:
        yield Archive(file, limits)


def leads_out(name: str) -> bool:
    """Whether a member's name would, as a path, lead out of the folder that it is unpacked to."""
    plain = name.replace("\\", "/")
    return plain.startswith("/") or bool(re.match(r"[A-Za-z]:", plain)) or ".." in PurePosixPath(plain).parts
