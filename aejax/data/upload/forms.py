"""What a single file is, which its first bytes say and not its name, and the reader of each."""

from pathlib import Path

from aejax.data.upload.arrays import read_idx_file, read_npy
from aejax.data.upload.bundle import Reader, members_found, read_archive
from aejax.data.upload.folders import Folder
from aejax.data.upload.limits import Limits, UploadError, check_limit
from aejax.data.upload.plan import Found, Plan, Report
from aejax.data.upload.tables import read_arrow, read_parquet, read_text

_PICKLES = (b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05", b"(lp", b"(dp", b"cnumpy", b"cos\n")
_OTHERS = {
    b"%PDF": "a PDF file",
    b"\x89PNG": "a single image",
    b"\xff\xd8\xff": "a single image",
    b"GIF8": "a single image",
    b"II*\0": "a single image",
    b"\x89HDF": "an HDF5 file",
    b"\xd0\xcf\x11\xe0": "an old Office file, such as xls",
    b"BZh": "a bzip2 file",
    b"\xfd7zXZ": "an xz file",
    b"7z\xbc\xaf": "a 7z archive",
    b"Rar!": "a RAR archive",
    b"\x28\xb5\x2f\xfd": "a Zstandard file",
    b"SQLite format 3": "an SQLite database",
    b"\x7fELF": "a program",
    b"MZ": "a program",
}
_READERS: dict[bytes, Reader] = {
    b"\x93NUMPY": read_npy,
    b"\x1f\x8b": read_idx_file,
    b"\0\0": read_idx_file,
    b"PAR1": read_parquet,
    b"ARROW1": read_arrow,
    b"\xff\xff\xff\xff": read_arrow,
    b"PK\x03\x04": read_archive,
    b"PK\x05\x06": read_archive,
}


def file_found(path: Path, plan: Plan, limits: Limits, report: Report) -> Found:
    """What is in a file, whatever it is called.

    Raises:
        UploadError: If it cannot be read; one sentence.
    """
    check_limit("bytes of the file", path.stat().st_size, limits.upload_bytes)
    with path.open("rb") as file:
        start = file.read(16)
    if not start:
        raise UploadError("the file is empty")
    if start.startswith(_PICKLES):
        raise UploadError("the file is a pickle, which could run code, and is not read: save arrays as npy or npz")
    for magic, what in _OTHERS.items():
        if start.startswith(magic):
            raise UploadError(f"the file is {what}, which is not read here: bring a ZIP of images, npz, CSV or Parquet")
    reader = next((reader for magic, reader in _READERS.items() if start.startswith(magic)), read_text)
    return reader(path, plan, limits, report)


def place_found(path: Path, plan: Plan, limits: Limits, report: Report) -> Found:
    """What is in a file or a folder of this machine.

    Raises:
        UploadError: If it cannot be read; one sentence.
    """
    try:
        if path.is_dir():
            return members_found("folder", Folder(path, limits), plan, limits, report)
        if path.is_file():
            return file_found(path, plan, limits, report)
    except (OSError, ValueError) as error:
        if isinstance(error, UploadError):
            raise
        raise UploadError("the path cannot be read on this machine") from error
    raise UploadError("the path must be that of a folder or a file on this machine; there is none of that name")
