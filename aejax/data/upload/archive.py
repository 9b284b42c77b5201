"""ZIP archives, read member by member in memory: nothing in them ever becomes a path."""

import mmap
import re
import stat
import tempfile
import zipfile
import zlib
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from aejax.data.upload.limits import Limits, UploadError, check_limit
from aejax.data.upload.words import cleaned

# What an operating system puts into archives and folders by itself.
LITTER = re.compile(r"(^|/)(__MACOSX/|\._|\.DS_Store$|Thumbs\.db$|desktop\.ini$)")
_PACKED = (b"\x1f\x8b", b"PK\x03\x04", b"PK\x05\x06")
_ARCHIVES = (*_PACKED, b"BZh", b"\xfd7zXZ", b"7z\xbc\xaf", b"Rar!", b"\x28\xb5\x2f\xfd")
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError)
_ENTRY = b"PK\x01\x02"


class MemberError(ValueError):
    """A member that is left out: why, in a few words."""


@dataclass(frozen=True)
class Member:
    """One of the files that a holder has: its name, which is nothing but a name, its size, and what finds it."""

    name: str
    size: int
    key: Any


class Holder(ABC):
    """Many files in one: an archive, a folder, a column of a table.

    Attributes:
        members: The files, without those that an operating system adds.
    """

    members: list[Member]

    @abstractmethod
    def read(self, member: Member, packed: bool = False) -> bytes:
        """The bytes of a member, which may be an archive itself only if it may be `packed`.

        Raises:
            MemberError: If it is not to be read, and why.
        """

    @contextmanager
    def lent(self, member: Member) -> Iterator[Path]:
        """A path of our own making at which the member can be read for as long as the context lasts.

        Raises:
            UploadError: If it cannot be read.
        """
        try:
            content = self.read(member, packed=True)
        except MemberError as error:
            raise UploadError(f"{cleaned(member.name)} cannot be read: {error}") from error
        with tempfile.TemporaryDirectory() as folder:
            place = Path(folder) / "member"
            place.write_bytes(content)
            yield place


class Archive(Holder):
    """An open archive whose members are known to stay within the limits."""

    def __init__(self, file: zipfile.ZipFile, limits: Limits) -> None:
        known = [info for info in file.infolist() if not info.is_dir() and not LITTER.search(info.filename)]
        self.members = [Member(info.filename, info.file_size, info) for info in known]
        check_limit("files in the archive", len(known), limits.files)
        check_limit("unpacked bytes in the archive", sum(info.file_size for info in known), limits.decompressed_bytes)
        self._file = file

    def read(self, member: Member, packed: bool = False) -> bytes:
        info: zipfile.ZipInfo = member.key
        if stat.S_ISLNK(info.external_attr >> 16):
            raise MemberError("links")
        if leads_out(member.name):
            raise MemberError("names that lead out of the archive")
        if info.flag_bits & 0x1:
            raise MemberError("encrypted")
        try:
            with self._file.open(info) as stream:
                content = stream.read(member.size + 1)
        except _BROKEN as error:
            raise MemberError("damaged") from error
        if len(content) != member.size:
            raise MemberError("damaged")
        if content.startswith(_ARCHIVES) and not (packed and content.startswith(_PACKED)):
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
