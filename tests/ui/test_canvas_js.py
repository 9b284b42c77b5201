"""The canvas's JavaScript by Node's own test runner."""

import subprocess
from pathlib import Path

import pytest

from tests import node

FILES = sorted(node.CANVAS.glob("*.test.mjs"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name.removesuffix(".test.mjs"))
def test_the_tests_in_javascript_pass(file: Path) -> None:
    run = subprocess.run(
        [node.executable(), "--test", str(file)], capture_output=True, text=True, check=False, timeout=120
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert "# tests 0" not in run.stdout, run.stdout
