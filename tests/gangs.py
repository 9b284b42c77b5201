"""Trainings in several processes, started by the command line as a launcher would start them."""

import os
import re
import socket
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import psutil
from safetensors.numpy import load_file

PATIENCE = 300


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


class Gang:
    """A number of `aejax` commands that train as one."""

    def __init__(self, words: list[str], processes: int = 2, started: int | None = None, devices: int = 1) -> None:
        """Start so many of them, each with so many devices; `started` of them, where others stay away."""
        flag = f"--xla_force_host_platform_device_count={devices}"
        flags = f"{os.environ.get('XLA_FLAGS', '')} {flag}"
        command = [sys.executable, "-m", "aejax", *words, "--distributed", "--processes", str(processes)]
        where = f"127.0.0.1:{free_port()}"
        self.processes = [
            subprocess.Popen(
                command + (["--process", str(number), "--coordinator", where] if processes > 1 else []),
                env=os.environ | {"XLA_FLAGS": flags},
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
            for number in range(processes if started is None else started)
        ]

    def endings(self) -> list[tuple[int, str, str]]:
        """Exit status, output and errors of each, once all have ended."""
        told = [process.communicate(timeout=PATIENCE) for process in self.processes]
        return [(process.returncode, *said) for process, said in zip(self.processes, told, strict=True)]

    def member(self, number: int) -> psutil.Process:
        """The process that trains."""
        return psutil.Process(self.processes[number].pid).children()[0]

    def wait_for(self, word: str) -> None:
        """Read what the first process prints until a line with that word."""
        output = self.processes[0].stdout
        assert output is not None
        assert any(re.search(word, line) for line in output), f"no line with {word}"

    def close(self) -> None:
        """End what has not ended."""
        for process in self.processes:
            process.kill()
            for pipe in (process.stdout, process.stderr):
                if pipe is not None:
                    pipe.close()
            process.wait()


def weights(folder: Path) -> dict[str, np.ndarray]:
    """The newest checkpoint in a run's folder."""
    return load_file(max(folder.glob("checkpoint-*.safetensors")))


def gone_within(process: psutil.Process, seconds: float) -> bool:
    """Whether a process ends in time."""
    deadline = time.monotonic() + seconds
    while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True
