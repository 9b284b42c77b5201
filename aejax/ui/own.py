"""Data that a visitor brings: a file read in a process apart, a plan told and changed, a data set kept or deleted."""

from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from aejax.data import Data, Source, shelf
from aejax.data.upload.limits import Limits, limits_here
from aejax.data.upload.plan import Plan
from aejax.data.upload.reading import Reading, Upload
from aejax.data.upload.words import cleaned
from aejax.settings import SpecError
from aejax.store import StoreError
from aejax.ui import own_plan, own_ways, session

_HELD = "own-held"
_REFUSAL = "own-refusal"
_CHOSEN = "own-chosen"
_KEPT = "own-kept"
_SECONDS_BETWEEN_LOOKS = 0.5
_TRAIN_PAGE = "pages/train.py"


@dataclass(frozen=True)
class _Held:
    """What this visitor has brought, and how far the reading of it is."""

    key: str
    title: str
    upload: Upload
    reading: Reading
    data: Data | None = None
    about: dict[str, Any] | None = None
    error: str | None = None


def bring() -> None:
    """Ask for data, and lead them to a data set; from one that is chosen, go on to its training."""
    if session.get(_CHOSEN):
        session.put(_CHOSEN, None)
        st.switch_page(_TRAIN_PAGE)
    try:
        limits = limits_here()
    except SpecError as error:
        st.error(f"No file can be read, for a limit of this server is wrong: {error}.", icon=":material/error:")
        return
    brought = own_ways.ask(limits)
    if refusal := session.get(_REFUSAL):
        st.error(refusal, icon=":material/error:")
    try:
        held = _taken(brought, limits)
    except StoreError as error:
        st.error(f"{cleaned(error, 300)}.", icon=":material/error:")
        return
    if held is None:
        st.caption(own_ways.FORMS)
        own_plan.tell_limits(limits)
    elif held.reading.running:
        st.fragment(_progress, run_every=_SECONDS_BETWEEN_LOOKS)()
    else:
        _tell(_concluded(held), limits)


def _tell(held: _Held, limits: Limits) -> None:
    """What came of the reading, and what can be done with that."""
    if held.error is not None:
        st.error(held.error, icon=":material/error:")
        own_plan.offer_again(lambda: _read_again(held, held.reading.plan, limits))
    elif held.data is not None and held.about is not None:
        plan = held.reading.plan
        own_plan.tell(held.data, held.about, limits)
        own_plan.change(held.key, held.data, held.about, plan, lambda changed: _read_again(held, changed, limits))
        _offer_keeping(held, held.about)


def _taken(brought: own_ways.Brought | None, limits: Limits) -> _Held | None:
    """What is held of this; what is new is begun to be read, and what is gone is forgotten."""
    held: _Held | None = session.get(_HELD)
    if held is not None and (brought is None or brought.key != held.key):
        _forget(held)
        held = None
    if brought is None or session.get(_KEPT) == brought.key:
        return None
    if held is None:
        session.put(_REFUSAL, None)
        upload = brought.take()
        held = _Held(brought.key, brought.title, upload, Reading(upload, Plan(), limits))
        session.put(_HELD, held)
    return held


def _forget(held: _Held) -> None:
    held.reading.stop()
    held.upload.forget()
    session.put(_HELD, None)


def _progress() -> None:
    """How far the reading is, and a way to stop it; drawn again and again."""
    held: _Held | None = session.get(_HELD)
    if held is None or not held.reading.running:
        st.rerun()
    else:
        told = f"Reading {held.title}: {held.reading.seconds:.0f} s, {held.reading.share:.0%}"
        st.progress(held.reading.share, told)
        st.button("Stop reading", key="own-stop", icon=":material/stop:", on_click=held.reading.stop)


def _concluded(held: _Held) -> _Held:
    """What is held, with what came of the reading."""
    if held.data is not None or held.error is not None:
        return held
    outcome = held.reading.outcome()
    if outcome.folder is None:
        held = replace(held, error=outcome.error)
    else:
        try:
            about = shelf.read_document(outcome.folder)["about"]
            held = replace(held, data=shelf.read_set("own", outcome.folder), about=about)
        except StoreError as error:
            held = replace(held, error=f"{cleaned(error, 300)}.")
    session.put(_HELD, held)
    return held


def _read_again(held: _Held, plan: Plan, limits: Limits) -> None:
    session.put(_REFUSAL, None)
    try:
        reading = Reading(held.upload, plan, limits)
    except StoreError as error:
        session.put(_REFUSAL, f"{cleaned(error, 300)}.")
        return
    session.put(_HELD, replace(held, reading=reading, data=None, about=None, error=None))
    st.rerun()


def _offer_keeping(held: _Held, about: dict[str, Any]) -> None:
    _ask(held, "title", "Name", held.title, 60)
    with st.container(horizontal=True):
        _ask(held, "source", "Source", about["source"], 160, "Where the data come from")
        _ask(held, "licence", "Licence", about["licence"], 100, "How they may be used")
    st.button(
        "Keep and train on this",
        key="own-keep",
        type="primary",
        icon=":material/bookmark_add:",
        on_click=_keep,
        args=(held,),
    )
    st.caption("Until it is kept, it is forgotten when you leave this page.")


def _ask(held: _Held, what: str, label: str, usual: str, most: int, about: str | None = None) -> None:
    key = f"own-{what}-{held.key}"
    st.text_input(label, usual, max_chars=most, key=key, persist_state="session", help=about)


def _keep(held: _Held) -> None:
    """Put the data set onto the shelf and choose it."""
    session.put(_REFUSAL, None)
    try:
        # As the widgets have them now, which may be later than when the button was drawn.
        said = [session.get(f"own-{what}-{held.key}", "") for what in ("title", "source", "licence")]
        name = shelf.keep(held.reading.folder, *said)
    except StoreError as error:
        session.put(_REFUSAL, f"{cleaned(error, 300)}.")
        return
    _forget(held)
    session.put(_KEPT, held.key)
    choose(name)


def choose(name: str) -> None:
    """Have the sidebar show this data set, and no batch be larger than it; runs before the sidebar is drawn."""
    session.put(_CHOSEN, name)
    session.put("data", name)
    examples = shelf.sources()[name].train
    if session.choices().train.batch_size > examples:
        session.put("train.batch_size", examples)
    st.query_params["data"] = name


def show_shelf() -> None:
    """List the data sets that have been kept, and what can be done with each."""
    kept = shelf.sources()
    st.subheader("Kept here")
    if not kept:
        st.caption(
            "Nothing yet. What is kept stays until it is deleted, and everyone who reaches this server can see it."
        )
        return
    st.caption("Everyone who reaches this server can see these.")
    for name, source in kept.items():
        with st.container(border=True, key=f"own-row-{name}"):
            _row(name, source)


def _row(name: str, source: Source) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{source.title}**")
        st.caption(f"`{name}` · {source.description}")
    st.caption(f"Source: {source.source} · Licence: {source.licence}")
    with st.container(horizontal=True):
        st.button("Train on this", key=f"own-use-{name}", icon=":material/play_arrow:", on_click=choose, args=(name,))
        with st.popover("Delete", icon=":material/delete:"):
            st.write("Runs that learnt from it can then not be shown any more.")
            st.button("Delete for good", key=f"own-delete-{name}", on_click=_delete, args=(name,))


def _delete(name: str) -> None:
    session.put(_REFUSAL, None)
    try:
        shelf.delete(name)
    except StoreError as error:
        session.put(_REFUSAL, f"{cleaned(error, 300)}.")
