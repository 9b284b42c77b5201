"""What is done once a server, so that its first visitor need not wait for it."""

import gc

import streamlit as st

from aejax.ui import session


@st.cache_resource(show_spinner=False)
def get_ready() -> None:
    """Have a worker compile the default model, and spare all visitors the collector's long passes."""
    session.office()
    gc.collect()
    # What is imported by now stays: out of the collector's sight it does not delay each answer.
    gc.freeze()
