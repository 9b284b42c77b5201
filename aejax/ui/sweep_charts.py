"""The figures of a sweep: error against the size of the code beside PCA's, courses of all runs, small maps."""

import html
import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from aejax.axes import but_seed
from aejax.data import Data
from aejax.metrics import METRICS
from aejax.sweep.folder import Trial
from aejax.sweep.places import places_rows
from aejax.ui import charts, palette, sweep_view
from aejax.ui.run_contrast import laid, small_maps
from aejax.ui.sweep_view import View

MAPS = 12
"""Small maps that are drawn at once."""

_DASHES = ("solid", "dash", "dot", "dashdot")
_LATENT = "spec.latent"

_Point = tuple[int, float, Trial]


def frontier(view: View, measure: str, principal: Mapping[int, float]) -> go.Figure:
    """Every run's measure against the size of its code, with the mean of each setting as a line, and PCA's.

    Args:
        view: The sweep.
        measure: Name of the metric.
        principal: PCA's value by the number of components, where the metric has one.
    """
    series = {name: _known(trials, measure) for name, trials in _series(view).items()}
    few = len(series) <= len(palette.LIGHT)
    traces = _apart(series) if few else _as_one(series)
    if principal:
        sizes = sorted(principal)
        line = {"color": "rgba(128, 128, 128, 0.9)", "dash": "dash", "width": 2}
        hover = "PCA, %{x} components<br>%{y:.4g}<extra></extra>"
        traces.append(
            go.Scatter(
                x=sizes, y=[principal[size] for size in sizes], name="PCA", line=line, mode="lines", hovertemplate=hover
            )
        )
    metric = METRICS[measure]
    figure = charts.plain(traces, "", ("numbers in the code", f"{metric.title}, {metric.unit}"), 440)
    ticks = sorted({latent_of(trial) for trial in view.trials} | set(principal))
    figure.layout.showlegend = few
    return figure.update_xaxes(type="log", tickvals=ticks, ticktext=[str(tick) for tick in ticks])


def _series(view: View) -> dict[str, list[Trial]]:
    """The trials that differ by the size of their code and their seed alone, under the name of what else they are."""
    found: dict[str, list[Trial]] = {}
    for trial in view.trials:
        rest = {name: value for name, value in but_seed(trial.settings).items() if name != _LATENT}
        found.setdefault(sweep_view.named(rest) or "autoencoder", []).append(trial)
    return found


def latent_of(trial: Trial) -> int:
    """Numbers in the code of a run."""
    return sweep_view.latent(json.dumps(trial.document["spec"]), tuple(trial.document["shape"]))


def _known(trials: Sequence[Trial], measure: str) -> list[_Point]:
    found = [(latent_of(trial), trial.measured.get(measure), trial) for trial in trials]
    return [(size, value, trial) for size, value, trial in found if value is not None]


def _apart(series: Mapping[str, list[_Point]]) -> list[Any]:
    """The runs and the means of each series in its colour, with its name."""
    traces = []
    for index, (name, points) in enumerate(series.items()):
        look, told = {"color": palette.color(index)}, html.escape(name)
        sizes, means = _means(points)
        line = {**look, "dash": _DASHES[index % len(_DASHES)], "width": 2}
        traces.append(_runs(points, [told] * len(points), told, look))
        traces.append(
            go.Scatter(
                x=sizes, y=means, name=f"{told}, mean", mode="lines", line=line, showlegend=False, hoverinfo="skip"
            )
        )
    return traces


def _as_one(series: Mapping[str, list[_Point]]) -> list[Any]:
    """The same in two traces: more names than colours tell nothing, and each trace takes its time."""
    points, names, x, y = list[_Point](), list[str](), list[float | None](), list[float | None]()
    colors: list[str] = []
    for index, (name, found) in enumerate(series.items()):
        points += found
        names += [html.escape(name)] * len(found)
        colors += [palette.color(index)] * len(found)
        sizes, means = _means(found)
        x += [*sizes, None]
        y += [*means, None]
    line = {"color": "rgba(128, 128, 128, 0.6)", "width": 1}
    means_of_all = go.Scatter(x=x, y=y, name="means", mode="lines", line=line, hoverinfo="skip")
    return [means_of_all, _runs(points, names, "runs", {"color": colors})]


def _runs(points: Sequence[_Point], names: Sequence[str], title: str, look: Mapping[str, Any]) -> go.Scatter:
    about = [(trial.folder.id, trial.document["train"]["seed"]) for _, _, trial in points]
    return go.Scatter(
        x=[size for size, _, _ in points],
        y=[value for _, value, _ in points],
        customdata=[[*each, name] for each, name in zip(about, names, strict=True)],
        name=title,
        mode="markers",
        marker={**look, "size": 9, "opacity": 0.75},
        hovertemplate="<b>%{customdata[2]}</b><br>%{x} numbers, seed %{customdata[1]}<br>%{y:.4g}<extra></extra>",
    )


def _means(points: Sequence[_Point]) -> tuple[list[int], list[float]]:
    sizes = sorted({size for size, _, _ in points})
    return sizes, [float(np.mean([value for size, value, _ in points if size == wanted])) for wanted in sizes]


def courses(view: View) -> go.Figure | None:
    """The held-out reconstruction error of every run by epoch, in the colour of its setting; None before any epoch."""
    traces = []
    for index, (name, trials) in enumerate(view.groups):
        x: list[float | None] = []
        y: list[float | None] = []
        for trial in trials:
            epochs, errors = sweep_view.course(trial)
            # The gap keeps the last epoch of one run from being joined to the first of the next.
            x += [*epochs, None]
            y += [*errors, None]
        if any(value is not None for value in y):
            line = {"color": palette.color(index), "width": 1.5, "dash": _DASHES[index // 10 % len(_DASHES)]}
            hover = f"{html.escape(name)}<br>epoch %{{x}}: %{{y:.4g}}<extra></extra>"
            mode = "lines+markers" if len(x) < 30 * len(trials) else "lines"
            traces.append(
                go.Scattergl(x=x, y=y, name=html.escape(name), line=line, mode=mode, marker_size=4, hovertemplate=hover)
            )
    if not traces:
        return None
    figure = charts.plain(traces, "", ("epoch", "held-out reconstruction error"), 420, {"type": "log"})
    return figure.update_layout(showlegend=len(traces) <= len(palette.LIGHT))


def maps(view: View, data: Data) -> go.Figure | None:
    """The map of one run of each setting, laid upon the first; None where there is none yet."""
    places: list[np.ndarray] = []
    titles: list[str] = []
    for _, trials in view.groups:
        known = (sweep_view.places(trial) for trial in trials)
        found = next((place for place in known if place is not None), None)
        if found is not None and len(places) < MAPS:
            places.append(laid(found, places[0]) if places else found)
            titles.append(sweep_view.values_named(trials[0].settings))
    if not places:
        return None
    rows = places_rows(data)
    if any(len(place) != len(rows) for place in places):
        return None
    return small_maps(places, titles, None if data.y_test is None else data.y_test[rows], data)
