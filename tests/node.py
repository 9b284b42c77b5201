"""Node, which runs the tests of the canvas's JavaScript: the system's own, else the one that Playwright brings."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

CANVAS = Path(__file__).parent / "canvas"


def executable() -> str:
    """The path of Node."""
    found = shutil.which("node")
    if found:
        return found
    from playwright._impl._driver import compute_driver_executable

    return str(compute_driver_executable()[0])


def answer(script: str, question: dict[str, Any]) -> dict[str, Any]:
    """What a script in `tests/canvas` prints as JSON when it is given `question` as JSON."""
    command = [executable(), str(CANVAS / script)]
    run = subprocess.run(command, input=json.dumps(question), capture_output=True, text=True, check=False, timeout=120)
    assert run.returncode == 0, run.stderr
    return dict(json.loads(run.stdout))
