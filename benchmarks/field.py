"""The field of contestants, and each as a process that takes orders."""

import json
import os
import select
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.undisturbed import undisturbed

ROOT = Path(__file__).parent.parent
SECONDS_TO_ANSWER = 400.0

# Set by hand they are mostly meant for some other library; each finds the processor by itself.
_NOT_PASSED_ON = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "OMP_NUM_THREADS", "XLA_FLAGS")


def python_path() -> str:
    """Where a process finds the benchmarks, and what this one was told to find."""
    return os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))


@dataclass(frozen=True)
class Contestant:
    """One way to train: a library in one of its modes.

    Attributes:
        name: Its name in the tables.
        family: The peer whose best mode counts.
        module: What its process runs, in `benchmarks.contestants`.
        is_peer: Whether it runs in the peers' environment rather than in aejax's.
        settings: What its process is told by the environment.
        platforms: Where it takes part.
    """

    name: str
    family: str
    module: str
    is_peer: bool = True
    settings: Mapping[str, str] = field(default_factory=dict)
    platforms: tuple[str, ...] = ("cpu", "gpu")


def _torch(mode: str, threads: int) -> Contestant:
    settings = {"RACE_MODE": mode, "RACE_THREADS": str(threads), "OMP_NUM_THREADS": str(threads)}
    told = "1 thread" if threads == 1 else f"{threads} threads"
    return Contestant(f"torch {mode}, {told}", "torch", "torch_", settings=settings, platforms=("cpu",))


_KERAS_TF, _KERAS_JAX = {"KERAS_BACKEND": "tensorflow"}, {"KERAS_BACKEND": "jax"}

CONTESTANTS = (
    Contestant("aejax", "aejax", "aejax_", is_peer=False),
    Contestant("flax per step", "flax", "flax_", is_peer=False),
    _torch("eager", 1),
    _torch("eager", 2),
    _torch("compiled", 1),
    _torch("compiled", 2),
    Contestant("torch eager", "torch", "torch_", settings={"RACE_MODE": "eager"}, platforms=("gpu",)),
    Contestant("torch compiled", "torch", "torch_", settings={"RACE_MODE": "compiled"}, platforms=("gpu",)),
    Contestant("keras on tensorflow", "keras", "keras_", settings=_KERAS_TF | {"RACE_MODE": "plain"}),
    Contestant("keras on tensorflow, jit_compile", "keras", "keras_", settings=_KERAS_TF | {"RACE_MODE": "compiled"}),
    Contestant("keras on jax", "keras", "keras_", settings=_KERAS_JAX | {"RACE_MODE": "compiled"}),
    Contestant("pythae", "pythae", "pythae_"),
    Contestant("scikit-learn", "scikit-learn", "sklearn_", is_peer=False, platforms=("cpu",)),
)


class AbsentError(Exception):
    """A contestant that does not run here, or no longer; says why."""


@dataclass(frozen=True)
class Course:
    """Where and how all of them run: the interpreters, the platform, the precision of products."""

    peers_python: str
    platform: str = "cpu"
    precision: str = "float32"
    is_first: bool = False
    """Whether whoever is compiling or timed runs before every other process of the machine."""

    def environment(self, contestant: Contestant) -> dict[str, str]:
        """The environment of a contestant's process."""
        kept = {name: value for name, value in os.environ.items() if name not in _NOT_PASSED_ON}
        told = {
            "PYTHONPATH": python_path(),
            "RACE_PLATFORM": self.platform,
            "RACE_PRECISION": self.precision,
            "JAX_PLATFORMS": "cpu" if self.platform == "cpu" else "cuda",
            # Several processes share the device.
            "XLA_PYTHON_CLIENT_PREALLOCATE": "false",
            "TF_FORCE_GPU_ALLOW_GROWTH": "true",
        }
        return kept | told | dict(contestant.settings)

    def python(self, contestant: Contestant) -> str:
        """The interpreter of a contestant."""
        return self.peers_python if contestant.is_peer else sys.executable


class Runner:
    """A contestant's process, started when it is first asked something."""

    def __init__(self, contestant: Contestant, course: Course) -> None:
        self.contestant, self._course = contestant, course
        self._process: Any = None
        self._errors: Any = None

    def ask(self, order: str, **told: Any) -> dict[str, Any]:
        """The answer to an order.

        Raises:
            AbsentError: If the process does not run, does not answer in time, or cannot do it.
        """
        if self._process is None:
            self._start()
        process = self._process
        try:
            process.stdin.write(json.dumps({"order": order, **told}) + "\n")
            process.stdin.flush()
        except BrokenPipeError:
            raise self._gone("ended by itself") from None
        if not select.select([process.stdout], [], [], SECONDS_TO_ANSWER)[0]:
            raise self._gone(f"no answer within {SECONDS_TO_ANSWER:.0f} s")
        line = process.stdout.readline()
        if not line:
            raise self._gone("ended by itself")
        answer: dict[str, Any] = json.loads(line)
        if "failure" in answer:
            raise AbsentError(answer["failure"])
        return answer

    def ask_first(self, order: str, **told: Any) -> dict[str, Any]:
        """The answer to an order, given before all other processes if the course says so; raises as `ask`."""
        if not self._course.is_first:
            return self.ask(order, **told)
        if self._process is None:
            self._start()
        with undisturbed(self._process.pid):
            return self.ask(order, **told)

    def _start(self) -> None:
        command = [self._course.python(self.contestant), "-m", f"benchmarks.contestants.{self.contestant.module}"]
        self._errors = tempfile.TemporaryFile("w+")  # noqa: SIM115 - as long as the process lives
        try:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._errors,
                text=True,
                cwd=ROOT,
                env=self._course.environment(self.contestant),
            )
        except OSError as error:
            raise AbsentError(f"{command[0]} cannot be started: {error.strerror}") from error

    def _gone(self, why: str) -> AbsentError:
        """The end of the process, with the last line of what it said."""
        self._kill()
        self._errors.seek(0)
        said = [line.strip() for line in self._errors.read().splitlines() if line.strip()]
        self._errors.close()
        return AbsentError(f"{why}: {said[-1][:300]}" if said else why)

    def stop(self) -> None:
        """End the process, if it runs."""
        self._kill()
        if self._errors is not None:
            self._errors.close()

    def _kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process.stdin.close()
            self._process.stdout.close()
            self._process = None
