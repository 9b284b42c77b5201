"""Runs taken away in other forms, and taken in from files that others have made."""

import importlib.util

import streamlit as st

from aejax.arrays import DataError
from aejax.exports import EXPORTS, Export, Taken, exported
from aejax.run import load_run
from aejax.settings import SpecError
from aejax.shared import LARGEST, taken_in
from aejax.store import StoreError
from aejax.ui import session
from aejax.ui.run_table import Row

_MADE = "files made of a run"


def offer(row: Row) -> None:
    """Offer a run in each form; a form is made when it is asked for."""
    if not row.standing.document["files"]:
        st.caption("There is nothing to take away yet: no weights have been kept.")
        return
    with st.expander("Take it away", icon=":material/download:"):
        with st.container(horizontal=True, vertical_alignment="bottom"):
            form = st.selectbox(
                "Form", list(EXPORTS), format_func=lambda name: EXPORTS[name].title, key="export-form", width=260
            )
            asked = st.button("Make it", key=f"export-{row.id}", icon=":material/build:")
        st.caption(f"{EXPORTS[form].about}. On the command line: `aejax export DIR --as {form}`")
        if missing := missing_of(EXPORTS[form]):
            st.info(f'This needs {missing}: pip install "aejax[export]"', icon=":material/extension:")
            return
        if asked:
            _make(row, form)
        made: tuple[str, str, dict[str, bytes]] | None = session.get(_MADE)
        if made is not None and made[:2] == (row.id, form):
            for ending, data in made[2].items():
                st.download_button(
                    f"Save {ending[1:]} ({len(data) / 1e6:.2g} MB)",
                    data,
                    file_name=f"aejax-{row.id}{ending}",
                    on_click="ignore",
                    key=f"save-{form}{ending}",
                    icon=":material/download:",
                )


def missing_of(export: Export) -> str:
    """The packages that a form needs and that are not installed."""
    return ", ".join(name for name in export.needs if importlib.util.find_spec(name) is None)


def _make(row: Row, form: str) -> None:
    session.put(_MADE, None)
    data = session.data_of(row.standing)
    if data is None:
        st.error("The data of this run are not on this machine.", icon=":material/error:")
        return
    folder = row.standing.folder.path
    try:
        with st.spinner("Making it …"):
            files = dict(exported(Taken(folder, load_run(folder), data), form))
    except (SpecError, DataError, StoreError) as error:
        st.error(f"This run cannot be had so: {error}.", icon=":material/error:")
    else:
        session.put(_MADE, (row.id, form, files))


def take_in() -> None:
    """Ask for a file that another aejax has made of a run, and take it in."""
    with st.expander("Take in a run from a file", icon=":material/upload_file:"):
        file = st.file_uploader(
            "File that ends in .aejax.safetensors",
            key="import-file",
            max_upload_size=min(LARGEST >> 20, 200),
            help="What “Run (one file)” or `aejax export --as run` has made, here or elsewhere. Nothing in it is run.",
        )
        if file is not None and st.button("Take it in", key="import-run", icon=":material/input:"):
            try:
                folder = taken_in(file.getvalue(), session.office().workspace)
            except StoreError as error:
                st.error(f"It cannot be taken in: {error}.", icon=":material/error:")
            else:
                st.query_params["runs"] = folder.id
                st.rerun()
