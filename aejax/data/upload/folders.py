"""A folder of this machine as a holder of files: what is in it is read where it lies, and links are not followed."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from aejax.data.upload.archive import LITTER, Holder, Member, MemberError
from aejax.data.upload.limits import Limits, UploadError, check_limit
from aejax.data.upload.words import cleaned


class Folder(Holder):
    """The files of a folder and of those within it, known to stay within the limits."""

    def __init__(self, path: Path, limits: Limits) -> None:
        """Look through the folder.

        Raises:
            UploadError: If it cannot be read, or breaks a limit.
        """
        self.members = []
        total = 0
        for file in _files(path):
            name = file.relative_to(path).as_posix()
            if LITTER.search(name):
                continue
            size = file.stat().st_size
            total += size
            self.members.append(Member(name, size, file))
            check_limit("files in the folder", len(self.members), limits.files)
            check_limit("bytes in the folder", total, limits.decompressed_bytes)

    def read(self, member: Member, packed: bool = False) -> bytes:
        try:
            with member.key.open("rb") as file:
                content = bytes(file.read(member.size + 1))
        except OSError as error:
            raise MemberError("not readable") from error
        if len(content) > member.size:
            raise MemberError("changing")
        return content

    @contextmanager
    def lent(self, member: Member) -> Iterator[Path]:
        yield member.key


def _files(folder: Path) -> Iterator[Path]:
    """The plain files below a folder in the order of their names; what lies behind a link is none of them."""

    def refuse(error: OSError) -> None:
        raise UploadError(f"the folder cannot be read ({cleaned(error.strerror or error)})") from error

    for place, inner, names in os.walk(folder, onerror=refuse, followlinks=False):
        inner.sort()
        for name in sorted(names):
            path = Path(place) / name
            if path.is_file() and not path.is_symlink():
                yield path
