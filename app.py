"""The table of pages."""

import streamlit as st

from aejax.ui import sidebar

PAGES = [
    st.Page("pages/train.py", title="Train", icon=":material/play_circle:", default=True),
]

st.set_page_config(page_title="aejax", page_icon=":material/blur_on:", layout="wide")
page = st.navigation(PAGES)
sidebar.show()
page.run()
