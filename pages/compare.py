import streamlit as st

from aejax.ui import compare, dossier, examples, guidance, kinship, linked, panes, plates, session, snapshot

st.title("Compare")
result = session.result()
if result is None:
    guidance.offer_training("This page sets an autoencoder beside other models and other ways to a map.")
    st.stop()

snapshot.describe(result)
chosen = panes.choose(result)
with st.container(horizontal=True, vertical_alignment="bottom"):
    laid, split = linked.choose(), compare.choose_split()
found = [panes.pane(result, key, split) for key in chosen]
for empty in found:
    if isinstance(empty, panes.Empty):
        panes.explain(empty)
shown = linked.linked([pane for pane in found if isinstance(pane, panes.Pane)], result.data, laid)
if not shown:
    st.info("Choose what to compare: this model, other runs, or other ways to a map.", icon=":material/compare_arrows:")
    st.stop()

linked.draw(shown)
held = [here.pane for here in shown]

st.subheader("The same examples, rebuilt")
examples.show(result.data, compare.reconstructions(held, result.data), "reconstructions")
st.subheader("In numbers")
spreads = compare.show_metrics(held, result, split)
with st.expander("Class by class", icon=":material/category:"):
    compare.show_classes(held)
if kinship.is_kin(result):
    kinship.show(result, split)

st.subheader("To take away")
plates.offer(result, split)
st.download_button(
    "Report (one HTML file)",
    lambda: dossier.dossier(result, shown, spreads),
    file_name="aejax-report.html",
    mime="text/html",
    on_click="ignore",
    icon=":material/description:",
)
with st.container(horizontal=True):
    st.page_link("pages/reconstruct.py", label="Next: what is lost", icon=":material/compare:")
    st.page_link("pages/latent.py", label="Walk through the latent space", icon=":material/tune:")
    st.page_link("pages/train.py", label="Train another model", icon=":material/play_circle:")
