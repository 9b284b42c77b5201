"""What all tests share: JAX's settings, the running application and a browser to drive it."""

import os
import re
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from socket import socket
from typing import Any

import hypothesis
import pytest

ROOT = Path(__file__).parent.parent
CACHE = ROOT / ".cache"

# Programs compiled by one run are read back by the next, in worker processes too. Set before JAX is imported.
os.environ.setdefault("JAX_COMPILATION_CACHE_DIR", str(CACHE / "jax"))
os.environ["AEJAX_WORKSPACE"] = str(CACHE / "workspace")
os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", "0.2")
# Most programs run here for less time than they take to compile: a third of it goes without optimisation.
os.environ.setdefault("XLA_FLAGS", "--xla_backend_optimization_level=0")

import jax  # noqa: E402

jax.config.update("jax_numpy_rank_promotion", "raise")

hypothesis.settings.register_profile(
    "aejax",
    deadline=None,
    derandomize="CI" in os.environ,
    database=None if "CI" in os.environ else hypothesis.database.DirectoryBasedExampleDatabase(CACHE / "hypothesis"),
)
hypothesis.settings.load_profile("aejax")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks every test that opens a page in a browser."""
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(autouse=True, scope="module")
def _forget_compiled_programs() -> Iterator[None]:
    """Free what a module has compiled: each program holds memory maps, and a process may have only so many."""
    yield
    jax.clear_caches()


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return ROOT


@pytest.fixture(scope="session")
def artifacts() -> Path:
    """The folder, out of git's sight, for screenshots and logs worth keeping."""
    folder = ROOT / "artifacts"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def app_server(tmp_path_factory: pytest.TempPathFactory, artifacts: Path) -> Iterator[str]:
    """The address of the application, started as `aejax app` starts it, in a folder of its own."""
    from aejax import launch

    port = _free_port()
    log = artifacts / f"app-server-{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}.log"
    with log.open("w") as output:
        server = subprocess.Popen(
            launch.command(port=port, headless=True),
            cwd=tmp_path_factory.mktemp("app"),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            address = f"http://localhost:{port}"
            _wait_until_healthy(server, address, log)
            yield address
        finally:
            _stop(server)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A headless Chromium, one a module: while it is open, Playwright's event loop is in other tests' way."""
    from playwright.sync_api import sync_playwright

    from scripts.ensure_browser import on_path

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
def page(
    browser: Any,
    app_server: str,
    artifacts: Path,
    request: pytest.FixtureRequest,
    viewport: tuple[int, int],
    color_scheme: str,
) -> Iterator[Any]:
    """A fresh visitor at the first page; ends with a screenshot, and fails on an error uncaught in it."""
    width, height = viewport
    context = browser.new_context(
        base_url=app_server, viewport={"width": width, "height": height}, color_scheme=color_scheme
    )
    visitor = context.new_page()
    uncaught: list[str] = []
    visitor.on("pageerror", lambda error: uncaught.append(str(error)))
    visitor.goto("/")
    yield visitor
    name = re.sub(r"[^\w.-]+", "-", request.node.name).strip("-")
    visitor.screenshot(path=artifacts / f"{name}.png")
    context.close()
    assert not uncaught, f"uncaught in the page: {uncaught}"


def _free_port() -> int:
    with socket() as listener:
        listener.bind(("localhost", 0))
        return int(listener.getsockname()[1])


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
