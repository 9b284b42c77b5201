import streamlit as st

from aejax.ui import explore, guidance, manifold, session, snapshot

st.title("Latent space")
result = session.result()
if result is None:
    guidance.offer_training("This page decodes any place of the latent space: move the pointer, see the example.")
    st.stop()

snapshot.describe(result)
result = snapshot.of_class(result)
here = explore.explored(result)
explore.show(here, "latent-canvas")
manifold.show(here.survey)

with st.container(horizontal=True):
    st.page_link("pages/embedding.py", label="Back to the embedding", icon=":material/scatter_plot:")
    st.page_link("pages/compare.py", label="Compare with PCA", icon=":material/compare:")
    st.page_link("pages/train.py", label="Next: train another model", icon=":material/play_circle:")
