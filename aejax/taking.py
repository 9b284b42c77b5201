"""Files that are taken away: where they are written, and of which data they are."""

from collections.abc import Mapping
from pathlib import Path

from aejax.files import write_whole
from aejax.settings import SpecError
from aejax.store import StoreError, read_document


def write_files(files: Mapping[Path, bytes]) -> None:
    """Write files, each whole or not at all.

    Raises:
        StoreError: If one cannot be written.
    """
    for path, data in files.items():
        try:
            write_whole(path, data)
        except OSError as error:
            raise StoreError(f"--out must be a file that can be written; {path}: {error.strerror}") from error


def trained_on(folder: Path) -> str:
    """The name of the data set that a run was trained on.

    Raises:
        SpecError: If the run does not say.
        StoreError: If there is no run.
    """
    known = read_document(folder).get("data")
    if not isinstance(known, dict) or not isinstance(known.get("name"), str):
        raise SpecError(f"--data must name a data set: the run in {folder} does not say what it was trained on")
    name: str = known["name"]
    return name
