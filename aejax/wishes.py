"""Ctrl-C and requests to end, heard as a wish that is granted between steps."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager


def interrupt() -> None:
    """End what is going on, as Ctrl-C does where nothing heeds it."""
    raise KeyboardInterrupt


@contextmanager
def heeding(first: Callable[[], object], again: Callable[[], object] = interrupt) -> Iterator[None]:
    """Heed Ctrl-C and requests to end.

    Args:
        first: Called when one has come.
        again: Called for each that comes after it.
    """
    came: list[int] = []

    def heed(number: int, frame: object) -> None:
        came.append(number)
        again() if len(came) > 1 else first()

    before = {number: signal.signal(number, heed) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
