"""What the units of a layer look for, as pictures: bright where a unit likes an example bright, dark where dark."""

import numpy as np
import streamlit as st

from aejax.parts.networks import Dense, Linear
from aejax.receptive_fields import layer_count, receptive_fields
from aejax.run import Run
from aejax.ui import images

_COLUMNS, _MOST = 20, 100
_WIDTH = 900


def show(run: Run, pictures: bool) -> None:
    """Draw the fields of the strongest units of a chosen layer, or say why there are none.

    Args:
        run: A trained run.
        pictures: Whether its examples are pictures.
    """
    if not pictures or not isinstance(run.spec.encoder, Dense | Linear):
        st.info("Receptive fields are shown for images and dense encoders.", icon=":material/info:")
        return
    layers = layer_count(run)
    layer = 1
    if layers > 1:
        about = "Above the first layer: the fields of the layer below, added up by each unit's weights"
        layer = st.selectbox("Layer", range(1, layers + 1), key="fields-layer", help=about)
    show_layer(run, layer)


def show_layer(run: Run, layer: int) -> None:
    """Draw the fields of the strongest units of a layer of a dense encoder, the layers numbered from 1."""
    fields = receptive_fields(run, layer)
    chosen = strongest(fields, _MOST)
    picture = images.enlarged(images.sheet(images.centred(fields[chosen]), _COLUMNS), _WIDTH)
    shown = f"{len(chosen)} of {len(fields)} units of layer {layer}, those with the greatest weights first"
    st.image(images.png_address(picture), caption=shown, width="stretch", alt=f"Receptive fields: {shown}")


def strongest(fields: np.ndarray, most: int) -> np.ndarray:
    """Positions of the units whose fields have the greatest norms, greatest first."""
    norms = np.linalg.norm(fields.reshape(len(fields), -1), axis=1)
    return np.argsort(-norms, kind="stable")[:most]
