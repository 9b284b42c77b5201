"""Colours and symbols of classes: told apart on light and on dark ground, and by colour-blind readers.

Both sets start from Okabe and Ito's and were moved apart until each pair differs under simulated protanopia,
deuteranopia and tritanopia; each colour has at least 3 to 1 of contrast with its ground. The theme in
`.streamlit/config.toml` holds the same colours.
"""

import streamlit as st

LIGHT = (
    *("#0072B2", "#B83605", "#149D3C", "#7E2A82", "#654E28"),
    *("#248FFF", "#2D12A2", "#700038", "#11000D", "#5B6E6F"),
)
DARK = (
    *("#56B4E9", "#FF9D2E", "#10963B", "#A15593", "#ECF211"),
    *("#DA261A", "#0F6EDC", "#FFBC9F", "#D0FFEE", "#80877D"),
)
SYMBOLS = (
    *("circle", "square", "diamond", "cross", "x", "triangle-up", "triangle-down", "star", "pentagon", "hourglass"),
    *("hexagon", "bowtie"),
)
# Few classes are told apart by colour alone; above this number colours get too near to one another.
CLASSES_WITHOUT_SYMBOLS = 8


def colors() -> tuple[str, ...]:
    """The colours that suit the visitor's theme; those for light ground outside of the application."""
    if not st.runtime.exists():
        return LIGHT
    return DARK if st.context.theme.type == "dark" else LIGHT


def color(label: int) -> str:
    """The colour of a class; beyond the last colour they begin anew, with another symbol."""
    available = colors()
    return available[label % len(available)]


def symbol(label: int, classes: int) -> str:
    """The marker of a class where there are so many of them."""
    return SYMBOLS[0] if classes <= CLASSES_WITHOUT_SYMBOLS else SYMBOLS[label % len(SYMBOLS)]
