"""A visitor at a page of the application, with or without a trained model."""

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest
from visitors import APP, trained

from aejax.folder import Workspace
from aejax.jobs import Jobs
from aejax.ui import session

Visit = Callable[..., AppTest]


@pytest.fixture(autouse=True, scope="session")
def _installed_packages_are_searched_once() -> Iterator[None]:
    """Streamlit searches them all for components anew for each visitor of a test."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest_scanner, "scan_component_manifests", cache(manifest_scanner.scan_component_manifests))
        yield


@pytest.fixture(scope="session")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Jobs]:
    """The trainings of all visitors of these tests, without a spare worker."""
    jobs = Jobs(Workspace(tmp_path_factory.mktemp("workspace")), limit=2)
    yield jobs
    jobs.close()


@pytest.fixture(autouse=True)
def _in_that_office(office: Jobs, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(session, "office", lambda: office)
    yield
    for standing in office.runs():
        if standing.active:
            office.stop(standing.id)


@pytest.fixture
def jobs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Jobs]:
    """The trainings of a workspace that holds nothing but what a test puts there."""
    jobs = Jobs(Workspace(tmp_path), limit=1)
    monkeypatch.setattr(session, "office", lambda: jobs)
    yield jobs
    jobs.close()


@pytest.fixture
def visit(monkeypatch: pytest.MonkeyPatch) -> Visit:
    """A function that opens a page as the visitor who has this result, and checks that nothing went wrong."""

    def opened(page: str, case: str | None = None, training: bool = False) -> AppTest:
        result = None if case is None else trained(case)
        monkeypatch.setattr(session, "result", lambda: result)
        monkeypatch.setattr(session, "training", lambda: training)
        visitor = AppTest.from_file(APP, default_timeout=60).run()
        visitor.switch_page(f"pages/{page}.py").run()
        assert not visitor.exception
        return visitor

    return opened
