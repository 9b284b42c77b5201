"""The file that needs no network: opened from the disk without one, it decodes what the model does."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from aejax import load_data, load_run, train, zoo
from aejax.run import Run

SWEEP = """async (lab) => {
  const [map, picture] = [lab.querySelector(".map"), lab.querySelector(".decoded")];
  const box = map.getBoundingClientRect();
  const [before, began] = [Number(picture.dataset.decodes), performance.now()];
  for (let step = 0; performance.now() - began < 1000; step++) {
    const place = { clientX: box.x + 60 + (step * 7) % 300, clientY: box.y + 60 + (step * 5) % 200 };
    map.dispatchEvent(new PointerEvent("pointermove", { ...place, bubbles: true, pointerId: 1, pointerType: "mouse" }));
    await new Promise(requestAnimationFrame);
  }
  return (1000 * (Number(picture.dataset.decodes) - before)) / (performance.now() - began);
}"""

PIXELS = """(lab) => {
  const canvas = lab.querySelector(".decoded");
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  return [canvas.width, canvas.height, Array.from(data).filter((_, at) => at % 4 === 0)];
}"""


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Run]:
    """The page of a deep model of two numbers, made as the command line makes it."""
    place = tmp_path_factory.mktemp("offline")
    data, entry = load_data("mnist-sample"), zoo["deep"]
    run = train(entry.spec.replace(latent=2), entry.train.replace(epochs=1), data.x_train)
    run.save(place / "run")
    page = place / "map.html"
    subprocess.run([sys.executable, "-m", "aejax.ui.offline", str(place / "run"), data.name, str(page)], check=True)
    return page, load_run(place / "run")


def test_it_opens_without_a_network_and_decodes_under_the_pointer(
    browser: Any, written: tuple[Path, Run], artifacts: Path
) -> None:
    page_file, run = written
    assert page_file.stat().st_size < 5_000_000
    assert b'http-equiv="Content-Security-Policy" content="default-src \'none\'' in page_file.read_bytes()
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_offline(True)
    page = context.new_page()
    asked: list[str] = []
    wrong: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    page.goto(page_file.as_uri())
    lab = page.get_by_test_id("latent-canvas")
    expect(lab).to_have_attribute("data-painted", re.compile(r"[1-9]"), timeout=60_000)
    # Thirty is what is asked; a crowded machine may draw fewer frames in a second.
    assert lab.evaluate(SWEEP) > 10
    box = lab.locator(".map").bounding_box()
    page.mouse.move(box["x"] + 0.55 * box["width"], box["y"] + 0.45 * box["height"])
    words = lab.locator(".where").inner_text().replace("−", "-")
    code = np.array([[float(number) for number in re.findall(r"= (\S+?)(?:,|$)", words)]], np.float32)
    width, height, pixels = lab.evaluate(PIXELS)
    shown = np.asarray(pixels, np.uint8).reshape(height, width)
    expected = Image.fromarray(np.round(255 * run.decode(code)[0]).astype(np.uint8)).resize((width, height), 0)
    # The words give the code to a few digits, the page the weights in half precision.
    assert np.abs(shown.astype(int) - np.asarray(expected, int)).max() <= 4
    page.screenshot(path=artifacts / "offline.png")
    context.close()
    assert not wrong
    assert [url for url in asked if not url.startswith(("file:", "blob:", "data:"))] == []
