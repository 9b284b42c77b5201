"""Documents that can go stale are run, or compared with the code."""

import re
import shlex
import subprocess
import sys

import pytest

from scripts.write_reference import PAGE, reference


def blocks(root, language):
    return re.findall(rf"^```{language}\n(.*?)^```", (root / "README.md").read_text("utf-8"), re.MULTILINE | re.DOTALL)


def test_the_reference_is_what_the_code_declares():
    assert PAGE.read_text("utf-8") == reference(), "run python scripts/write_reference.py"


def test_the_readmes_python_runs_as_written(root, tmp_path):
    code = "\n".join(blocks(root, "python"))
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "bce" in done.stdout


def test_the_readmes_commands_run_as_written(root, tmp_path):
    lines = [line.split("#")[0].strip() for block in blocks(root, "sh") for line in block.splitlines()]
    commands = [line for line in lines if line.startswith("aejax") and not line.startswith("aejax app")]
    assert len(commands) >= 5
    for command in commands:
        program = [sys.executable, "-m", *shlex.split(command)]
        done = subprocess.run(program, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{command}: {done.stderr}"


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md"])
def test_links_within_the_project_lead_somewhere(root, page):
    links = re.findall(r"\]\((?!https?:)([^)#]+)", (root / page).read_text("utf-8"))
    assert [link for link in links if not (root / link).exists()] == []
