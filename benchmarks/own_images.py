"""A ZIP of images brought in Chromium: `python -m benchmarks.own_images [images]`.

Measures, on this machine: seconds from the upload's beginning to the plan, to its being kept, and to the first map of
its training. The images, 5,000 unless told otherwise, are digits drawn large on noise: 48 to 256 pixels high and up to
half as wide again, two thirds of them JPEG and the rest PNG, in ten folders.
"""

import io
import os
import sys
import tempfile
import time
import zipfile
from pathlib import Path

import numpy as np
from PIL import Image
from playwright.sync_api import Page, expect

from aejax.data import load_data
from scripts.running import running_app, running_browser

READY = 300_000
SIDES = (48, 256)


def main() -> None:
    """Measure and print."""
    count = int(sys.argv[1]) if sys.argv[1:] else 5000
    with tempfile.TemporaryDirectory() as folder:
        os.environ["AEJAX_WORKSPACE"] = folder
        file = Path(folder) / "images.zip"
        write_images(file, count)
        print(f"{count:,} images, {file.stat().st_size / 1e6:.0f} MB")
        with running_app() as address, running_browser() as browser:
            page = browser.new_page(viewport={"width": 1280, "height": 1000})
            for what, seconds in journey(page, address, file).items():
                print(f"{what}: {seconds:.1f} s")


def write_images(path: Path, count: int) -> None:
    """Write the archive."""
    data, generator = load_data("mnist-sample"), np.random.default_rng(0)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for number in range(count):
            height = int(generator.integers(*SIDES))
            width = int(height * generator.uniform(1, 1.5))
            noise = Image.effect_noise((width, height), 20)
            digit = Image.fromarray(data.x_train[number % len(data.x_train)]).resize((height, height))
            noise.paste(digit, ((width - height) // 2, 0), digit)
            form, ending = ("PNG", "png") if number % 3 == 0 else ("JPEG", "jpg")
            content = io.BytesIO()
            noise.save(content, form)
            archive.writestr(f"{data.y_train[number % len(data.y_train)]}/{number}.{ending}", content.getvalue())


def journey(page: Page, address: str, file: Path) -> dict[str, float]:
    """Seconds from the upload's beginning to each thing that a visitor waits for."""
    page.goto(f"{address}/your-data")
    expect(page.get_by_role("heading", level=1)).to_have_text("Your data", timeout=READY)
    page.wait_for_timeout(20_000)  # the spare worker makes itself ready
    began, told = time.monotonic(), {}
    page.locator("input[type=file]").set_input_files(file)
    keep = page.get_by_role("button", name="Keep and train on this")
    expect(keep).to_be_visible(timeout=READY)
    told["upload to plan"] = time.monotonic() - began
    keep.click()
    play = page.get_by_test_id("play")
    expect(play).to_be_enabled(timeout=READY)
    told["upload to kept"] = time.monotonic() - began
    play.click()
    page.locator("[data-testid=latent-canvas]").wait_for(timeout=READY)
    told["upload to first map"] = time.monotonic() - began
    return told


if __name__ == "__main__":
    main()
