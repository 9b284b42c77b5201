from functools import partial

import streamlit as st

from aejax.ui import charts, embedding, explore, guidance, inside, session, snapshot

st.title("Embedding")
result = session.result()
if result is None:
    guidance.offer_training("This page shows where the encoder puts each example, coloured by its label.")
    st.stop()

snapshot.describe(result)
data, latent = result.data, result.run.latent
with st.container(horizontal=True, vertical_alignment="bottom"):
    split = st.segmented_control(
        "Examples",
        ["test", "train"],
        default="test",
        required=True,
        format_func={"test": "held out", "train": "training"}.get,
        key="embedding-split",
        bind="query-params",
    )
    view, chosen = embedding.choose_view(latent)
    result = snapshot.of_class(result)

here = explore.explored(result, split)
sample = here.sample
if view == embedding.SPACE:
    figure = embedding.room(sample, data, chosen)
    alt = f"Codes of {sample} of {data.title} in three coordinates, by label"
    st.plotly_chart(figure, key="embedding-room", config=charts.config("aejax-embedding"), alt=alt)
    st.caption("Drag to turn. Click a class in the legend to see it alone, and again to see all.")
else:
    below = partial(embedding.show_selection, data, sample)
    explore.show(here, "embedding-canvas", below=below)

inside.show(result)
with st.container(horizontal=True, vertical_alignment="center"):
    st.download_button(
        "Codes as CSV",
        lambda: embedding.table(sample, data),
        file_name=f"aejax-codes-{split}.csv",
        mime="text/csv",
        on_click="ignore",
        icon=":material/download:",
    )
    st.page_link("pages/compare.py", label="Next: compare it with other maps", icon=":material/compare:")
    st.page_link("pages/reconstruct.py", label="See what is lost", icon=":material/compare:")
    st.page_link("pages/latent.py", label="Walk through the latent space", icon=":material/tune:")
