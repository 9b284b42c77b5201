"""A process put before all others of the machine for the seconds that count, where the system lets us."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def undisturbed(process: int) -> Iterator[None]:
    """While this is open, the threads of that process run before those of any other.

    Raises:
        PermissionError: If the system does not let us.
        OSError: If it knows no such thing.
    """
    _schedule(process, "SCHED_RR", 1)
    try:
        yield
    finally:
        with suppress(FileNotFoundError):
            _schedule(process, "SCHED_OTHER", 0)


def _schedule(process: int, policy: str, priority: int) -> None:
    if not hasattr(os, policy):
        raise OSError(f"this system has no {policy}")
    # One by one: a thread does not take it over from the first.
    for thread in Path(f"/proc/{process}/task").iterdir():
        with suppress(ProcessLookupError):
            os.sched_setscheduler(int(thread.name), getattr(os, policy), os.sched_param(priority))
