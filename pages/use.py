import streamlit as st

from aejax import DataError
from aejax.ui import charts, downstream, guidance, session, snapshot, tables

st.title("Use the code")
result = session.result()
if result is None:
    guidance.offer_training("This page tells classes and finds clusters from codes, beside the features and PCA.")
    st.stop()

snapshot.describe(result)
result = snapshot.of_class(result)
try:
    found = downstream.compared(result)
except DataError as error:
    st.warning(f"The code cannot be put to this use: {error.plain}.")
    st.page_link("pages/reconstruct.py", label="See reconstructions", icon=":material/compare:")
    st.stop()

alt = downstream.spoken(found)
st.plotly_chart(downstream.figure(found), key="use-bars", config=charts.config("aejax-use"), alt=alt)
st.table(downstream.rows(found), border="horizontal", alt="All that was measured of codes, features and components")
st.caption(downstream.told(result))

with st.container(horizontal=True, vertical_alignment="center"):
    tables.offer("Table as CSV", downstream.records(found), "aejax-use")
    st.page_link("pages/compare.py", label="Next: compare it with PCA as a map", icon=":material/compare_arrows:")
    st.page_link("pages/train.py", label="Train another model", icon=":material/play_circle:")
