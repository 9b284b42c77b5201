"""Every story is told in a browser: from the shelf to the number of its point, in less than half a minute."""

import re
import time
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from aejax.stories import STORIES
from scripts.running import running_app

READY, TOLD = 60_000, 240_000
SECONDS = 30.0
USUAL = "linear"
NAMES = [pytest.param(name, marks=() if name == USUAL else pytest.mark.slow) for name in STORIES]


@pytest.fixture(scope="module")
def as_visitors_have_it() -> Iterator[str]:
    """The application with programs compiled for speed: other tests have them compiled quickly."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("XLA_FLAGS", raising=False)
        with running_app() as address:
            yield address


@pytest.fixture
def app_server(request: pytest.FixtureRequest, app_server: str) -> str:
    """The application, as visitors have it where a test measures its time."""
    timed = getattr(request.node, "callspec", None) and request.node.callspec.params["name"] != USUAL
    return str(request.getfixturevalue("as_visitors_have_it")) if timed else app_server


def number(text: str) -> float:
    """The number as it is written on the page, a share as such."""
    found = re.match(r"([+-]?[\d.]+)\s*(%?)", text)
    assert found is not None
    return float(found[1]) / (100 if found[2] else 1)


@pytest.mark.parametrize("name", NAMES)
def test_a_story_comes_to_its_point_in_the_browser(page: Any, name: str) -> None:
    story = STORIES[name]
    page.goto("/stories")
    page.locator(f".st-key-open-{name} button").click(timeout=READY)
    expect(page.get_by_role("heading", level=1)).to_have_text(story.title, timeout=READY)
    for _ in range(story.run_step):
        expect(page.get_by_test_id("stStatusWidget")).to_have_count(0, timeout=READY)
        page.get_by_role("button", name="Next").click()
    page.get_by_role("radiogroup").locator("label").last.click(timeout=READY)
    expect(page.get_by_test_id("stStatusWidget")).to_have_count(0, timeout=READY)
    expect(page.get_by_test_id("stSidebar").get_by_text("Learning rate").first).to_be_hidden()
    begun = time.monotonic()
    page.get_by_role("button", name="Run", exact=True).click()
    told = page.get_by_test_id("stMetricValue")
    told.wait_for(timeout=TOLD)
    seconds = time.monotonic() - begun
    shown = number(told.inner_text())
    assert story.point.holds(shown)
    expect(page.get_by_text("The point is made with")).to_be_visible()
    expect(page.get_by_text("You said:")).to_be_visible()
    for step in story.steps[story.run_step + 1 :]:
        expect(page.get_by_test_id("stStatusWidget")).to_have_count(0, timeout=READY)
        page.get_by_role("button", name="Next").click()
        expect(page.get_by_role("heading", name=step.title)).to_be_in_viewport(timeout=READY)
        expect(page.get_by_test_id("stMain").locator("img, .js-plotly-plot").first).to_be_visible(timeout=READY)
    if name != USUAL:
        assert seconds < SECONDS


def test_a_lesson_hides_pages_and_controls_and_can_be_left(page: Any) -> None:
    page.goto("/trainings?teach=hide-trainings,hide-share,lock-model,large,contrast")
    expect(page.get_by_text("This page is not part of the lesson.")).to_be_visible(timeout=READY)
    sidebar = page.get_by_test_id("stSidebar")
    expect(sidebar.get_by_role("link", name="Embedding")).to_be_visible()
    expect(sidebar.get_by_role("link", name="Runs")).to_be_hidden()
    expect(sidebar.get_by_text("Share", exact=True)).to_be_hidden()
    expect(sidebar.get_by_text("Locked for this lesson.")).to_be_visible()
    assert page.evaluate("getComputedStyle(document.documentElement).fontSize") == "20px"
    page.get_by_role("link", name="To the first page").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Train", timeout=READY)
    expect(page).to_have_url(re.compile("teach="))
    sidebar.get_by_text("Teach", exact=True).click()
    sidebar.get_by_role("button", name="Hide and lock").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("Compare", exact=True).click()
    expect(page.get_by_test_id("stStatusWidget")).to_have_count(0, timeout=READY)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    dialog.get_by_test_id("teach-copy").click()
    expect(dialog.get_by_text("Copied.")).to_be_visible(timeout=READY)
    link = page.evaluate("navigator.clipboard.readText()")
    assert "hide-comparison" in link
    assert "lock-model" in link
    page.keyboard.press("Escape")
    sidebar.get_by_role("button", name="Leave teacher mode").click()
    expect(sidebar.get_by_role("link", name="Runs")).to_be_visible(timeout=READY)
    expect(page).not_to_have_url(re.compile("teach="))
