"""Where what is made here is kept: the workspace."""

import os
from pathlib import Path


def workspace_folder() -> Path:
    """The folder that the variable AEJAX_WORKSPACE names, else the user's own."""
    return Path(os.environ.get("AEJAX_WORKSPACE") or "~/.local/share/aejax").expanduser()
