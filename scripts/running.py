"""The application and a browser, for the length of a `with`."""

import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from socket import socket

from playwright.sync_api import Browser, sync_playwright

from aejax import launch
from scripts.ensure_browser import ensure_browser


@contextmanager
def running_app() -> Iterator[str]:
    """The address of the application, started as `aejax app` does, in a folder of its own."""
    with socket() as listener:
        listener.bind(("localhost", 0))
        port = listener.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        server = subprocess.Popen(
            launch.command(port=port, headless=True), cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            wait_for(f"http://localhost:{port}/_stcore/health")
            yield f"http://localhost:{port}"
        finally:
            server.terminate()
            server.wait(10)


@contextmanager
def running_browser() -> Iterator[Browser]:
    """A headless Chromium."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=ensure_browser(), args=["--headless", "--no-sandbox"])
        yield browser
        browser.close()


def wait_for(address: str, seconds: float = 60) -> None:
    """Return once the address answers."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            urllib.request.urlopen(address, timeout=1).close()
            return
        except OSError:
            time.sleep(0.2)
    sys.exit(f"{address} does not answer")
