"""Take the pictures of the README from the running application: `python -m scripts.take_screenshots`."""

from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page

from scripts.running import running_app, running_browser

FOLDER = Path(__file__).parent.parent / "docs" / "images"


def main() -> None:
    """Train the default model and photograph the pages."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with running_app() as address, running_browser() as browser:
        page = browser.new_page(viewport={"width": 1280, "height": 860}, color_scheme="light")
        page.goto(address)
        page.get_by_test_id("play").click()
        page.get_by_text("Trained:").wait_for(timeout=300_000)
        page.get_by_test_id("latent-canvas").wait_for()
        page.wait_for_timeout(3000)
        photograph(page, "train")
        page.get_by_role("link", name="Latent", exact=True).first.click()
        page.get_by_role("heading", name="Latent space").wait_for(timeout=60_000)
        page.get_by_test_id("manifold").click(timeout=60_000)
        canvas = page.get_by_test_id("latent-canvas")
        canvas.get_by_role("spinbutton", name="Row").fill("7")
        canvas.get_by_role("button", name="Show", exact=True).click()
        page.wait_for_timeout(5000)
        canvas.evaluate("lab => lab.scrollIntoView()")
        page.wait_for_timeout(1000)
        photograph(page, "latent")


def photograph(page: Page, name: str) -> None:
    """Write what the page shows, in few colours, which makes a small file."""
    with Image.open(BytesIO(page.screenshot())) as picture:
        picture.convert("RGB").quantize(192).save(FOLDER / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main()
