"""The Latent Canvas in Chromium: first paint, pan and zoom, payload, decodes a second: `python -m benchmarks.canvas`.

The clock runs in the page: first paint from the arrival of the last message until two frames after the points were
drawn; frames while the wheel turns at each of them; decodes while the pointer moves as fast as the page answers, and at
the rate at which Chromium reports a real pointer.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from socket import socket

import numpy as np
from playwright.sync_api import Browser, Page

from aejax.data import load_data
from aejax.run import Run
from aejax.spec import ModelSpec, TrainSpec
from aejax.training import fit
from scripts.running import running_browser, wait_for

MODELS = {"SMALL": (256, 128), "LARGE": (512, 256)}
POINTS = (60_000, 1_000_000)
SECONDS = 3

FIND = """() => [...document.querySelectorAll("*")].map((one) => one.shadowRoot?.querySelector(".lab")).find(Boolean)"""

WATCH = """() => {
  const place = { arrived: 0, bytes: 0, painted: 0, sent: 0 };
  window.measured = place;
  const NewSocket = class extends WebSocket {
    constructor(...given) {
      super(...given);
      this.addEventListener("message", ({ data }) => {
        const size = data.size ?? data.byteLength ?? data.length;
        place.bytes += size;
        if (!place.painted && size > 20000) place.arrived = performance.now();
      });
    }
    send(...given) { place.sent++; super.send(...given); }
  };
  window.WebSocket = NewSocket;
  const find = FIND;
  const look = () => {
    const lab = find();
    if (!lab?.dataset.painted || !lab.dataset.frame) return requestAnimationFrame(look);
    requestAnimationFrame(() => requestAnimationFrame(() => { place.painted = performance.now(); }));
  };
  requestAnimationFrame(look);
}""".replace("FIND", FIND)

ZOOM = """(seconds) => new Promise((done) => {
  const lab = (FIND)();
  const map = lab.querySelector(".map");
  const { left, top, width, height } = map.getBoundingClientRect();
  const begun = performance.now();
  const before = Number(lab.dataset.painted);
  let turn = 0;
  const step = () => {
    const passed = performance.now() - begun;
    if (passed > 1000 * seconds) return done((1000 * (Number(lab.dataset.painted) - before)) / passed);
    const at = { clientX: left + width / 3, clientY: top + height / 2, bubbles: true };
    map.dispatchEvent(new WheelEvent("wheel", { ...at, deltaY: turn++ % 40 < 20 ? -30 : 30 }));
    requestAnimationFrame(step);
  };
  requestAnimationFrame(step);
})""".replace("FIND", FIND)

SWEEP = """(seconds) => new Promise((done) => {
  const lab = (FIND)();
  const [map, picture] = [lab.querySelector(".map"), lab.querySelector(".decoded")];
  const { left, top, width, height } = map.getBoundingClientRect();
  const count = () => Number(picture.dataset.decodes);
  const [begun, before, sent] = [performance.now(), count(), window.measured.sent];
  const channel = new MessageChannel();
  let turn = 0;
  channel.port1.onmessage = () => {
    const passed = performance.now() - begun;
    if (passed > 1000 * seconds) {
      return done({ rate: (1000 * (count() - before)) / passed, sent: window.measured.sent - sent });
    }
    const angle = turn++ / 40;
    const [x, y] = [left + width * (0.5 + 0.4 * Math.cos(angle)), top + height * (0.5 + 0.4 * Math.sin(1.3 * angle))];
    map.dispatchEvent(new PointerEvent("pointermove", { clientX: x, clientY: y, pointerType: "mouse", bubbles: true }));
    channel.port2.postMessage(0);
  };
  channel.port2.postMessage(0);
})""".replace("FIND", FIND)

PIXELS = """() => {
  const canvas = (FIND)().querySelector(".decoded");
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  return Array.from(data).filter((_, at) => at % 4 === 0);
}""".replace("FIND", FIND)


def main() -> None:
    """Measure, and print a line for each number of points and each decoder."""
    with tempfile.TemporaryDirectory() as folder:
        runs = {name: trained(widths, Path(folder, name)) for name, widths in MODELS.items()}
        with serving(Path(folder)) as address, running_browser() as browser:
            for points in POINTS:
                print(of_points(browser, address, points))
            for name, run in runs.items():
                print(of_decoder(browser, address, name, run))


def of_points(browser: Browser, address: str, points: int) -> str:
    """First paint, pan and zoom, and payload of so many points."""
    page = opened(browser, f"{address}/?points={points}&run=SMALL")
    measured = page.evaluate("window.measured")
    first = (measured["painted"] - measured["arrived"]) / 1000
    frames = page.evaluate(ZOOM, SECONDS)
    page.close()
    return f"{points:>9,} points: first paint {first:.2f} s, {frames:.0f} frames/s, {measured['bytes']:,} bytes"


def of_decoder(browser: Browser, address: str, name: str, run: Run) -> str:
    """Decodes a second, and how far pixels are from the server's."""
    page = opened(browser, f"{address}/?points=60000&run={name}")
    swept, real, worst = page.evaluate(SWEEP, SECONDS), pointed(page), off(page, run) * 255
    page.close()
    wide = "-".join(str(width) for width in (2, *reversed(MODELS[name]), 784))
    rates = f"{swept['rate']:.0f} decodes/s as fast as events come, {real:.0f} by a real pointer"
    return f"{wide}: {rates}; {swept['sent']} messages sent; off by {worst:.2f} of 255 at most"


def trained(widths: tuple[int, ...], folder: Path) -> Run:
    """A model of two numbers, saved into a folder."""
    data = load_data("mnist-sample")
    spec = ModelSpec(latent=2, encoder={"kind": "dense", "widths": widths})
    *_, progress = fit(spec, TrainSpec(epochs=5, batch_size=128), data.x_train, data.x_test)
    progress.run.save(folder)
    return progress.run


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """The address of the page that is measured."""
    with socket() as listener:
        listener.bind(("localhost", 0))
        port = listener.getsockname()[1]
    script = Path(__file__).with_name("canvas_page.py")
    options = ("--server.headless=true", "--server.fileWatcherType=none", "--browser.gatherUsageStats=false")
    command = [sys.executable, "-m", "streamlit", "run", str(script), f"--server.port={port}", *options]
    paths = {f"AEJAX_RUN_{name}": str(folder / name) for name in MODELS}
    server = subprocess.Popen(command, env=os.environ | paths, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for(f"http://localhost:{port}/_stcore/health")
        yield f"http://localhost:{port}"
    finally:
        server.terminate()
        server.wait(20)


def opened(browser: Browser, address: str) -> Page:
    """A page whose canvas has been drawn."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.add_init_script(f"({WATCH})()")
    page.goto(address)
    page.get_by_role("button", name="Show").click()
    page.wait_for_function("window.measured.painted > 0", timeout=120_000)
    page.wait_for_timeout(1000)
    return page


def pointed(page: Page) -> float:
    """Decodes a second while a real pointer moves."""
    box = page.locator(".map").bounding_box()
    assert box
    count = f"() => [Number(({FIND})().querySelector('.decoded').dataset.decodes), performance.now()]"
    before, begun = page.evaluate(count)
    for step in range(400):
        angle = step / 60
        across, up = 0.5 + 0.4 * np.cos(angle), 0.5 + 0.4 * np.sin(1.3 * angle)
        page.mouse.move(box["x"] + box["width"] * across, box["y"] + box["height"] * up)
    after, ended = page.evaluate(count)
    return float(1000 * (after - before) / (ended - begun))


def off(page: Page, run: Run) -> float:
    """The greatest difference of a pixel decoded in the browser from the server's, of 1."""
    worst = 0.0
    for code in np.random.default_rng(1).normal(size=(20, 2)) * 3:
        page.get_by_role("textbox", name="Code").fill(", ".join(f"{value:.6f}" for value in code))
        page.get_by_role("button", name="Set").click()
        expected = run.decode(np.round(code, 6)[None].astype(np.float32))[0].ravel()
        worst = max(worst, float(np.abs(np.array(page.evaluate(PIXELS)) / 255 - expected).max()))
    return worst


if __name__ == "__main__":
    main()
