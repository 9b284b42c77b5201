"""Where what is made here is kept: the workspace, and what can be had anew."""

import os
from pathlib import Path

import platformdirs


def workspace_folder() -> Path:
    """The folder that the variable AEJAX_WORKSPACE names, else the user's own."""
    return Path(os.environ.get("AEJAX_WORKSPACE") or "~/.local/share/aejax").expanduser()


def cache_folder() -> Path:
    """Where the user's system keeps what programs can make or download again."""
    return Path(platformdirs.user_cache_dir("aejax"))


def keeping_compiled(folder: Path) -> dict[str, str]:
    """The environment in which JAX keeps all that it compiles in the folder, so that the next process need not."""
    return {"JAX_COMPILATION_CACHE_DIR": str(folder), "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0"}


def compiled_folder(workspace: Path) -> Path:
    """Where a workspace keeps programs that have been compiled, for the laboratory and the command line alike."""
    return workspace / "compiled"
