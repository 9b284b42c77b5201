"""Starting the application: the same files and settings from a checkout as from an installed wheel."""

import json
import os
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

PACKAGE = Path(__file__).parent
HOMES = (PACKAGE / "_app", PACKAGE.parent)  # the wheel's copy where there is one, else the checkout


def app_home() -> Path:
    """The folder that holds `app.py`, its pages and its settings.

    Raises:
        FileNotFoundError: If neither the package nor a checkout around it has them.
    """
    for home in HOMES:
        if (home / "app.py").is_file() and (home / ".streamlit" / "config.toml").is_file():
            return home
    raise FileNotFoundError(
        f"app.py is neither in {HOMES[0]} nor in {HOMES[1]}: install aejax again, or from a full checkout"
    )


def command(port: int | None = None, address: str | None = None, headless: bool | None = None) -> list[str]:
    """The command that starts the application's server.

    Every setting of `.streamlit/config.toml` is passed as an option, so that neither the environment nor the
    user's own Streamlit settings change how the application runs.

    Args:
        port: Port to listen on; the first free one from 8501 if none is given.
        address: Address to listen on; this machine alone if none is given.
        headless: Whether to leave the browser closed; as the settings say if not given.
    """
    home = app_home()
    settings = dict(_flattened(tomllib.loads((home / ".streamlit" / "config.toml").read_text("utf-8"))))
    given = {"server.port": port, "server.address": address, "server.headless": headless}
    settings |= {name: value for name, value in given.items() if value is not None}
    options = [f"--{name}={_written(value)}" for name, value in settings.items()]
    return [sys.executable, "-m", "streamlit", "run", str(home / "app.py"), *options]


def run(port: int | None = None, address: str | None = None, headless: bool | None = None) -> int:
    """The application server's exit status, once it has ended; takes what `command` takes."""
    arguments = command(port, address, headless)
    if os.name == "posix":
        # Becoming the server, this process leaves no parent that Ctrl-C or SIGTERM would stop in its place.
        sys.stdout.flush()
        sys.stderr.flush()
        os.execv(arguments[0], arguments)  # noqa: S606 - a list of our own making, without a shell
    return subprocess.call(arguments)


def _flattened(table: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Each value of a table of tables, by its dotted name."""
    for name, value in table.items():
        if isinstance(value, Mapping):
            yield from _flattened(value, f"{prefix}{name}.")
        else:
            yield prefix + name, value


def _written(value: Any) -> str:
    """A setting as Streamlit's command line takes it: text as it is, all else as JSON."""
    return value if isinstance(value, str) else json.dumps(value)
