"""The few looks that Streamlit's theme has no setting for."""

import streamlit as st

from aejax.ui.lesson import GROUPS, PAGES, Lesson

# Less empty space above the title, and the values of sliders in the colour of text: in the dark theme the primary
# colour has too little contrast on the ground, as has what is chosen, and captions in both themes. A canvas does not
# fade while the server answers it. No line of text is longer than one can follow on a large screen, and on a telephone
# three figures side by side do not run into one another. A table that can be scrolled sideways has a shadow where more
# of it is; a button that is only a sign shows the focus. Who asks for less motion gets none; who prints gets the page
# without what is for pressing.
_STYLE = """<style>
.stMainBlockContainer { padding-top: 3.5rem; }
[data-testid="stSliderThumbValue"] { color: inherit; }
[data-testid="stCaptionContainer"] { opacity: 0.85; }
button[data-selected="true"] p { color: light-dark(currentcolor, white); }
.stApp button[kind="borderlessIcon"]:focus-visible { outline: 2px solid currentcolor; }
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


# Of a presenter: all is sized by the root's letters, charts and the canvas apart.
_LARGE = "html { font-size: 125% !important; }"

# Black on white or white on black; what is set back is not, edges are seen, links have a line.
_CONTRAST = """
.stApp, [data-testid="stSidebar"], [data-testid="stHeader"] {
  background: light-dark(white, black) !important; color: light-dark(black, white) !important;
}
.stApp :is(p, li, label, h1, h2, h3):not([data-testid^="stBaseButton-primary"] *),
[data-testid="stSidebar"] :is(p, li, label, span):not([data-testid^="stBaseButton-primary"] *) {
  color: light-dark(black, white);
}
[data-testid="stCaptionContainer"], button:disabled { opacity: 1 !important; }
[data-testid="stSidebar"], [data-baseweb="select"] > div, [data-baseweb="input"], [data-testid="stExpander"] details,
.stApp button[kind="secondary"] { border: 1px solid light-dark(black, white) !important; }
.stApp a { text-decoration: underline; }
.stApp :focus-visible { outline: 3px solid light-dark(black, white) !important; }
"""


def apply(lesson: Lesson) -> None:
    """Put the looks onto the page, those of a lesson too."""
    rules = [*map(_without, GROUPS.keys() & lesson.hidden), *map(_without_page, PAGES.keys() & lesson.hidden)]
    rules += [rule for rule, on in ((_LARGE, lesson.large), (_CONTRAST, lesson.contrast)) if on]
    st.html(f"{_STYLE}<style>{' '.join(rules)}</style>" if rules else _STYLE)


def _without(group: str) -> str:
    """The rule by which controls keep what is chosen in them and are not there for anyone, screen readers included."""
    place = f'[class*="st-key-lesson-{group}"]'
    return f'{place}, [data-testid="stLayoutWrapper"]:has(> {place}) {{ display: none; }}'


def _without_page(place: str) -> str:
    """The rule by which nothing leads to a page."""
    links = '[data-testid="stSidebarNav"] li:has(a{0}), [data-testid="stPageLink"]:has(a{0})'
    return links.format(f'[href$="{place}"]') + " { display: none; }"
