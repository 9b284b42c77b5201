"""What is done in one pane of the comparison is done in the other: looking, choosing, magnifying, decoding."""

from typing import Any

import pytest
from playwright.sync_api import expect

READY, TRAINED = 60_000, 120_000


@pytest.fixture(scope="module")
def trained() -> dict[str, str]:
    """The address of the comparison of a trained model, once the first test has one: the others go there."""
    return {}


@pytest.fixture
def panes(page: Any, trained: dict[str, str]) -> Any:
    """The canvases of a model that was trained for an epoch, and of PCA."""
    if trained:
        page.goto(trained["address"])
    else:
        train_for_an_epoch(page)
        page.get_by_test_id("stSidebarNav").get_by_role("link", name="Compare", exact=True).click()
    expect(page.get_by_text("marks the best").first).to_be_visible(timeout=TRAINED)
    found = page.get_by_test_id("latent-canvas")
    expect(found).to_have_count(2)
    for index in range(2):
        expect(found.nth(index).get_by_role("button", name="Morph")).to_be_visible(timeout=READY)
    expect(page.get_by_test_id("stStatusWidget")).to_have_count(0, timeout=READY)
    trained["address"] = page.url
    return found


def train_for_an_epoch(page: Any) -> None:
    page.goto("/")
    expect(page.get_by_role("heading", level=1)).to_be_visible(timeout=READY)
    expect(page.get_by_test_id("play")).to_be_enabled(timeout=READY)
    entry = page.get_by_role("spinbutton", name="Epochs", exact=True)
    entry.fill("1")
    entry.press("Enter")
    expect(page.get_by_test_id("stStatusWidget")).to_have_count(0)
    page.get_by_test_id("play").click()
    page.get_by_text("Trained:").wait_for(timeout=TRAINED)


def decoded(pane: Any) -> str:
    """What a pane says of the place that it decodes; in the first map's coordinates, as all of them are here."""
    said: str = pane.get_by_test_id("decoded-image").get_attribute("aria-label")
    return said.replace("first map's ", "")


def test_what_is_done_in_one_pane_is_done_in_the_other(page: Any, panes: Any) -> None:
    one, other = panes.nth(0), panes.nth(1)
    box = one.locator(".map").bounding_box()
    start = decoded(one)
    assert decoded(other) == start

    page.mouse.move(box["x"] + 120, box["y"] + 140)
    expect(one.get_by_test_id("decoded-image")).not_to_have_attribute("aria-label", start)
    page.wait_for_timeout(300)
    assert decoded(other) == decoded(one)

    one.get_by_role("button", name="Changes").click()
    one.locator(".panel:not([hidden]) .example").first.click()
    expect(one).to_have_attribute("data-selected", "21")
    expect(other).to_have_attribute("data-selected", "21")
    near = one.get_attribute("data-near")
    expect(other).to_have_attribute("data-near", near)

    other.get_by_role("button", name="Lasso", exact=True).click()
    other.get_by_role("button", name="Clear", exact=True).click()
    expect(one).to_have_attribute("data-selected", "0")

    one.get_by_role("button", name="7", exact=True).click()
    expect(other.get_by_role("button", name="7", exact=True)).to_have_attribute("aria-pressed", "true")
    other.get_by_role("button", name="All", exact=True).click()
    expect(one.get_by_role("button", name="7", exact=True)).to_have_attribute("aria-pressed", "false")


def test_panes_show_the_same_part_of_the_plane_and_one_turns_into_the_other(page: Any, panes: Any) -> None:
    one, other = panes.nth(0), panes.nth(1)

    def at_the_same_pixel() -> list[str]:
        said = []
        for pane in (one, other):
            box = pane.locator(".map").bounding_box()
            page.mouse.move(box["x"] + 200, box["y"] + 151)
            page.mouse.move(box["x"] + 200, box["y"] + 150)
            page.wait_for_timeout(300)
            said.append(decoded(pane))
        return said

    before = at_the_same_pixel()
    box = one.locator(".map").bounding_box()
    page.mouse.move(box["x"] + 100, box["y"] + 100)
    page.mouse.wheel(0, -400)
    page.wait_for_timeout(300)
    after = at_the_same_pixel()
    assert after[0] == after[1]
    assert after[0] not in before

    one.get_by_role("button", name="Morph").click()
    expect(one.get_by_label("Pane to turn into")).to_have_text("PCA")
    slider = one.get_by_role("slider", name="Share of the way")

    def dots(pane: Any) -> str:
        page.wait_for_timeout(500)
        drawn: str = pane.locator("canvas.layer").nth(1).evaluate("canvas => canvas.toDataURL()")
        return drawn

    itself, goal = dots(one), dots(other)
    slider.fill("1")
    assert dots(one) == goal != itself
    one.get_by_role("button", name="Morph").click()
    assert dots(one) == itself


def test_a_baseline_that_takes_long_can_be_stopped_and_begun_again(page: Any, panes: Any) -> None:
    entry = page.get_by_role("combobox", name="Panes")
    entry.click()
    entry.fill("t-SNE")
    page.get_by_role("option", name="t-SNE", exact=True).click()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Stop fitting t-SNE").click(timeout=READY)
    expect(page.get_by_text("The fitting of t-SNE was stopped.")).to_be_visible(timeout=READY)
    expect(panes).to_have_count(2)
    page.get_by_role("button", name="Fit t-SNE", exact=True).click()
    expect(page.get_by_text("Fitting t-SNE to 5,000 training examples")).to_be_visible(timeout=READY)
    page.get_by_role("button", name="Stop fitting t-SNE").click(timeout=READY)
    expect(page.get_by_text("The fitting of t-SNE was stopped.")).to_be_visible(timeout=READY)
