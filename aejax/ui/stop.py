"""One stop on an example's way, in full: its formula, its sizes, and what leaves it as pictures, bars or terms."""

from collections.abc import Sequence
from math import prod

import numpy as np
import plotly.graph_objects as go
import streamlit as st
from jaxtyping import Float

from aejax.data import Data
from aejax.parts.networks import Dense, Linear
from aejax.run import Run
from aejax.ui import charts, examples, images, palette, receptive_fields, route
from aejax.walk import Stop, Term, Walk

_BARS = 256
"""Numbers up to which each is a bar; more are a picture."""
_WIDTH = 640
_GREATEST_SHEET = 64
_UNITS = "numbers of the "

_PLACES = {
    "input": "What the model is to rebuild.",
    "noise": "What the encoder is given in place of it.",
    "output": "What the decoder expects the example to be, in the data's own units.",
    "loss": "What this example costs: each term, and their sum.",
}


def show(stops: Sequence[Stop], place: int) -> None:
    """Say what a stop does: its formula, and how large it is."""
    stop = stops[place]
    st.subheader(f"{place + 1} of {len(stops)}: {route.title(stops, place)}", anchor=False)
    st.latex(stop.formula, width="content")
    facts = [stop.kind, f"{route.size(stop)} out"]
    if stop.parameters:
        facts.append(f"{stop.parameters:,} parameters")
    st.caption(" · ".join(facts) + (f"  \n{_PLACES[stop.part]}" if stop.part in _PLACES else ""))


def show_values(stop: Stop, data: Data, writes: bool) -> None:
    """Draw what leaves a stop, of the example that is followed.

    Args:
        stop: With its values.
        data: Says what kind the examples are.
        writes: Whether what leaves it is laid out as an example is: the last layer of the decoder.
    """
    as_example = stop.part in ("input", "noise", "output")
    laid = {name: _laid_out(values, data, writes) for name, values in stop.values.items()}
    bars = {} if as_example else {name: values for name, values in laid.items() if _are_bars(values)}
    if bars:
        key = f"walk-{stop.name}"
        st.plotly_chart(_bars(bars), key=key, config=charts.config(key), alt=_told(bars))
    for name, values in laid.items():
        if name.startswith(_UNITS):
            st.write(f"{name.capitalize()}: {', '.join(map(str, values.ravel()[:_BARS]))}")
        elif as_example:
            examples.show_one(data, values, f"walk-{stop.name}", name)
        elif name not in bars:
            _picture(name, values)


def show_fields(stop: Stop, run: Run, data: Data) -> None:
    """Draw what the units of a dense layer of the encoder look for, where examples are pictures."""
    dense = isinstance(run.spec.encoder, Dense | Linear)
    if stop.part != "encoder" or stop.name == "condition" or not dense or not images.are_pictures(data):
        return
    with st.expander("What its units look for", icon=":material/blur_on:", key=f"walk-fields-{stop.name}"):
        receptive_fields.show_layer(run, int(stop.name.rpartition(".")[2]) + 1)


def show_loss(way: Walk, unit: str) -> None:
    """Draw the terms of the loss, with their formulas and values, and their sum."""
    rows = [_row(term.name.replace("_", " "), f"${term.formula}$", term.value) for term in way.terms]
    rows.append(_row("**loss**", r"$\textstyle\sum$", way.loss))
    st.markdown("\n".join((f"| term | what it is | {unit} |", "|---|---|---:|", *rows)))


def _row(name: str, formula: str, value: float) -> str:
    return f"| {name} | {formula} | {value:.4f} |"


def told_terms(terms: Sequence[Term]) -> str:
    """The terms and their sum, in a sentence for those who listen."""
    parts = [f"{term.name.replace('_', ' ')} {term.value:.4g}" for term in terms]
    return f"{' plus '.join(parts)} is {sum(term.value for term in terms):.4g}"


def _are_bars(values: np.ndarray) -> bool:
    """Whether values are shown as bars: there are few, in a row."""
    return values.ndim == 1 and values.size <= _BARS and np.issubdtype(values.dtype, np.floating)


def _bars(series: dict[str, Float[np.ndarray, " units"]]) -> go.Figure:
    drawn = [
        go.Bar(
            x=np.arange(1, len(values) + 1),
            y=values.astype(np.float32),
            name=name,
            marker={"color": palette.color(index)},
            hovertemplate=f"{name} %{{x}}: %{{y:.4~g}}<extra></extra>",
        )
        for index, (name, values) in enumerate(series.items())
    ]
    figure = charts.plain(drawn, "", ("unit", "value"), 280)
    return figure.update_layout(showlegend=len(drawn) > 1, barmode="group")


def _picture(name: str, values: np.ndarray) -> None:
    """Maps side by side, or all numbers as one picture: zero is grey, more is lighter, less is darker."""
    if values.ndim == 3:
        maps = np.moveaxis(values, 2, 0)[:_GREATEST_SHEET]
        laid = images.sheet(images.centred(maps.astype(np.float32)), columns=min(len(maps), 8))
        said = f"{len(maps)} of {values.shape[2]} maps"
    else:
        laid = images.centred(_rows(values)[None].astype(np.float32))[0]
        said = f"all {values.size:,}"
    caption = (
        f"{name}: {said}; zero is grey, more is lighter, less is darker, from {values.min():.3g} to {values.max():.3g}"
    )
    st.image(images.png_address(images.enlarged(laid, _WIDTH)), caption=caption, alt=caption)


def _laid_out(values: np.ndarray, data: Data, writes: bool) -> np.ndarray:
    is_picture = writes and images.are_pictures(data) and values.size == prod(data.shape)
    return values.reshape(data.shape) if is_picture else values


def _rows(values: np.ndarray) -> np.ndarray:
    """Many numbers in rows; a sequence's states already are, a step a row."""
    if values.ndim == 2:
        return values
    flat = values.ravel()
    columns = max(1, int(np.ceil(np.sqrt(2 * len(flat)))))
    rows = -(-len(flat) // columns)
    return np.concatenate([flat, np.zeros(rows * columns - len(flat), flat.dtype)]).reshape(rows, columns)


def _told(series: dict[str, np.ndarray]) -> str:
    parts = (f"{name}: {len(values)} from {values.min():.3g} to {values.max():.3g}" for name, values in series.items())
    return "; ".join(parts)
