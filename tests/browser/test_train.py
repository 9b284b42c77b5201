"""Training as a visitor sees it, in a real browser."""

import re
from pathlib import Path
from time import monotonic
from typing import Any

import pytest
from playwright.sync_api import expect

EMBEDDING = ".st-key-train-embedding .aejax-figure[data-drawn]"
RANGE = "figure => figure.layout.xaxis.range"
DRAWN = "figure => Number(figure.dataset.drawn)"


def start(page: Any, epochs: int) -> None:
    button = page.locator(".st-key-train-start button")
    expect(button).to_be_enabled(timeout=30_000)
    entry = page.get_by_role("spinbutton", name="Epochs")
    entry.fill(str(epochs))
    entry.press("Enter")
    expect(page.locator("[data-testid=stStatusWidget]")).to_have_count(0)
    button.click()


def ended(page: Any) -> Any:
    return page.get_by_text(re.compile(r"^(Trained|Stopped): "))


def test_the_default_model_trains_before_ones_eyes(page: Any, artifacts: Path) -> None:
    expect(page.get_by_role("heading", name="Train", exact=True)).to_be_visible(timeout=30_000)
    start(page, 4)
    clicked = monotonic()
    expect(page.locator(EMBEDDING)).to_be_visible(timeout=30_000)
    seconds_to_first_embedding = monotonic() - clicked
    expect(ended(page)).to_be_visible(timeout=60_000)
    expect(page.locator(EMBEDDING)).to_be_visible()
    assert page.locator(EMBEDDING).locator(".scatterlayer .trace").count() == 10
    expect(page.locator(".st-key-train-loss .aejax-figure[data-drawn]")).to_be_visible()
    expect(page.get_by_text("originals, reconstructions")).to_be_visible()
    for name in ("Explore the embedding", "Compare with PCA", "Move through the latent space"):
        expect(page.get_by_role("link", name=name)).to_be_visible()
    page.screenshot(path=artifacts / "train-finished.png", full_page=True)
    # Five are promised on two free cores; a crowded machine is given more.
    assert seconds_to_first_embedding < 20


def test_the_figure_is_redrawn_in_place_and_stopping_keeps_it(page: Any) -> None:
    start(page, 300)
    figure = page.locator(EMBEDDING)
    expect(figure).to_be_visible(timeout=30_000)
    figure.evaluate("figure => { figure.mark = 'the same element' }")
    first = figure.evaluate(DRAWN)
    page.wait_for_function(f"n => ({DRAWN})(document.querySelector('{EMBEDDING}')) > n + 1", arg=first)
    assert figure.evaluate("figure => figure.mark") == "the same element"
    drag(page, figure.bounding_box())
    page.wait_for_function(f"() => document.querySelector('{EMBEDDING}').layout.xaxis.autorange === false")
    zoomed, first = figure.evaluate(RANGE), figure.evaluate(DRAWN)
    page.wait_for_function(f"n => ({DRAWN})(document.querySelector('{EMBEDDING}')) > n + 1", arg=first)
    assert figure.evaluate(RANGE) == zoomed
    page.locator(".st-key-train-stop button").click()
    expect(ended(page)).to_be_visible(timeout=30_000)
    expect(page.locator(EMBEDDING)).to_be_visible()


def drag(page: Any, box: dict[str, float]) -> None:
    """Draws a zoom's frame into a figure."""
    page.mouse.move(box["x"] + 100, box["y"] + 100)
    page.mouse.down()
    page.mouse.move(box["x"] + 200, box["y"] + 200, steps=5)
    page.mouse.up()


def test_two_visitors_see_each_their_own_model(page: Any, browser: Any, app_server: str) -> None:
    other = browser.new_context(base_url=app_server).new_page()
    page.goto("/?data=digits&model=linear")
    other.goto("/?data=digits&model=linear&latent=1")
    start(page, 2)
    start(other, 3)
    expect(ended(page)).to_contain_text("2 of 2 epochs", timeout=60_000)
    expect(ended(other)).to_contain_text("3 of 3 epochs", timeout=60_000)
    expect(page.locator(EMBEDDING)).to_contain_text("z2")
    expect(other.locator(EMBEDDING)).not_to_contain_text("z2")
    other.context.close()


@pytest.mark.parametrize("viewport", [(390, 844)], ids=["phone"])
@pytest.mark.parametrize("color_scheme", ["dark"])
def test_nothing_is_wider_than_a_phone(page: Any) -> None:
    page.goto("/?data=digits&model=linear")
    button = page.locator(".st-key-train-start button")
    expect(button).to_be_enabled(timeout=30_000)
    button.click()
    expect(ended(page)).to_be_visible(timeout=60_000)
    expect(page.locator(EMBEDDING)).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    ground = page.evaluate("getComputedStyle(document.querySelector('.stApp')).backgroundColor")
    drawn = page.locator(EMBEDDING).evaluate("figure => figure.layout.paper_bgcolor")
    assert (ground, drawn.upper()) == ("rgb(18, 24, 31)", "#12181F")


def test_bad_input_is_told_beside_its_control(page: Any) -> None:
    expect(page.locator(".st-key-train-start button")).to_be_enabled(timeout=30_000)
    entry = page.get_by_role("spinbutton", name="Latent size")
    entry.fill("900")
    entry.press("Enter")
    expect(page.locator("[data-testid=stSidebar]")).to_contain_text("Latent must be at most 784")
    expect(page.locator(".st-key-train-start button")).to_be_disabled()
    assert "Traceback" not in page.locator("body").inner_text()
