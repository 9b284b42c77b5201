"""Tables as files: what a page shows in rows, for other programs to read."""

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st


def as_csv(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """The rows as comma-separated text under the names that the first one has; numbers to nine digits."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(rows[0] if rows else [])
    writer.writerows([_cell(value) for value in row.values()] for row in rows)
    return file.getvalue().encode()


def offer(label: str, rows: Sequence[Mapping[str, Any]], name: str) -> None:
    """A button that saves the rows under this name, without its ending."""
    st.download_button(
        label,
        as_csv(rows),
        file_name=f"{name}.csv",
        mime="text/csv",
        on_click="ignore",
        key=f"save-{name}",
        icon=":material/download:",
    )


def _cell(value: Any) -> Any:
    return f"{value:.9g}" if isinstance(value, float) else value
