"""A table's columns on a page: how well each is rebuilt, how a selection differs, how well gaps are filled."""

from collections.abc import Sequence

import plotly.graph_objects as go
import streamlit as st

from aejax.columns import (
    ColumnDifference,
    ColumnError,
    Filled,
    column_differences,
    column_errors,
    columns_of,
    compare_filling,
    gain,
)
from aejax.data import Column, Data
from aejax.rebuilding import Rebuilt
from aejax.ui import charts, palette, snapshot, tables
from aejax.ui.session import Result

_BARS, _BAR, _FRAME = 20, 22, 110
_NAME = 22


def are_columns(data: Data) -> bool:
    """Whether the examples are rows of a table, and not places that can be drawn."""
    return data.kind == "points" and data.features > 3


def show_errors(result: Result, found: Rebuilt) -> None:
    """Draw how well each column is rebuilt, the worst first, and offer all as a table."""
    data = result.data
    known = None if data.known_test is None else data.known_test[: len(found.x)]
    errors = column_errors(columns_of(data), found.x, found.reconstruction, known)
    st.subheader("Column by column")
    st.caption(
        "Mean squared error over the column's variance: 0 is a perfect copy, 1 no better than the column's mean. "
        "The table gives the root of the mean squared error in the column's own unit."
    )
    series = {"unexplained": [entry.unexplained for entry in errors]}
    told = f"Unexplained variance of {_counted(len(errors))}, {errors[0].column.name} the most"
    _bars("reconstruct-columns", [entry.column for entry in errors], series, "share of variance not explained", told)
    rows = [_error_row(entry) for entry in errors]
    st.dataframe(rows, hide_index=True, alt="The error of each column, the worst rebuilt first")
    tables.offer("Columns as CSV", rows, "aejax-column-errors")


def _error_row(entry: ColumnError) -> dict[str, object]:
    column = entry.column
    kind = "truth" if column.is_truth else "number"
    return {"column": column.name, "kind": kind, "error": entry.error, "unit": _unit(column)} | {
        "not explained": entry.unexplained
    }


def _unit(column: Column) -> str:
    return column.unit or "as in the table"


@st.fragment
def show_filling(result: Result) -> None:
    """Hide cells that are known, have the model fill them in, and set its error beside the median's."""
    st.subheader("Gaps filled")
    share = st.slider("Share of cells hidden", 0.05, 0.5, 0.2, 0.05, key="columns-share", bind="query-params")
    found = _filling(result, share)
    if not found:
        st.caption("There are too few cells to hide any.")
        return
    model, median = gain(found)
    with st.container(horizontal=True):
        st.metric("By the model", f"{model:.3g} SD", f"{model / max(median, 1e-12) - 1:+.0%}", delta_color="inverse")
        st.metric("By the column's median", f"{median:.3g} SD")
    st.caption(
        "Root mean squared error at held-out cells that were known and hidden, in standard deviations (SD) of their "
        "column. The model encodes and decodes the row again and again, and what is hidden is replaced by what comes "
        "out, as long as what is known comes out better (after Rezende, Mohamed & Wierstra 2014, appendix F)."
    )
    deviations = {
        "model": [entry.by_model / max(entry.deviation, 1e-12) for entry in found],
        "median": [entry.by_median / max(entry.deviation, 1e-12) for entry in found],
    }
    told = f"Errors of filling by model and by median in {_counted(len(found))}"
    _bars("reconstruct-gaps", [entry.column for entry in found], deviations, "error in SD of the column", told)
    st.dataframe([_filled_row(entry) for entry in found], hide_index=True, alt=told)


@st.cache_resource(scope="session", max_entries=8, show_spinner="Filling …", hash_funcs={Result: snapshot.stamp})
def _filling(result: Result, share: float) -> list[Filled]:
    return compare_filling(result.run, result.data, share)


def _filled_row(entry: Filled) -> dict[str, object]:
    about = {"column": entry.column.name, "unit": _unit(entry.column), "cells": entry.cells}
    return about | {"error by model": entry.by_model, "by median": entry.by_median, "SD": entry.deviation}


def show_differences(data: Data, split: str, rows: Sequence[int]) -> None:
    """Set the columns of some rows beside those of all, the greatest difference first."""
    x = data.x_test if split == "test" else data.x_train
    found = column_differences(columns_of(data), x[list(rows)], x)
    st.caption(
        f"Columns of the selection beside those of all {len(x):,} rows, the greatest difference of means first; it is "
        "counted in standard deviations (SD) of all."
    )
    series = {"difference": [entry.deviations for entry in found]}
    told = f"The selection differs most in {found[0].column.name}: {found[0].deviations:+.2g} SD"
    _bars("selected-columns", [entry.column for entry in found], series, "difference of means in SD", told)
    st.dataframe([_difference_row(entry) for entry in found], hide_index=True, alt=told)


def _difference_row(entry: ColumnDifference) -> dict[str, object]:
    return {
        "column": entry.column.name,
        "unit": _unit(entry.column),
        "mean": entry.mean,
        "mean of all": entry.mean_of_all,
        "median": entry.median,
        "median of all": entry.median_of_all,
        "difference in SD": entry.deviations,
    }


def _bars(key: str, columns: Sequence[Column], series: dict[str, list[float]], unit: str, alt: str) -> None:
    """Bars from the top, one a column and series; of many columns the first."""
    shown = columns[:_BARS]
    names = [_short(column.name) for column in shown]
    bars = [
        go.Bar(
            y=list(range(len(shown))),
            x=values[:_BARS],
            name=name,
            orientation="h",
            marker={"color": palette.color(number)},
            customdata=[column.name for column in shown],
            hovertemplate="%{customdata}: %{x:.3~g}<extra>" + name + "</extra>",
        )
        for number, (name, values) in enumerate(series.items())
    ]
    figure = charts.plain(bars, "", (unit, ""), _FRAME + _BAR * len(shown) * len(series))
    figure.update_layout(showlegend=len(series) > 1, barmode="group")
    figure.update_yaxes(tickvals=list(range(len(shown))), ticktext=names, autorange="reversed", automargin=True)
    if len(shown) < len(columns):
        st.caption(f"The first {len(shown)} of {len(columns)} columns are drawn.")
    st.plotly_chart(figure, key=key, config=charts.config(f"aejax-{key}"), alt=alt)


def _counted(columns: int) -> str:
    return "1 column" if columns == 1 else f"{columns} columns"


def _short(name: str) -> str:
    return name if len(name) <= _NAME else f"{name[: _NAME - 1]}…"
