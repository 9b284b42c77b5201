import streamlit as st

from aejax.ui import charts, embedding, guidance, session, snapshot

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

sample = embedding.points(result.run, data, split)
figure = embedding.figure(sample, data, view, chosen, title=f"Codes of {sample}")
event = st.plotly_chart(
    figure.update_layout(dragmode="lasso"),
    key="embedding",
    on_select="rerun",
    selection_mode=("box", "lasso", "points"),
    config=charts.config("aejax-embedding", session.get("embedding-picture", "png")),
    alt=f"Scatter of the codes of {sample} of {data.title}, by label",
)
rows = embedding.selected(event)
if rows:
    embedding.show_selection(data, split, rows)
else:
    st.caption(embedding.hint(view))

with st.container(horizontal=True, vertical_alignment="center"):
    st.download_button(
        "Codes as CSV",
        lambda: embedding.table(sample, data),
        file_name=f"aejax-codes-{split}.csv",
        mime="text/csv",
        on_click="ignore",
        icon=":material/download:",
    )
    st.segmented_control(
        "The chart's camera saves",
        ["png", "svg"],
        default="png",
        required=True,
        format_func=str.upper,
        key="embedding-picture",
    )
    st.page_link("pages/compare.py", label="Next: compare it with PCA", icon=":material/compare:")
    st.page_link("pages/latent.py", label="Walk through the latent space", icon=":material/tune:")
