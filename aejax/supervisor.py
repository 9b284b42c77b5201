"""Starts one process of a training and says, in a sentence, how it has ended: well, badly, or by the runtime's hand."""

import shutil
import signal
import subprocess
import sys
import tempfile
from contextlib import AbstractContextManager
from pathlib import Path
from typing import IO, NamedTuple

from aejax.task import CONSEQUENCES, REASON, SECONDS_OF_SILENCE, Meeting, Order, written
from aejax.wishes import heeding

_LOG = "log.txt"


class Ending(NamedTuple):
    """How a process of a training has ended: its exit status, and why unless all is well.

    `follows` says that it has ended because another one had.
    """

    status: int
    sentence: str = ""
    follows: bool = False


class Member:
    """A process that trains with others."""

    def __init__(self, order: Order, meeting: Meeting, stdout: int | None = None) -> None:
        """Start it; what it prints goes to `stdout`, as `subprocess` takes it."""
        self._order, self._meeting = order, meeting
        self._folder = Path(tempfile.mkdtemp(prefix="aejax-member-"))
        with (self._folder / _LOG).open("wb") as log:
            # Of a session of its own, so that Ctrl-C reaches it once, through its supervisor.
            self._process = subprocess.Popen(
                [sys.executable, "-m", "aejax.member", str(self._folder)],
                stdin=subprocess.PIPE,
                stdout=stdout,
                stderr=log,
                text=True,
                start_new_session=True,
            )
        self._say(written(order, meeting))

    @property
    def pid(self) -> int:
        """Its number."""
        return self._process.pid

    @property
    def output(self) -> IO[str] | None:
        """What it prints, if that goes to a pipe."""
        return self._process.stdout

    def stop(self) -> None:
        """Ask it to stop between two steps, and to keep what it has."""
        self._say("stop")

    def kill(self) -> None:
        """End it on the spot, if it has not ended."""
        self._process.kill()

    def _say(self, line: str) -> None:
        if self._process.stdin is not None and self._process.poll() is None:
            try:
                self._process.stdin.write(line + "\n")
                self._process.stdin.flush()
            except BrokenPipeError:
                pass  # it has ended, which `ending` will tell

    def ending(self) -> Ending:
        """How it has ended, once it has."""
        status = self._process.wait()
        if self._process.stdin is not None:
            self._process.stdin.close()
        reason = self._folder / REASON
        if status == 0:
            shutil.rmtree(self._folder, ignore_errors=True)
            return Ending(0)
        if reason.exists():
            sentence = reason.read_text("utf-8")
            return Ending(status, f"{self._named()}: {sentence}{self._way_on(status)}", sentence in CONSEQUENCES)
        if status == -signal.SIGABRT:
            how = f"its runtime, for another is gone or has said nothing for {SECONDS_OF_SILENCE} s"
        else:
            how = f"{signal.Signals(-status).name} from outside" if status < 0 else f"exit status {status}"
        sentence = f"{self._named()} was ended by {how}; so all end. Its log is {self._folder / _LOG}"
        return Ending(1, sentence + self._way_on(1), status == -signal.SIGABRT)

    def _named(self) -> str:
        meeting = self._meeting
        if meeting.process is None:
            return "one of the processes"
        return f"process {meeting.process}" + ("" if meeting.processes is None else f" of {meeting.processes}")

    def _way_on(self, status: int) -> str:
        kept = self._order.folder or self._order.out
        if status != 1 or not kept or not any(Path(kept).glob("checkpoint-*")):
            return ""
        return f"; `aejax resume {kept} --distributed` goes on from its last checkpoint"


def forwarding(member: Member) -> AbstractContextManager[None]:
    """Pass Ctrl-C and requests to end on as a wish to stop; a second one ends the process on the spot."""
    return heeding(member.stop, member.kill)
