"""A canvas in a browser: the application that is nothing else, and a visitor who has it before him."""

import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

# A crowded machine shows the same, later.
expect.set_options(timeout=20_000)

APP = Path(__file__).with_name("canvas_app.py")
READY = 60_000


@pytest.fixture(scope="module")
def canvas_server(tmp_path_factory: pytest.TempPathFactory, artifacts: Path) -> Iterator[str]:
    """The address of an application that is a canvas and nothing else."""
    with socket.socket() as listener:
        listener.bind(("localhost", 0))
        port = listener.getsockname()[1]
    options = ("--server.headless=true", "--server.fileWatcherType=none", "--browser.gatherUsageStats=false")
    with (artifacts / "canvas-server.log").open("w") as log:
        command = [sys.executable, "-m", "streamlit", "run", str(APP), f"--server.port={port}", *options]
        server = subprocess.Popen(command, cwd=tmp_path_factory.mktemp("canvas"), stdout=log, stderr=log)
        try:
            _wait(server, f"http://localhost:{port}")
            yield f"http://localhost:{port}"
        finally:
            server.terminate()
            server.wait(10)


def _wait(server: subprocess.Popen[bytes], address: str) -> None:
    for _ in range(600):
        assert server.poll() is None
        try:
            urllib.request.urlopen(f"{address}/_stcore/health", timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise TimeoutError(address)


@pytest.fixture
def path() -> str:
    """What is asked of the application; parametrise a test over `path` to choose."""
    return "/"


@pytest.fixture
def lab(browser: Any, canvas_server: str, path: str, artifacts: Path, request: Any) -> Iterator[Any]:
    """The canvas on a fresh page; ends with a screenshot, and fails on an error uncaught in it."""
    touch = request.node.get_closest_marker("touch") is not None
    size = {"width": 390, "height": 844} if touch else {"width": 1280, "height": 900}
    context = browser.new_context(base_url=canvas_server, viewport=size, has_touch=touch)
    page = context.new_page()
    uncaught: list[str] = []
    page.on("pageerror", lambda error: uncaught.append(str(error)))
    page.goto(path)
    found = page.get_by_test_id("latent-canvas")
    expect(found).to_have_attribute("data-painted", re.compile(r"[1-9]"), timeout=READY)
    yield found
    page.screenshot(path=artifacts / f"{re.sub(r'[^a-z-]+', '-', request.node.name)}.png")
    context.close()
    assert not uncaught
