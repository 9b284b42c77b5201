"""What a page says while there is nothing to show: what it is for, and the way to a trained model."""

import streamlit as st

from aejax.ui import session
from aejax.zoo import ZOO

TRAIN_PAGE = "pages/train.py"


def offer_training(purpose: str) -> None:
    """Say what the page shows once there is a model, and offer to train one.

    Args:
        purpose: One sentence: what the page shows.
    """
    st.info(f"{purpose} For that it needs a trained model, and there is none yet.", icon=":material/model_training:")
    if failure := session.failure():
        st.warning(f"{failure.rstrip('.')}.", icon=":material/error:")
    if session.training():
        st.page_link(TRAIN_PAGE, label="A training has begun: watch it", icon=":material/play_circle:")
        return
    choices = session.choices()
    with st.container(horizontal=True, vertical_alignment="center"):
        if choices.data is not None and not choices.problems:
            label = f"Train “{ZOO[choices.model].title}” on {choices.data.title} now"
            if st.button(label, key="train-default", type="primary", icon=":material/play_arrow:"):
                session.start(choices.data_name, choices.data, choices.spec, choices.train)
                st.switch_page(TRAIN_PAGE)
        st.page_link(TRAIN_PAGE, label="Choose and train a model", icon=":material/tune:")
