"""Puts the application into the wheel, so that `aejax app` works without a checkout."""

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

APP_FILES = ("app.py", "pages", ".streamlit/config.toml", "docs/mathematics")


class AppInsideThePackage(BuildHookInterface):
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable":
            return
        for name in APP_FILES:
            source = Path(self.root, name)
            if not source.exists():
                raise FileNotFoundError(f"{source} is missing, and the wheel needs it to start the app.")
            build_data["force_include"][str(source)] = f"aejax/_app/{name}"
