"""An address of any page is good from the very first visit to a fresh server on."""

from typing import Any

from playwright.sync_api import expect

from scripts.running import running_app


def test_a_page_that_nobody_has_seen_yet_is_found(browser: Any) -> None:
    with running_app() as address:
        page = browser.new_page()
        page.goto(f"{address}/comparison")
        expect(page.get_by_role("heading", level=1)).to_have_text("Compare", timeout=60_000)
        expect(page.get_by_test_id("stSidebarNav").get_by_role("link", name="Compare")).to_be_visible(timeout=60_000)
        expect(page.get_by_role("dialog")).to_have_count(0)
        page.close()
