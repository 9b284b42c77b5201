"""Linked panes in Chromium: when all show what is done in one of them: `python -m benchmarks.panes`.

Four panes of 10,000 points. The clock runs in the page: from the lifting of the pointer, which closes a lasso, until
the other panes have drawn the selection; and from its move until they have decoded that place and drawn it.
"""

import statistics
import tempfile
from pathlib import Path

from benchmarks.canvas import MODELS, serving, trained
from scripts.running import running_browser

POINTS, PANES, TIMES = 10_000, 4, 20

LABS = """[...document.querySelectorAll("*")].map((one) => one.shadowRoot?.querySelector(".lab")).filter(Boolean)"""

BRUSH = """async (times) => {
  const labs = LABS;
  const [first, ...others] = labs;
  [...first.querySelectorAll("button")].find((one) => one.textContent === "Lasso").click();
  const map = first.querySelector(".map");
  const { left, top, width, height } = map.getBoundingClientRect();
  const send = (type, x, y) => map.dispatchEvent(new PointerEvent(type, {
    clientX: left + width * x, clientY: top + height * y, pointerId: 1, pointerType: "mouse", bubbles: true }));
  map.setPointerCapture = () => {};
  const frame = () => new Promise((done) => requestAnimationFrame(done));
  const found = [];
  for (let turn = 0; turn < times; turn++) {
    const [near, far] = turn % 2 ? [0.05, 0.5] : [0.5, 0.95];
    send("pointerdown", near, 0.05);
    for (const [x, y] of [[far, 0.05], [far, 0.95], [near, 0.95]]) send("pointermove", x, y);
    await frame();
    const before = others.map((lab) => [lab.dataset.selected, Number(lab.dataset.painted)]);
    const begun = performance.now();
    send("pointerup", near, 0.95);
    const shown = (lab, at) => lab.dataset.selected !== before[at][0] && Number(lab.dataset.painted) > before[at][1];
    while (!others.every(shown)) { await frame(); if (performance.now() - begun > 5000) throw new Error("not shown"); }
    found.push(performance.now() - begun);
    await new Promise((done) => setTimeout(done, 300));
  }
  return found;
}""".replace("LABS", LABS)

MOVE = """async (times) => {
  const labs = LABS;
  const [first, ...others] = labs;
  const map = first.querySelector(".map");
  const { left, top, width, height } = map.getBoundingClientRect();
  const count = (lab) => Number(lab.querySelector(".decoded").dataset.decodes);
  const frame = () => new Promise((done) => requestAnimationFrame(done));
  const found = [];
  for (let turn = 0; turn < times; turn++) {
    await frame();
    const before = others.map((lab) => [count(lab), Number(lab.dataset.painted)]);
    const begun = performance.now();
    map.dispatchEvent(new PointerEvent("pointermove", { clientX: left + width * (0.3 + 0.02 * turn),
      clientY: top + height * 0.5, pointerType: "mouse", bubbles: true }));
    const shown = (lab, at) => count(lab) > before[at][0] && Number(lab.dataset.painted) > before[at][1];
    while (!others.every(shown)) await frame();
    found.push(performance.now() - begun);
  }
  return found;
}""".replace("LABS", LABS)


def main() -> None:
    """Measure, and print a line for each."""
    with tempfile.TemporaryDirectory() as folder:
        trained(MODELS["SMALL"], Path(folder, "SMALL"))
        with serving(Path(folder)) as address, running_browser() as browser:
            page = browser.new_page(viewport={"width": 1280, "height": 1400})
            page.goto(f"{address}/?points={POINTS}&run=SMALL&panes={PANES}")
            page.get_by_role("button", name="Show").click()
            page.wait_for_function(f"({LABS}).filter((lab) => lab.dataset.painted).length === {PANES}", timeout=120_000)
            page.wait_for_timeout(2000)
            moved = page.evaluate(MOVE, TIMES)
            brushed = page.evaluate(BRUSH, TIMES)
    for name, values in (("decoded in all panes", moved), ("lit in all panes", brushed)):
        told = f"median {statistics.median(values):.0f} ms, worst {max(values):.0f} ms"
        print(f"{PANES} panes of {POINTS:,} points, {name}: {told}")


if __name__ == "__main__":
    main()
