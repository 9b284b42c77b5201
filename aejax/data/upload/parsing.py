"""The process that reads an upload: `python -m aejax.data.upload.parsing FILE PLAN LIMITS FOLDER`.

It says how far it is on its standard output, a line of JSON each time, and in the last line what came of it. It writes
nothing but into FOLDER, which must be empty.
"""

import json
import os
import signal
import sys
import threading
import time
from pathlib import Path

from aejax.data.upload.arrays import read_idx_file, read_npy, read_npz
from aejax.data.upload.finishing import Finished, finished
from aejax.data.upload.images import read_images
from aejax.data.upload.limits import Limits, UploadError, check_limit
from aejax.data.upload.plan import Found, Plan, Report
from aejax.data.upload.tables import read_arrow, read_parquet, read_text

_SECONDS_BETWEEN_REPORTS = 0.2
_NICENESS = 10
_PICKLES = (b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05", b"(lp", b"(dp", b"cnumpy", b"cos\n")
_OTHERS = {
    b"%PDF": "a PDF file",
    b"\x89PNG": "a single image",
    b"\xff\xd8\xff": "a single image",
    b"GIF8": "a single image",
    b"II*\0": "a single image",
    b"\x89HDF": "an HDF5 file",
    b"BZh": "a bzip2 file",
    b"\xfd7zXZ": "an xz file",
    b"7z\xbc\xaf": "a 7z archive",
    b"Rar!": "a RAR archive",
    b"\x7fELF": "a program",
    b"MZ": "a program",
}
_READERS = {
    b"\x93NUMPY": read_npy,
    b"\x1f\x8b": read_idx_file,
    b"\0\0": read_idx_file,
    b"PAR1": read_parquet,
    b"ARROW1": read_arrow,
}


def read_upload(path: Path, plan: Plan, limits: Limits, report: Report) -> Finished:
    """The data set in a file, whatever it is called: what it is, its first bytes say.

    Raises:
        UploadError: If it cannot be read; one sentence.
    """
    check_limit("bytes of the file", path.stat().st_size, limits.upload_bytes)
    return finished(_found(path, plan, limits, report), plan, limits)


def _found(path: Path, plan: Plan, limits: Limits, report: Report) -> Found:
    with path.open("rb") as file:
        start = file.read(16)
    if not start:
        raise UploadError("the file is empty")
    if start.startswith(_PICKLES):
        raise UploadError("the file is a pickle, which could run code, and is not read: save arrays as npy or npz")
    for magic, what in _OTHERS.items():
        if start.startswith(magic):
            raise UploadError(f"the file is {what}, which is not read here: bring a ZIP of images, npz, CSV or Parquet")
    if start.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return read_npz(path, plan, limits) if _is_npz(path) else read_images(path, plan, limits, report)
    reader = next((reader for magic, reader in _READERS.items() if start.startswith(magic)), read_text)
    return reader(path, plan, limits)


def _is_npz(path: Path) -> bool:
    """Whether the first member of an archive is an array, going by its name alone."""
    with path.open("rb") as file:
        start = file.read(2**16)
    length = int.from_bytes(start[26:28], "little")
    return start[30 : 30 + length].endswith(b".npy")


def main() -> None:
    """Read the file that the command line names."""
    path, plan, limits, folder = sys.argv[1:]
    allowed = Limits.model_validate_json(limits)
    confine(allowed)
    from aejax.data.shelf import write_set

    report = _Speaker()
    try:
        done = read_upload(Path(path), Plan.model_validate_json(plan), allowed, report)
        write_set(Path(folder), done.data, done.about)
        report.say({"done": True})
    except UploadError as error:
        report.say({"error": f"{error}."})
    except MemoryError:
        report.say({"error": f"Reading the file takes more than {allowed.memory_bytes / 1e9:g} GB of memory."})


def confine(limits: Limits) -> None:
    """Give way to others, and end of itself where a limit of time or memory is broken, whoever looks on."""
    timer = threading.Timer(limits.seconds, os._exit, [1])
    timer.daemon = True
    timer.start()
    if not hasattr(signal, "alarm"):
        return
    import resource

    # The system's own alarm ends the process in the middle of whatever it does.
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(limits.seconds)
    os.nice(_NICENESS)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_AS, (limits.memory_bytes, limits.memory_bytes))


class _Speaker:
    """Says how far the reading is, not too often."""

    def __init__(self) -> None:
        self._said = 0.0

    def __call__(self, done: int, total: int) -> None:
        if time.monotonic() - self._said > _SECONDS_BETWEEN_REPORTS:
            self._said = time.monotonic()
            self.say({"parts": [done, total]})

    def say(self, what: dict[str, object]) -> None:
        sys.stdout.write(json.dumps(what) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
