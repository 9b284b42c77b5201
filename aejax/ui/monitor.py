"""A training as one watches it: how far it is, the loss, the embedding and the reconstructions."""

from functools import lru_cache

import numpy as np
import streamlit as st

from aejax.arrays import as_values
from aejax.data import Data
from aejax.jobs import Standing
from aejax.parts.corruptions import Clean
from aejax.settings import SpecError
from aejax.spec import ModelSpec
from aejax.summary import Summary, summarise
from aejax.types import Shape
from aejax.ui import audience, charts, examples, images, live, live_map, session, teaching, timeline
from aejax.ui import film as films
from aejax.ui.film import Film, Moment
from aejax.ui.session import Choices

_SECONDS_BEFORE_A_MAP = 0.2
_TELLINGS_A_MAP = 2  # for the map moves by itself in between
_COMPILING = "Compiling the model for this machine; it takes some seconds the first time."
_DRAWN = "what the Train page was last drawn for"
_ENDINGS = {"done": "Trained", "diverged": "Diverged", "interrupted": "Interrupted"}
_HEIGHT = 400


def watch(current: Standing | None) -> None:
    """Show this visitor's run, and while it trains show it anew all the time; in between, the map moves by itself.

    Args:
        current: How the run stood when the rest of the page was drawn: what it is compared with from now on.
    """
    seconds = _seconds_between_drawings(current)
    session.put(_DRAWN, _signature(current, seconds))
    seen = _seen(current)
    if seen is None:
        live_map.forget()
    else:
        live_map.keep(*seen)
    st.fragment(_moving, run_every=seconds and seconds * (1 if seen is None else _TELLINGS_A_MAP))()
    st.fragment(_telling, run_every=seconds)()


def _seconds_between_drawings(current: Standing | None) -> float | None:
    """How often the page is drawn anew; not at all where nothing moves, and often until there is a map."""
    if current is None or not current.active or current.status == "paused":
        return None
    pace = audience.pace()
    return pace if current.folder.frames.exists() else min(pace, _SECONDS_BEFORE_A_MAP)


def _signature(current: Standing | None, seconds: float | None) -> tuple[object, ...]:
    """What the page outside of the moving parts depends on, and how often these are drawn."""
    if current is None:
        return ()
    return current.id, current.status, current.place, current.message, current.folder.frames.exists(), seconds


def _moving() -> None:
    """The timeline, the map and the reconstructions: a moment of the training."""
    current = session.standing()
    seen = _seen(current)
    if seen is not None:
        film, moment, data = seen
        timeline.show(film, moment)
        live_map.show(film, moment, data)
        _strip(film, moment, data)
    elif current is not None and current.active:
        st.progress(0.0, waiting(current))
    _keep_up(current)


def _keep_up(current: Standing | None) -> None:
    """Draw the page once more from the top where buttons and messages have changed."""
    if _signature(current, _seconds_between_drawings(current)) != session.get(_DRAWN):
        st.rerun()


def _telling() -> None:
    """How far it is, and the curves."""
    current = session.standing()
    _keep_up(current)
    seen = _seen(current)
    if current is None or seen is None:
        return
    film, _, _ = seen
    if current.active:
        st.progress(film.fraction, standing(film))
    chart = st.container()
    log = st.toggle("Logarithmic loss", key="train-log", bind="query-params")
    figure = charts.curves(film.history(), log, unit=film.unit, height=_HEIGHT)
    figure.layout.legend.update(yref="container", y=0, yanchor="bottom")
    with chart:
        live.live_figure(figure, "train-loss", _HEIGHT, "Loss by epoch: training solid, validation dashed")


def _seen(current: Standing | None) -> tuple[Film, Moment, Data] | None:
    """The film, the moment of it that is shown, and what it is of; None where there is nothing yet."""
    film = None if current is None else films.film(current)
    moment = None if film is None else timeline.shown(film)
    data = None if current is None else session.data_of(current)
    return None if film is None or moment is None or data is None else (film, moment, data)


def waiting(current: Standing) -> str:
    """What a training waits for that has nothing to show yet, in words."""
    if current.status == "queued":
        return f"Waiting for a free place: number {current.place} in the queue."
    return current.message or _COMPILING


def standing(film: Film) -> str:
    """Where a training stands, in words: epochs, time left, total and per epoch, and the pace."""
    document, newest, pace = film.standing.document, film.moment(), film.seconds_per_step()
    if newest is None:
        return _COMPILING
    steps, epochs = document["steps"], document["train"]["epochs"]
    told = [f"Epoch {newest.epoch} of {epochs}"]
    if pace is not None and newest.step < steps:
        told.append(f"{duration(pace * (steps - newest.step))} left")
    told.append(f"{duration(newest.seconds)} so far")
    if pace is not None:
        told.append(f"{duration(pace * steps / epochs)} an epoch")
        told.append(f"{document['train']['batch_size'] / pace:,.0f} examples a second")
    return " · ".join(told)


def duration(seconds: float) -> str:
    """A time in words, with no more digits than one cares for."""
    if seconds < 0.1:
        return f"{1000 * seconds:.0f} ms"
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = seconds / 60
    return f"{minutes:.0f} min" if minutes < 90 else f"{minutes / 60:.1f} h"


def _strip(film: Film, moment: Moment, data: Data) -> None:
    """Originals over reconstructions; between them what the model saw, where that was corrupted."""
    chosen = (data.x_test if film.split == "test" else data.x_train)[film.strip]
    spec, _ = films.settings(film.standing)
    rows = {"originals": as_values(chosen)}
    if not isinstance(spec.corruption, Clean):
        rows["as the model sees them"] = moment.seen
    rows["reconstructions"] = moment.rebuilt
    names = ", ".join(rows)
    if images.are_pictures(data):
        whole = images.as_bytes(np.concatenate(list(rows.values())), images.bounds(data))
        picture = images.enlarged(images.sheet(whole, len(chosen)), 1200)
        # In the message itself: a file of its own may be gone, replaced by the next, before the browser asks for it.
        st.image(
            images.png_address(picture), caption=f"Held-out examples, from the top: {names}", width="stretch", alt=names
        )
        return
    st.caption(f"Held-out examples: {names}")
    cloud = examples.is_cloud(data)
    few = rows if cloud else {name: values[: examples.count(data)] for name, values in rows.items()}
    names_of_columns, limits = examples.names(data), images.bounds(data)
    figure = examples.clouds(few) if cloud else examples.small_lines(few, limits, names=names_of_columns)
    live.live_figure(figure, "train-strip", int(figure.layout.height), f"Held-out examples: {names}")


def preview(data: Data) -> None:
    """Show what there is to learn from."""
    st.subheader(f"What it will learn from: {data.title}")
    chosen = examples.assorted(data.y_test, examples.count(data), len(data.x_test))
    examples.show(data, {"held-out examples": as_values(data.x_test[chosen])}, "train-preview")


def describe(choices: Choices) -> None:
    """Show the layers, shapes and sizes of the chosen model."""
    if choices.data is None:
        return
    try:
        summary = _summary(choices.spec, choices.data.shape)
    except SpecError:
        return  # The sidebar says why.
    compression = f"{summary.compression:,.0f}" if summary.compression >= 1000 else f"{summary.compression:.3g}"
    sizes = f"{summary.features:,} numbers to {summary.latent:,} ({compression}\N{NO-BREAK SPACE}:\N{NO-BREAK SPACE}1)"
    head = f"The chosen model: {summary.parameters:,} parameters, {sizes}"
    with st.expander(head, icon=":material/schema:", key="train-summary"):
        st.caption("  \n".join((summary.sentence, *summary.remarks)))
        rows = [
            {
                "part": layer.part,
                "layer": layer.kind,
                "output": " × ".join(map(str, layer.shape)),
                "parameters": f"{layer.parameters:,}",
            }
            for layer in summary.layers
        ]
        st.table(rows, border="horizontal", hide_index=True, alt="Layers of the model with shapes and parameters")


@lru_cache(maxsize=128)
def _summary(spec: ModelSpec, shape: Shape) -> Summary:
    return summarise(spec, shape)


def conclude(current: Standing, choices: Choices) -> None:
    """Say how the run ended, whether it was of what is chosen now, and what one can do next."""
    film = films.film(current)
    newest = None if film is None else film.moment()
    if film is not None and newest is not None:
        epochs, loss = current.document["train"]["epochs"], f"training loss {newest.loss:.4g} {film.unit}"
        ended = _ENDINGS.get(current.status, "Stopped")
        told = f"{ended}: {newest.epoch} of {epochs} epochs in {duration(newest.seconds)}, {loss}."
        if session.failure() is None:
            st.success(told, icon=":material/check_circle:")
        else:
            st.info(f"What is shown is from before that. {told}", icon=":material/info:")
    resumes = current.status in ("interrupted", "stopped")
    if resumes:
        st.info("Play goes on with it where it ended.", icon=":material/resume:")
    if (current.document["data"]["name"], *films.settings(current)) != (choices.data_name, choices.spec, choices.train):
        way = "Reset, then Play" if resumes else "Play"
        differs = "What is shown was trained with other settings than the sidebar has now."
        st.info(f"{differs} To train with those: {way}.", icon=":material/info:")
    with st.container(horizontal=True):
        st.page_link("pages/embedding.py", label="Explore the embedding", icon=":material/scatter_plot:")
        st.page_link("pages/compare.py", label="Compare with PCA", icon=":material/compare_arrows:")
        st.page_link("pages/latent.py", label="Move through the latent space", icon=":material/tune:")


def offer_more(current: Standing, choices: Choices) -> None:
    """Offer to train further, to branch from the moment that is shown, and to look at two moments side by side."""
    epochs, locked = current.document["train"]["epochs"], teaching.locks("transport")
    with (
        teaching.place("transport", "more"),
        st.container(horizontal=True, vertical_alignment="bottom"),
    ):
        more = st.number_input("More epochs", min_value=1, max_value=100_000, value=epochs, key="train-more", width=140)
        st.button(
            "Train further",
            key="train-extend",
            icon=":material/forward:",
            help="Go on after the end, to so many more epochs",
            disabled=locked,
            on_click=session.steer,
            args=("extend", epochs + int(more)),
        )
        st.button(
            "Branch from this moment",
            key="train-branch",
            icon=":material/call_split:",
            help="Begin a run with what is chosen beside from the moment that the timeline shows; this one is kept",
            disabled=locked or bool(choices.problems) or choices.data_name != current.document["data"]["name"],
            on_click=_branch,
            args=(current, choices),
        )
        beside = st.toggle("Compare two moments", key="train-compare", bind="query-params")
    seen = _seen(current)
    if beside and seen is not None and len(seen[0].steps) > 1:
        _other_moment(seen[0], seen[2])


def _branch(current: Standing, choices: Choices) -> None:
    seen = _seen(current)
    if seen is not None and choices.data is not None:
        parent = current.id, seen[1].step
        timeline.forget()
        session.start(choices.data_name, choices.data, choices.spec, choices.train, parent=parent)


def _other_moment(film: Film, data: Data) -> None:
    """A second map, of a moment of its own."""
    steps = {step: number for number, step in film.steps.items()}
    step = st.select_slider("The other moment, by its step", list(steps), key="train-other")
    other = film.moment(steps[step])
    if other is not None:
        st.caption(f"Epoch {other.epoch}, step {other.step:,}: loss {other.loss:.5g} {film.unit}")
        live_map.show(film, other, data, key="train-canvas-other")
