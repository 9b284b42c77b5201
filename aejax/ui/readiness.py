"""What is done once a server, so that its first visitor need not wait for it."""

import gc
import sys

import streamlit as st

from aejax.ui import session

_SECONDS_A_TURN = 0.0005


@st.cache_resource(show_spinner=False)
def get_ready() -> None:
    """Have a worker compile the default model, and spare all visitors the collector's long passes."""
    session.office()
    # Each message that is sent lets go of the interpreter and waits for its turn again: with Python's own 5 ms a turn,
    # the moments that many visitors are sent wait behind whichever page is being drawn.
    sys.setswitchinterval(_SECONDS_A_TURN)
    gc.collect()
    # What is imported by now stays: out of the collector's sight it does not delay each answer.
    gc.freeze()
