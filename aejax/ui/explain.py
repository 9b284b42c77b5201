"""Explanations where they are needed: a sentence, a formula, and the page of the mathematics, without a network."""

import re
from functools import cache

import streamlit as st

from aejax.launch import app_home

_LINK = re.compile(r"(?<!!)\[([^\]]+)\]\((?!https?://)[^)]*\)")
_HEADING = re.compile(r"^(#+) ", re.M)


def popover(name: str, meaning: str, formula: str, page: str, key: str) -> None:
    """Draw a button that opens an explanation.

    Args:
        name: What is explained.
        meaning: What it is, in one sentence.
        formula: In LaTeX.
        page: Name of the page of the mathematics that tells more.
        key: Name of the place on the page.
    """
    with st.popover(name, icon=":material/function:", type="tertiary", key=key):
        st.markdown(f"{meaning.rstrip('.')}.")
        st.latex(formula)
        offer_page(page, f"{key}-page")


def offer_page(page: str, key: str) -> None:
    """Draw a button that shows a page of the mathematics over what is there."""
    if st.button(f"Read on: {title(page)}", key=key, icon=":material/menu_book:"):
        read(page)


@st.dialog("The mathematics", width="large")
def read(page: str) -> None:
    """Show a page of the mathematics."""
    st.markdown(text(page))


def title(page: str) -> str:
    """The heading of a page of the mathematics."""
    return text(page).partition("\n")[0].lstrip("# ")


@cache
def text(page: str) -> str:
    """A page of the mathematics as it is shown here: links to other pages are words, and headings are smaller."""
    written = (app_home() / "docs" / "mathematics" / f"{page}.md").read_text("utf-8")
    return _HEADING.sub(lambda found: f"##{found[1]} ", _LINK.sub(r"\1", written))
