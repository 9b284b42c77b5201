"""The Latent Canvas of a visitor's snapshot, as the pages show it."""

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from aejax.ui import canvas, embedding, snapshot
from aejax.ui.canvas import Answer, Scene, Survey
from aejax.ui.session import Result

GREATEST_MAP = 1_000_000
"""Points of one map, at most."""


@dataclass(frozen=True, eq=False)
class Explored:
    """What is surveyed, the sample it is of, and the scene made of it."""

    survey: Survey
    sample: embedding.Points
    scene: Scene


@st.cache_resource(scope="session", max_entries=2, show_spinner=False, hash_funcs={Result: snapshot.stamp})
def explored(result: Result, split: str = "test") -> Explored:
    """The codes of one split of a snapshot's data, surveyed."""
    return look(result, split)


def look(result: Result, split: str) -> Explored:
    """The codes of one split of a snapshot's data, surveyed anew."""
    run, data = result.run, result.data
    sample = embedding.points(run, data, split, GREATEST_MAP)
    examples = (data.x_test if split == "test" else data.x_train)[sample.rows]
    stamp = str(hash((data.content_hash, run.spec, run.train, split)))
    survey = Survey(
        embedder=run,
        data=data,
        examples=examples,
        codes=sample.codes,
        rows=sample.rows,
        labels=sample.labels,
        title=f"Codes of {sample}",
        space=stamp,
        frame=result.progress.step,
    )
    return Explored(survey, sample, survey.scene())


@st.fragment
def show(
    here: Explored,
    key: str,
    tools: tuple[str, ...] = (*canvas.TOOLS, *canvas.EXPLORING),
    below: Callable[[Answer], None] | None = None,
) -> None:
    """Draw the canvas, and below it what depends on what the visitor has set; nothing else on the page is redrawn.

    Args:
        here: What is explored.
        key: Name of the place on the page.
        tools: Names of the canvas's tools.
        below: Draws what belongs below the canvas.
    """
    options = {"digits": here.survey.data.name.startswith("mnist")}
    responders = here.survey.responders()
    answer = canvas.latent_canvas(here.scene, key, tools=tools, responders=responders, options=options)
    if below is not None:
        below(answer)
