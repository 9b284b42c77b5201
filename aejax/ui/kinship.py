"""What a linear autoencoder and principal component analysis have in common, shown side by side."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import streamlit as st
from jaxtyping import Float

from aejax.baselines import PCA, is_linear, principal_angles, recovered_components
from aejax.data import Data
from aejax.ui import charts, examples, images, panes
from aejax.ui.session import Result

_COMPONENTS_SHOWN = 16
_SAME_SUBSPACE = 2.0
"""Degrees below which two subspaces are called the same."""


def is_kin(result: Result) -> bool:
    """Whether the model is linear and has finished an epoch."""
    return is_linear(result.run.spec) and result.run.codes is not None


def show(result: Result, split: panes.SplitName) -> None:
    """For a linear model: the angles to PCA's subspace, and the components that its weights hold."""
    run, other = result.run, panes.pane(result, panes.PCA, split)
    if not isinstance(other, panes.Pane) or not isinstance(pca := other.embedder, PCA):
        return
    st.subheader("The linear model and PCA")
    ours = recovered_components(run)
    angles = principal_angles(ours, pca.components)
    arrived = (
        "It has learnt PCA's subspace, as linear autoencoders with squared error do in the end, though along no axis "
        "in particular; a singular value decomposition of its weights finds the axes."
        if angles.max() < _SAME_SUBSPACE
        else "A linear autoencoder with squared error ends in PCA's subspace, but this one is not there yet: train it "
        "longer or with a higher learning rate. Directions of nearly equal variance take longest to tell apart."
    )
    st.markdown(f"The decoder's span and PCA's subspace differ by **{angles.max():.2f}°** at most. {arrived}")
    names = [str(index + 1) for index in range(len(angles))]
    bars = charts.bars(names, angles.tolist(), title="Principal angles, greatest first", unit="degrees")
    st.plotly_chart(bars, key="angles", config=charts.config("aejax-angles"), alt=_spoken(angles))
    shown = {"Recovered from the decoder's weights": ours, "Principal components": pca.components}
    _show_components(result.data, {name: found[:_COMPONENTS_SHOWN] for name, found in shown.items()})


def _show_components(data: Data, shown: Mapping[str, Any]) -> None:
    if not images.are_pictures(data):
        limit = max(float(np.abs(found).max()) for found in shown.values())
        rows = {name: found.astype(np.float32) for name, found in shown.items()}
        lines = examples.small_lines(rows, (-limit, limit), names=examples.names(data))
        st.plotly_chart(lines, key="components", config=charts.config("aejax-components"), alt="Components as lines")
        return
    for column, (name, found) in zip(st.columns(len(shown)), shown.items(), strict=True):
        with column:
            st.caption(f"{name}: 1 to {len(found)}, grey is zero")
            picture = images.sheet(images.centred(found.astype(np.float32)), columns=min(len(found), 4))
            st.image(images.enlarged(picture, 480), alt=f"{name} as images")


def _spoken(angles: Float[np.ndarray, " angles"]) -> str:
    return "Principal angles in degrees: " + ", ".join(f"{angle:.2f}" for angle in angles)
