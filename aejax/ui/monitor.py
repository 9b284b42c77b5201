"""A training as one watches it: how far it is, the loss, the embedding and the reconstructions."""

from functools import lru_cache

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from aejax.data import Data
from aejax.parts.corruptions import Clean
from aejax.run import Epoch, Run
from aejax.settings import SpecError
from aejax.spec import ModelSpec
from aejax.summary import Summary, summarise
from aejax.training import Progress
from aejax.types import Shape
from aejax.ui import charts, embedding, examples, images, live, session
from aejax.ui.session import Choices, Result

# As long as each other, so that the timer's next request waits when a turn ends, but never more than one.
_SECONDS_A_TURN = 0.5
_SECONDS_BETWEEN_TURNS = 0.5
_COMPILING = "Compiling the model for this machine; it takes some seconds the first time."
_POINTS = 2000
_HEIGHT = 440
_STRIP = 12


def watch() -> None:
    """Show the training of this visitor and, while it is in progress, go on with it and show it anew."""
    st.fragment(_turn, run_every=_SECONDS_BETWEEN_TURNS if session.training() else None)()


def _turn() -> None:
    """Draw what has come of the training so far, then train for a moment.

    In this order, for Streamlit fades whatever a run has not drawn anew after a moment.
    """
    begun = session.training()
    bar = st.progress(0.0, _COMPILING)
    if session.result() is None:
        session.advance(0.0)
    if (result := session.result()) is not None:
        bar.progress(result.progress.fraction, standing(result.progress, session.seconds_per_step()))
        _draw(result)
        session.advance(_SECONDS_A_TURN)
    if begun and not session.training():
        # Once more from the top, without the timer.
        st.rerun()


def _draw(result: Result) -> None:
    left, right = st.columns(2, gap="medium")
    with left:
        chart = st.container()
        log = st.toggle("Logarithmic loss", key="train-log", persist_state="session")
        figure = _placed(charts.curves(history(result.progress), log, unit=result.run.spec.loss_unit))
        with chart:
            live.live_figure(figure, "train-loss", _HEIGHT, "Loss by epoch: training solid, validation dashed")
    with right:
        _embedding(result)
    _strip(result)


def standing(progress: Progress, seconds_per_step: float | None) -> str:
    """Where a training stands, in words: epochs, time left, total and per epoch."""
    if progress.layer is not None:
        return f"Pretraining {progress.layer} · {duration(progress.seconds)} so far"
    epochs, spent = f"Epoch {progress.epoch} of {progress.run.train.epochs}", duration(progress.seconds)
    if seconds_per_step is None:
        return f"{epochs} · {spent} so far"
    each = f"{duration(seconds_per_step * progress.steps / progress.run.train.epochs)} an epoch"
    if progress.step == progress.steps:
        return f"{epochs} · {spent} in all · {each}"
    return f"{epochs} · {duration(seconds_per_step * (progress.steps - progress.step))} left · {spent} so far · {each}"


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


def history(progress: Progress) -> tuple[Epoch, ...]:
    """The epochs that are over, and what is known so far of the one in progress."""
    if progress.validation is not None or progress.layer is not None or progress.step == progress.steps:
        return progress.run.history
    begun = Epoch(progress.epoch + 1, progress.step, progress.seconds, progress.terms)
    return (*progress.run.history, begun)


def _embedding(result: Result) -> None:
    run, data = result.run, result.data
    rows = _spread(len(data.x_test), _POINTS)
    labels = None if data.y_test is None else data.y_test[rows]
    sample = embedding.Points(
        rows, run.encode(data.x_test[rows], run.spec.told(labels)), labels, "test", len(data.x_test)
    )
    view = embedding.views(run.latent)[0]
    view = embedding.MAIN if view == embedding.SPACE else view
    shown = f"Code of {sample}"
    figure = _placed(embedding.figure(sample, data, view, title="Embedding"))
    live.live_figure(figure, "train-embedding", _HEIGHT, shown)
    st.caption(f"{shown}; point at one to see its class. Click a class in the legend to see it alone.")


def _placed(figure: go.Figure) -> go.Figure:
    """The figure with its legend at the very bottom, and drawn without WebGL.

    So few points are drawn as fast without it, sooner at first, and a browser allows a page but a few WebGL places.
    """
    vectors = [trace if trace.type != "scattergl" else _without_gl(trace) for trace in figure.data]
    legend = {"yref": "container", "y": 0, "yanchor": "bottom"}
    return go.Figure(vectors, figure.layout).update_layout(height=_HEIGHT, legend=legend)


def _without_gl(trace: go.Scattergl) -> go.Scatter:
    settings = trace.to_plotly_json()
    del settings["type"]
    return go.Scatter(settings)


def _strip(result: Result) -> None:
    """Originals over reconstructions; between them what the model saw, where that was corrupted."""
    run, data = result.run, result.data
    clean = not images.are_pictures(data) and examples.is_cloud(data)
    count = _POINTS if clean else _STRIP if images.are_pictures(data) else examples.count(data)
    places = examples.assorted(data.y_test, count, len(data.x_test))
    chosen, labels = data.x_test[places], None if data.y_test is None else data.y_test[places]
    rows = {"originals": images.as_values(chosen)} | _rebuilt(run, chosen, run.spec.told(labels))
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
    figure = examples.clouds(rows) if clean else examples.small_lines(rows, images.bounds(data))
    live.live_figure(figure, "train-strip", int(figure.layout.height), f"Held-out examples: {names}")


def _rebuilt(run: Run, chosen: np.ndarray, labels: np.ndarray | None) -> dict[str, np.ndarray]:
    if isinstance(run.spec.corruption, Clean):
        return {"reconstructions": run.reconstruct(chosen, labels)}
    noisy = run.corrupt(chosen)
    return {"as the model sees them": noisy, "reconstructions": run.reconstruct(noisy, labels)}


def _spread(size: int, count: int) -> np.ndarray:
    """Positions of at most so many examples, evenly over all."""
    return np.unique(np.linspace(0, size - 1, min(size, count)).astype(int))


def preview(data: Data) -> None:
    """Show what there is to learn from."""
    st.subheader(f"What it will learn from: {data.title}")
    chosen = examples.assorted(data.y_test, examples.count(data), len(data.x_test))
    examples.show(data, {"held-out examples": images.as_values(data.x_test[chosen])}, "train-preview")


def describe(choices: Choices) -> None:
    """Show the layers, shapes and sizes of the chosen model."""
    if choices.data is None:
        return
    try:
        summary = _summary(choices.spec, choices.data.shape)
    except SpecError:
        return  # The sidebar says why.
    ratio = f"{summary.compression:.3g}\N{NO-BREAK SPACE}:\N{NO-BREAK SPACE}1"
    head = f"The model: {summary.parameters:,} parameters, {summary.features} numbers to {summary.latent} ({ratio})"
    with st.expander(head, icon=":material/schema:", key="train-summary"):
        st.caption(summary.sentence)
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


def conclude(result: Result, choices: Choices) -> None:
    """Say how the training ended, whether it was of what is chosen now, and what one can do next."""
    progress = result.progress
    ended = "Trained" if progress.step == progress.steps else "Stopped"
    loss = f"training loss {progress.loss:.4g} {result.run.spec.loss_unit}"
    told = f"{ended}: {progress.epoch} of {progress.run.train.epochs} epochs in {duration(progress.seconds)}, {loss}."
    if session.failure() is None:
        st.success(told, icon=":material/check_circle:")
    else:
        st.info(f"What is shown is from before that. {told}", icon=":material/info:")
    if (result.data_name, result.run.spec, result.run.train) != (choices.data_name, choices.spec, choices.train):
        st.info("What is shown was trained with other settings than the sidebar has now.", icon=":material/info:")
    with st.container(horizontal=True):
        st.page_link("pages/embedding.py", label="Explore the embedding", icon=":material/scatter_plot:")
        st.page_link("pages/compare.py", label="Compare with PCA", icon=":material/compare_arrows:")
        st.page_link("pages/latent.py", label="Move through the latent space", icon=":material/tune:")
