"""Another data set before a model that was not made for it: scores of strangeness, a threshold, examples in doubt."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go
import streamlit as st
from jaxtyping import Float, Integer, Num

from aejax.arrays import DataError, as_values
from aejax.data import Data, load_data, sources
from aejax.domain import (
    PERTURBATIONS,
    SCORES,
    Known,
    auroc,
    every_score,
    perturbed,
    rates,
    scored,
    usual_score,
)
from aejax.domain import suspects as doubtful
from aejax.embedder import told
from aejax.rebuilding import rebuild
from aejax.ui import charts, examples, images, palette, snapshot, tables
from aejax.ui.session import Result

GREATEST_SAMPLE, GREATEST_TRAINING = 2000, 10_000
"""Examples of either data set, and training examples, at most."""

_TITLES = {
    "noise": "own, with noise",
    "shuffled": "own, pixels shuffled",
    "inverted": "own, inverted",
    "blank": "blank",
}
_SHOWN, _SAMPLES, _CELL = 24, 12, 84
_STEPS, _BINS = 200, 60
_USUAL_ALARMS = 0.05
_WIDE = 30.0
"""How many times the least score the greatest must be for an axis of logarithms."""


@dataclass(frozen=True, eq=False)
class Compared:
    """The scores by name of own held-out examples and of foreign ones, and some of these, rebuilt."""

    own: Mapping[str, Float[np.ndarray, " own"]]
    foreign: Mapping[str, Float[np.ndarray, " foreign"]]
    shown: Mapping[str, Float[np.ndarray, "shown *shape"]]


@dataclass(frozen=True, eq=False)
class Training:
    """The codes of training examples, the first ones where there are many, and their scores by name."""

    codes: Float[np.ndarray, "n latent"]
    scores: Mapping[str, Float[np.ndarray, " n"]]


def choose_other(data: Data) -> str:
    """Ask what to set before the model: another data set of its shape, or its own data spoilt."""
    options, known = others(data), sources()
    return st.selectbox(
        "Foreign examples",
        options,
        format_func=lambda name: known[name].title if name in known else _TITLES[name],
        key=f"domain-other-{data.name}",
        bind="query-params",
        help="Data sets of the same shape that need no download, or the model's own held-out examples, spoilt",
    )


def others(data: Data) -> list[str]:
    """The data sets of this one's shape that are there, those of another origin first; then what can be done to it."""
    fitting = [
        name
        for name, source in sources().items()
        if source.shape == data.shape and source.kind == data.kind and name != data.name and source.ready
    ]
    kin = [name for name in fitting if name.split("-")[0] == data.name.split("-")[0]]
    return [*(name for name in fitting if name not in kin), *kin, *PERTURBATIONS]


@st.cache_resource(
    scope="session", max_entries=6, show_spinner="Encoding foreign examples …", hash_funcs={Result: snapshot.stamp}
)
def compared(result: Result, other: str) -> Compared:
    """Own held-out examples and foreign ones, measured by every score.

    Raises:
        DataError: If the model cannot read the foreign examples.
        DownloadError: If their files are damaged.
    """
    known, data = Known(training(result).codes), result.data
    own = scored(result.run, data.x_test[:GREATEST_SAMPLE], known)
    strange = scored(result.run, foreign_examples(data, other), known)
    # A cross-entropy is left out where either of them goes beyond its range.
    names = [name for name in own.scores if name in strange.scores]
    shown = {"Foreign": strange.x[:_SAMPLES], "As the model rebuilds them": strange.reconstruction[:_SAMPLES]}
    own_scores, strange_scores = ({name: group.scores[name] for name in names} for group in (own, strange))
    return Compared(own_scores, strange_scores, shown)


def foreign_examples(data: Data, other: str) -> Num[np.ndarray, "n *shape"]:
    """Held-out examples of another data set, or of this one, spoilt."""
    if other in PERTURBATIONS:
        return perturbed(data.x_test[:GREATEST_SAMPLE], other, images.bounds(data))
    return load_data(other).x_test[:GREATEST_SAMPLE]


@st.cache_resource(
    scope="session", max_entries=2, show_spinner="Encoding training examples …", hash_funcs={Result: snapshot.stamp}
)
def training(result: Result) -> Training:
    """Training examples, measured by every score."""
    run, data = result.run, result.data
    labels = None if data.y_train is None else data.y_train[:GREATEST_TRAINING]
    found = rebuild(run, data.x_train[:GREATEST_TRAINING], **told(run, labels))
    return Training(found.codes, every_score(found, Known(found.codes)))


def say_classes(result: Result) -> None:
    """Say which classes are told to a model that is told classes."""
    if result.run.classes:
        st.caption(
            "The model is told the class of an example. Own and foreign examples alike are told no true one: each "
            "score of an example is the least that any class gives it. Training examples below are told their own."
        )


def choose_score(result: Result, found: Compared) -> str:
    """Ask by what strangeness is measured."""
    usual = usual_score(result.run, "bce" in found.own)
    return st.selectbox(
        "Score",
        list(found.own),
        index=list(found.own).index(usual),
        format_func=lambda name: SCORES[name].title,
        key=f"domain-score-{usual}-{len(found.own)}",
        bind="query-params",
    )


@st.fragment
def show_threshold(found: Compared, score: str, other: str) -> None:
    """Draw how the scores lie, and ask above which an example is to count as foreign."""
    own, strange, unit = found.own[score], found.foreign[score], SCORES[score].unit
    levels = thresholds(own, strange)
    usual = levels[int(np.abs(np.array(levels) - np.quantile(own, 1 - _USUAL_ALARMS)).argmin())]
    threshold = levels[0]
    if len(levels) > 1:
        threshold = st.select_slider(
            f"Threshold, {unit}",
            levels,
            usual,
            format_func=lambda level: f"{level:.4g}",
            key=f"domain-threshold-{score}-{other}",
            help="An example that scores above it counts as foreign",
        )
    alarms, detected = rates(own, strange, threshold)
    with st.container(horizontal=True):
        st.metric("AUROC", f"{auroc(own, strange):.4f}")
        st.metric("Detected of foreign", f"{detected:.1%}")
        st.metric("False alarms of own", f"{alarms:.1%}")
    alt = f"{SCORES[score].title} of {len(own)} own and {len(strange)} foreign examples; threshold {threshold:.4g}"
    st.plotly_chart(
        histogram(own, strange, score, threshold),
        key="domain-histogram",
        config=charts.config("aejax-out-of-domain"),
        alt=alt,
    )
    st.caption(
        f"{SCORES[score].meaning} {len(own):,} own held-out examples, {len(strange):,} foreign ones; AUROC is the "
        "probability that a foreign example scores above one of the set's own: 0.5 is guessing, below it foreign "
        "examples pass for the most usual of all."
    )


def thresholds(own: Float[np.ndarray, " own"], strange: Float[np.ndarray, " foreign"]) -> list[float]:
    """The scores to choose a threshold from, with as many examples between two neighbours."""
    found = np.quantile(np.concatenate([own, strange]), np.linspace(0, 1, _STEPS + 1))
    return sorted({float(f"{value:.4g}") for value in found})


def histogram(
    own: Float[np.ndarray, " own"], strange: Float[np.ndarray, " foreign"], score: str, threshold: float
) -> go.Figure:
    """Both distributions over the same bins, on an axis of logarithms where scores differ by so much."""
    edges, log = bins(np.concatenate([own, strange]))
    traces = []
    for index, (name, values) in enumerate({"Own, held out": own, "Foreign": strange}.items()):
        counts = np.histogram(np.clip(values, edges[0], edges[-1]), edges)[0] / len(values) * 100
        line = {"color": palette.color(index), "width": 2, "shape": "hv", "dash": ("solid", "dash")[index]}
        drawn = go.Scatter(x=edges, y=np.append(counts, 0), name=name, mode="lines", fill="tozeroy", line=line)
        traces.append(drawn.update(hovertemplate="from %{x:.3g}: %{y:.2f} %<extra></extra>"))
    axes = axis_title(score), "% of examples"
    figure = charts.plain(traces, "How strange the examples are to the model", axes, 380)
    figure.update_xaxes(type="log" if log else "linear")
    return figure.add_vline(x=threshold, line={"color": "#7B8794", "width": 2, "dash": "dot"})


def axis_title(score: str) -> str:
    """The score and its unit, without saying either twice."""
    title, unit = SCORES[score].title.lower(), SCORES[score].unit
    return unit if unit.startswith(title) else f"{title}, {unit}"


def bins(values: Float[np.ndarray, " n"]) -> tuple[Float[np.ndarray, " edges"], bool]:
    """Edges of bins that all values lie in, and whether they are evenly spaced in their logarithms."""
    low, high = float(values.min()), float(values.max())
    positive = values[values > 0]
    if len(positive) > 0.9 * len(values) and high > _WIDE * float(np.quantile(positive, 0.01)):
        return np.geomspace(float(np.quantile(positive, 0.001)), high * (1 + 1e-9), _BINS + 1), True
    return np.linspace(low, max(high, low + 1e-9), _BINS + 1), False


def show_foreign(data: Data, found: Compared) -> None:
    """Draw some foreign examples and what the model makes of them."""
    examples.show(data, found.shown, "aejax-foreign")


def show_scores(found: Compared, other: str) -> None:
    """Tabulate how well each score tells the foreign examples."""
    values = {name: auroc(own, found.foreign[name]) for name, own in found.own.items()}
    best = max(values.values())
    table = [
        {
            "Score": SCORES[name].title,
            "AUROC": marked(f"{value:.4f}", value == best),
            "Unit of the score": SCORES[name].unit,
        }
        for name, value in values.items()
    ]
    st.table(table, border="horizontal", alt="AUROC of each score")
    own, strange = (len(scores["mse"]) for scores in (found.own, found.foreign))
    st.caption(f"✓ marks the best. Each from {own:,} own held-out examples and {strange:,} foreign ones.")
    tables.offer("AUROC as CSV", auroc_records(found, other), "aejax-auroc")


def auroc_records(found: Compared, other: str) -> list[dict[str, Any]]:
    """The AUROC of each score for programs, with the number of examples of either kind."""
    return [
        {
            "foreign": other,
            "score": name,
            "auroc": auroc(own, found.foreign[name]),
            "own_examples": len(own),
            "foreign_examples": len(found.foreign[name]),
        }
        for name, own in found.own.items()
    ]


def marked(value: str, best: bool) -> str:
    """The value, set apart by a sign and by weight if it is the best."""
    return f"**{value}**\N{NO-BREAK SPACE}✓" if best else value


def show_strangest(result: Result, score: str) -> None:
    """Draw the training examples with the greatest scores."""
    data, known = result.data, training(result)
    score = score if score in known.scores else "mse"
    values = known.scores[score]
    rows = np.argsort(-values, kind="stable")[:_SHOWN]
    st.caption(
        f"Of {_counted(len(values), len(data.x_train))} training examples those with the greatest {axis_title(score)}."
    )
    captions = [f"{_named(data, row)}{values[row]:.3g}" for row in rows.tolist()]
    show_sheet(data, rows, captions, "strangest")
    listed = np.argsort(-values, kind="stable")[:1000]
    records = [_record(data, row) | {score: float(values[row])} for row in listed.tolist()]
    tables.offer("Strangest as CSV", records, "aejax-strangest")


def show_suspects(result: Result) -> None:
    """Draw the training examples whose neighbours in the code mostly carry another label."""
    data, known = result.data, training(result)
    labels = None if data.y_train is None else data.y_train[: len(known.codes)]
    try:
        found = doubtful(known.codes, labels)
    except DataError as error:
        st.caption(f"No label can be doubted: {error.plain}.")
        return
    names, count = data.label_names, len(found.rows)
    if not count:
        st.caption(f"No training example has mostly other labels among the {found.neighbours} nearest codes.")
        return
    st.caption(
        f"{count:,} of {_counted(len(known.codes), len(data.x_train))} training examples have a label that most of the "
        f"{found.neighbours} nearest other codes contradict, the surest first: given label → neighbours' label, and "
        f"their share. Where a code of {snapshot.size(result.run.latent)} crowds classes together, many are in doubt."
    )
    captions = [
        f"{names[given]} → {names[other]}, {share:.0%}"
        for given, other, share in zip(found.given, found.others, found.shares, strict=True)
    ]
    show_sheet(data, found.rows[:_SHOWN], captions[:_SHOWN], "suspects")
    records = [
        {"row": int(row), "given_label": names[given], "neighbours_label": names[other], "share": float(share)}
        for row, given, other, share in zip(found.rows, found.given, found.others, found.shares, strict=True)
    ]
    tables.offer("Suspects as CSV", records, "aejax-suspects")


def show_sheet(data: Data, rows: Integer[np.ndarray, " shown"], captions: list[str], name: str) -> None:
    """Draw training examples, each with its caption where they are pictures."""
    if images.are_pictures(data):
        cells = [
            images.enlarged(picture, _CELL) for picture in images.as_bytes(data.x_train[rows], images.bounds(data))
        ]
        alt = [f"Training example {row}: {said}" for row, said in zip(rows, captions, strict=True)]
        examples.cards(cells, captions, alt, _CELL)
        return
    rows, captions = (rows, captions) if examples.is_cloud(data) else (rows[:6], captions[:6])
    examples.show(data, {name: as_values(data.x_train[rows])}, f"aejax-{name}")
    st.caption("; ".join(f"row {row}: {said}" for row, said in zip(rows[:6], captions, strict=False)))


def _record(data: Data, row: int) -> dict[str, Any]:
    label = {} if data.y_train is None else {"label": data.label_names[data.y_train[row]]}
    return {"row": int(row)} | label


def _named(data: Data, row: int) -> str:
    return "" if data.y_train is None else f"{data.label_names[data.y_train[row]]} · "


def _counted(some: int, of: int) -> str:
    return f"{of:,}" if some == of else f"the first {some:,} of {of:,}"
