"""What is done once a server, so that its first visitor need not wait for it."""

import gc
import threading

import streamlit as st

from aejax.data import load_data
from aejax.training import fit
from aejax.zoo import ZOO

DEFAULT_DATA = "mnist-sample"
DEFAULT_MODEL = "map"


@st.cache_resource(show_spinner=False)
def get_ready() -> None:
    """Compile the default model while its first visitor reads, and spare all of them the collector's long passes."""
    gc.collect()
    # What is imported by now stays: out of the collector's sight it does not delay each answer.
    gc.freeze()
    # No daemon: a process that ends while a daemon thread compiles is torn down with an error.
    threading.Thread(target=_compile_default, name="compile the default model", daemon=False).start()


def _compile_default() -> None:
    """Take the first epoch of the default training, then encode and rebuild with its weights, as the page will."""
    data, entry = load_data(DEFAULT_DATA), ZOO[DEFAULT_MODEL]
    run = next(iter(fit(entry.spec, entry.train, data.x_train, data.x_test))).run
    run.encode(data.x_test)
    run.reconstruct(data.x_test[:12])
