"""Where data come from: a file that was brought, a path of this machine, or a name; one table."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, TypeAlias

from aejax.data.upload.finishing import Finished, finished
from aejax.data.upload.forms import file_found, place_found
from aejax.data.upload.hub import hub_found
from aejax.data.upload.limits import Limits
from aejax.data.upload.named import BUNDLED, bundled_found, openml_found
from aejax.data.upload.plan import Found, Plan, Report
from aejax.settings import Named, Settings, parameter

_Finder: TypeAlias = Callable[[str, Plan, Limits, Report], Found]


@dataclass(frozen=True)
class Way:
    """A way by which data come: its name for people, what is asked for, an example, and how that is found.

    `by_name` says that a visitor names the set.
    """

    title: str
    asked: str
    find: _Finder
    by_name: bool = True


WAYS = {
    "file": Way("File", "A file", lambda name, *rest: file_found(Path(name), *rest), by_name=False),
    "folder": Way(
        "On this machine",
        "The path of a folder or a file on the machine that the server runs on",
        lambda name, *rest: place_found(Path(name).expanduser(), *rest),
        by_name=False,
    ),
    "scikit-learn": Way("scikit-learn", f"One of {', '.join(BUNDLED)}", bundled_found),
    "openml": Way("OpenML", "Its name, name@version or number, such as iris@1 or 61", openml_found),
    "hugging-face": Way("Hugging Face", "owner/set, or owner/set:config", hub_found),
}


class Origin(Settings):
    """Where one data set comes from."""

    kind: Annotated[str, Named(WAYS)] = parameter("file", "The way by which it comes")
    name: str = parameter("", "A path or a name, as that way has it")


def read_origin(origin: Origin, plan: Plan, limits: Limits, report: Report) -> Finished:
    """The data set that the plan makes of what is found there.

    Raises:
        UploadError: If it cannot be read; one sentence.
    """
    return finished(WAYS[origin.kind].find(origin.name, plan, limits, report), plan, limits)
