"""From a command to the end of its first epoch, with nothing kept from before and with what a run before has kept."""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.field import ROOT, Course, python_path

AIMS = {"cold": 2.0, "warm": 3.0}
"""How many times sooner `aejax train deep` is to be there than the same in Keras."""

_SCRIPTS = {"keras on tensorflow": "keras_start.py", "torch eager": "torch_start.py"}


def starts(course: Course, images: Path, times: int = 2) -> dict[str, dict[str, Any]]:
    """A row for cold and one for warm: seconds to the first epoch's end, of aejax and of its peers."""
    first = ["chrt", "-r", "1"] if course.is_first else []
    ours = [sys.executable, "-m", "aejax", "train", "deep", "--json"]
    commands = {"aejax": (ours, '"epoch": 1')}
    for name, script in _SCRIPTS.items():
        path = ROOT / "benchmarks" / "contestants" / script
        commands[name] = ([course.peers_python, str(path), str(images)], "epoch 1")
    seconds: dict[str, dict[str, float]] = {"cold": {}, "warm": {}}
    absent = {}
    for name, (command, sign) in commands.items():
        try:
            cold, warm = zip(*(_twice([*first, *command], sign) for _ in range(times)), strict=True)
        except (OSError, RuntimeError) as error:
            absent[name] = str(error)
            continue
        seconds["cold"][name], seconds["warm"][name] = min(cold), min(warm)
    return {f"first epoch, {state}": _row(state, found, absent) for state, found in seconds.items()}


def _row(state: str, seconds: dict[str, float], absent: dict[str, str]) -> dict[str, Any]:
    if "aejax" not in seconds:
        return {"absent": absent["aejax"]}
    told = ", ".join(f"{name} {taken:.1f} s" for name, taken in seconds.items())
    gone = "".join(f"; {name} absent: {why}" for name, why in absent.items())
    keras = seconds.get("keras on tensorflow")
    holds = None if keras is None else keras / seconds["aejax"] >= AIMS[state]
    aim = f"1/{AIMS[state]:g} of Keras"
    return {"told": told + gone, "values": seconds, "aim": aim, "holds": holds}


def _twice(command: list[str], sign: str) -> tuple[float, float]:
    """Seconds with caches that are empty, then with what the first run has put there."""
    with tempfile.TemporaryDirectory() as folder:
        caches = {
            "XDG_CACHE_HOME": folder,
            "AEJAX_WORKSPACE": folder,
            "PYTHONPATH": python_path(),
            "TF_CPP_MIN_LOG_LEVEL": "3",
        }
        environment = os.environ | caches
        return _until(command, sign, environment), _until(command, sign, environment)


def _until(command: list[str], sign: str, environment: dict[str, str]) -> float:
    """Seconds until the command prints a line with that sign in it; it is then ended."""
    began = time.perf_counter()
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT, env=environment
    ) as process:
        try:
            for line in process.stdout or ():
                if sign in line:
                    return time.perf_counter() - began
            said = (process.stderr.read() if process.stderr else "").strip().splitlines()
            raise RuntimeError(said[-1][:300] if said else f"{command[0]} said nothing of a first epoch")
        finally:
            process.kill()


if __name__ == "__main__":
    print(json.dumps(starts(Course(sys.argv[1]), Path(sys.argv[2])), indent=1))
