"""Examples beside their codes, reconstructions and errors; and how a model stands noise."""

from typing import Any

import numpy as np
import streamlit as st
from jaxtyping import Integer, UInt8

from aejax.arrays import DataError, as_values
from aejax.data import Data
from aejax.embedder import told
from aejax.rebuilding import ORDERS, Rebuilt, denoise, noise_of, ordered, psnr, rebuild, strength
from aejax.ui import code_pictures, examples, images, snapshot, tables
from aejax.ui.session import Result

GREATEST_SAMPLE = 2000
"""Held-out examples whose errors are compared, at most."""

_CARD, _GAP, _CARDS, _NOISY = 96, 3, 12, 8
_SHIFTED = 4.0


@st.cache_resource(scope="session", max_entries=2, show_spinner="Rebuilding …", hash_funcs={Result: snapshot.stamp})
def rebuilt(result: Result) -> Rebuilt:
    """Held-out examples, rebuilt; their first ones where there are many."""
    x, labels = sample(result.data)
    return rebuild(result.run, x, **told(result.run, labels))


def sample(data: Data) -> tuple[np.ndarray, np.ndarray | None]:
    """The held-out examples that are looked at, and their labels."""
    return data.x_test[:GREATEST_SAMPLE], None if data.y_test is None else data.y_test[:GREATEST_SAMPLE]


def told_count(data: Data) -> str:
    """How many examples are looked at, in words."""
    size = len(data.x_test)
    return f"{size:,}" if size <= GREATEST_SAMPLE else f"the first {GREATEST_SAMPLE:,} of {size:,}"


def choose_order() -> str:
    """Ask which examples to show."""
    return st.segmented_control(
        "Examples",
        list(ORDERS),
        default="assorted",
        required=True,
        format_func=ORDERS.__getitem__,
        key="reconstruct-order",
        bind="query-params",
    )


def chosen(result: Result, found: Rebuilt, order: str) -> Integer[np.ndarray, " chosen"]:
    """Positions of the examples to show."""
    n = _CARDS if images.are_pictures(result.data) else examples.count(result.data)
    if order == "assorted":
        return examples.assorted(sample(result.data)[1], n, len(found.x))
    return ordered(found.errors["mse"], order, n)


def show(result: Result, found: Rebuilt, rows: Integer[np.ndarray, " chosen"]) -> None:
    """Draw the chosen examples with all that becomes of them, and say the error of each."""
    data, errors = result.data, found.errors["mse"]
    st.caption(
        f"Mean squared error per feature (MSE) of {told_count(data)} held-out examples: mean "
        f"{errors.mean():.3g}, least {errors.min():.3g}, median {np.median(errors):.3g}, greatest {errors.max():.3g}."
    )
    if images.are_pictures(data):
        _show_cards(result, found, rows)
        return
    drawn = {"original": found.x[rows], "reconstruction": found.reconstruction[rows]}
    if not examples.is_cloud(data):
        drawn["reconstruction - original"] = found.difference[rows]
        listed = ", ".join(f"{errors[row]:.3g}" for row in rows)
        st.caption(f"MSE of each, row by row: {listed} (squared error per feature).")
    examples.show(data, drawn, "aejax-reconstructions")


def _show_cards(result: Result, found: Rebuilt, rows: Integer[np.ndarray, " chosen"]) -> None:
    data, run, labels = result.data, result.run, sample(result.data)[1]
    height, width = _frame(data)
    shape, most = (
        run.spec.encoder.code_shape(run.shape, run.latent),
        max(float(np.abs(found.difference[rows]).max()), 1e-9),
    )
    limits = images.bounds(data)
    columns = [
        _large(images.as_bytes(found.x[rows], limits), data),
        code_pictures.draw(found.codes[rows], shape, height, width),
        _large(images.as_bytes(found.reconstruction[rows], limits), data),
        _large(images.as_bytes(found.difference[rows], (-most, most)), data),
    ]
    st.caption(
        f"In each column from above: the original, {code_pictures.told(shape, run.latent, width)}, the reconstruction, "
        f"and the error (reconstruction - original): {-most:.2f} is black, 0 mid-grey, {most:.2f} white."
    )
    cards = [_card(parts) for parts in zip(*columns, strict=True)]
    captions = [f"{_named(data, labels, row)}MSE {found.errors['mse'][row]:.3g}" for row in rows.tolist()]
    about = [
        f"Example {row}, its code, reconstruction and error; {said}" for row, said in zip(rows, captions, strict=True)
    ]
    examples.cards(cards, captions, about, _CARD)


@st.fragment
def show_noise(result: Result) -> None:
    """Ask how strong noise is to be, and show what the model makes of it."""
    data, run = result.data, result.run
    limits = images.bounds(data)
    noise = noise_of(run, limits)
    name, value, meaning = strength(noise)
    most = {"sd": limits[1] - limits[0], "pixels": _SHIFTED}.get(name, 1.0)
    amount = st.slider(
        f"Noise ({noise.kind.replace('_', ' and ')}): {meaning[0].lower()}{meaning[1:]}",
        0.0,
        float(max(most, value)),
        float(value),
        step=float(most) / 20,
        key=f"reconstruct-noise-{noise.kind}",
        bind="query-params",
    )
    x, labels = sample(data)
    try:
        found = denoise(run, x, noise.replace(**{name: amount}), **told(run, labels))
    except DataError as error:
        st.caption(f"Noise cannot be tried here: {error.plain}.")
        return
    before, after = (psnr(error, limits[1] - limits[0]) for error in (found.before, found.after))
    with st.container(horizontal=True):
        st.metric("With noise", decibels(before))
        st.metric("Rebuilt from it", decibels(after), None if np.isinf(before) else f"{after - before:+.1f} dB")
    trained = "as it was trained to" if noise == run.spec.corruption else "though it was trained without noise"
    st.caption(
        f"Peak signal-to-noise ratio against the clean example, of the mean squared error of {told_count(data)} held "
        f"out. The model rebuilds them from noise, {trained}."
    )
    n = _NOISY if images.are_pictures(data) else examples.count(data)
    rows = examples.assorted(labels, n, len(x))
    shown = {"Clean": as_values(x[rows]), "With noise": found.noisy[rows], "Rebuilt from it": found.restored[rows]}
    examples.show(data, shown, "aejax-denoised")


def decibels(value: float) -> str:
    """A ratio with its unit."""
    return "no error" if np.isinf(value) else f"{value:.1f} dB"


def offer_errors(result: Result, found: Rebuilt) -> None:
    """A button that saves the errors of all examples that were rebuilt."""
    labels = sample(result.data)[1]
    names = [] if labels is None else [result.data.label_names[label] for label in labels]
    rows: list[dict[str, Any]] = []
    for row in range(len(found.x)):
        label = {"label": names[row]} if names else {}
        rows.append({"row": row, **label, **{name: float(values[row]) for name, values in found.errors.items()}})
    tables.offer("Errors as CSV", rows, "aejax-reconstruction-errors")


def _frame(data: Data) -> tuple[int, int]:
    factor = max(1, round(_CARD / data.shape[1]))
    return factor * data.shape[0], factor * data.shape[1]


def _large(pictures: UInt8[np.ndarray, "n ..."], data: Data) -> list[np.ndarray]:
    return [images.enlarged(picture, _CARD) for picture in pictures]


def _card(parts: tuple[np.ndarray, ...]) -> images.Picture:
    """Pictures of one size below one another; grey ones beside coloured ones in all channels alike."""
    channels = max(part.shape[2] if part.ndim == 3 else 0 for part in parts)
    if channels:
        opaque = [part if part.ndim == 3 else np.repeat(part[..., None], channels, axis=2) for part in parts]
        for part, given in zip(opaque, parts, strict=True):
            if given.ndim == 2 and channels == 4:
                part[..., 3] = 255
        parts = tuple(opaque)
    return images.sheet(np.stack(parts), columns=1, gap=_GAP)


def _named(data: Data, labels: np.ndarray | None, row: int) -> str:
    return "" if labels is None else f"{data.label_names[labels[row]]} · "
