"""One example in slow motion: through the encoder, the code, the decoder and the loss."""

import streamlit as st

from aejax.ui import guidance, session, walk

choices = session.choices()
result = session.result()

st.title("Walk through")
st.write("Follow one example through the model: play, or choose a stop, and see what leaves it and by which formula.")
shown = walk.choose_model(result, choices)
if shown is None:
    walk.preview(choices)
    if result is None:
        guidance.offer_training("Here the numbers of an example are shown at each stop.")
else:
    walk.show(shown)

with st.container(horizontal=True):
    st.page_link("pages/train.py", label="Train a model", icon=":material/play_circle:")
    st.page_link("pages/reconstruct.py", label="See what is lost", icon=":material/compare:")
    st.page_link("pages/latent.py", label="Move through the latent space", icon=":material/tune:")
