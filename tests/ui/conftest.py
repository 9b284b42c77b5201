"""A visitor at a page of the application, with or without a trained model."""

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest
from visitors import APP, trained

from aejax.ui import session

Visit = Callable[..., AppTest]


@pytest.fixture
def visit(monkeypatch: pytest.MonkeyPatch) -> Visit:
    """A function that opens a page as the visitor who has this result, and checks that nothing went wrong."""

    def opened(page: str, case: str | None = None, training: bool = False) -> AppTest:
        result = None if case is None else trained(case)
        monkeypatch.setattr(session, "result", lambda: result)
        monkeypatch.setattr(session, "training", lambda: training)
        monkeypatch.setattr(session, "advance", lambda seconds: None)
        visitor = AppTest.from_file(APP, default_timeout=60).run()
        visitor.switch_page(f"pages/{page}.py").run()
        assert not visitor.exception
        return visitor

    return opened
