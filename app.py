"""The application: a server with a route for moving maps, and the table of pages that each visit runs."""

import streamlit as st
from streamlit.runtime.pages_manager import PagesManager
from streamlit.runtime.scriptrunner import get_script_run_ctx

from aejax.ui import feed, sidebar, teaching

if get_script_run_ctx(suppress_warning=True) is None:
    # The server reads this file once to learn what it serves. Its pages are those of the table below from the first
    # visit on: else Streamlit thinks so only once someone has come to the table, and refuses the address of a page.
    PagesManager.uses_pages_directory = False
    app = st.App(__file__, routes=feed.routes())
else:
    # No path in the address is the name of a file: else Streamlit, while it has not yet come to this table in the
    # first visit to a server, takes the file for a page by itself and runs it without the rest of the application.
    pages = [
        st.Page("pages/train.py", title="Train", icon=":material/play_circle:", url_path="train-a-model", default=True),
        st.Page("pages/walk.py", title="Walk through", icon=":material/directions_walk:", url_path="walk-through"),
        st.Page("pages/embedding.py", title="Embedding", icon=":material/scatter_plot:", url_path="embeddings"),
        st.Page("pages/compare.py", title="Compare", icon=":material/compare_arrows:", url_path="comparison"),
        st.Page("pages/latent.py", title="Latent", icon=":material/tune:", url_path="latent-space"),
        st.Page("pages/reconstruct.py", title="Reconstruct", icon=":material/compare:", url_path="reconstructions"),
        st.Page("pages/domain.py", title="Out of domain", icon=":material/travel_explore:", url_path="out-of-domain"),
        st.Page("pages/use.py", title="Use the code", icon=":material/construction:", url_path="use-the-code"),
        st.Page("pages/data.py", title="Data", icon=":material/upload_file:", url_path="your-data"),
        st.Page("pages/sweep.py", title="Sweep", icon=":material/add_chart:", url_path="sweeps"),
        st.Page("pages/runs.py", title="Runs", icon=":material/list:", url_path="trainings"),
        st.Page("pages/stories.py", title="Stories", icon=":material/auto_stories:", url_path="stories"),
        # The default page answers at no other address than the bare one; who guesses its name is led there.
        st.Page(
            lambda: st.switch_page("pages/train.py", query_params=st.query_params.to_dict()),
            title="Train",
            url_path="training",
            visibility="hidden",
        ),
    ]
    st.set_page_config(page_title="aejax", page_icon="🌀", layout="wide")
    teaching.attend()
    page = st.navigation(pages)
    sidebar.show(bare=page.url_path == "stories")
    if teaching.is_hidden(page.url_path):
        teaching.refuse()
    else:
        page.run()
