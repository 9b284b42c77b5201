"""No page has what axe, a checker of accessibility, calls serious, in the light and in the dark."""

import re
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from focus import missed
from playwright.sync_api import expect
from uploads import table

READY, TRAINED = 60_000, 120_000
LIGHT, DARK = "rgb(255, 255, 255)", "rgb(18, 24, 31)"


def found(page: Any) -> list[str]:
    """What axe finds on the page that is serious or worse, each with the first element that has it."""
    # Streamlit's own button to stop a run has too little contrast, for as long as there is one.
    expect(page.get_by_test_id("stStatusWidget")).to_have_count(0, timeout=READY)
    violations = Axe().run(page).response["violations"]
    serious = [one for one in violations if one["impact"] in ("serious", "critical")]
    return [f"{one['id']}: {node['target']} {node['html'][:200]}" for one in serious for node in one["nodes"]]


def in_the_dark(page: Any) -> list[str]:
    """What axe finds once the reader prefers the dark; the light comes back."""
    ground = page.locator(".stApp")
    page.emulate_media(color_scheme="dark")
    expect(ground).to_have_css("background-color", DARK)
    problems = found(page)
    page.emulate_media(color_scheme="light")
    expect(ground).to_have_css("background-color", LIGHT)
    return problems


def checked(page: Any) -> list[str]:
    """What axe finds in the light and in the dark, and what is out of the keyboard's reach."""
    return found(page) + in_the_dark(page) + missed(page)


def go_to(page: Any, name: str, heading: str | None = None) -> None:
    opener = page.get_by_test_id("stExpandSidebarButton")
    if opener.is_visible():
        opener.click()
        expect(page.get_by_test_id("stSidebar")).to_have_attribute("data-collapsed", "false")
    page.get_by_test_id("stSidebarNav").get_by_role("link", name=name, exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(heading or name, timeout=READY)
    page.wait_for_timeout(500)


def train(page: Any) -> None:
    page.goto("/")
    expect(page.get_by_role("heading", level=1)).to_be_visible(timeout=READY)
    button = page.get_by_test_id("play")
    expect(button).to_be_enabled(timeout=READY)
    entry = page.get_by_role("spinbutton", name="Epochs", exact=True)
    entry.fill("1")
    entry.press("Enter")
    expect(page.get_by_test_id("stStatusWidget")).to_have_count(0)
    button.click()
    page.get_by_text("Trained:").wait_for(timeout=TRAINED)


def test_axe_finds_nothing_serious_on_any_page_and_keys_reach_all_of_it(page: Any) -> None:
    train(page)
    problems = {"Train": found(page) + in_the_dark(page)}
    for name in ("Walk through", "Embedding", "Compare", "Latent", "Reconstruct", "Out of domain", "Use the code"):
        go_to(page, name)
        if name == "Walk through":
            expect(page.get_by_test_id("stop-1")).to_be_visible(timeout=READY)
            page.keyboard.press("End")
            expect(page.get_by_role("heading", name=": loss")).to_be_visible(timeout=READY)
            page.get_by_test_id("stop-1").click()
            page.get_by_text("What its units look for").click(timeout=READY)
        if name in ("Embedding", "Latent"):
            lab = page.get_by_test_id("latent-canvas")
            expect(lab).to_have_attribute("data-painted", re.compile(r"[1-9]"), timeout=READY)
            lab.get_by_role("spinbutton", name="Row").fill("7")
            lab.get_by_role("button", name="Show", exact=True).click()
            expect(lab.get_by_text("Nearest in the code")).to_be_visible(timeout=READY)
        problems[name] = checked(page)
    go_to(page, "Stories")
    problems["Stories"] = checked(page)
    page.get_by_role("button", name="Open").first.click()
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_role("button", name="Run", exact=True)).to_be_visible(timeout=READY)
    problems["Stories, one of them"] = checked(page)
    go_to(page, "Sweep")
    page.get_by_role("button", name="Start 9 runs").wait_for(timeout=READY)
    problems["Sweep"] = checked(page)
    go_to(page, "Data", "Your data")
    problems["Data"] = checked(page)
    page.locator("input[type=file]").set_input_files(
        {"name": "flowers.csv", "mimeType": "text/csv", "buffer": table(30).encode()}
    )
    expect(page.get_by_text("Keep and train on this")).to_be_visible(timeout=READY)
    for part in ("Columns", "Change the plan"):
        page.get_by_text(part, exact=True).first.click()
    problems["Data, brought"] = checked(page)
    assert "\n".join(f"{name}: {line}" for name, lines in problems.items() for line in lines) == ""
