"""What many files in one are, an archive or a folder: images, arrays, a set of IDX files, a workbook, or one table."""

import re
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import TypeAlias

import numpy as np

from aejax.data.idx import read_idx
from aejax.data.upload.archive import Holder, Member, MemberError, opened
from aejax.data.upload.arrays import examples_found, read_npy, read_npz
from aejax.data.upload.images import images_found, tell_folders
from aejax.data.upload.limits import Limits, UploadError
from aejax.data.upload.plan import Found, Plan, Report
from aejax.data.upload.tables import read_arrow, read_parquet, read_text
from aejax.data.upload.words import cleaned, listed
from aejax.data.upload.workbook import WORKBOOK, read_workbook

Reader: TypeAlias = Callable[[Path, Plan, Limits, Report], Found]

_TABLES: dict[str, Reader] = {
    ".csv": read_text,
    ".tsv": read_text,
    ".tab": read_text,
    ".parquet": read_parquet,
    ".feather": read_arrow,
    ".arrow": read_arrow,
    ".xlsx": read_workbook,
    ".npy": read_npy,
    ".npz": read_npz,
}
_PICTURES = (".png", ".jpg", ".jpeg", ".gif", ".bmp", ".tif", ".tiff", ".webp", ".ppm", ".pgm", ".pbm")
_IDX = re.compile(r"(ubyte|idx\d?|\.idx)(\.gz)?$", re.IGNORECASE)
_HELD_OUT = re.compile(r"t10k|test|valid", re.IGNORECASE)
_OFFICE = "[Content_Types].xml"


def read_archive(path: Path, plan: Plan, limits: Limits, report: Report) -> Found:
    """What a ZIP archive holds.

    Raises:
        UploadError: If it is no archive, breaks a limit, or holds nothing that is read.
    """
    with opened(path, limits) as archive:
        names = {member.name for member in archive.members}
        if WORKBOOK in names:
            return read_workbook(path, plan, limits, report)
        if _OFFICE in names:
            raise UploadError("the file is an Office document that is no workbook: bring CSV or xlsx")
        if names and all(name.endswith(".npy") for name in names):
            return read_npz(path, plan, limits, report)
        return members_found("ZIP", archive, plan, limits, report)


def members_found(form: str, holder: Holder, plan: Plan, limits: Limits, report: Report) -> Found:
    """What the files of an archive or a folder are together.

    Raises:
        UploadError: If they are nothing that is read, or break a limit.
    """
    if not any(_ending(member) in _PICTURES for member in holder.members):
        if idx := [member for member in holder.members if _IDX.search(member.name)]:
            return _idx_set(form, holder, idx, plan, limits)
        if tables := [member for member in holder.members if _ending(member) in _TABLES]:
            return _table(form, holder, tables, plan, limits, report)
    found, kept = images_found(f"{form} of images", holder, plan, limits, report)
    tell_folders(found, [holder.members[number].name for number in kept], plan)
    return found


def _ending(member: Member) -> str:
    return PurePosixPath(member.name).suffix.lower()


def _table(form: str, holder: Holder, tables: list[Member], plan: Plan, limits: Limits, report: Report) -> Found:
    if len(tables) > 1:
        names = listed([member.name for member in tables])
        raise UploadError(f"there must be one table or array in the {form}; got {len(tables):,}: {names}")
    with holder.lent(tables[0]) as path:
        found = _TABLES[_ending(tables[0])](path, plan, limits, report)
    found.form = f"{form} with {cleaned(tables[0].name)}: {found.form}"
    return found


def _idx_set(form: str, holder: Holder, members: list[Member], plan: Plan, limits: Limits) -> Found:
    """Images and labels in IDX files, which of the parts is told by their names."""
    arrays: dict[str, np.ndarray] = {}
    parts = ["_test" if _HELD_OUT.search(PurePosixPath(member.name).name) else "_train" for member in members]
    has_parts = len(set(parts)) > 1
    for member, part in zip(members, parts, strict=True):
        array = _idx_array(holder, member, limits)
        name = ("x" if array.ndim > 1 else "y") + (part if has_parts else "")
        if name in arrays:
            raise UploadError(
                f"IDX files must be one of examples and one of labels for each part; {cleaned(member.name)} is one "
                "too many"
            )
        arrays[name] = array
    return examples_found(f"{form} of IDX files", arrays, plan, limits)


def _idx_array(holder: Holder, member: Member, limits: Limits) -> np.ndarray:
    try:
        return read_idx(holder.read(member, packed=True), limits.decompressed_bytes)
    except (MemberError, ValueError) as error:
        raise UploadError(f"{cleaned(member.name)} cannot be read: {cleaned(error, 200)}") from error
