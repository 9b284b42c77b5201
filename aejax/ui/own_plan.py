"""What was found in a file and is to be done with it, told line by line, and the lines that can be changed."""

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from aejax.data import Data
from aejax.data.upload.plan import Plan
from aejax.settings import SpecError
from aejax.ui import images

_PICTURES, _COLUMNS, _ROWS = 24, 12, 8
_BATCH = 256
_NONE = "no classes"
_COLOURS = {"auto": "as they are", "grey": "grey", "rgb": "red, green, blue"}
_SCALINGS = {"standard": "mean 0, deviation 1", "unit": "0 to 1", "none": "as they are"}


def tell(data: Data, about: Mapping[str, Any]) -> None:
    """Show what a data set will be."""
    for warning in about["warnings"]:
        st.warning(f"{warning}.", icon=":material/warning:")
    _preview(data, about)
    st.table(rows(data, about), border="horizontal", alt="What was found in the file")
    st.markdown("\n".join(f"- {note}." for note in about["plan"]))


def rows(data: Data, about: Mapping[str, Any]) -> list[dict[str, str]]:
    """What was found, line by line."""
    low, high = data.value_range
    size = " × ".join(map(str, data.shape)) + (" pixels" if data.kind == "image" else " features")
    classes = "none"
    if about["counts"]:
        least, most = min(about["counts"]), max(about["counts"])
        named = ", ".join(data.label_names[:10]) + (" …" if len(data.label_names) > 10 else "")
        classes = f"{len(data.label_names)} by {about['label']}, of {least:,} to {most:,} examples each: {named}"
    told = {
        "File": about["form"],
        "Examples": f"{len(data.x_train):,} to learn from, {len(data.x_test):,} held out",
        "One example": size,
        "Values": f"{low:g} to {high:g}, {data.x_train.dtype}",
        "Classes": classes,
        "Missing values": f"{about['missing']:,}",
        "Duplicates": f"{about['duplicates']:,}",
        "Memory": f"{about['bytes'] / 1e6:,.1f} MB, and {4 * data.features * _BATCH / 1e6:,.1f} MB a batch of {_BATCH}",
    }
    return [{"What": name, "Found": value} for name, value in told.items()]


def _preview(data: Data, about: Mapping[str, Any]) -> None:
    if images.are_pictures(data):
        pictures = images.as_bytes(data.x_train[:_PICTURES], images.bounds(data))
        sheet = images.enlarged(images.sheet(pictures, _COLUMNS), 640)
        st.image(sheet, caption="The first examples, as a model will see them")
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
        changes = _look(data, plan) | _label(about)
        changes["held_out"] = st.slider("Share held out", 0.05, 0.5, plan.held_out, 0.05)
        changes["seed"] = int(st.number_input("Seed of the draw", 0, 2**32 - 1, plan.seed))
        if st.form_submit_button("Read it so", icon=":material/refresh:"):
            try:
                changed = plan.replace(**changes)
            except SpecError as error:
                st.error(f"{error}.", icon=":material/error:")
            else:
                read_again(changed)


def _look(data: Data, plan: Plan) -> dict[str, Any]:
    if data.kind != "image":
        scaling = st.selectbox("Features", list(_SCALINGS), list(_SCALINGS).index(plan.scaling), _SCALINGS.__getitem__)
        return {"scaling": scaling}
    side = st.number_input("Side in pixels, 0 as the file has them", 0, 256, plan.side)
    colour = st.selectbox("Colours", list(_COLOURS), list(_COLOURS).index(plan.colour), _COLOURS.__getitem__)
    return {"side": int(side), "colour": colour}


def _label(about: Mapping[str, Any]) -> dict[str, Any]:
    if not about["columns"]:
        return {}
    options = ["", *about["columns"]]
    chosen = st.selectbox("Classes", options, options.index(about["label"]), lambda name: name or _NONE)
    return {"label": chosen}


def offer_again(read_again: Callable[[], None]) -> None:
    """Offer to read the file once more."""
    if st.button("Read it again", key="own-again", icon=":material/refresh:"):
        read_again()
