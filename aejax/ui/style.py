"""The few looks that Streamlit's theme has no setting for."""

import streamlit as st

# Less empty space above the title, and the values of sliders in the colour of text: in the dark theme the primary
# colour has too little contrast on the ground, as has what is chosen, and captions in both themes. A canvas does not
# fade while the server answers it. No line of text is longer than one can follow on a large screen, and on a telephone
# three figures side by side do not run into one another. A table that can be scrolled sideways has a shadow where more
# of it is. Who asks for less motion gets none; who prints gets the page without what is for pressing.
_STYLE = """<style>
.stMainBlockContainer { padding-top: 3.5rem; }
[data-testid="stSliderThumbValue"] { color: inherit; }
[data-testid="stCaptionContainer"] { opacity: 0.85; }
button[data-selected="true"] p { color: light-dark(currentcolor, white); }
[class*="-place"] [data-stale] { opacity: 1 !important; }
.stMarkdown p, [data-testid="stCaptionContainer"] p { max-width: 110ch; }
@media (max-width: 640px) { [data-testid="stMetricValue"] { font-size: 1.6rem; } }
[data-testid="stTable"] > div {
  background:
    linear-gradient(to right, var(--ground) 40%, transparent) left / 40px 100% no-repeat local,
    linear-gradient(to left, var(--ground) 40%, transparent) right / 40px 100% no-repeat local,
    linear-gradient(to right, rgb(128 128 128 / 0.45), transparent) left / 14px 100% no-repeat scroll,
    linear-gradient(to left, rgb(128 128 128 / 0.45), transparent) right / 14px 100% no-repeat scroll;
  --ground: light-dark(#ffffff, #12181f);
}
@media (prefers-reduced-motion: reduce) {
  *, ::before, ::after { animation-duration: 1ms !important; transition-duration: 1ms !important; }
}
@media print {
  [data-testid="stSidebar"], [data-testid="stHeader"], [data-testid="stToolbar"], [data-testid="stElementToolbar"],
  [data-testid="stPageLink"], [data-testid="stButton"], [data-testid="stDownloadButton"],
  [data-testid="stPopover"], .modebar { display: none !important; }
  .stApp, .stMain, .stMainBlockContainer, [data-testid="stAppViewContainer"], [data-testid="stMain"] {
    position: static !important; display: block !important; height: auto !important; overflow: visible !important;
  }
  .stMainBlockContainer { padding: 0; max-width: none; }
  [data-testid="stPlotlyChart"], [data-testid="stImage"], [data-testid="stTable"], .stMetric { break-inside: avoid; }
  h1, h2, h3 { break-after: avoid; }
}
</style>"""


def apply() -> None:
    """Put the looks onto the page."""
    st.html(_STYLE)
