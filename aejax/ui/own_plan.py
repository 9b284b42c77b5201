"""What was found in a file and is to be done with it, told line by line, and the lines that can be changed."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import streamlit as st

from aejax.data import Data, shelf
from aejax.data.ends import lengths_of
from aejax.data.upload.limits import Limits
from aejax.data.upload.plan import LARGEST_SIDE, Plan
from aejax.settings import SpecError
from aejax.ui import charts, examples, images, session

_PICTURES, _COLUMNS, _ROWS, _LINES, _CHANNELS = 24, 12, 8, 6, 3
_BATCH = 256
_NONE = "no classes"
_KINDS = {"auto": "as the file suggests", "image": "a picture", "points": "a row of numbers", "sequence": "a sequence"}
_COLOURS = {"auto": "as they are", "grey": "grey", "rgb": "red, green, blue"}
_LEVELS = {"auto": "0 to 1 or 0 to 255, where they fit", "own": "their own least to greatest"}
_WORDS = {"one-hot": "a feature of 0 and 1 for each word", "out": "left out"}
_FILLINGS = {"median": "their column's median", "mean": "their column's mean", "zero": "0", "rows": "leave out the row"}
_SCALINGS = {"standard": "mean 0, deviation 1", "unit": "0 to 1", "none": "as they are"}
_PARTS = {"file": "as the file sets them apart", "draw": "drawn anew"}


def tell_limits(limits: Limits) -> None:
    """Say what a file may ask of this server."""
    with st.expander("Limits of this server", icon=":material/speed:"):
        rows = [
            {"Limit": field.description, "Value": f"{getattr(limits, name):,}"}
            for name, field in Limits.model_fields.items()
        ]
        rows.append({"Limit": "Trainings at once; others wait in a queue", "Value": f"{session.office().limit:,}"})
        st.table(rows, border="horizontal", alt="What a file may ask of this server")


def tell(data: Data, about: Mapping[str, Any], limits: Limits) -> None:
    """Show what a data set will be."""
    for warning in about["warnings"]:
        st.warning(f"{warning}.", icon=":material/warning:")
    _preview(data, about)
    st.table(rows(data, about, limits), border="horizontal", alt="What was found in the file")
    if about["statistics"]:
        with st.expander("Columns", icon=":material/table_rows:"):
            st.dataframe(columns(about), hide_index=True, alt="What was found in each column")
    st.markdown("The plan:\n\n" + "\n".join(f"- {note}." for note in about["plan"]))


def rows(data: Data, about: Mapping[str, Any], limits: Limits) -> list[dict[str, str]]:
    """What was found, line by line."""
    low, high = data.value_range
    classes = "none"
    if about["counts"]:
        least, most = min(about["counts"]), max(about["counts"])
        named = ", ".join(data.label_names[:10]) + (" …" if len(data.label_names) > 10 else "")
        sizes = f"{least:,}" if least == most else f"{least:,} to {most:,}"
        classes = f"{len(data.label_names)} by {about['label']}, of {sizes} examples each: {named}"
    memory = f"{_size(about['bytes'])} of the {_size(limits.decompressed_bytes)} that a set may take"
    told = {
        "File": about["form"],
        "Examples": f"{len(data.x_train):,} to learn from, {len(data.x_test):,} held out",
        "One example": shelf.size(data.kind, data.shape),
        "Values": f"{low:g} to {high:g}, {data.x_train.dtype}",
        "Classes": classes,
        "Missing values": f"{about['missing']:,}",
        "Duplicates": f"{about['duplicates']:,}",
        "Memory": f"{memory}, {_size(4 * data.features * _BATCH)} more for a batch of {_BATCH}",
    }
    return [{"What": name, "Found": value} for name, value in told.items()]


def columns(about: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What was found in each column before anything was done to it."""
    heads = {
        "name": "Column",
        "kind": "Kind",
        "least": "Least",
        "greatest": "Greatest",
        "mean": "Mean",
        "missing": "Missing",
        "different": "Different values",
    }
    return [{head: _told(column, name) for name, head in heads.items()} for column in about["statistics"]]


def _told(column: Mapping[str, Any], name: str) -> str:
    """A statistic of a column in words; dates as such, which are kept as days since 1970."""
    value = column[name]
    if value is None:
        return ""
    if column["kind"] == "date" and isinstance(value, float):
        return str(np.datetime64(0, "s") + np.timedelta64(round(86400 * value), "s")).replace("T", " ")
    return f"{value:.6g}" if isinstance(value, float) else f"{value:,}" if isinstance(value, int) else value


def _size(count: float) -> str:
    return f"{count / 1e6:,.4g} MB" if count >= 1e6 else f"{count / 1e3:,.4g} kB"


def _preview(data: Data, about: Mapping[str, Any]) -> None:
    if images.are_pictures(data):
        pictures = images.as_bytes(data.x_train[:_PICTURES], images.bounds(data))
        sheet = images.enlarged(images.sheet(pictures, _COLUMNS), 640)
        st.image(sheet, caption="The first examples, as a model will see them")
        return
    if data.kind == "sequence":
        first = data.x_train[:_LINES].reshape(-1, data.shape[0], data.features // data.shape[0])
        is_step = np.arange(data.shape[0]) < lengths_of(first)[:, None]
        steps = np.where(is_step[..., None], first, np.nan)
        lines = {name: steps[..., place] for place, name in enumerate(about["features"][:_CHANNELS])}
        figure = examples.small_lines(lines, images.bounds(data))
        st.plotly_chart(figure, config=charts.config("own"), alt="The first examples, as a model will see them")
        return
    names = about["features"][: data.features]
    table = {name: data.x_train[:_ROWS, column].tolist() for column, name in enumerate(names)}
    st.dataframe(table, hide_index=True, alt="The first examples, as a model will see them")


def change(key: str, data: Data, about: Mapping[str, Any], plan: Plan, read_again: Callable[[Plan], None]) -> None:
    """Offer the lines of the plan that can be changed; reading goes on with another plan once one is given."""
    with (
        st.expander("Change the plan", icon=":material/tune:", key="own-plan"),
        st.form(f"own-form-{key}", border=False),
    ):
        changes = _kind(about, plan) | _look(data, plan) | _numbers(data, about, plan) | _parts(about, plan)
        if st.form_submit_button("Read it so", icon=":material/refresh:"):
            try:
                changed = plan.replace(**changes)
            except SpecError as error:
                st.error(f"{error}.", icon=":material/error:")
            else:
                read_again(changed)


def _kind(about: Mapping[str, Any], plan: Plan) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    if about["shapeable"]:
        changes["kind"] = _choice("One example is", _KINDS, plan.kind)
    if about["every"]:
        changes["series"] = _column("Column that tells the sequences apart", about["every"], plan.series, "none")
        changes["time"] = _column("Column of time in a sequence", about["every"], plan.time, "as they stand")
        changes["without"] = tuple(st.multiselect("Columns left out", about["every"], list(plan.without)))
    return changes


def _look(data: Data, plan: Plan) -> dict[str, Any]:
    if data.kind != "image":
        return {}
    with st.container(horizontal=True):
        height = st.number_input("Height in pixels, 0 as found above", 0, LARGEST_SIDE, plan.height)
        width = st.number_input("Width in pixels, 0 as found above", 0, LARGEST_SIDE, plan.width)
    colour = _choice("Colours", _COLOURS, plan.colour)
    levels = _choice("Numbers that become 0 to 1", _LEVELS, plan.levels)
    return {"height": int(height), "width": int(width), "colour": colour, "levels": levels}


def _numbers(data: Data, about: Mapping[str, Any], plan: Plan) -> dict[str, Any]:
    if data.kind == "image":
        return {}
    changes = {"scaling": _choice("Features", _SCALINGS, plan.scaling)}
    if data.kind == "points":
        changes["missing"] = _choice("What is missing", _FILLINGS, plan.missing)
    if about["every"]:
        changes["words"] = _choice("Columns of few words", _WORDS, plan.words)
    return changes


def _parts(about: Mapping[str, Any], plan: Plan) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    if about["columns"]:
        changes["label"] = _column("Classes", about["columns"], about["label"], _NONE)
    if about["has_parts"]:
        changes["parts"] = _choice("Held-out examples", _PARTS, plan.parts)
    if about["columns"]:
        options = [None, "", *about["columns"]]
        names = {None: "the classes, where there are any", "": "nothing"}
        changes["stratum"] = st.selectbox(
            "Held out in proportion to",
            options,
            options.index(plan.stratum) if plan.stratum in options else 0,
            lambda name: names.get(name, name),
        )
    changes["held_out"] = st.slider("Share held out", 0.05, 0.5, plan.held_out, 0.05)
    changes["seed"] = int(st.number_input("Seed of the draw", 0, 2**32 - 1, plan.seed))
    return changes


def _choice(label: str, options: Mapping[str, str], value: str) -> Any:
    return st.selectbox(label, list(options), list(options).index(value), options.__getitem__)


def _column(label: str, names: list[str], value: str, nothing: str) -> Any:
    options = ["", *names]
    index = options.index(value) if value in options else 0
    return st.selectbox(label, options, index, lambda name: name or nothing)


def offer_again(read_again: Callable[[], None]) -> None:
    """Offer to read the file once more."""
    if st.button("Read it again", key="own-again", icon=":material/refresh:"):
        read_again()
