"""What the browser needs to decode by itself: weights of dense layers, or a plane of codes decoded beforehand."""

import io
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
from jaxtyping import Float, Shaped

from aejax import latent
from aejax.alignment import Placed
from aejax.baselines import PCA
from aejax.embedder import Embedder, decodes
from aejax.parts.likelihoods import Likelihood, Mixed, Mse, Normal
from aejax.parts.networks import Dense, Linear
from aejax.run import Run

GREATEST_WEIGHTS = 1_000_000
"""Weights that are sent to a browser, at most: more take it longer than a frame lasts."""

GRID_SIDE = 48
"""Codes along a side of a grid: between them, blending is off by 0.003 at the median."""

_GRID_BYTES = 24_000_000
_SHEET_SIDE = 8192
_QUALITY = 92


@dataclass(frozen=True, eq=False)
class Decoder:
    """A decoder as one flat array and the layout that says how to read it.

    A layout of `kind` "dense" lists its `layers`, each with `inputs`, `outputs` and the `activation` after it, the
    last of which is the likelihood's mean; the array holds for each layer the kernel, row-major (inputs, outputs),
    then the bias, as float16. One of `kind` "grid" has the codes along a `side`, the `bounds` ((left, right),
    (bottom, top)) of the outermost, the number of `features`, and `low` and `high` that bytes 0 and 255 stand for;
    the array holds bytes, row by row from the top, or where there is a `sheet` with `columns` and the `shape` of its
    cells, a picture file that shows them.
    """

    layout: dict[str, Any]
    values: Shaped[np.ndarray, " values"]


def decoder_of(
    embedder: Embedder, box: Float[np.ndarray, "latent 2"], limits: tuple[float, float], pictures: bool = False
) -> Decoder | None:
    """How the browser decodes the codes of `embedder`; None where it has to ask.

    Args:
        embedder: Whose codes they are.
        box: Least and greatest value of each coordinate that is worth decoding.
        limits: Least and greatest value of what is decoded, to be told apart in 256 steps by a grid.
        pictures: Whether examples are pictures, grey or of three colours, which a grid sends as one.
    """
    if not decodes(embedder):
        return None
    return dense(embedder) or (grid(embedder, box, limits, pictures) if embedder.latent == 2 else None)


def dense(embedder: Embedder) -> Decoder | None:
    """The weights of fully connected layers in half precision; None for what has others, or too many."""
    layers = _layers(embedder)
    if not layers or sum(kernel.size + bias.size for kernel, bias, _ in layers) > GREATEST_WEIGHTS:
        return None
    flat = np.concatenate([part.ravel() for kernel, bias, _ in layers for part in (kernel, bias)])
    with np.errstate(over="ignore"):
        weights = flat.astype(np.float16)
    if not np.isfinite(weights).all():
        return None
    told = [{"inputs": len(kernel), "outputs": len(bias), "activation": name} for kernel, bias, name in layers]
    return Decoder({"kind": "dense", "layers": told}, weights)


def grid(
    embedder: Embedder, box: Float[np.ndarray, "latent 2"], limits: tuple[float, float], pictures: bool = False
) -> Decoder | None:
    """A plane of codes decoded; None where one example is too large for that."""
    features = prod(embedder.shape)
    side = min(GRID_SIDE, int(np.sqrt(_GRID_BYTES / features)))
    if side < 8:
        return None
    cells = decoded_cells(embedder, widened(box, side), side, limits)
    layout = {"kind": "grid", "side": side, "bounds": box.tolist(), "features": features}
    layout |= {"low": limits[0], "high": limits[1]}
    height, width, depth = (*embedder.shape, 1)[:3] if len(embedder.shape) >= 2 else (0, 0, 0)
    if not pictures or depth not in (1, 3) or side * max(height, width) > _SHEET_SIDE:
        return Decoder(layout, cells.ravel())
    sheet = {"columns": side, "shape": (height, width, depth)}
    return Decoder(layout | {"sheet": sheet}, _pressed(cells.reshape(side, side, height, width, depth)))


def decoded_cells(
    embedder: Embedder, box: object, side: int, limits: tuple[float, float]
) -> Shaped[np.ndarray, "cells features"]:
    """The centres of a box's cells decoded, as bytes between the limits; row by row from the top."""
    decoded = latent.grid(embedder, box, side).reshape(side * side, -1)
    share = (decoded - limits[0]) / (limits[1] - limits[0])
    return np.round(255 * np.clip(share, 0.0, 1.0)).astype(np.uint8)


def widened(box: Float[np.ndarray, "latent 2"], side: int) -> Float[np.ndarray, "latent 2"]:
    """The box whose outermost cells have their centres on the edges of this one."""
    half = (box[:, 1] - box[:, 0]) / (side - 1) / 2
    return np.stack([box[:, 0] - half, box[:, 1] + half], axis=1)


def _pressed(cells: Shaped[np.ndarray, "side side height width depth"]) -> Shaped[np.ndarray, " bytes"]:
    from PIL import Image

    side, _, height, width, depth = cells.shape
    whole = latent.mosaic(cells).reshape(side * height, side * width, depth)
    file = io.BytesIO()
    Image.fromarray(whole[..., 0] if depth == 1 else whole).convert("RGB").save(file, "WEBP", quality=_QUALITY)
    return np.frombuffer(file.getvalue(), np.uint8)


def _layers(embedder: Embedder) -> list[tuple[np.ndarray, np.ndarray, str]]:
    """Kernel, bias and activation of each layer; none where there are others than fully connected ones."""
    if isinstance(embedder, Placed):
        return _placed_layers(embedder)
    return _pca_layers(embedder) if isinstance(embedder, PCA) else _dense_layers(embedder)


def _placed_layers(placed: Placed) -> list[tuple[np.ndarray, np.ndarray, str]]:
    """The layers of the embedder within, of which the first takes places instead of codes."""
    layers = _layers(placed.embedder)
    if not layers:
        return []
    (kernel, bias, activation), *others = layers
    at_origin = placed.place.back(np.zeros((1, placed.latent)))[0]
    return [(placed.place.inverse @ kernel, bias + at_origin @ kernel, activation), *others]


def _pca_layers(pca: PCA) -> list[tuple[np.ndarray, np.ndarray, str]]:
    return [(pca.components.reshape(pca.latent, -1), pca.mean.ravel(), "linear")]


def _dense_layers(embedder: Embedder) -> list[tuple[np.ndarray, np.ndarray, str]]:
    if not isinstance(embedder, Run):
        return []
    network = embedder.spec.decoder or embedder.spec.encoder
    # What the last layer's sums become must be one function, whatever the column.
    if not isinstance(network, Dense | Linear) or isinstance(embedder.spec.likelihood, Mixed):
        return []
    params = embedder.params
    layers: list[tuple[np.ndarray, np.ndarray, str]] = []
    while (name := f"decoder.body.layers.{len(layers)}") + ".kernel" in params:
        hidden = network.activation if isinstance(network, Dense) else "linear"
        layers.append((np.asarray(params[f"{name}.kernel"]), np.asarray(params[f"{name}.bias"]), hidden))
    if embedder.spec.classes and embedder.label is None:
        return []
    if embedder.label is not None:
        # The class is told by a coordinate of 1 beside the code: its row of weights adds to the bias.
        kernel, bias, hidden = layers[0]
        layers[0] = kernel[: embedder.latent], bias + kernel[embedder.latent + embedder.label], hidden
    *_, (kernel, bias, _last) = layers
    return [*layers[:-1], (kernel, bias, output_of(embedder.spec.likelihood))]


def output_of(likelihood: Likelihood) -> str:
    """The name of the function that makes an example of the decoder's last sums."""
    if isinstance(likelihood, Mse | Normal):
        return likelihood.output
    return {"bernoulli": "sigmoid"}.get(likelihood.kind, likelihood.kind)
