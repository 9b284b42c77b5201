"""The few looks that Streamlit's theme has no setting for."""

import streamlit as st

# Less empty space above the title, and the values of sliders in the colour of text: in the dark theme the primary
# colour has too little contrast on the ground, as has what is chosen, and captions in both themes. A canvas does not
# fade while the server answers it. No line of text is longer than one can follow on a large screen, and on a telephone
# three figures side by side do not run into one another.
_STYLE = """<style>
.stMainBlockContainer { padding-top: 3.5rem; }
[data-testid="stSliderThumbValue"] { color: inherit; }
[data-testid="stCaptionContainer"] { opacity: 0.85; }
button[data-selected="true"] p { color: light-dark(currentcolor, white); }
[class*="-place"] [data-stale] { opacity: 1 !important; }
.stMarkdown p, [data-testid="stCaptionContainer"] p { max-width: 110ch; }
@media (max-width: 640px) { [data-testid="stMetricValue"] { font-size: 1.6rem; } }
</style>"""


def apply() -> None:
    """Put the looks onto the page."""
    st.html(_STYLE)
