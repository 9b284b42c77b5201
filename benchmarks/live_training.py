"""A training watched in Chromium: `python -m benchmarks.live_training`.

Measures, on this machine: seconds from Play to the first picture of the map, with a warm worker; milliseconds from a
click to what it does on screen; moments of a training with 5,000 probes that the map shows in a second; and what share
of the steps a second remains while a page is open.
"""

import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page

from aejax.data import load_data
from aejax.folder import Workspace
from aejax.frames import FrameError, Frames
from aejax.jobs import Jobs
from aejax.zoo import ZOO
from scripts.running import running_app, running_browser

SECONDS = 15
CLICKS = 12
PROBES = {"split": "train", "count": 5000}

FIND = """(root, id) => root.querySelector(`[data-testid=${id}]`)
    ?? [...root.querySelectorAll("*")].map((each) => each.shadowRoot && find(each.shadowRoot, id)).find(Boolean)"""

CLICK = """([one, other]) => new Promise((done) => {
  const find = FIND;
  const button = find(document, one), bar = button.parentElement;
  const began = performance.now();
  new MutationObserver((_, watch) => {
    if (!bar.querySelector(`[data-testid=${other}]`)) return;
    watch.disconnect();
    done(performance.now() - began);
  }).observe(bar, { childList: true });
  button.click();
})""".replace("FIND", FIND)

COUNT = """async (seconds) => {
  const find = FIND;
  const canvas = find(document, "latent-canvas");
  let [frame, painted, moved, maps] = [canvas.dataset.frame, canvas.dataset.painted, false, 0];
  // A map counts once its moment is another and it has been painted since.
  new MutationObserver(() => {
    moved ||= canvas.dataset.frame !== frame;
    if (moved && canvas.dataset.painted !== painted) {
      [frame, painted, moved, maps] = [canvas.dataset.frame, canvas.dataset.painted, false, maps + 1];
    }
  }).observe(canvas, { attributes: true });
  await new Promise((resolve) => setTimeout(resolve, 1000 * seconds));
  return maps / seconds;
}""".replace("FIND", FIND)


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["AEJAX_WORKSPACE"] = folder
        workspace = Workspace(Path(folder))
        with running_app() as address, running_browser() as browser:
            page = browser.new_page(viewport={"width": 1280, "height": 1000})
            for name in ("first training on this machine", "with compiled programs kept"):
                print(f"Play to map, {name}: {first_map(page, address):.2f} s")
                told = sorted(clicks(page))
                print(f"click to effect: median {statistics.median(told):.0f} ms, worst {told[-1]:.0f} ms")
                page.get_by_test_id("stop").click()
                page.get_by_text("Stopped: ").wait_for()
            page.close()
            watched(browser.new_page, address, workspace)


def first_map(page: Page, address: str) -> float:
    """Seconds from Play to the first picture of the map, of the default model."""
    page.goto(address)
    play = page.get_by_test_id("play")
    play.wait_for(timeout=60_000)
    page.wait_for_timeout(20_000)  # the spare worker makes itself ready
    began = time.monotonic()
    play.click()
    page.locator("[data-testid=latent-canvas]").wait_for(timeout=60_000)
    return time.monotonic() - began


def clicks(page: Page) -> list[float]:
    """Milliseconds from a click on Pause or Play, while it trains, to the other button's being there: in the page."""
    taken = []
    page.wait_for_timeout(3000)
    for turn in range(CLICKS):
        one, other = ("pause", "play") if turn % 2 == 0 else ("play", "pause")
        taken.append(page.evaluate(CLICK, [one, other]))
        page.wait_for_timeout(1500)
    return taken


def watched(new_page: Callable[[], Page], address: str, workspace: Workspace) -> None:
    """Print the pace of a training alone and with a page open, and the map's frames a second."""
    jobs, entry = Jobs(workspace, limit=1), ZOO["deep"]
    run = jobs.start(load_data("mnist-sample"), entry.spec, entry.train.replace(epochs=100_000), **PROBES)
    try:
        pace(workspace, run, 5)
        alone = [pace(workspace, run, SECONDS)]
        page = new_page()
        page.goto(f"{address}/?run={run}")
        page.locator("[data-testid=latent-canvas]").wait_for(timeout=60_000)
        page.wait_for_timeout(3000)
        frames, seen = page.evaluate(COUNT, SECONDS), pace(workspace, run, SECONDS)
        page.close()
        time.sleep(3)
        alone.append(pace(workspace, run, SECONDS))
        rates = f"{statistics.mean(alone):.0f} steps/s alone, {seen:.0f} with a page open"
        print(f"deep, 5,000 probes: {frames:.1f} maps/s; {rates} ({seen / statistics.mean(alone):.2f})")
    finally:
        jobs.stop(run)
        jobs.close()


def pace(workspace: Workspace, run: str, seconds: float) -> float:
    """Steps a second, over so many seconds from the first frame on."""
    file = workspace.find(run).frames
    while True:
        try:
            frames = Frames(file)
            if len(frames.steps()) > 2:
                break
        except FrameError:
            time.sleep(0.1)
    before, began = max(frames.steps().values()), time.monotonic()
    time.sleep(seconds)
    return (max(frames.steps().values()) - before) / (time.monotonic() - began)


if __name__ == "__main__":
    main()
