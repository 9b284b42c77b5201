"""A visitor brings images, keeps them, and sees a map of them."""

import re
from pathlib import Path
from typing import Any
from urllib.parse import quote

from playwright.sync_api import expect
from uploads import png, zipped

from aejax.data import load_data
from aejax.folder import Workspace
from aejax.remarks import Remarks, write_remarks
from aejax.shared import packed, taken_in

GOLDEN = Path(__file__).parents[1] / "golden" / "schema-1"

CANVAS = "[data-testid=latent-canvas]"
READY = 60_000


# What would be seen to run if any page took it for markup, for a link or for a template.
PAYLOADS = (
    "<img src=x onerror=window.taken=1>",
    "<script>window.taken=2</script>",
    "[link](javascript:window.taken=3)",
    "$\\href{javascript:window.taken=4}{x}$",
    "{{window.taken=5}}${window.taken=6}",
    '"><svg onload=window.taken=7>',
    "![x](https://example.invalid/taken.png)",
)
PAGES = {
    "Embedding": "Embedding",
    "Compare": "Compare",
    "Latent": "Latent space",
    "Reconstruct": "Reconstruct",
    "Out of domain": "Out of domain",
    "Use the code": "Use the code",
    "Runs": "Runs",
    "Data": "Your data",
}


def digits() -> bytes:
    """Digits in folders whose names are attacks, as far as a folder may be called so."""
    data = load_data("digits")
    images = (data.x_test * 255).astype("uint8")
    names = [PAYLOADS[label % 7].replace("/", "\u2044") + str(label) for label in data.y_test]
    return zipped({f"{names[number]}/{number}.png": png(image) for number, image in enumerate(images)})


def go_to(page: Any, name: str, heading: str) -> None:
    page.get_by_test_id("stSidebarNav").get_by_role("link", name=name, exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(heading, timeout=READY)
    expect(page.get_by_test_id("stStatusWidget")).to_have_count(0, timeout=READY)


def check_untaken(page: Any) -> None:
    assert page.evaluate("window.taken") is None
    assert page.locator("img[src=x], a[href^=javascript], svg[onload], img[src*=invalid]").count() == 0


def bring(page: Any, name: str, content: bytes) -> None:
    file = {"name": name, "mimeType": "application/octet-stream", "buffer": content}
    page.locator("input[type=file]").set_input_files(file)


def test_images_are_brought_kept_and_mapped_and_no_name_is_taken_for_markup(page: Any) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("dialog", lambda dialog: asked.append("https://example.invalid/dialog") or dialog.dismiss())
    page.goto("/?model=linear")
    expect(page.get_by_role("heading", level=1)).to_have_text("Train", timeout=READY)
    go_to(page, "Data", "Your data")
    header = ",".join('"' + payload.replace('"', '""') + '"' for payload in PAYLOADS)
    rows = "\n".join(",".join(f"{number * place % 11}" for place in range(7)) for number in range(30))
    bring(page, "<b>columns.csv", f"{header}\n{rows}\n".encode())
    expect(page.get_by_text("Keep and train on this")).to_be_visible(timeout=READY)
    page.get_by_text("Change the plan").click()
    check_untaken(page)
    page.get_by_role("button", name="Remove").click()
    bring(page, "hand <img src=x onerror=window.taken=8> written.zip", digits())
    expect(page.get_by_text("8 × 8 pixels").first).to_be_visible(timeout=READY)
    expect(page.get_by_text("7 by folder names").or_(page.get_by_text("10 by folder names"))).to_be_visible()
    page.get_by_role("textbox", name="Licence").fill(PAYLOADS[0])
    page.get_by_role("textbox", name="Source").fill(PAYLOADS[2])
    page.get_by_role("button", name="Keep and train on this").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Train", timeout=READY)
    expect(page).to_have_url(re.compile(r"data=own-hand-"))
    kept = re.search(r"data=(own-[a-z0-9-]+)", page.url)[1]
    button = page.get_by_test_id("play")
    expect(button).to_be_enabled(timeout=READY)
    entry = page.get_by_role("spinbutton", name="Epochs", exact=True)
    entry.fill("1")
    entry.press("Enter")
    expect(page.get_by_test_id("stStatusWidget")).to_have_count(0, timeout=READY)
    button.click()
    expect(page.get_by_text(re.compile(r"^Trained: "))).to_be_visible(timeout=120_000)
    expect(page.locator(CANVAS)).to_be_visible(timeout=READY)
    for name, heading in PAGES.items():
        check_untaken(page)
        go_to(page, name, heading)
    check_untaken(page)
    row = page.locator(f"[class*=st-key-own-row-{kept}]").first
    expect(row).to_contain_text("‹img src=x")
    row.get_by_role("button", name="Delete").click()
    page.get_by_role("button", name="Delete for good").click()
    expect(page.get_by_text("Delete for good")).to_have_count(0, timeout=READY)
    assert not [url for url in asked if "invalid" in url]


def visit(page: Any, address: str, heading: str) -> None:
    page.goto(address)
    expect(page.get_by_role("heading", level=1)).to_contain_text(heading, timeout=READY)
    expect(page.get_by_test_id("stStatusWidget")).to_have_count(0, timeout=READY)
    expect(page.get_by_test_id("stException")).to_have_count(0)
    check_untaken(page)


def test_what_is_written_about_runs_is_text_and_nothing_else(page: Any) -> None:
    workspace = Workspace()
    names = [taken_in(packed(GOLDEN), workspace).id for _ in range(2)]
    try:
        for name, payload in zip(names, PAYLOADS, strict=False):
            remarks = Remarks(name=payload, tags=(PAYLOADS[1][:40], PAYLOADS[2][:40]), notes=" ".join(PAYLOADS))
            write_remarks(workspace.find(name).path, remarks)
        visit(page, f"/trainings?runs={names[0]}", "Runs")
        expect(page.get_by_text(PAYLOADS[0]).first).to_be_visible(timeout=READY)
        page.get_by_text("Name, tags, notes").click()
        expect(page.get_by_role("textbox", name="Notes")).to_have_value(" ".join(PAYLOADS))
        check_untaken(page)
        visit(page, f"/trainings?runs={','.join(names)}", "Runs")
        expect(page.get_by_text("2 chosen")).to_be_visible(timeout=READY)
        check_untaken(page)
    finally:
        for name in names:
            workspace.discard(name)


def test_nothing_in_an_address_is_taken_for_markup_a_path_or_code(page: Any) -> None:
    attack = quote(PAYLOADS[0])
    visit(page, f"/trainings?runs={attack}&runs-find={attack}&s={attack}", "Runs")
    visit(page, f"/comparison?compare-panes={attack}&step={attack}&data={attack}", "Compare")
    visit(page, f"/your-data?data={quote('../../etc/passwd')}&s={attack}", "Your data")
    for payload in (PAYLOADS[0], PAYLOADS[2], "../../etc/passwd", "own-../../x", "__import__('os')"):
        asked = "&".join(f"{name}={quote(payload)}" for name in ("data", "model", "run", "latent", "train.epochs"))
        visit(page, f"/?{asked}", "Train")
