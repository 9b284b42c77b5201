"""Panes side by side: the same points in each, linked, laid upon the first pane if so wished, decoded at one place."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
import streamlit as st

from aejax.alignment import Affine, Alignment, Placed, align, main_plane
from aejax.arrays import DataError
from aejax.changes import NEIGHBOURS, greatest_changes
from aejax.data import Data
from aejax.embedder import decodes
from aejax.ui import canvas
from aejax.ui.canvas import Scene, Survey
from aejax.ui.panes import Pane

Laid: TypeAlias = Literal["apart", "similarity", "affine"]

LAYINGS: dict[Laid, str] = {"apart": "As they are", "similarity": "Turned and scaled", "affine": "Stretched too"}
"""Ways to lay panes upon the first one, for people."""

_HEIGHT = 400
_TOOLS = ("axes", "legend", "probe", "hover", "lasso", "linked", "picture", "help")


@dataclass(frozen=True, eq=False)
class Linked:
    """A pane ready to be drawn: its survey and scene, how it lies to the first pane, and what is left of that."""

    pane: Pane
    survey: Survey
    scene: Scene
    link: dict[str, Any]
    residual: float | None


def choose() -> Laid:
    """Ask how the panes are to be laid upon the first one."""
    return st.segmented_control(
        "Laid upon the first pane",
        list(LAYINGS),
        default="similarity",
        required=True,
        format_func=LAYINGS.__getitem__,
        help="A rotation or reflection with one scale (Procrustes) keeps each map's shape; any straight map can also "
        "stretch and shear. The residual says how much of the first map's variance is left unexplained.",
        key="compare-laid",
        bind="query-params",
    )


def laid_out(panes: Sequence[Pane], data: Data, laid: Laid) -> list[Linked]:
    """The panes, ready to be drawn."""
    if not panes:
        return []
    first = _plane(panes[0])(panes[0].evidence.test.codes)
    found = [_linked(panes, index, data, laid, first) for index in range(len(panes))]
    if laid != "apart":
        places = np.concatenate([here.survey.codes for here in found])
        (left, bottom), (right, top) = places.min(axis=0).tolist(), places.max(axis=0).tolist()
        for here in found:
            here.link["extent"] = {"left": left, "right": right, "bottom": bottom, "top": top}
    return found


linked = st.cache_resource(
    scope="session",
    max_entries=4,
    show_spinner="Laying out the panes …",
    hash_funcs={Pane: lambda pane: pane.stamp, Data: lambda data: data.content_hash},
)(laid_out)


def _linked(panes: Sequence[Pane], index: int, data: Data, laid: Laid, first: np.ndarray) -> Linked:
    pane, plane = panes[index], _plane(panes[index])
    found = None if index == 0 else _alignment(plane(pane.evidence.test.codes), first, laid)
    common = Affine(np.eye(2), np.zeros(2), np.zeros(2)) if found is None else found.map
    if laid != "apart":
        plane, common = plane.then(common), Affine(np.eye(2), np.zeros(2), np.zeros(2))
    test = pane.evidence.test
    survey = Survey(
        embedder=Placed(pane.embedder, plane),
        data=data,
        examples=test.x,
        codes=plane(test.codes).astype(np.float32),
        rows=np.arange(len(test.x)) if test.rows is None else test.rows,
        labels=test.labels,
        title=pane.title,
        space=str(hash(pane.stamp)),
    )
    link: dict[str, Any] = {
        "group": "compare",
        "pane": index,
        "name": pane.name,
        "aligned": laid != "apart",
        "map": {"matrix": common.matrix.tolist(), "shift": (common.shift - common.centre @ common.matrix).tolist()},
    }
    if index == 0 and len(panes) > 1:
        link["changes"] = _changes(panes[0], panes[1])
    scene = dataclasses.replace(survey.scene(), names=_names(pane, index, laid))
    return Linked(pane, survey, scene, link, None if found is None else found.residual)


def _names(pane: Pane, index: int, laid: Laid) -> tuple[str, str]:
    """What the coordinates of a pane are: of its own code, or those of the first pane's map."""
    own = ("z1", "z2") if pane.latent <= 2 else ("component 1", "component 2")
    return own if laid == "apart" or index == 0 else (f"first map's {own[0]}", f"first map's {own[1]}")


def _plane(pane: Pane) -> Affine:
    return main_plane(pane.evidence.test.codes)


def _alignment(places: np.ndarray, first: np.ndarray, laid: Laid) -> Alignment | None:
    try:
        return align(places, first, "affine" if laid == "affine" else "similarity")
    except DataError:  # codes that are all the same lie upon nothing
        return None


def _changes(one: Pane, other: Pane) -> dict[str, Any] | None:
    codes = one.evidence.test.codes, other.evidence.test.codes
    k = min(NEIGHBOURS, len(codes[0]) - 1)
    try:
        found = greatest_changes(*codes, k=k)
    except DataError:  # codes that are all the same have no neighbourhoods
        return None
    return {
        "k": k,
        "none": found.none_kept,
        "between": [one.name, other.name],
        "points": [change.point for change in found.greatest],
        "kept": [change.kept for change in found.greatest],
        "members": [change.members for change in found.greatest],
    }


def draw(shown: Sequence[Linked]) -> None:
    """Draw the panes, two side by side where there is room."""
    for first in range(0, len(shown), 2):
        for column, index in zip(st.columns(2), range(first, min(first + 2, len(shown))), strict=False):
            with column:
                show(shown[index], f"compare-{index}")


@st.fragment
def show(here: Linked, key: str) -> None:
    """Draw one pane; what the visitor does there draws nothing else anew."""
    tools = [tool for tool in _TOOLS if tool != "probe" or decodes(here.pane.embedder)]
    responders = here.survey.responders()
    kept = ("decode", "tile", "thumbnail", "members", "centroid")
    canvas.latent_canvas(
        here.scene,
        key,
        height=_HEIGHT,
        tools=tools,
        responders={kind: respond for kind, respond in responders.items() if kind in kept},
        options={"linked": here.link},
    )
    told = f"{here.pane.about}; {here.pane.evidence.test} examples."
    if here.residual is not None:
        told += f" Laid upon the first pane, it leaves {here.residual:.1%} of that map's variance."
    if not decodes(here.pane.embedder):
        told += " It does not decode here: the examples themselves appear under the pointer."
    if here.pane.latent == 1:
        told += " A code of one number lies on a line."
    if here.pane.latent > 2:
        told += " Shown along the two main components of its codes."
    st.caption(told)
