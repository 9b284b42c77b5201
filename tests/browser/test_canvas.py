"""The canvas as its visitors use it: by keys alone, by pointer, by finger, with and without a graphics card."""

import io
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

READY = 60_000


MOVE = """(map, [x, y]) => {
  for (let step = 0; step < 40; step++) {
    const place = { clientX: x + 8 * step, clientY: y + 5 * step, bubbles: true, pointerId: 1, pointerType: "mouse" };
    map.dispatchEvent(new PointerEvent("pointermove", place));
  }
}"""


def where(lab: Any) -> list[float]:
    """The numbers that the canvas says the probe is at."""
    words = lab.locator(".where").inner_text().replace("−", "-")
    return [float(number) for number in re.findall(r"= (\S+?)(?:,|$)", words)]


def test_the_keys_alone_move_choose_zoom_and_help(lab: Any) -> None:
    page = lab.page
    begun = where(lab)
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement?.shadowRoot?.activeElement?.getAttribute('role') === 'application'"):
            break
    else:
        pytest.fail("the map was not reached by the tabulator")
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowUp")
    moved = where(lab)
    assert moved[0] > begun[0]
    assert moved[1] > begun[1]
    page.keyboard.press("Enter")
    expect(lab.get_by_role("heading", name=re.compile(r"^Example \d+: "))).to_be_visible()
    expect(lab.get_by_text("Nearest in the code")).to_be_visible()
    expect(lab.get_by_role("status")).not_to_be_empty()
    page.keyboard.press("Escape")
    expect(lab.get_by_text("Nearest in the code")).to_have_count(0)
    page.keyboard.press("?")
    expect(lab.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(lab.get_by_role("dialog")).not_to_be_visible()


def test_decoding_under_the_pointer_asks_nothing_of_the_server(lab: Any) -> None:
    page = lab.page
    page.wait_for_timeout(500)
    page.evaluate("""() => { window.sent = 0; const send = WebSocket.prototype.send;
        WebSocket.prototype.send = function (...given) { window.sent++; return send.apply(this, given); }; }""")
    box = lab.get_by_role("application").bounding_box()
    before = int(lab.get_by_test_id("decoded-image").get_attribute("data-decodes"))
    lab.get_by_role("application").evaluate(MOVE, [box["x"] + 60, box["y"] + 60])
    assert int(lab.get_by_test_id("decoded-image").get_attribute("data-decodes")) - before >= 30
    assert page.evaluate("window.sent") == 0


@pytest.mark.parametrize("path", ["/?way=server", "/?way=grid"])
def test_what_cannot_be_decoded_here_is_decoded_all_the_same_and_says_so(lab: Any, path: str) -> None:
    expect(lab.locator(".path")).to_have_attribute("data-path", path.split("=")[1], timeout=READY)
    picture = "canvas => canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.join()"
    before = lab.get_by_test_id("decoded-image").evaluate(picture)
    box = lab.get_by_role("application").bounding_box()
    lab.page.mouse.move(box["x"] + 30, box["y"] + 30)
    lab.page.mouse.move(box["x"] + 90, box["y"] + 90)
    for _ in range(50):
        if lab.get_by_test_id("decoded-image").evaluate(picture) != before:
            return
        lab.page.wait_for_timeout(100)
    pytest.fail("the decoded image did not change")


def test_a_thumbnail_shows_under_the_pointer_and_a_click_chooses_its_point(lab: Any) -> None:
    page, map_ = lab.page, lab.get_by_role("application")
    box = map_.bounding_box()
    card = lab.locator(".card")
    for step in range(200):
        page.mouse.move(box["x"] + box["width"] / 2 + 3 * step % 200, box["y"] + box["height"] / 2 + 2 * (step // 20))
        page.wait_for_timeout(40)
        if card.is_visible():
            break
    expect(card).to_contain_text(re.compile(r"row \d+"))
    row = re.search(r"row (\d+)", card.inner_text())
    page.mouse.down()
    page.mouse.up()
    expect(lab.get_by_role("heading", name=re.compile(rf"^Example {row[1] if row else ''}: "))).to_be_visible()


def test_the_wheel_zooms_and_new_data_keep_the_zoom(lab: Any) -> None:
    page = lab.page
    box = lab.get_by_role("application").bounding_box()
    page.mouse.move(box["x"] + 200, box["y"] + 200)
    page.mouse.wheel(0, -600)
    page.wait_for_timeout(300)
    page.mouse.move(box["x"] + 210, box["y"] + 200)
    zoomed, frame = where(lab), lab.get_attribute("data-frame")
    # The server is told where the pointer rests, with the frame of that time: a click just before would be undone.
    page.wait_for_timeout(1000)
    page.get_by_role("button", name="Next frame").click()
    expect(lab).not_to_have_attribute("data-frame", frame, timeout=READY)
    page.mouse.move(box["x"] + 200, box["y"] + 200)
    page.mouse.move(box["x"] + 210, box["y"] + 200)
    assert where(lab) == pytest.approx(zoomed, rel=0.02, abs=0.02)


def test_classes_are_shown_alone_and_together_again(lab: Any) -> None:
    classes = lab.get_by_role("group", name="Classes")
    classes.get_by_role("button", name="3", exact=True).click()
    expect(classes.get_by_role("button", name="3", exact=True)).to_have_attribute("aria-pressed", "true")
    expect(lab.get_by_role("status")).to_have_text("Shown alone: 3")
    classes.get_by_role("button", name="All").click()
    expect(lab.get_by_role("status")).to_have_text("All classes shown")


@pytest.mark.parametrize("kind", ["PNG", "SVG"])
def test_the_map_is_saved_as_a_picture(lab: Any, kind: str, tmp_path: Path) -> None:
    with lab.page.expect_download() as waited:
        lab.get_by_role("button", name=f"Save {kind}").click()
    waited.value.save_as(tmp_path / "picture")
    saved = (tmp_path / "picture").read_bytes()
    assert waited.value.suggested_filename.endswith(f".{kind.lower()}")
    assert len(saved) > 5000
    assert saved.startswith({"PNG": b"\x89PNG", "SVG": b"<svg"}[kind])


def test_a_code_is_pasted_and_decoded(lab: Any) -> None:
    lab.get_by_role("textbox", name="Code").fill("0.5, -0.25")
    lab.get_by_role("button", name="Set").click()
    assert where(lab) == [0.5, -0.25]
    lab.get_by_role("textbox", name="Code").fill("one, two")
    lab.get_by_role("button", name="Set").click()
    expect(lab.get_by_role("status")).to_contain_text("2 numbers")
    assert where(lab) == [0.5, -0.25]


@pytest.mark.parametrize("path", ["/?flat"])
def test_without_webgl_the_points_are_drawn_and_it_says_why(lab: Any) -> None:
    expect(lab.locator(".note")).to_have_text("Drawn without the graphics card: it was asked for.")
    painted = "canvas => canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.some(Boolean)"
    assert lab.locator(".layer").nth(1).evaluate(painted)


@pytest.mark.parametrize("path", ["/?webgl"])
def test_a_graphics_card_and_the_processor_draw_alike(lab: Any) -> None:
    expect(lab.locator(".note")).to_have_count(0)
    by_card = _pixels(lab)
    lab.page.goto("/?flat")
    expect(lab).to_have_attribute("data-painted", re.compile(r"[1-9]"), timeout=60_000)
    by_processor = _pixels(lab)
    assert by_card.shape == by_processor.shape
    assert by_card.std() > 5
    # But for the rims of the points, whose middles are told apart to a quarter of a pixel.
    assert np.abs(by_card - by_processor).mean() < 2
    assert np.corrcoef(by_card.ravel(), by_processor.ravel())[0, 1] > 0.97


def _pixels(lab: Any) -> np.ndarray:
    lab.page.mouse.move(0, 0)
    lab.page.wait_for_timeout(500)
    shot = lab.get_by_role("application").screenshot()
    return np.asarray(Image.open(io.BytesIO(shot)).convert("RGB"), np.float32)


@pytest.mark.touch
def test_a_finger_decodes_and_the_page_fits_a_telephone(lab: Any) -> None:
    page = lab.page
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    before = where(lab)
    box = lab.get_by_role("application").bounding_box()
    page.touchscreen.tap(box["x"] + 40, box["y"] + box["height"] - 60)
    assert where(lab) != before
    expect(lab.get_by_test_id("decoded-image")).to_be_in_viewport()
