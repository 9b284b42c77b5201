"""Take the pictures of the documentation from the running application: `python -m scripts.take_screenshots`.

Every page is photographed on a telephone, on a laptop and on a large screen, in the light and in the dark theme.
"""

import argparse
import os
import re
import tempfile
from collections.abc import Callable, Mapping
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, expect
from sklearn.datasets import load_iris

from scripts.running import running_app, running_browser

FOLDER = Path(__file__).parent.parent / "docs" / "images"
SCREENS = {390: 844, 1280: 860, 2560: 1440}
SCHEMES = ("light", "dark")
PATIENCE = 300_000
SETTLED = 2_000
"""Milliseconds in which charts, fonts and pictures come to rest."""


def show_training(page: Page) -> None:
    """Wait for the map at the end of the training."""
    page.get_by_text("Trained:").wait_for(timeout=PATIENCE)
    page.get_by_test_id("latent-canvas").wait_for(timeout=PATIENCE)


def show_code(page: Page) -> None:
    """Go along the model to the code."""
    page.get_by_role("button", name=re.compile("^code")).click(timeout=PATIENCE)
    page.get_by_role("heading", name=": code").wait_for(timeout=PATIENCE)


def show_map(page: Page) -> None:
    """Select an example on the canvas."""
    canvas = page.get_by_test_id("latent-canvas")
    canvas.get_by_role("spinbutton", name="Row").fill("7")
    canvas.get_by_role("button", name="Show", exact=True).click(timeout=PATIENCE)
    canvas.get_by_text("Nearest in the code").wait_for(timeout=PATIENCE)


def show_manifold(page: Page) -> None:
    """Decode the whole space, and select an example in it."""
    page.get_by_test_id("manifold").click(timeout=PATIENCE)
    show_map(page)


def show_panes(page: Page) -> None:
    """Wait until all panes are painted."""
    for pane in page.get_by_test_id("latent-canvas").all():
        pane.wait_for(timeout=PATIENCE)


def show_plan(page: Page) -> None:
    """Bring a table of irises and wait for what is told of it."""
    page.locator("input[type=file]").first.set_input_files(
        [{"name": "iris.csv", "mimeType": "text/csv", "buffer": iris()}]
    )
    page.get_by_role("button", name="Keep").first.wait_for(timeout=PATIENCE)


def show_nothing_more(page: Page) -> None:
    """Leave the page as it comes."""


PAGES: Mapping[str, tuple[str, Callable[[Page], None]]] = {
    "train": ("", show_training),
    "walk": ("walk-through", show_code),
    "embedding": ("embeddings", show_map),
    "compare": ("comparison", show_panes),
    "latent": ("latent-space", show_manifold),
    "reconstruct": ("reconstructions", show_nothing_more),
    "domain": ("out-of-domain", show_nothing_more),
    "use": ("use-the-code", show_nothing_more),
    "data": ("your-data", show_plan),
    "sweep": ("sweeps", show_nothing_more),
    "runs": ("trainings", show_nothing_more),
    "stories": ("stories", show_nothing_more),
}
"""Each page's place in the address, and what is done on it before it is photographed."""


def main() -> None:
    """Train two models, then photograph every page."""
    asked = options()
    asked.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as workspace:
        os.environ["AEJAX_WORKSPACE"] = workspace
        with running_app() as address, running_browser() as browser:
            trained(browser, f"{address}/?model=simple")
            run = trained(browser, address)
            for scheme in asked.schemes:
                for width in asked.widths:
                    for name in asked.pages:
                        photograph(browser, f"{address}/{PAGES[name][0]}?run={run}", name, width, scheme, asked)


def options() -> argparse.Namespace:
    """What is to be photographed, and where the pictures go."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--folder", type=Path, default=FOLDER)
    parser.add_argument("--pages", nargs="+", choices=PAGES, default=list(PAGES))
    parser.add_argument("--widths", nargs="+", type=int, choices=SCREENS, default=list(SCREENS))
    parser.add_argument("--schemes", nargs="+", choices=SCHEMES, default=list(SCHEMES))
    parser.add_argument("--height", type=int, help="pixels; as high as the screen of that width if not given")
    return parser.parse_args()


def trained(browser: Browser, address: str) -> str:
    """The identifier of a run, trained to its end on the page at an address."""
    page = browser.new_page()
    page.goto(address)
    page.get_by_test_id("play").click(timeout=PATIENCE)
    page.get_by_text("Trained:").wait_for(timeout=PATIENCE)
    run = str(page.evaluate("new URL(window.location).searchParams.get('run')"))
    page.close()
    return run


def photograph(browser: Browser, address: str, name: str, width: int, scheme: str, asked: argparse.Namespace) -> None:
    """Write what a visitor with a screen of that width and a liking for that theme sees at an address."""
    height = asked.height or SCREENS[width]
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
    page = context.new_page()
    page.goto(address)
    page.get_by_role("heading", level=1).wait_for(timeout=PATIENCE)
    at_rest(page)
    PAGES[name][1](page)
    page.get_by_test_id("stMain").evaluate("main => main.scrollTo(0, 0)")
    at_rest(page)
    with Image.open(BytesIO(page.screenshot())) as picture:
        picture.convert("RGB").save(asked.folder / f"{name}-{width}-{scheme}.webp", quality=70, method=6)
    context.close()


def at_rest(page: Page) -> None:
    """Return once the server has answered and what it sent is drawn."""
    expect(page.get_by_test_id("stStatusWidget")).to_have_count(0, timeout=PATIENCE)
    expect(page.get_by_test_id("stSkeleton")).to_have_count(0, timeout=PATIENCE)
    page.wait_for_timeout(SETTLED)


def iris() -> bytes:
    """Fisher's irises as a table with a column of classes."""
    found = load_iris(as_frame=True)
    table = found.data.assign(species=[found.target_names[label] for label in found.target])
    return bytes(table.to_csv(index=False), "utf-8")


if __name__ == "__main__":
    main()
