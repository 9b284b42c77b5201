"""The few looks that Streamlit's theme has no setting for."""

import streamlit as st

# Less empty space above the title, and the values of sliders in the colour of text: in the dark theme the primary
# colour has too little contrast on the ground.
_STYLE = """<style>
.stMainBlockContainer { padding-top: 3.5rem; }
[data-testid="stSliderThumbValue"] { color: inherit; }
</style>"""


def apply() -> None:
    """Put the looks onto the page."""
    st.html(_STYLE)
