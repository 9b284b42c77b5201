"""Milliseconds from a slider's release to the new image on screen, in Chromium: `python -m benchmarks.slider_latency`.

Starts the application as `aejax app` does, trains the default model, goes to the latent space and moves
the first slider by keys and by pointer. The clock runs in the page: from the event until the frame after the one in
which the changed image, decoded, was there to be painted.
"""

import statistics
from collections.abc import Callable
from functools import partial

from playwright.sync_api import Page

from scripts.running import running_app, running_browser

MOVES = 30
IMAGE = ".st-key-latent-shown img"
SLIDER = ".st-key-latent-slider-0 input[type=range]"

WATCH = """(selector) => {
  window.moves = [];
  let began = null;
  const begin = (event) => { began = performance.now(); };
  addEventListener("keyup", begin, true);
  addEventListener("pointerup", begin, true);
  let last = document.querySelector(selector).src;
  const look = async () => {
    const image = document.querySelector(selector);
    if (!image || image.src === last || began === null) return;
    last = image.src;
    const since = began;
    began = null;
    await image.decode();
    requestAnimationFrame(() => requestAnimationFrame(() => window.moves.push(performance.now() - since)));
  };
  new MutationObserver(look).observe(document.body, { subtree: true, childList: true, attributes: true });
}"""


def main() -> None:
    """Measure, and print medians and ninth deciles."""
    with running_app() as address, running_browser() as browser:
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.goto(address)
        train(page)
        page.get_by_role("link", name="Latent", exact=True).first.click()
        page.locator(IMAGE).wait_for()
        page.wait_for_timeout(3000)
        page.evaluate(WATCH, IMAGE)
        for name, moves in {"keys": by_keys(page), "pointer": by_pointer(page)}.items():
            deciles = statistics.quantiles(moves, n=10)
            middle = statistics.median(moves)
            print(f"{name}: median {middle:.0f} ms, p90 {deciles[-1]:.0f} ms, of {len(moves)} moves")


def train(page: Page) -> None:
    """Train the default model."""
    page.get_by_test_id("play").click()
    page.get_by_text("Trained:").wait_for(timeout=300_000)


def by_keys(page: Page) -> list[float]:
    """One step of the slider a key, there and back so that its end is not reached."""
    page.locator(SLIDER).focus()
    keys = (["ArrowRight"] * 5 + ["ArrowLeft"] * 5) * (MOVES // 10)
    return [moved(page, partial(page.keyboard.press, key)) for key in keys]


def by_pointer(page: Page) -> list[float]:
    """The thumb dragged to and fro, and let go."""
    return [moved(page, partial(drag, page, 20 if turn % 2 else -20)) for turn in range(MOVES)]


def drag(page: Page, distance: float) -> None:
    """Drag the thumb by so many pixels."""
    thumb = page.locator(SLIDER).locator("..").bounding_box()
    assert thumb
    x, y = thumb["x"] + thumb["width"] / 2, thumb["y"] + thumb["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + distance / 2, y)
    page.mouse.move(x + distance, y)
    page.mouse.up()


def moved(page: Page, move: Callable[[], object]) -> float:
    """The milliseconds that one move took to show."""
    before = page.evaluate("window.moves.length")
    move()
    page.wait_for_function(f"window.moves.length > {before}", timeout=10_000)
    page.wait_for_timeout(150)
    return float(page.evaluate("window.moves.at(-1)"))


if __name__ == "__main__":
    main()
