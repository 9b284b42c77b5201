"""What all tests share: JAX's settings, and how they are dealt out to two processes."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest

ROOT = Path(__file__).parent.parent
CACHE = ROOT / ".cache"
MOST_MAPS = 20_000
"""Memory maps of a process above which it frees what it has compiled; Linux allows 65,530."""

# Programs compiled by one process are read back by the others and by the next run. Set before JAX is imported.
os.environ.setdefault("JAX_COMPILATION_CACHE_DIR", str(CACHE / "jax"))
os.environ["AEJAX_WORKSPACE"] = str(CACHE / "workspace")
os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", "0")
# Most programs run here for less time than they take to compile: without optimisation, and with the older way of
# writing the code of fused operations, it is a third of that.
os.environ.setdefault("XLA_FLAGS", "--xla_backend_optimization_level=0 --xla_cpu_use_fusion_emitters=false")

import jax  # noqa: E402

jax.config.update("jax_numpy_rank_promotion", "raise")
# Tests rarely meet one another's small programs; the processes that they start have the same ones each.
jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.2)

hypothesis.settings.register_profile(
    "aejax",
    deadline=None,
    derandomize="CI" in os.environ,
    database=None if "CI" in os.environ else hypothesis.database.DirectoryBasedExampleDatabase(CACHE / "hypothesis"),
)
hypothesis.settings.load_profile("aejax")


TOGETHER = ("tests/browser/", "tests/ui/")
"""Folders whose files share what takes long to make: a server and a browser, or what visitors have trained."""

# What takes longest comes first, so that at the end no process waits long for the other.
FIRST = (*TOGETHER, "tests/test_zoo.py", "tests/test_jobs.py", "tests/test_documents.py", "tests/test_many.py")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks every test that opens a page in a browser, and puts what takes longest first."""
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.browser)
    items.sort(key=lambda item: [not item.nodeid.startswith(place) for place in FIRST])


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Deals out whole files, and all files of a folder in `TOGETHER` to one process."""
    from xdist.scheduler import LoadScopeScheduling

    class ByFile(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file = nodeid.partition("::")[0]
            return next((folder for folder in TOGETHER if file.startswith(folder)), file)

    return ByFile(config, log)


@pytest.fixture(autouse=True, scope="module")
def _forget_compiled_programs() -> Iterator[None]:
    """Free what was compiled once it is much: each program holds memory maps, and a process may have only so many."""
    yield
    maps = Path("/proc/self/maps")
    if not maps.exists() or maps.read_bytes().count(b"\n") > MOST_MAPS:
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
