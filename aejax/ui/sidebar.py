"""The choices beside every page: data, model, and every setting of it."""

import gc

import streamlit as st


@st.cache_resource(show_spinner=False)
def _settle() -> None:
    """Once a server: take what is imported out of the collector's sight, whose passes would delay every visitor."""
    gc.collect()
    gc.freeze()


def show() -> None:
    """Draw the sidebar."""
    _settle()
