"""A visitor brings images, keeps them, and sees a map of them."""

import re
from typing import Any

from playwright.sync_api import expect
from uploads import png, zipped

from aejax.data import load_data

CANVAS = "[data-testid=latent-canvas]"
READY = 60_000


def digits() -> bytes:
    data = load_data("digits")
    images = (data.x_test * 255).astype("uint8")
    return zipped({f"{data.y_test[number]}/{number}.png": png(image) for number, image in enumerate(images)})


def go_to_data(page: Any) -> None:
    page.get_by_test_id("stSidebarNav").get_by_role("link", name="Data", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your data", timeout=READY)


def test_images_are_brought_kept_and_mapped(page: Any) -> None:
    page.goto("/?model=linear")
    expect(page.get_by_role("heading", level=1)).to_have_text("Train", timeout=READY)
    go_to_data(page)
    page.locator("input[type=file]").set_input_files(
        {"name": "hand written.zip", "mimeType": "application/zip", "buffer": digits()}
    )
    expect(page.get_by_text("8 × 8 pixels").first).to_be_visible(timeout=READY)
    expect(page.get_by_text("10 by folder names")).to_be_visible()
    page.get_by_role("button", name="Keep and train on this").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Train", timeout=READY)
    expect(page).to_have_url(re.compile(r"data=own-hand-written"))
    button = page.get_by_test_id("play")
    expect(button).to_be_enabled(timeout=READY)
    entry = page.get_by_role("spinbutton", name="Epochs", exact=True)
    entry.fill("1")
    entry.press("Enter")
    expect(page.get_by_test_id("stStatusWidget")).to_have_count(0, timeout=READY)
    button.click()
    expect(page.get_by_text(re.compile(r"^Trained: "))).to_be_visible(timeout=120_000)
    expect(page.locator(CANVAS)).to_be_visible(timeout=READY)
    go_to_data(page)
    row = page.locator("[class*=st-key-own-row-own-hand-written]").first
    row.get_by_role("button", name="Delete").click()
    page.get_by_role("button", name="Delete for good").click()
    expect(page.get_by_text("Delete for good")).to_have_count(0, timeout=READY)
