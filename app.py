"""The table of pages."""

import streamlit as st

from aejax.ui import sidebar

# No path in the address is the name of a file: else Streamlit, while it has not yet come to this table in the first
# visit to a server, takes the file for a page by itself and runs it without the rest of the application.
PAGES = [
    st.Page("pages/train.py", title="Train", icon=":material/play_circle:", url_path="training", default=True),
    st.Page("pages/embedding.py", title="Embedding", icon=":material/scatter_plot:", url_path="embeddings"),
    st.Page("pages/compare.py", title="Compare", icon=":material/compare_arrows:", url_path="comparison"),
    st.Page("pages/latent.py", title="Latent", icon=":material/tune:", url_path="latent-space"),
    st.Page("pages/runs.py", title="Runs", icon=":material/list:", url_path="trainings"),
]

st.set_page_config(page_title="aejax", page_icon="🌀", layout="wide")
page = st.navigation(PAGES)
sidebar.show()
page.run()
