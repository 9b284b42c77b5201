"""What people write about a run: its name, tags and notes, and whether it is pinned; in a file of its own."""

import json
from pathlib import Path
from typing import Annotated

from pydantic import Field as Bounded

from aejax.files import read_plain, write_whole
from aejax.settings import Settings, parameter
from aejax.store import StoreError

REMARKS = "remarks.json"
_LARGEST = 1 << 16

Tag = Annotated[str, Bounded(min_length=1, max_length=40)]


class Remarks(Settings):
    """Remarks on one run; its worker never writes them, so they can change while it trains."""

    name: Annotated[str, Bounded(max_length=120)] = parameter("", "Name for people")
    tags: Annotated[tuple[Tag, ...], Bounded(max_length=12)] = parameter((), "Words by which runs are found")
    notes: Annotated[str, Bounded(max_length=4000)] = parameter("", "Anything worth knowing")
    pinned: bool = parameter(False, "Whether it stands before all others")


def read_remarks(folder: Path) -> Remarks:
    """The remarks on the run in a folder; none where there is no such file, or a damaged one."""
    try:
        return Remarks(**json.loads(read_plain(folder / REMARKS, _LARGEST)))
    except (OSError, ValueError, TypeError, RecursionError):
        return Remarks()


def write_remarks(folder: Path, remarks: Remarks) -> None:
    """Keep remarks on the run in a folder.

    Raises:
        StoreError: If the folder cannot be written.
    """
    try:
        write_whole(folder / REMARKS, remarks.model_dump_json(indent=1).encode())
    except OSError as error:
        raise StoreError(f"the remarks could not be written to {folder}: {error.strerror}") from error


def tags_of(text: str) -> tuple[str, ...]:
    """Tags written with commas between them, each once."""
    return tuple(dict.fromkeys(tag.strip() for tag in text.split(",") if tag.strip()))
