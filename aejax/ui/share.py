"""What is chosen, as a link, a program, a command and a notebook; and the link read back."""

import json

import streamlit as st

from aejax.data import sources
from aejax.recipe import Recipe, as_command, as_notebook, as_python, unpacked
from aejax.settings import SpecError
from aejax.ui import session
from aejax.ui.session import Choices
from aejax.zoo import ZOO

_SHARED = "s"
_SEEN = "recipe of the address that was read"
_WRITTEN = {"Python": (as_python, "python"), "Command line": (as_command, "bash")}


def asked() -> Recipe | None:
    """The recipe in the address, once for each visit; a recipe that cannot be is told of by `failure`."""
    text = st.query_params.get(_SHARED)
    if text is None or session.get(_SEEN) is not None:
        session.put(_SEEN, session.get(_SEEN) or "")
        return None
    session.put(_SEEN, text)
    try:
        found = unpacked(text)
        if found.data not in sources():
            raise SpecError(f"the address names the data set {found.data!r}, which is not on this machine")
    except SpecError as error:
        session.refuse(error)
        return None
    return found


def keep(choices: Choices) -> None:
    """Put what is chosen into the address, where the name of the model does not say it."""
    entry = ZOO[choices.model]
    recipe = Recipe(choices.data_name, choices.spec, choices.train)
    session.put(_SEEN, session.get(_SEEN) or "")
    if (entry.spec, entry.train) == (choices.spec, choices.train):
        st.query_params.pop(_SHARED, None)
    elif st.query_params.get(_SHARED) != (text := recipe.packed()):
        st.query_params[_SHARED] = text


def show(choices: Choices) -> None:
    """Offer what is chosen in forms that others can use, and that give the same numbers."""
    recipe = Recipe(choices.data_name, choices.spec, choices.train)
    with st.expander("Share", icon=":material/share:", key="group-share"):
        button = st.components.v2.component("aejax_link", html=_HTML, css=_CSS, js=_SCRIPT)
        button(key="share-link", data={"about": json.dumps({"label": "Copy link"})}, height="content")
        st.caption("The link opens this page with these data, this model, its settings and what is shown.")
        form = st.segmented_control(
            "As", list(_WRITTEN), default="Python", required=True, key="share-as", persist_state="session"
        )
        write, language = _WRITTEN[form]
        st.code(write(recipe), language=language, wrap_lines=True, height=220)
        st.download_button(
            "Notebook",
            lambda: as_notebook(recipe),
            file_name=f"aejax-{recipe.digest}.ipynb",
            mime="application/x-ipynb+json",
            on_click="ignore",
            icon=":material/download:",
            width="stretch",
        )
        st.caption(f"Recipe {recipe.digest}: equal digits, equal numbers on one machine.")


_HTML = '<button type="button" data-testid="copy-link"></button><span role="status" aria-live="polite"></span>'

_CSS = """
button {
  width: 100%; padding: 0.35rem 0.7rem; border: 1px solid var(--st-border-color); cursor: pointer; font: inherit;
  border-radius: var(--st-button-radius, 0.5rem); background: var(--st-background-color); color: var(--st-text-color);
}
button:focus-visible { outline: 2px solid var(--st-primary-color); outline-offset: 2px; }
span { font-size: 0.85em; color: var(--st-text-color); overflow-wrap: anywhere; }
"""

_SCRIPT = """
export default function ({ data, parentElement }) {
  const [button, told] = ["button", "span"].map((name) => parentElement.querySelector(name));
  button.textContent = JSON.parse(data.about).label;
  button.onclick = async () => {
    try {
      await navigator.clipboard.writeText(location.href);
      told.textContent = "Copied.";
    } catch {
      told.textContent = `Copy it yourself: ${location.href}`;
    }
  };
}
"""
