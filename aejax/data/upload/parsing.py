"""The process that reads what was brought: `python -m aejax.data.upload.parsing ORIGIN PLAN LIMITS FOLDER`.

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

from aejax.data.upload.finishing import Finished
from aejax.data.upload.limits import Limits, UploadError
from aejax.data.upload.origins import Origin, read_origin
from aejax.data.upload.plan import Plan, Report

_SECONDS_BETWEEN_REPORTS = 0.2
_NICENESS = 10
_ROOM = 2**20


def read_upload(path: Path, plan: Plan, limits: Limits, report: Report) -> Finished:
    """The data set in a file, whatever it is called: what it is, its first bytes say.

    Raises:
        UploadError: If it cannot be read; one sentence.
    """
    return read_origin(Origin(name=str(path)), plan, limits, report)


def main() -> None:
    """Read what the command line names."""
    origin, plan, limits, folder = sys.argv[1:]
    allowed = Limits.model_validate_json(limits)
    confine(allowed)
    from aejax.data.shelf import write_set

    report = _Speaker()
    try:
        done = read_origin(Origin.model_validate_json(origin), Plan.model_validate_json(plan), allowed, report)
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
    # What is downloaded is bounded by this too; the data set itself needs no more.
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    most = max(limits.upload_bytes, limits.decompressed_bytes) + _ROOM
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
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
