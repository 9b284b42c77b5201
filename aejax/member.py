"""One of several processes that train as one: `python -m aejax.member FOLDER`, started by a `supervisor`.

It reads its order on its standard input, as a line of JSON; `stop` on a second line asks it to stop, and the end of the
input says that the supervisor is gone. Why it has ended is in FOLDER. It is a process of its own because JAX's runtime
ends a process on the spot when another one is gone.
"""

import os
import signal
import sys
import threading
import traceback
from pathlib import Path

import jax

from aejax import gang
from aejax.arrays import DataError
from aejax.data import Data, DownloadError, load_data, sources
from aejax.layout import Layout
from aejax.orders import Stopped, obey
from aejax.settings import SpecError, not_among
from aejax.store import StoreError
from aejax.task import GONE, REASON, Meeting, Order, read
from aejax.trainer import DivergedError

_USUAL = (SpecError, DataError, StoreError)


def work(order: Order, meeting: Meeting, stop: threading.Event) -> None:
    """Meet the others and train with them.

    Raises:
        GangError: If the processes do not find one another.
        Stopped: If asked to stop.
        SpecError, DataError, StoreError, DivergedError: As the training does.
    """
    gang.join(meeting)
    obey(order, _loaded, stop.is_set, Layout.over(jax.devices(), meeting.model_shards))


def _loaded(name: str) -> Data:
    known = sources()
    if name not in known:
        raise SpecError(f"--data {not_among(name, known)}")
    return load_data(name)


def _explained(error: Exception) -> tuple[str, int]:
    """What to say of an error, and with which exit status to end."""
    if isinstance(error, Stopped):
        return str(error), 130
    is_full = "RESOURCE_EXHAUSTED" in str(error)
    if isinstance(error, jax.errors.JaxRuntimeError) and jax.distributed.is_initialized() and not is_full:
        return GONE, 1
    if isinstance(error, (*_USUAL, DivergedError, DownloadError, gang.GangError)):
        return str(error), 2 if isinstance(error, _USUAL) else 1
    return f"failed with {type(error).__name__}: {error}", 1


def _listen(stop: threading.Event) -> None:
    """Heed the supervisor's word, and end when it is gone."""
    for line in sys.stdin:
        if line.strip() == "stop":
            stop.set()
    os._exit(1)


def _speak_alone() -> None:
    """Keep the output to what is said here: the runtime's libraries write on it too, and go where errors go."""
    spoken = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    sys.stdout = spoken


def main(folder: Path) -> None:
    """Do the task on the standard input; the exit status is that of `aejax`."""
    for number in (signal.SIGINT, signal.SIGTERM):
        # Some launchers signal every process of a job; the supervisor passes one wish on.
        signal.signal(number, signal.SIG_IGN)
    _speak_alone()
    (order, meeting), stop = read(sys.stdin.readline()), threading.Event()
    threading.Thread(target=_listen, args=(stop,), daemon=True).start()
    try:
        work(order, meeting, stop)
    except Exception as error:  # noqa: BLE001 - it is reported, in a sentence
        sentence, status = _explained(error)
        (folder / REASON).write_text(sentence, "utf-8")
        traceback.print_exc()
        sys.stdout.flush()
        sys.stderr.flush()
        # JAX would wait for processes that may be gone, and then abort.
        os._exit(status)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
