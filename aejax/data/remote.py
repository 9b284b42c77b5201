"""Sets of IDX files kept elsewhere: looked for on this machine, verified, downloaded if missing."""

import dataclasses
import hashlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeAlias

import numpy as np

from aejax.data.idx import parse_idx, read_content
from aejax.data.refusals import DownloadError, MirrorError
from aejax.place import cache_folder

# Called with the bytes done, the bytes in all and the name of the file that is under way.
Progress: TypeAlias = Callable[[int, int, str], None]

MAX_CONTENT_BYTES = 2**27


@dataclasses.dataclass(frozen=True)
class RemoteFile:
    """One gzipped IDX file.

    Attributes:
        name: File name without .gz.
        gz_bytes: Size of the original .gz.
        gz_sha256: Digest of the original .gz, which is what mirrors hold.
        content_sha256: Digest of the decompressed file, or None where it is not known; with it, copies that
            were unpacked, or packed anew, can be verified too.
    """

    name: str
    gz_bytes: int
    gz_sha256: str
    content_sha256: str | None = None


@dataclasses.dataclass(frozen=True)
class RemoteSet:
    """Four IDX files and where they are held.

    Attributes:
        folder: Name of their folder in the data folder.
        title: Name for people.
        mirrors: Addresses to try in turn, each ending in a slash.
        files: Training images, training labels, test images, test labels.
    """

    folder: str
    title: str
    mirrors: tuple[str, ...]
    files: tuple[RemoteFile, RemoteFile, RemoteFile, RemoteFile]

    @property
    def download_bytes(self) -> int:
        """Bytes of all files as they are downloaded."""
        return sum(file.gz_bytes for file in self.files)

    @property
    def ready(self) -> bool:
        """Whether each file is in the set's own folder, going by its name alone."""
        own_folder = data_folder() / self.folder
        return all(
            (own_folder / f"{file.name}.gz").is_file() or (own_folder / file.name).is_file() for file in self.files
        )

    def places(self, file: RemoteFile) -> Iterator[Path]:
        """Paths where the file may lie: the set's own folder, then the data folder, gzipped or not."""
        for folder in (data_folder() / self.folder, data_folder()):
            yield folder / f"{file.name}.gz"
            yield folder / file.name


def data_folder() -> Path:
    """Folder of downloaded data: that in the variable AEJAX_DATA, else the user's cache."""
    chosen = os.environ.get("AEJAX_DATA")
    return Path(chosen).expanduser() if chosen else cache_folder()


def load_arrays(
    remote: RemoteSet, progress: Progress | None = None
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Training images and labels, test images and labels; what is missing is downloaded first.

    Args:
        remote: The files and their mirrors.
        progress: Called as the download goes on; not called when there is nothing to download.

    Raises:
        DownloadError: If a file is neither here nor to be had; no partial file is left behind.
    """
    contents: dict[str, bytes] = {}
    refusals: list[str] = []
    for file in remote.files:
        content = find_content(remote, file, refusals)
        if content is not None:
            contents[file.name] = content
    missing = [file for file in remote.files if file.name not in contents]
    try:
        contents |= download_contents(remote, missing, progress)
    except (MirrorError, OSError) as error:
        raise DownloadError(way_out(remote, missing, str(error), refusals)) from error
    train_images, train_labels, test_images, test_labels = (parse_idx(contents[f.name]) for f in remote.files)
    return train_images, train_labels, test_images, test_labels


def find_content(remote: RemoteSet, file: RemoteFile, refusals: list[str]) -> bytes | None:
    """The file's verified content if it is on this machine; why a copy was refused goes to `refusals`.

    A refused .gz in the set's own folder is set aside as .rejected, which makes room for a good one. The data
    folder itself may hold another set under the same names: what does not fit there is passed over.
    """
    own_folder = data_folder() / remote.folder
    for path in remote.places(file):
        if not path.is_file():
            continue
        try:
            return verified_content(path, file)
        except ValueError as error:
            if path.parent == own_folder:
                refusals.append(f"{path.name} there was refused, for {error}")
                set_aside(path)
        except OSError as error:
            refusals.append(f"{path} could not be read ({error.strerror})")
    return None


def verified_content(path: Path, file: RemoteFile) -> bytes:
    """The decompressed content of the file at `path`.

    Raises:
        ValueError: If it is not the content expected, or there is no way to tell.
        OSError: If it cannot be read.
    """
    if file.content_sha256 is not None:
        content = read_content(path, MAX_CONTENT_BYTES)
        if hashlib.sha256(content).hexdigest() != file.content_sha256:
            raise ValueError("its checksum is wrong")
        return content
    if path.suffix != ".gz":
        raise ValueError("only the original .gz can be verified")
    if path.stat().st_size != file.gz_bytes:
        raise ValueError(f"the original has {file.gz_bytes} bytes")
    packed = path.read_bytes()
    if hashlib.sha256(packed).hexdigest() != file.gz_sha256:
        raise ValueError("its checksum is wrong")
    return read_content(packed, MAX_CONTENT_BYTES)


def set_aside(path: Path) -> None:
    """Rename a refused .gz, unless the folder is closed to writing or another process was quicker."""
    if path.suffix != ".gz":
        return
    try:
        path.replace(path.with_name(f"{path.name}.rejected"))
    except OSError:
        return


def download_contents(remote: RemoteSet, missing: list[RemoteFile], progress: Progress | None) -> dict[str, bytes]:
    """Content of each missing file by name, downloaded to the set's own folder.

    Raises:
        MirrorError: If no mirror gave one of them.
    """
    # What speaks HTTP takes longer to import than a set that is here takes to load.
    from aejax.data.download import fetch_from_mirrors

    folder = data_folder() / remote.folder
    total = sum(file.gz_bytes for file in missing)
    mirrors = remote.mirrors
    contents: dict[str, bytes] = {}
    done = 0
    for file in missing:
        report = part_of_a_whole(progress, done, total, file.name)
        path = folder / f"{file.name}.gz"
        mirrors = fetch_from_mirrors(path, mirrors, file.gz_bytes, file.gz_sha256, report)
        contents[file.name] = read_content(path, MAX_CONTENT_BYTES)
        done += file.gz_bytes
    return contents


def part_of_a_whole(progress: Progress | None, done: int, total: int, name: str) -> Callable[[int], None]:
    """A report of one file's bytes that counts on from what was done before it."""

    def report(file_bytes: int) -> None:
        if progress is not None:
            progress(done + file_bytes, total, name)

    return report


def way_out(remote: RemoteSet, missing: list[RemoteFile], reason: str, refusals: list[str]) -> str:
    """One sentence: what failed, and what the reader can do about it."""
    names = ", ".join(f"{file.name}.gz" for file in missing)
    sentence = (
        f"{remote.title} could not be downloaded ({reason}); try again when the connection is better, "
        f"put {names} into {data_folder() / remote.folder}, or use mnist-sample, which needs no download"
    )
    return "; ".join([sentence, *refusals]) + "."
