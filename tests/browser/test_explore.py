"""A visitor trains a model, sees its codes, compares it, and walks through the latent space."""

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

TRAINED, DRAWN, ANSWERED = 120_000, 60_000, 15_000
"""Milliseconds that a machine under load may take."""


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


def canvas(page: Any) -> Any:
    """The Latent Canvas, once it has drawn something."""
    found = page.get_by_test_id("latent-canvas")
    expect(found).to_have_attribute("data-painted", re.compile(r"[1-9]"), timeout=DRAWN)
    return found


def decodes(page: Any) -> int:
    """How many examples the canvas has decoded."""
    return int(page.get_by_test_id("decoded-image").get_attribute("data-decodes"))


def test_a_visitor_explores_what_he_trained(page: Any, artifacts: Path) -> None:
    page.goto("/")
    train(page, 4)

    go_to(page, "Embedding")
    lab = canvas(page)
    assert lab.get_by_role("group", name="Classes").get_by_role("button").count() == 10
    box = lab.get_by_role("application").bounding_box()
    before = decodes(page)
    for step in range(20):
        page.mouse.move(box["x"] + 100 + 20 * step, box["y"] + 80 + 15 * step)
    assert decodes(page) > before
    expect(page.locator(".path")).to_have_attribute("data-path", "browser")
    page.screenshot(path=artifacts / "explore-embedding.png")

    go_to(page, "Compare")
    page.get_by_text("✓ marks the best").first.wait_for(timeout=DRAWN)
    expect(page.get_by_test_id("latent-canvas")).to_have_count(2)
    page.get_by_role("tab", name="Classes").click()
    assert page.get_by_role("row").filter(has_text="5-NN accuracy").filter(has_text="✓").count() == 1
    page.screenshot(path=artifacts / "explore-compare.png")

    go_to(page, "Latent")
    lab = canvas(page)
    slider = lab.get_by_role("slider", name="z1")
    before, where = decodes(page), lab.locator(".where").inner_text()
    slider.focus()
    page.keyboard.press("ArrowRight")
    expect(lab.locator(".where")).not_to_have_text(where)
    assert decodes(page) > before


@pytest.mark.parametrize("viewport", [(390, 844)])
@pytest.mark.parametrize("color_scheme", ["dark"])
def test_the_pages_before_training_fit_a_telephone_in_the_dark(page: Any) -> None:
    page.goto("/")
    for name in ("Embedding", "Compare", "Latent"):
        go_to(page, name)
        page.get_by_text("needs a trained model").wait_for(timeout=ANSWERED)
        page.locator(".st-key-train-default button").wait_for(timeout=ANSWERED)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
