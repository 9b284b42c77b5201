"""Prints the browser that the browser tests drive, installing what a machine lacks to drive one."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")


def on_path() -> str | None:
    """The path of a Chromium on PATH."""
    return next(filter(None, map(shutil.which, NAMES)), None)


def playwrights_own() -> str | None:
    """The path of the Chromium that Playwright has installed."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).is_file() else None


def ensure_driver() -> None:
    """Makes Playwright's driver start: its Node needs a library that a bare Debian lacks."""
    if not _succeeds(sys.executable, "-m", "playwright", "--version"):
        _apt_install("libatomic1")
        if not _succeeds(sys.executable, "-m", "playwright", "--version"):
            sys.exit(
                "Playwright does not start, for the reason above. On Debian and Ubuntu: apt-get install libatomic1"
            )


def ensure_browser() -> str:
    """The path of a Chromium: one already here, else one installed by Playwright or by Debian's package manager."""
    if path := on_path() or playwrights_own():
        return path
    if _succeeds(sys.executable, "-m", "playwright", "install", "chromium") and (path := playwrights_own()):
        return path
    _apt_install("chromium")
    return on_path() or sys.exit("No browser for the tests: install Chromium or Google Chrome, then run this again.")


def _apt_install(package: str) -> None:
    if shutil.which("apt-get") and getattr(os, "geteuid", lambda: 1)() == 0:
        _succeeds("apt-get", "update", "-qq")
        _succeeds("apt-get", "install", "-qq", "-y", "--no-install-recommends", package)


def _succeeds(*command: str) -> bool:
    return subprocess.run(command, stdout=sys.stderr, check=False).returncode == 0


if __name__ == "__main__":
    ensure_driver()
    print(ensure_browser())
