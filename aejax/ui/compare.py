"""An autoencoder beside principal component analysis with as many numbers an example."""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go
import streamlit as st
from jaxtyping import Float

from aejax.baselines import PCA, is_linear, principal_angles, recovered_components
from aejax.data import Data
from aejax.embedder import Embedder
from aejax.quality import METRICS, Evidence, Measurement, evidence, measure
from aejax.ui import charts, embedding, examples, images, snapshot
from aejax.ui.session import Result

AUTOENCODER, BASELINE = "Autoencoder", "PCA"

_COMPONENTS_SHOWN = 16
_SAME_SUBSPACE = 2.0
"""Degrees below which two subspaces are called the same."""


@dataclass(frozen=True, eq=False)
class Side:
    """One of the two: what it makes of the data, and how good that is."""

    evidence: Evidence
    measured: Mapping[str, Measurement]
    components: Float[np.ndarray, "d *shape"] | None = None


@st.cache_resource(
    scope="session", max_entries=2, show_spinner="Measuring the autoencoder …", hash_funcs={Result: snapshot.stamp}
)
def autoencoder(result: Result) -> Side:
    """The visitor's autoencoder, measured on its data."""
    return measured(result.run, result.data)


def baseline(data: Data, latent: int) -> Side:
    """PCA of the training examples, measured on the same data.

    Raises:
        SpecError: If there are fewer training examples than coordinates.
        DataError: If all training examples are the same.
    """
    return _baseline(data.content_hash, latent, data)


@st.cache_resource(max_entries=16, show_spinner="Fitting PCA …")
def _baseline(content: str, latent: int, _data: Data) -> Side:
    fitted = PCA(latent).fit(_data.x_train)
    side = measured(fitted, _data)
    return Side(side.evidence, side.measured, fitted.components)


def measured(embedder: Embedder, data: Data) -> Side:
    """What the embedder makes of the data, measured."""
    seen = evidence(embedder, data)
    return Side(seen, measure(seen))


def choose_view(latent: int) -> str:
    """Ask which coordinates to draw of codes of more than two."""
    if latent <= 2:
        return embedding.LINE if latent == 1 else embedding.PLANE
    options = {embedding.MAIN: "PCA of each code", embedding.PLANE: "First two coordinates"}
    return st.segmented_control(
        "View",
        options,
        default=embedding.MAIN,
        required=True,
        format_func=lambda view: options[view],
        key="compare-view",
        bind="query-params",
    )


def method(model: Side) -> str:
    """How the table was made."""
    test, train = model.evidence.test, model.evidence.train
    return (
        f"✓ marks the better one. Errors are means over {test} held-out examples, given clean and rebuilt without "
        f"chance; neighbours are sought among the codes of {train} training examples."
    )


def figure(side: Side, data: Data, view: str, title: str) -> go.Figure:
    """The held-out codes by label."""
    test = side.evidence.test
    codes, axes = embedding.coordinates(test.codes, view, ())
    if codes.shape[1] == 1:
        return charts.strip(codes, test.labels, data.label_names, title=title, axis=axes[0], height=440)
    return charts.scatter(codes, test.labels, data.label_names, title=title, axes=axes, height=440)


def show_reconstructions(model: Side, pca: Side, data: Data) -> None:
    """Draw the same held-out examples as they are, and as either rebuilds them."""
    x, labels = model.evidence.test.x, model.evidence.test.labels
    chosen = examples.assorted(labels, examples.count(data), len(x))
    original = images.as_values(x[chosen])
    rows = {
        "Original": original,
        AUTOENCODER: model.evidence.rebuilt[chosen],
        BASELINE: pca.evidence.rebuilt[chosen],
    }
    examples.show(data, rows, "reconstructions")


def rows(model: Side, pca: Side) -> list[dict[str, str]]:
    """The metrics of both as a table for people: the better value is marked by a sign and by weight."""
    table = []
    for name, metric in METRICS.items():
        ours, theirs = model.measured[name].value, pca.measured[name].value
        if ours is None or theirs is None:
            continue
        table.append(
            {
                "Measure": metric.title,
                AUTOENCODER: _marked(ours, metric.better(ours, theirs)),
                BASELINE: _marked(theirs, metric.better(theirs, ours)),
                "Unit": metric.unit,
                "Better is": metric.direction,
            }
        )
    return table


def missing(model: Side, pca: Side) -> list[str]:
    """Why metrics are not in the table, a sentence each."""
    reasons: dict[str, list[str]] = {}
    for name, metric in METRICS.items():
        for side in (model, pca):
            if side.measured[name].value is None:
                reasons.setdefault(side.measured[name].reason, []).append(metric.title)
    return [f"Without {', '.join(dict.fromkeys(titles))}: {reason}." for reason, titles in reasons.items()]


def table(model: Side, pca: Side) -> bytes:
    """The metrics of both as comma-separated text."""
    file = io.StringIO()
    file.write("measure,autoencoder,pca,unit,better,sample\n")
    for name, metric in METRICS.items():
        values = [side.measured[name].value for side in (model, pca)]
        cells = [name, *("" if value is None else f"{value:.9g}" for value in values), metric.unit, metric.direction]
        file.write(",".join([*cells, f'"{model.measured[name].sample}"']) + "\n")
    return file.getvalue().encode()


def show_kinship(result: Result, pca: Side) -> None:
    """For a linear model: the angles to PCA's subspace, and the components that its weights hold."""
    run = result.run
    if not is_linear(run.spec) or run.codes is None or pca.components is None:
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
        lines = examples.small_lines({name: found.astype(np.float32) for name, found in shown.items()}, (-limit, limit))
        st.plotly_chart(lines, key="components", config=charts.config("aejax-components"), alt="Components as lines")
        return
    for column, (name, found) in zip(st.columns(len(shown)), shown.items(), strict=True):
        with column:
            st.caption(f"{name}: 1 to {len(found)}, grey is zero")
            picture = images.sheet(images.centred(found.astype(np.float32)), columns=min(len(found), 4))
            st.image(images.enlarged(picture, 480), alt=f"{name} as images")


def _marked(value: float, is_better: bool) -> str:
    return f"**{value:.4g}**\N{NO-BREAK SPACE}✓" if is_better else f"{value:.4g}"


def _spoken(angles: Float[np.ndarray, " angles"]) -> str:
    return "Principal angles in degrees: " + ", ".join(f"{angle:.2f}" for angle in angles)
