import streamlit as st

from aejax.ui import arrows, columns, compression, guidance, reconstruct, session, snapshot

st.title("Reconstruct")
result = session.result()
if result is None:
    guidance.offer_training("This page sets examples beside their codes, reconstructions and errors.")
    st.stop()

snapshot.describe(result)
found = reconstruct.rebuilt(result)
order = reconstruct.choose_order()
reconstruct.show(result, found, reconstruct.chosen(result, found, order))

if columns.are_columns(result.data):
    columns.show_errors(result, found)

st.subheader("From noise")
reconstruct.show_noise(result)

if columns.are_columns(result.data):
    columns.show_filling(result)

st.subheader("Where the model pulls")
arrows.show(result, found)

st.subheader("As compression")
compression.show(result)

with st.container(horizontal=True, vertical_alignment="center"):
    reconstruct.offer_errors(result, found)
    st.page_link("pages/domain.py", label="Next: what it was not made for", icon=":material/travel_explore:")
    st.page_link("pages/compare.py", label="Compare it with PCA", icon=":material/compare_arrows:")
    st.page_link("pages/embedding.py", label="See the embedding", icon=":material/scatter_plot:")
