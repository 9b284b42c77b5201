"""The canvas's tools as its visitors use them: manifold, honesty, lasso, path, arithmetic, traversals, draw."""

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

ANSWERED = 30_000
"""Milliseconds that the server of a machine under load may take, compilation included."""

_SHADES = """canvas => {
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    const seen = new Set();
    for (let i = 3; i < data.length; i += 400) seen.add(data[i] << 8 | data[i - 1]);
    return seen.size; }"""


def press(lab: Any, name: str) -> None:
    lab.get_by_role("button", name=name, exact=True).click()


def go(lab: Any, code: str) -> None:
    """Set the probe to a code that is typed."""
    lab.get_by_role("textbox", name="Code").fill(code)
    press(lab, "Set")


def tiles(lab: Any) -> int:
    return int(lab.get_attribute("data-tiles") or 0)


def counted(panel: Any) -> tuple[int, int]:
    """How many are selected, and of how many."""
    found = re.search(r"([\d,]+) of ([\d,]+) selected", panel.locator(".count").inner_text())
    return (int(found[1].replace(",", "")), int(found[2].replace(",", ""))) if found else (0, 0)


def eventually(lab: Any, condition: Any) -> None:
    for _ in range(ANSWERED // 100):
        if condition():
            return
        lab.page.wait_for_timeout(100)
    pytest.fail("it did not come about in time")


@pytest.mark.parametrize("path", ["/?way=browser", "/?way=space"])
def test_the_manifold_lies_under_the_points_and_refines_as_one_zooms(lab: Any, path: str) -> None:
    lab.get_by_test_id("manifold").click()
    eventually(lab, lambda: tiles(lab) > 100)
    assert lab.locator("canvas.layer").first.evaluate(_SHADES) > 8
    levels = lab.get_attribute("data-level")
    for _ in range(3):
        press(lab, "Zoom in")
        lab.page.wait_for_timeout(300)
    eventually(lab, lambda: lab.get_attribute("data-level") != levels and tiles(lab) > 100)
    lab.get_by_test_id("manifold").click()
    expect(lab.get_by_label("Opacity of the manifold")).to_have_count(1)
    expect(lab.get_by_label("Opacity of the manifold")).not_to_be_visible()


@pytest.mark.parametrize("path", ["/?way=browser", "/?way=space"])
def test_the_honesty_layer_measures_a_place_and_says_where_it_guesses(lab: Any, path: str) -> None:
    toggle = lab.get_by_test_id("honesty")
    assert toggle.inner_text() == "Honesty"
    toggle.click()
    panel = lab.get_by_role("region", name="Honesty")
    here = panel.locator(".here")
    expect(here).to_contain_text("At the probe", timeout=ANSWERED)
    expect(here).not_to_contain_text("a guess")
    for measure, unit in (("Round-trip error", "in units of the code"), ("Magnification", "of the decoder")):
        press(lab, measure)
        expect(panel.locator(".unit")).to_contain_text(f"{measure}: ", timeout=ANSWERED)
        expect(panel.locator(".unit")).to_contain_text(unit)
        expect(panel.locator(".least")).to_contain_text(re.compile(r"\d"))
    far = "99, 99" if "browser" in path else "99, 99, 99, 99, 99"
    go(lab, far)
    expect(here).to_contain_text("a guess", timeout=ANSWERED)


def test_a_path_leads_from_pin_to_pin_and_counts_who_lives_there(lab: Any) -> None:
    page = lab.page
    lab.get_by_test_id("pin-a").click()
    press(lab, "Random code")
    lab.get_by_test_id("pin-b").click()
    film = lab.get_by_role("group", name="Decoded along the path")
    expect(film.get_by_role("button")).not_to_have_count(0)
    expect(film.get_by_role("button").first).to_contain_text(re.compile(r"A\s*\d+ near"))
    pin = lab.locator("button.pin", has_text="B")
    before = pin.bounding_box()
    pin.focus()
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    assert pin.bounding_box()["x"] > before["x"] + 30
    press(lab, "Geodesic")
    panel = lab.get_by_role("region", name="Path")
    expect(panel).to_contain_text("% of the line's energy")
    share = re.search(r"(\d+) % of the line's energy", panel.inner_text())
    assert share
    assert int(share[1]) <= 100
    code = lab.get_by_role("textbox", name="Code").input_value()
    film.get_by_role("button").nth(2).click()
    assert lab.get_by_role("textbox", name="Code").input_value() != code


def test_the_server_finds_the_shortest_way_where_the_browser_cannot(lab: Any) -> None:
    page = lab.page
    page.goto(f"{page.url.split('?')[0]}?way=grid")
    lab.get_by_test_id("pin-a").click(timeout=60_000)
    press(lab, "Random code")
    page.wait_for_timeout(1000)
    lab.get_by_test_id("pin-b").click()
    press(lab, "Geodesic")
    expect(lab.get_by_role("region", name="Path")).to_contain_text("% of the line's energy", timeout=ANSWERED)


def test_a_lasso_is_drawn_by_keys_alone_and_its_rows_are_saved(lab: Any, tmp_path: Path) -> None:
    page, map_ = lab.page, lab.get_by_role("application")
    map_.focus()
    page.keyboard.press("l")
    for way in ("ArrowLeft", "ArrowUp", "ArrowRight", "ArrowDown"):
        for _ in range(3):
            page.keyboard.press(f"Shift+{way}")
        page.keyboard.press(" ")
    page.keyboard.press("Enter")
    panel = lab.get_by_role("region", name="Lasso")
    expect(panel).to_contain_text(re.compile(r"[1-9]\d* of [\d,]+ selected; the others are dimmed"))
    chosen, of = counted(panel)
    expect(panel.get_by_role("table")).to_contain_text("Labels of the selected")
    expect(panel).to_contain_text("Mean error", timeout=ANSWERED)
    with page.expect_download() as kept:
        press(lab, "Save rows (CSV)")
    kept.value.save_as(tmp_path / "rows.csv")
    lines = (tmp_path / "rows.csv").read_text().splitlines()
    assert lines[0] == "row,label,z1,z2"
    assert len(lines) == chosen + 1
    press(lab, "Invert")
    assert counted(panel) == (of - chosen, of)
    press(lab, "Clear")
    expect(panel).to_contain_text("Nothing is selected.")


def test_a_lasso_adds_and_takes_away_with_the_keys_held(lab: Any) -> None:
    page = lab.page
    press(lab, "Lasso")
    panel = lab.get_by_role("region", name="Lasso")
    box = lab.get_by_role("application").bounding_box()

    def loop(left: float, right: float) -> int:
        x, y = (
            [box["x"] + share * box["width"] for share in (left, right)],
            [box["y"] + 5, box["y"] + box["height"] - 5],
        )
        page.mouse.move(x[0], y[0])
        page.mouse.down()
        for corner in ((x[1], y[0]), (x[1], y[1]), (x[0], y[1])):
            page.mouse.move(*corner, steps=4)
        page.mouse.up()
        return counted(panel)[0]

    half = loop(0.02, 0.5)
    page.keyboard.down("Shift")
    whole = loop(0.4, 0.98)
    page.keyboard.up("Shift")
    page.keyboard.down("Alt")
    rest = loop(0.02, 0.5)
    page.keyboard.up("Alt")
    assert 0 < half < whole
    assert rest == whole - half


def test_a_direction_is_added_and_coordinates_are_walked_along(lab: Any) -> None:
    press(lab, "Arithmetic")
    panel = lab.get_by_role("region", name="Arithmetic")
    lab.get_by_label("Group A").select_option("3")
    lab.get_by_label("Group B").select_option("0")
    code = lab.get_by_role("textbox", name="Code")
    before = code.input_value()
    lab.get_by_label("Times (A − B)").fill("1")
    assert code.input_value() != before
    expect(panel.get_by_role("button", name="+1.5")).to_be_visible()
    press(lab, "Traversals")
    rows = lab.get_by_role("group", name=re.compile(r"^z\d · "))
    expect(rows).to_have_count(2)
    expect(rows.first.get_by_role("button")).to_have_count(7)
    before = code.input_value()
    rows.first.get_by_role("button").first.click()
    assert code.input_value() != before


def test_a_drawing_is_encoded_and_judged(lab: Any) -> None:
    page = lab.page
    lab.get_by_test_id("draw").click()
    pad = lab.locator(".pad")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    page.mouse.move(box["x"] + 140, box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + 140, box["y"] + 240, steps=10)
    page.mouse.up()
    verdict = lab.locator(".verdict")
    expect(verdict).to_contain_text(re.compile(r"this model's world. Error \d"), timeout=ANSWERED)
    expect(lab.get_by_role("button", name="Reconstruction")).to_be_visible()
    press(lab, "Erase")
    expect(verdict).to_be_empty()
    lab.locator("input[type=file]").set_input_files(
        {"name": "note.png", "mimeType": "image/png", "buffer": b"this is no picture"}
    )
    expect(verdict).to_contain_text("no picture")


@pytest.mark.touch
def test_all_tools_open_fit_a_telephone(lab: Any) -> None:
    for name in ("Manifold", "Honesty", "Pin A", "Pin B", "Arithmetic", "Traversals", "Draw", "Lasso"):
        press(lab, name)
    expect(lab.get_by_role("region", name="Draw")).to_be_visible()
    assert lab.page.evaluate("document.documentElement.scrollWidth") <= 390
