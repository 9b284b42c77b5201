"""Prints the browser that the browser tests drive, installing one where the machine has none."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")


def found() -> str | None:
    """The path of a Chromium on this machine: on PATH, or Playwright's own."""
    return on_path() or _playwrights_own()


def on_path() -> str | None:
    """The path of a Chromium on PATH."""
    return next(filter(None, map(shutil.which, NAMES)), None)


def _playwrights_own() -> str | None:
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        return None
    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).is_file() else None


def install() -> str | None:
    """The path of a Chromium installed by Playwright, or else by Debian's package manager."""
    if _succeeds([sys.executable, "-m", "playwright", "install", "chromium"]) and found():
        return found()
    if shutil.which("apt-get") and getattr(os, "geteuid", lambda: 1)() == 0:
        _succeeds(["apt-get", "update", "-qq"])
        _succeeds(["apt-get", "install", "-qq", "-y", "--no-install-recommends", "chromium"])
    return found()


def _succeeds(command: list[str]) -> bool:
    return subprocess.run(command, stdout=sys.stderr, check=False).returncode == 0


if __name__ == "__main__":
    browser = found() or install()
    if browser is None:
        sys.exit("No browser for the browser tests: install Chromium or Google Chrome, then run this again.")
    print(browser)
