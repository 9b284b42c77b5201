"""The numbers of a comparison: metrics of all panes, their spread over seeds, and how each class fares."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st

from aejax.arrays import as_values
from aejax.data import Data
from aejax.embedder import decodes
from aejax.metric import Metric
from aejax.metrics import GROUPS, METRICS
from aejax.quality import Measurement
from aejax.ui import examples, explain, panes, tables
from aejax.ui.panes import Pane, SplitName
from aejax.ui.session import Result

_GREATEST_SIBLINGS = 5

Measured = Mapping[str, Measurement]
Table = list[dict[str, str]]


@dataclass(frozen=True)
class Spread:
    """A metric over runs that differ by their seed: mean, standard deviation of the runs, and their number."""

    mean: float
    deviation: float
    runs: int


def choose_split() -> SplitName:
    """Ask which examples are looked at."""
    names: dict[SplitName, str] = {"test": "held out", "train": "training"}
    return st.segmented_control(
        "Examples",
        list(names),
        default="test",
        required=True,
        format_func=names.__getitem__,
        key="compare-split",
        bind="query-params",
    )


def reconstructions(shown: Sequence[Pane], data: Data) -> examples.Rows:
    """The same examples as they are, and as each pane that decodes rebuilds them."""
    test = shown[0].evidence.test
    chosen = examples.assorted(test.labels, examples.count(data), len(test.x))
    rebuilt = {pane.name: pane.evidence.rebuilt[chosen] for pane in shown if decodes(pane.embedder)}
    return {"Original": as_values(test.x[chosen])} | rebuilt


def show_metrics(shown: Sequence[Pane], result: Result, split: SplitName) -> Mapping[str, Spread] | None:
    """Draw the table of metrics, offer it as a file, and return the spread over seeds if it was asked for."""
    measured = [panes.measured(pane) for pane in shown]
    spreads = _ask_for_spreads(result, split)
    names = [pane.title for pane in shown]
    for tab, (title, group) in zip(st.tabs(list(GROUPS)), GROUPS.items(), strict=True):
        with tab:
            if table := rows(names, measured, group, spreads):
                st.table(table, border="horizontal", alt=f"{title}: metrics of {', '.join(names)}")
            with st.expander("What these measures mean", icon=":material/help:", key=f"meaning-{title}"):
                told = (f"- **{one.title}.** {one.meaning}: ${one.formula}$" for one in group.values())
                st.markdown("\n".join(told))
                explain.offer_page("metrics", f"meaning-page-{title}")
            for sentence in missing(names, measured, group):
                st.caption(sentence)
    st.caption(method(shown))
    tables.offer("Metrics as CSV", records(names, measured, spreads), "aejax-compare")
    return spreads


def method(shown: Sequence[Pane]) -> str:
    """How the table was made."""
    evidence = shown[0].evidence
    kind = "held-out" if evidence.split == "test" else "training"
    told = (
        "✓ marks the best, where one value is better for every purpose; with the spread over seeds known, only where "
        f"others are beyond two deviations. Measured on {evidence.test} {kind} examples, given clean, rebuilt without "
        "chance; the last column says how many a measure looks at, and its neighbours k. Classifiers have learnt from "
        f"{evidence.train} {'other ' if kind == 'training' else ''}training examples; PCA within a measure is that of "
        "all of them."
    )
    if len({pane.latent for pane in shown}) > 1:
        told += " The codes are of different sizes: a larger one has an easier task."
    if any(getattr(pane.embedder, "classes", 0) for pane in shown):
        told += (
            " A model that is told classes has been told that of every example, encoding and decoding: its errors are "
            "not those of a model that has to find out."
        )
    return told


def rows(
    names: Sequence[str],
    measured: Sequence[Measured],
    group: Mapping[str, Metric] = METRICS,
    spreads: Mapping[str, Spread] | None = None,
) -> Table:
    """Metrics that have a value in any pane: the best is marked by a sign and by weight."""
    table = []
    for name, metric in group.items():
        values = [each[name].value for each in measured]
        if all(value is None for value in values):
            continue
        row = {"Measure": metric.title}
        spread = (spreads or {}).get(name)
        row |= {title: _marked(value, values, metric, spread) for title, value in zip(names, values, strict=True)}
        if spreads:
            row["This model over seeds"] = _spread(spread)
        first = measured[0][name]
        looked = f"{first.n:,}" if first.k is None else f"{first.n:,}, k = {first.k}"
        better = metric.direction if metric.is_contest else "–"
        table.append(row | {"Unit": metric.unit, "Better is": better, "Of examples": looked})
    return table


def missing(names: Sequence[str], measured: Sequence[Measured], group: Mapping[str, Metric] = METRICS) -> list[str]:
    """Why metrics have no value, a sentence for each reason."""
    reasons: dict[tuple[str, str], list[str]] = {}
    for name, metric in group.items():
        for title, each in zip(names, measured, strict=True):
            if each[name].value is None:
                reasons.setdefault((title, each[name].reason), []).append(metric.title)
    return [f"{pane} has no {', '.join(titles)}: {reason}." for (pane, reason), titles in reasons.items()]


def records(
    names: Sequence[str], measured: Sequence[Measured], spreads: Mapping[str, Spread] | None = None
) -> list[dict[str, Any]]:
    """The metrics of all panes for programs."""
    found = []
    for name, metric in METRICS.items():
        values = {title: each[name].value for title, each in zip(names, measured, strict=True)}
        about = {"unit": metric.unit, "better": metric.direction, "sample": measured[0][name].sample}
        spread = (spreads or {}).get(name)
        row: dict[str, Any] = {"measure": name, **values, **about}
        if spreads:
            row["mean over seeds"] = spread and spread.mean
            row["deviation over seeds"] = spread and spread.deviation
            row["seeds"] = spread and spread.runs
        found.append(row)
    return found


def show_classes(shown: Sequence[Pane]) -> None:
    """Draw how each class fares in each pane."""
    found = {pane.title: panes.by_class(pane) for pane in shown}
    first = next(iter(found.values()))
    if not first:
        st.caption("These data have no labels.")
        return
    table = class_table(found)
    st.table(table, border="horizontal", alt="Metrics of each class")
    known = shown[0].evidence.train
    st.caption(
        f"5-NN accuracy: the share whose label is that of most of the 5 nearest of {known} training codes. The MSE is "
        "per feature; the silhouette runs from -1 to 1 and counts the measured examples alone."
    )
    tables.offer("Classes as CSV", table, "aejax-classes")


def class_table(found: Mapping[str, Sequence[panes.ClassQuality]]) -> Table:
    """A class a row, and for each pane its 5-NN accuracy, error and silhouette."""
    table = []
    for of_class in zip(*found.values(), strict=True):
        row = {"Class": of_class[0].name, "Examples": str(of_class[0].n)}
        for name, one in zip(found, of_class, strict=True):
            row[f"{name}: 5-NN accuracy"] = _written(one.knn_5)
            row[f"{name}: MSE"] = _written(one.mse)
            row[f"{name}: silhouette"] = _written(one.silhouette)
        table.append(row)
    return table


def spreads_of(measured: Sequence[Measured]) -> dict[str, Spread]:
    """Mean and standard deviation of each metric over runs."""
    found: dict[str, Spread] = {}
    if len(measured) < 2:
        return found
    for name in METRICS:
        values = [each[name].value for each in measured]
        known = [value for value in values if value is not None]
        if len(known) == len(values):
            found[name] = Spread(float(np.mean(known)), float(np.std(known, ddof=1)), len(known))
    return found


def _ask_for_spreads(result: Result, split: SplitName) -> dict[str, Spread] | None:
    """The model's metrics over its seeds, where there are other runs of it and the visitor wants them measured."""
    siblings = panes.siblings(result)[: _GREATEST_SIBLINGS - 1]
    if not siblings:
        st.caption(
            "No spread is known: there is no finished run of this model that differs by its seed alone. The Train page "
            "starts one with “Reseed”."
        )
        return None
    n = len(siblings) + 1
    if not st.toggle(f"Measure this model over its {n} seeds", key="compare-seeds", bind="query-params"):
        return None
    every = [panes.pane(result, panes.MODEL, split), *(panes.pane(result, other.id, split) for other in siblings)]
    return spreads_of([panes.measured(pane) for pane in every if isinstance(pane, Pane)])


def _marked(value: float | None, values: Sequence[float | None], metric: Metric, spread: Spread | None = None) -> str:
    if value is None:
        return "–"
    apart = 0.0 if spread is None else 2 * spread.deviation
    others = [other for other in values if other is not None and abs(other - value) > apart]
    near = sum(other is not None and abs(other - value) <= apart for other in values)
    best = near == 1 and bool(others) and all(metric.better(value, other) for other in others)
    return f"**{value:.4g}**\N{NO-BREAK SPACE}✓" if best and metric.is_contest else f"{value:.4g}"


def _spread(found: Spread | None) -> str:
    return "–" if found is None else f"{found.mean:.4g} ± {found.deviation:.2g} ({found.runs})"


def _written(value: float | None) -> str:
    return "–" if value is None else f"{value:.4g}"
