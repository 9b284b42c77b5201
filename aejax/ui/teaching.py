"""Teacher mode: a link that hides and locks controls, looks for a projector, the whole screen, and the way back.

It is for calm, not for safety: whoever takes the word out of the address, or presses the button, is out of it.
"""

import json
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from aejax.ui import session
from aejax.ui.lesson import GROUPS, LONGEST, PAGES, Lesson, lesson

REASON = "Locked for this lesson"
"""Why a locked control cannot be used."""

_TEACH = "teach"
_TEXT = "lesson of this visitor"
_START = "address at which this visitor began"
_DRAFT = "lesson-"
_SCRIPT = Path(__file__).with_name("teach.js")


def attend() -> Lesson:
    """The lesson that this visitor is in, from the address; it is put back there after a change of pages."""
    if session.get(_START) is None:
        path = urlsplit(st.context.url or "").path or "/"
        session.put(_START, f"{path}?{urlencode(st.query_params.to_dict())}")
    text = st.query_params.get(_TEACH)
    if text is None:
        text = session.get(_TEXT) or ""
    _keep(text[:LONGEST])
    return lesson(text)


def current() -> Lesson:
    """The lesson that this visitor is in."""
    return lesson(session.get(_TEXT) or "")


def _keep(text: str) -> None:
    session.put(_TEXT, text)
    if not text:
        st.query_params.pop(_TEACH, None)
    elif st.query_params.get(_TEACH) != text:
        st.query_params[_TEACH] = text


def locks(group: str) -> bool:
    """Whether a group of controls cannot be used."""
    return group in current().locked


def note(group: str) -> None:
    """Say why a group cannot be used, where it cannot."""
    if locks(group):
        st.caption(f":material/lock: {REASON}.")


def place(group: str, part: str = "") -> DeltaGenerator:
    """A container for the controls of a group, or for a part of them: it is not seen where the group is hidden."""
    return st.container(key=f"lesson-{group}{part and '-'}{part}")


def is_hidden(page: str) -> bool:
    """Whether the page of that place in the address is hidden."""
    return page in current().hidden & {*PAGES}


def refuse() -> None:
    """Say that the page is not part of the lesson, with the ways on."""
    st.info("This page is not part of the lesson.", icon=":material/co_present:")
    st.page_link("pages/train.py", label="To the first page", icon=":material/play_circle:")
    _offer_to_leave("lesson-leave-here")


def show(found: Lesson) -> None:
    """Draw what a teacher needs: looks, the whole screen, a fresh start, and the link."""
    with st.expander("Teach", icon=":material/co_present:", key="group-teach"):
        _buttons("")
        large = st.toggle("Larger type", found.large, key="look-large", persist_state="session")
        contrast = st.toggle("Stronger contrast", found.contrast, key="look-contrast", persist_state="session")
        if (large, contrast) != (found.large, found.contrast):
            _keep(replace(found, large=large, contrast=contrast).text)
            st.rerun()
        if st.button("Hide and lock …", key="teach-open", icon=":material/visibility_off:", width="stretch"):
            _compose(found)
        if found.unknown:
            st.caption(f"The address also names {', '.join(map(repr, found.unknown))[:200]}, which means nothing here.")
        if found.text:
            st.caption(_told(found))
            _offer_to_leave("lesson-leave")


def _told(found: Lesson) -> str:
    names = {**GROUPS, **PAGES}
    told = [
        f"{word}: {', '.join(names[name] for name in names if name in chosen)}."
        for word, chosen in (("Hidden", found.hidden), ("Locked", found.locked - found.hidden))
        if chosen
    ]
    return " ".join(["This is a lesson.", *told])


def _offer_to_leave(key: str) -> None:
    st.button("Leave teacher mode", key=key, icon=":material/logout:", on_click=_leave, width="stretch")


def _leave() -> None:
    session.forget("look-")
    _keep("")


@st.dialog("A link for a lesson", width="large", icon=":material/co_present:")
def _compose(found: Lesson) -> None:
    st.write(
        "Who opens the link is on this page, with this run and these settings, and sees only what you leave. It keeps "
        "a class from getting lost; it keeps nobody out: *Leave teacher mode* is there for everyone."
    )
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown("**Controls**")
        hidden, locked = set(), set()
        for name, title in GROUPS.items():
            with st.container(horizontal=True, key=f"{_DRAFT}row-{name}"):
                st.markdown(title, width=240)
                if st.checkbox("Hide", name in found.hidden, key=f"{_DRAFT}hide-{name}", help=f"Hide: {title}"):
                    hidden.add(name)
                if st.checkbox("Lock", name in found.locked, key=f"{_DRAFT}lock-{name}", help=f"Lock: {title}"):
                    locked.add(name)
    with right:
        st.markdown("**Pages to hide**")
        hidden |= {
            name
            for name, title in PAGES.items()
            if st.checkbox(title, name in found.hidden, key=f"{_DRAFT}page-{name}")
        }
    drafted = Lesson(frozenset(hidden), frozenset(locked), found.large, found.contrast)
    _buttons(drafted.text, "lesson")
    if st.button("Show it here", key="lesson-take", icon=":material/visibility:"):
        _keep(drafted.text)
        st.rerun()


def _buttons(text: str, kind: str = "screen") -> None:
    """The buttons that only the browser can obey: the whole screen and a fresh start, or a link with a lesson in it."""
    names = {"lesson": ["copy"], "screen": ["full", "start"]}[kind]
    about = json.dumps({"buttons": names, "teach": text, "start": session.get(_START)})
    component = st.components.v2.component("aejax_teach", html=_HTML, css=_CSS, js=_SCRIPT.read_text("utf-8"))
    component(key=f"teach-{kind}", data={"about": about}, height="content")


_HTML = '<div class="bar"></div><span role="status" aria-live="polite"></span>'

_CSS = """
.bar { display: flex; flex-wrap: wrap; gap: 0.5rem; }
button {
  flex: 1 1 8rem; padding: 0.35rem 0.7rem; border: 1px solid var(--st-border-color); cursor: pointer; font: inherit;
  border-radius: var(--st-button-radius, 0.5rem); background: var(--st-background-color); color: var(--st-text-color);
}
button:focus-visible { outline: 2px solid var(--st-primary-color); outline-offset: 2px; }
span { font-size: 0.85em; color: var(--st-text-color); overflow-wrap: anywhere; }
"""
