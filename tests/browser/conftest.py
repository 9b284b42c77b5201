"""The running application, a canvas that runs alone, and a browser with a visitor at either."""

import re
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from socket import socket
from typing import Any

import pytest
from playwright.sync_api import expect, sync_playwright

from aejax import launch
from scripts.ensure_browser import on_path

# A crowded machine shows the same, later.
expect.set_options(timeout=20_000)

CANVAS = Path(__file__).with_name("canvas_app.py")
READY = 60_000


@pytest.fixture(scope="package")
def app_server(tmp_path_factory: pytest.TempPathFactory, artifacts: Path) -> Iterator[str]:
    """The address of the application, started as `aejax app` starts it, in a folder of its own."""
    port = _free_port()
    command = launch.command(port=port, headless=True)
    with _serving(command, port, tmp_path_factory.mktemp("app"), artifacts / "app-server.log") as address:
        yield address


@pytest.fixture(scope="package")
def canvas_server(tmp_path_factory: pytest.TempPathFactory, artifacts: Path) -> Iterator[str]:
    """The address of an application that is a canvas and nothing else."""
    port = _free_port()
    options = ("--server.headless=true", "--server.fileWatcherType=none", "--browser.gatherUsageStats=false")
    command = [sys.executable, "-m", "streamlit", "run", str(CANVAS), f"--server.port={port}", *options]
    with _serving(command, port, tmp_path_factory.mktemp("canvas"), artifacts / "canvas-server.log") as address:
        yield address


@pytest.fixture(scope="package")
def browser() -> Iterator[Any]:
    """A headless Chromium. It is closed before other tests begin: Playwright's event loop would be in their way."""
    with sync_playwright() as playwright:
        path = on_path() or playwright.chromium.executable_path
        if not Path(path).is_file():
            pytest.fail("No browser found: `make test` installs one, as does `python scripts/ensure_browser.py`.")
        chromium = playwright.chromium.launch(executable_path=path, args=["--headless", "--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture
def viewport() -> tuple[int, int]:
    """The page's width and height in pixels; parametrise a test over `viewport` to choose others."""
    return 1280, 900


@pytest.fixture
def color_scheme() -> str:
    """The reader's preference, "light" or "dark"; parametrise a test over `color_scheme` to choose."""
    return "light"


@pytest.fixture
def path() -> str:
    """What is asked of the application; parametrise a test over `path` to choose."""
    return "/"


@pytest.fixture
def page(
    browser: Any,
    app_server: str,
    artifacts: Path,
    request: pytest.FixtureRequest,
    viewport: tuple[int, int],
    color_scheme: str,
) -> Iterator[Any]:
    """A visitor who has not been here; ends with a screenshot, and fails on an error uncaught in any page."""
    width, height = viewport
    context = browser.new_context(
        base_url=app_server, viewport={"width": width, "height": height}, color_scheme=color_scheme
    )
    visitor = context.new_page()
    uncaught: list[str] = []
    visitor.on("pageerror", lambda error: uncaught.append(str(error)))
    yield visitor
    name = re.sub(r"[^\w.-]+", "-", request.node.name).strip("-")
    visitor.screenshot(path=artifacts / f"{name}.png")
    context.close()
    assert not uncaught, f"uncaught in the page: {uncaught}"


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


def _free_port() -> int:
    with socket() as listener:
        listener.bind(("localhost", 0))
        return int(listener.getsockname()[1])


@contextmanager
def _serving(command: list[str], port: int, folder: Path, log: Path) -> Iterator[str]:
    """The address of a server that runs, in a folder of its own, for as long as it is used."""
    with log.open("w") as output:
        server = subprocess.Popen(
            command, cwd=folder, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
        )
        try:
            address = f"http://localhost:{port}"
            _wait_until_healthy(server, address, log)
            yield address
        finally:
            _stop(server)


def _wait_until_healthy(server: subprocess.Popen[bytes], address: str, log: Path, seconds: float = 60) -> None:
    """Returns once the server answers.

    Raises:
        RuntimeError: If it ends before, or does not answer within so many seconds.
    """
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with urllib.request.urlopen(f"{address}/_stcore/health", timeout=1):
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"the application did not start; its log ends:\n{log.read_text()[-2000:]}")


def _stop(server: subprocess.Popen[bytes]) -> None:
    server.terminate()
    try:
        server.wait(10)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()
