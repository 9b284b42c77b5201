"""What an uploaded file may ask of the server: one record, each limit declared once."""

import os

from aejax.settings import Settings, parameter

_VARIABLE = "AEJAX_LIMIT_"


class UploadError(ValueError):
    """A file that is not read: one sentence with what it is about, the limit and the value."""


class Limits(Settings):
    """The limits of one upload; the variable AEJAX_LIMIT_ROWS changes `rows`, and so on for each."""

    upload_bytes: int = parameter(200_000_000, "Bytes of the file itself", ge=1)
    decompressed_bytes: int = parameter(
        1_000_000_000, "Bytes that the file unpacks to, and that its examples take in memory", ge=1
    )
    pixels: int = parameter(50_000_000, "Pixels of one image, known before it is decoded", ge=1)
    files: int = parameter(100_000, "Files in an archive", ge=1)
    rows: int = parameter(1_000_000, "Examples", ge=1)
    features: int = parameter(20_000, "Numbers that make up one example, and columns of a table", ge=1)
    categories: int = parameter(30, "Different words of a column that becomes one feature for each", ge=2)
    classes: int = parameter(100, "Classes; labels with more are left out", ge=2)
    seconds: int = parameter(120, "Seconds that reading may take", ge=1)
    readings: int = parameter(4, "Files that are read at once; who comes while so many are is asked to try again", ge=1)
    memory_bytes: int = parameter(6_000_000_000, "Bytes of memory that the reading process may address", ge=1)


def limits_here() -> Limits:
    """The limits of this server: the defaults, and what the environment says otherwise.

    Raises:
        SpecError: If a variable holds no number within the bounds.
    """
    told = {name: os.environ.get(f"{_VARIABLE}{name.upper()}") for name in Limits.model_fields}
    return Limits(**{name: value for name, value in told.items() if value})


def check_limit(what: str, value: int, limit: int) -> None:
    """Refuse more than the limit.

    Raises:
        UploadError: With what is too much, the limit and the value.
    """
    if value > limit:
        raise UploadError(f"{what} must be at most {limit:,}; got {value:,}")
