"""The ways by which a visitor brings data here: a file, a path of this machine, or the name of a known set."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePath

import streamlit as st

from aejax.data.upload.limits import Limits
from aejax.data.upload.origins import WAYS, Origin, Way
from aejax.data.upload.reading import Upload
from aejax.data.upload.words import cleaned
from aejax.ui import session

VARIABLE = "AEJAX_WAYS"
FORMS = (
    "A ZIP of images, whose folders are their classes, of IDX files, or of one table; NumPy arrays, as npz with `x` "
    "and `y` or as one npy; a table as CSV, TSV, Excel, Parquet or Arrow, whose rows are points, steps or sequences, "
    "or which has a column of images; an IDX file."
)
_ASKED = "own-asked"
_LOCAL = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True)
class Brought:
    """Something that a visitor has brought or named: what tells it from all else, its title, and how it is taken."""

    key: str
    title: str
    take: Callable[[], Upload]


def offered() -> dict[str, Way]:
    """The ways that this server offers: those of the variable AEJAX_WAYS, without paths where others can reach it."""
    wanted = os.environ.get(VARIABLE)
    chosen = list(WAYS) if wanted is None else [name.strip() for name in wanted.split(",")]
    is_local = st.get_option("server.address") in _LOCAL
    return {name: way for name, way in WAYS.items() if name in chosen and (name != "folder" or is_local)}


def ask(limits: Limits) -> Brought | None:
    """Ask where the data come from and for what that way needs; None as long as nothing is brought."""
    ways = offered()
    if not ways:
        st.info("This server takes no data of its visitors.", icon=":material/block:")
        return None
    chosen = st.radio("Where it comes from", list(ways), format_func=lambda name: ways[name].title, horizontal=True)
    return _file(limits) if chosen == "file" else _named(chosen, ways[chosen])


def _file(limits: Limits) -> Brought | None:
    megabytes = max(1, limits.upload_bytes // 10**6)
    file = st.file_uploader("File", key="own-file", max_upload_size=megabytes, help=FORMS)
    if file is None:
        return None
    title = cleaned(PurePath(file.name.replace("\\", "/")).stem)
    return Brought(file.file_id, title, lambda: Upload(file.getvalue()))


def _named(kind: str, way: Way) -> Brought | None:
    with st.form(f"own-name-{kind}", border=False):
        name = st.text_input(way.asked, key=f"own-name-of-{kind}", max_chars=1000)
        if st.form_submit_button("Read it", icon=":material/search:") and name.strip():
            # Asked anew, the same name is read anew.
            session.put(_ASKED, (kind, name.strip(), session.get(_ASKED, ("", "", 0))[2] + 1))
    asked, told, number = session.get(_ASKED, ("", "", 0))
    if asked != kind:
        return None
    title = cleaned(PurePath(told).stem if kind == "folder" else told)
    return Brought(f"{kind}-{number}", title, lambda: Upload(origin=Origin(kind=kind, name=told)))
