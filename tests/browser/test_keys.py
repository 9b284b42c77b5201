"""Training, map, decoding and lasso by keys alone: no pointer is moved and no button clicked."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

READY, TRAINED = 60_000, 150_000

FOCUSED = """() => {
  let one = document.activeElement;
  while (one?.shadowRoot?.activeElement) one = one.shadowRoot.activeElement;
  const name = one?.getAttribute("aria-label") ?? one?.innerText ?? "";
  return [one?.getAttribute("role") ?? one?.localName, name.trim()];
}"""


def tab_to(page: Any, reached: Callable[[str, str], bool], most: int = 150) -> None:
    """Press the tabulator until what has the focus, by its role and its name, is what was wanted."""
    seen = []
    for _ in range(most):
        page.keyboard.press("Tab")
        seen.append(tuple(page.evaluate(FOCUSED)))
        if reached(*seen[-1]):
            return
    pytest.fail(f"the tabulator reached only {seen}")


def test_from_training_to_a_lasso_by_keys_alone(page: Any) -> None:
    page.goto("/")
    expect(page.get_by_role("heading", name="Train", exact=True)).to_be_visible(timeout=READY)
    expect(page.get_by_test_id("play")).to_be_enabled(timeout=READY)
    tab_to(page, lambda role, name: name.startswith("Play"))
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("latent-canvas")).to_be_visible(timeout=READY)
    expect(page.get_by_test_id("pause")).to_be_enabled(timeout=READY)
    tab_to(page, lambda role, name: name.startswith("Stop"))
    page.keyboard.press("Enter")
    page.get_by_text(re.compile("^(Trained|Stopped): ")).wait_for(timeout=TRAINED)

    tab_to(page, lambda role, name: role == "a" and name.endswith("Walk through"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="1 of ")).to_be_visible(timeout=READY)
    tab_to(page, lambda role, name: role == "button" and name.startswith("code"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=": code")).to_be_visible(timeout=READY)
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_role("heading", name=": encoder")).to_be_visible(timeout=READY)
    page.keyboard.press("End")
    expect(page.get_by_role("heading", name=": loss")).to_be_visible(timeout=READY)
    expect(page.get_by_role("button", name=re.compile("^loss"))).to_have_attribute("aria-current", "step")

    tab_to(page, lambda role, name: role == "a" and name.endswith("Latent"))
    page.keyboard.press("Enter")
    lab = page.get_by_test_id("latent-canvas")
    expect(page.get_by_role("heading", name="Latent space")).to_be_visible(timeout=READY)
    expect(lab).to_have_attribute("data-painted", re.compile(r"[1-9]"), timeout=READY)
    tab_to(page, lambda role, name: role == "application")

    picture = lab.get_by_test_id("decoded-image")
    before = picture.get_attribute("aria-label")
    page.keyboard.press("Shift+ArrowLeft")
    expect(picture).not_to_have_attribute("aria-label", before)

    page.keyboard.press("0")
    page.keyboard.press("l")
    for way in ("ArrowLeft", "ArrowUp", "ArrowRight", "ArrowDown"):
        for _ in range(4):
            page.keyboard.press(f"Shift+{way}")
        page.keyboard.press(" ")
    page.keyboard.press("Enter")
    expect(lab.get_by_role("region", name="Lasso")).to_contain_text(re.compile(r"\d+ of 2,000 selected"), timeout=READY)
