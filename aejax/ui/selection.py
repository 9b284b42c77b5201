"""The features that a model has chosen: on an image, and in a table."""

import numpy as np
import streamlit as st
from jaxtyping import Float

from aejax.selection import Selection, marked
from aejax.ui.images import enlarged


def show(selection: Selection, mean: Float[np.ndarray, "*shape"]) -> None:
    """Draw the chosen pixels on the mean of the training images, and every choice as a row of a table.

    Args:
        selection: What was chosen.
        mean: The mean training example.
    """
    if len(selection.shape) in (2, 3):
        shown = "Chosen pixels on the mean image"
        st.image(enlarged(marked(selection, mean)), caption=shown, alt=shown)
    st.dataframe(table(selection), hide_index=True)


def table(selection: Selection) -> dict[str, object]:
    """One row for each coordinate of the code: the feature, where it is or how it is called, and how sure it is."""
    columns: dict[str, object] = {"coordinate": np.arange(len(selection.features)), "feature": selection.features}
    if selection.names is not None:
        columns["name"] = selection.names
    elif len(selection.shape) > 1:
        columns |= dict(zip(("row", "column", "channel"), selection.places.T, strict=False))
    return columns | {"probability": selection.probabilities}
