"""A visitor trains a model, sees its codes, compares it, and walks through the latent space."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

TRAINED, DRAWN, ANSWERED = 120_000, 60_000, 15_000
"""Milliseconds that a machine under load may take."""

SHOWN = ".st-key-latent-shown img"
SLIDER = ".st-key-latent-slider-0 input[type=range]"


def go_to(page: Any, name: str) -> None:
    """Open a page by the sidebar, which a narrow window hides."""
    expect(page.get_by_role("heading", level=1)).to_be_visible(timeout=ANSWERED)
    opener = page.get_by_test_id("stExpandSidebarButton")
    if opener.is_visible():
        opener.click()
        expect(page.get_by_test_id("stSidebar")).to_have_attribute("data-collapsed", "false")
    page.get_by_test_id("stSidebarNav").get_by_role("link", name=name, exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(name, timeout=ANSWERED)


def train(page: Any, epochs: int) -> None:
    """Train the default model for so many epochs."""
    entry = page.get_by_role("spinbutton", name="Epochs")
    entry.fill(str(epochs))
    entry.press("Enter")
    expect(page.get_by_test_id("stStatusWidget")).to_have_count(0)
    page.get_by_test_id("play").click()
    page.get_by_text("Trained:").wait_for(timeout=TRAINED)


def lasso(page: Any) -> None:
    """Draw a loop around the middle of the figure."""
    plane = page.locator(".js-plotly-plot .nsewdrag").first.bounding_box()
    left, right = plane["x"] + 0.2 * plane["width"], plane["x"] + 0.8 * plane["width"]
    top, bottom = plane["y"] + 0.1 * plane["height"], plane["y"] + 0.9 * plane["height"]
    page.mouse.move(left, top)
    page.mouse.down()
    for x, y in ((right, top), (right, bottom), (left, bottom), (left, top)):
        page.mouse.move(x, y, steps=8)
    page.mouse.up()


def test_a_visitor_explores_what_he_trained(page: Any, artifacts: Path) -> None:
    train(page, 4)

    go_to(page, "Embedding")
    page.locator(".js-plotly-plot .nsewdrag").first.wait_for(timeout=DRAWN)
    page.wait_for_function("document.querySelectorAll('.js-plotly-plot .legend .traces').length === 10")
    lasso(page)
    page.get_by_text("selected examples").wait_for(timeout=ANSWERED)
    page.get_by_alt_text("selected images").wait_for(timeout=ANSWERED)
    page.screenshot(path=artifacts / "explore-embedding.png")

    go_to(page, "Compare")
    page.get_by_text("✓ marks the better one").wait_for(timeout=DRAWN)
    page.wait_for_function("document.querySelectorAll('.js-plotly-plot').length === 2")
    assert page.get_by_role("row").filter(has_text="5-NN accuracy").filter(has_text="✓").count() == 1
    page.screenshot(path=artifacts / "explore-compare.png")

    go_to(page, "Latent")
    image = page.locator(SHOWN)
    image.wait_for(timeout=DRAWN)
    before = image.get_attribute("src")
    page.locator(SLIDER).focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function(
        "([selector, before]) => document.querySelector(selector)?.src !== before",
        arg=[SHOWN, before],
        timeout=ANSWERED,
    )
    page.locator(".js-plotly-plot .layer-below image, .js-plotly-plot .imagelayer image").first.wait_for(timeout=DRAWN)


@pytest.mark.parametrize("viewport", [(390, 844)])
@pytest.mark.parametrize("color_scheme", ["dark"])
def test_the_pages_before_training_fit_a_telephone_in_the_dark(page: Any) -> None:
    for name in ("Embedding", "Compare", "Latent"):
        go_to(page, name)
        page.get_by_text("needs a trained model").wait_for(timeout=ANSWERED)
        page.locator(".st-key-train-default button").wait_for(timeout=ANSWERED)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
