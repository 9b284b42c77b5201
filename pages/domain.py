import streamlit as st

from aejax import DataError
from aejax.data import DownloadError
from aejax.ui import domain, guidance, session, snapshot

st.title("Out of domain")
result = session.result()
if result is None:
    guidance.offer_training("This page shows a model examples that it was not made for, and asks whether it notices.")
    st.stop()

snapshot.describe(result)
with st.container(horizontal=True):
    other = domain.choose_other(result.data)
    try:
        found = domain.compared(result, other)
    except (DataError, DownloadError) as error:
        said = error.plain if isinstance(error, DataError) else error
        st.warning(f"These examples cannot be shown to the model: {said}.")
        st.stop()
    score = domain.choose_score(result, found)

domain.show_foreign(result.data, found)
domain.say_classes(result)
domain.show_threshold(found, score, other)

st.subheader("Which score tells them")
domain.show_scores(found, other)

st.subheader("The strangest training examples")
domain.show_strangest(result, score)

st.subheader("Labels in doubt")
domain.show_suspects(result)

with st.container(horizontal=True, vertical_alignment="center"):
    st.page_link("pages/use.py", label="Next: put the code to use", icon=":material/construction:")
    st.page_link("pages/reconstruct.py", label="See reconstructions", icon=":material/compare:")
