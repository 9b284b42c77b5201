"""Every chart can be saved as PNG and as SVG."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

READY, TRAINED = 60_000, 120_000


@pytest.fixture
def chart(page: Any) -> Any:
    """A chart of the digits, which train in a moment."""
    page.goto("/?data=digits&model=linear")
    button = page.get_by_test_id("play")
    expect(button).to_be_enabled(timeout=READY)
    button.click()
    page.get_by_text("Trained:").wait_for(timeout=TRAINED)
    page.get_by_test_id("stSidebarNav").get_by_role("link", name="Reconstruct", exact=True).click()
    found = page.locator(".js-plotly-plot").first
    expect(found).to_be_visible(timeout=READY)
    expect(page.get_by_test_id("stStatusWidget")).to_have_count(0, timeout=READY)
    return found


def test_a_chart_is_saved_in_the_format_of_the_button(page: Any, chart: Any) -> None:
    for title, ending, start in (("Save as SVG", "svg", b"<svg"), ("Download plot as a PNG", "png", b"\x89PNG")):
        chart.hover()
        with page.expect_download() as download:
            chart.locator(f'.modebar-btn[data-title="{title}"]').click()
        assert download.value.suggested_filename == f"aejax-residuals.{ending}"
        assert Path(download.value.path()).read_bytes().startswith(start)
