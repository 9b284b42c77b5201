"""What the pages beyond training say about the model that they show."""

from dataclasses import replace

import streamlit as st

from aejax import zoo
from aejax.ui import session
from aejax.ui.session import Result


def describe(result: Result) -> None:
    """Say which model is shown and how far it is trained; while it still is, say that too and how to go on."""
    run, progress = result.run, result.progress
    epochs = f"epoch {progress.epoch} of {run.train.epochs}"
    st.caption(f"{title(result)} · {result.data.title} · {size(run.latent)} · {epochs}")
    if session.training():
        with st.container(horizontal=True, vertical_alignment="center"):
            st.info(
                f"The training is not over: this is its snapshot after {progress.step:,} of {progress.steps:,} steps. "
                "It goes on meanwhile.",
                icon=":material/hourglass_top:",
            )
            st.page_link("pages/train.py", label="Watch it train", icon=":material/play_circle:")


def of_class(result: Result) -> Result:
    """The snapshot as it is for a class of the visitor's choice, where the model is told classes."""
    if not result.run.classes:
        return result
    names = dict(enumerate(result.data.label_names[: result.run.classes]))
    label = st.segmented_control(
        "Class",
        list(names),
        default=0,
        required=True,
        format_func=names.__getitem__,
        key="latent-class",
        bind="query-params",
    )
    return replace(result, run=result.run.given(label))


def stamp(result: Result) -> tuple[object, ...]:
    """What tells snapshots apart: data, model and recipe, then how far; no two take the same time to the last bit."""
    progress, run = result.progress, result.run
    return result.data.content_hash, run.spec, run.train, progress.step, progress.seconds, run.label


def size(latent: int) -> str:
    """The size of a code, in words."""
    return f"{latent} number{'s' if latent > 1 else ''} per example"


def title(result: Result) -> str:
    """The model's name in the zoo, or its sentence where it has none."""
    named = (entry.title for entry in zoo.values() if entry.spec == result.run.spec)
    return next(named, str(result.run.spec))
