import streamlit as st

from aejax import DataError, SpecError
from aejax.ui import charts, compare, guidance, session, snapshot

st.title("Compare")
result = session.result()
if result is None:
    guidance.offer_training("This page sets an autoencoder beside principal component analysis (PCA).")
    st.stop()

snapshot.describe(result)
data, latent = result.data, result.run.latent
try:
    pca = compare.baseline(data, latent)
except (SpecError, DataError) as error:
    st.warning(f"PCA cannot be fitted here: {error}.")
    st.page_link("pages/embedding.py", label="See the autoencoder's embedding", icon=":material/scatter_plot:")
    st.stop()
model = compare.autoencoder(result)

view = compare.choose_view(latent)
for column, name, side in zip(st.columns(2), (compare.AUTOENCODER, compare.BASELINE), (model, pca), strict=True):
    figure = compare.figure(side, data, view, f"{name}: {snapshot.size(latent)}")
    alt = f"Codes of {side.evidence.test} held-out examples by {name}, by label"
    column.plotly_chart(figure, key=f"compare-{name}", config=charts.config(f"aejax-{name}"), alt=alt)

st.subheader("The same held-out examples, rebuilt")
compare.show_reconstructions(model, pca, data)

st.subheader("In numbers")
st.table(compare.rows(model, pca), border="horizontal")
st.caption(" ".join([compare.method(model), *compare.missing(model, pca)]))
compare.show_kinship(result, pca)

with st.container(horizontal=True, vertical_alignment="center"):
    st.download_button(
        "Table as CSV",
        compare.table(model, pca),
        file_name="aejax-compare.csv",
        mime="text/csv",
        on_click="ignore",
        icon=":material/download:",
    )
    st.page_link("pages/latent.py", label="Next: walk through the latent space", icon=":material/tune:")
    st.page_link("pages/train.py", label="Train another model", icon=":material/play_circle:")
