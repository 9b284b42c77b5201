"""What a page says while there is nothing to show: what it is for, and the way to a trained model."""

import streamlit as st

from aejax import zoo
from aejax.data import load_data
from aejax.ui import session

DEFAULT_DATA = "mnist-sample"
DEFAULT_MODEL = "map"
TRAIN_PAGE = "pages/train.py"


def offer_training(purpose: str) -> None:
    """Say what the page shows once there is a model, and offer to train one.

    Args:
        purpose: One sentence: what the page shows.
    """
    st.info(f"{purpose} It needs a trained model, and there is none yet.", icon=":material/model_training:")
    if session.training():
        st.page_link(TRAIN_PAGE, label="A training has begun: watch it", icon=":material/play_circle:")
        return
    entry = zoo[DEFAULT_MODEL]
    with st.container(horizontal=True):
        begin = st.button(
            "Train the default model now", key="train-default", type="primary", icon=":material/play_arrow:"
        )
        st.page_link(TRAIN_PAGE, label="Choose and train a model", icon=":material/tune:")
    st.caption(f"The default: {entry.title.lower()}, {entry.spec.latent} numbers per image, on a sample of MNIST.")
    if begin:
        session.start(DEFAULT_DATA, load_data(DEFAULT_DATA), entry.spec, entry.train)
        st.switch_page(TRAIN_PAGE)
