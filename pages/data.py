"""Data of one's own: bring a file, see what becomes of it, keep it."""

import streamlit as st

from aejax.ui import own

st.title("Your data")
st.write(
    "Bring a file, see what a model will learn from, and keep it: the data set is then in the menu beside every page. "
    "Nothing in a file is ever run, and nothing is kept before you say so."
)
own.bring()
own.show_shelf()
