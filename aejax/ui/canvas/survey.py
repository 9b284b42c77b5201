"""The scene of a model's codes, and answers to what a browser asks of them."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from math import prod
from typing import Any, cast

import numpy as np
from jaxtyping import Float, Integer, Shaped, UInt8

from aejax import latent
from aejax.arrays import as_values
from aejax.baselines import PCA
from aejax.data import Data
from aejax.embedder import Embedder, decodes
from aejax.frames import quantised
from aejax.parts.posteriors import GaussianPosterior
from aejax.run import Run
from aejax.ui import images
from aejax.ui.canvas.answer import code as read_code
from aejax.ui.canvas.decoder import GRID_SIDE, decoded_cells, decoder_of
from aejax.ui.canvas.replies import Replies, Responder
from aejax.ui.canvas.scene import Scene
from aejax.ui.canvas.sprites import Thumbnails, picture_sheet, plain_bytes

NEIGHBOURS = 8
"""Neighbours shown of a point, in the code and in the data."""

_QUANTILES = 0.005, 0.995
_SHEET_BYTES = 8_000_000
_SIDE = 48
_CHUNK = 4096


@dataclass(frozen=True, eq=False)
class Survey:
    """Codes of some rows of a data set, with what encodes and decodes them."""

    embedder: Embedder
    data: Data
    examples: Shaped[np.ndarray, "points *shape"]
    codes: Float[np.ndarray, "points latent"]
    rows: Integer[np.ndarray, " points"]
    labels: Integer[np.ndarray, " points"] | None
    title: str = "Codes"
    space: str = ""
    frame: int = 0

    @property
    def limits(self) -> tuple[float, float]:
        """Least and greatest value of what is decoded."""
        return images.bounds(self.data)

    @cached_property
    def ranges(self) -> Float[np.ndarray, "latent 2"]:
        """Least and greatest value of each coordinate that is worth decoding."""
        ranges = latent.ranges(self.codes, *_QUANTILES)
        if isinstance(self.embedder, Run):
            ranges = np.clip(ranges, *self.embedder.spec.bottleneck.bounds)
        return ranges.astype(np.float32)

    def scene(self) -> Scene:
        """What the canvas shows of them."""
        codes, data, ranges = self.codes, self.data, self.ranges
        whole, bounds = quantised(codes)
        wide = np.stack([np.minimum(bounds[:, 0], ranges[:, 0]), np.maximum(bounds[:, 1], ranges[:, 1])], axis=1)
        components, names = main_directions(codes)
        return Scene(
            codes=whole,
            bounds=bounds,
            ranges=ranges,
            shape=data.shape,
            kind=data.kind,
            value_range=self.limits,
            title=self.title,
            mean=codes.mean(axis=0),
            rows=None if (self.rows == np.arange(len(self.rows))).all() else self.rows,
            labels=self.labels,
            classes=data.label_names,
            prior=self.has_posterior,
            components=components,
            components_names=names,
            thumbnails=thumbnails(self.examples, data),
            decoder=decoder_of(self.embedder, wide, self.limits, images.are_pictures(data)),
            frame=self.frame,
            space=self.space,
        )

    def responders(self) -> dict[str, Responder]:
        """What answers each kind of request."""
        if not decodes(self.embedder):
            return {"thumbnail": self.thumbnail}
        kinds: dict[str, Responder] = {"decode": self.decode, "inspect": self.inspect, "sample": self.sample}
        if self.embedder.latent == 2:
            kinds["tile"] = self.tile
        return kinds | {"thumbnail": self.thumbnail} | Replies(self.embedder, self.data, self.examples).table()

    def decode(self, request: Mapping[str, Any]) -> Mapping[str, np.ndarray] | None:
        """The example of a code."""
        code = read_code(request.get("code"), self.embedder.latent)
        return None if code is None else {"values": _floats(self.embedder.decode(code[None])[0])}

    def tile(self, request: Mapping[str, Any]) -> Mapping[str, np.ndarray] | None:
        """A smaller part of the plane, decoded as finely as all of it was."""
        box = request.get("box")
        sides = [read_code(side, 2) for side in box] if isinstance(box, list) and len(box) == 2 else []
        known = [one for one in sides if one is not None and one[0] < one[1]]
        side = request.get("side")
        if not isinstance(side, int) or not 2 <= side <= GRID_SIDE or len(known) != 2:
            return None
        return {"values": decoded_cells(self.embedder, np.stack(known), side, self.limits).ravel()}

    def sample(self, request: Mapping[str, Any]) -> Mapping[str, np.ndarray] | None:
        """A code drawn at random: of a run as it draws them, of others from a normal fitted to the codes."""
        seed = int(request["number"]) % 2**32
        run = self.embedder
        if isinstance(run, Run) and (run.codes is not None or run.spec.bottleneck.has_prior):
            return {"code": _floats(run.sample_codes(1, seed)[0])}
        covariance = np.cov(self.codes, rowvar=False).reshape(self.embedder.latent, self.embedder.latent)
        drawn = np.random.default_rng(seed).multivariate_normal(self.codes.mean(axis=0), covariance, method="eigh")
        return {"code": _floats(drawn)}

    def thumbnail(self, request: Mapping[str, Any]) -> Mapping[str, np.ndarray] | None:
        """A point's example as bytes."""
        point = self._point(request)
        return None if point is None else {"values": small(self.examples[point][None], self.data)[0].ravel()}

    def inspect(self, request: Mapping[str, Any]) -> Mapping[str, np.ndarray] | None:
        """A point's example, what becomes of it, its posterior and its neighbours."""
        point = self._point(request)
        if point is None:
            return None
        example = self.examples[point][None]
        found = {
            "code": self.codes[point],
            "original": as_values(example)[0],
            "rebuilt": self._rebuilt(point),
            "latent": nearest(self.codes, point, NEIGHBOURS),
            "pixels": nearest(self.examples, point, NEIGHBOURS),
        }
        if self.has_posterior:
            found["deviation"] = cast(Run, self.embedder).deviation(example, self._told(point))[0]
        return {name: _floats(values) if values.dtype.kind == "f" else values for name, values in found.items()}

    @property
    def has_posterior(self) -> bool:
        """Whether a code is the mean of a normal posterior, drawn towards a standard normal prior."""
        return isinstance(self.embedder, Run) and isinstance(self.embedder.spec.bottleneck, GaussianPosterior)

    def _rebuilt(self, point: int) -> np.ndarray:
        code, told = self.codes[point][None], self._told(point)
        run = self.embedder
        return run.decode(code, told)[0] if isinstance(run, Run) else run.decode(code)[0]

    def _told(self, point: int) -> Integer[np.ndarray, " one"] | None:
        """The class of a point, where the model is told it."""
        if not isinstance(self.embedder, Run) or not self.embedder.spec.classes or self.labels is None:
            return None
        return self.labels[point][None]

    def _point(self, request: Mapping[str, Any]) -> int | None:
        point = request.get("point")
        known = isinstance(point, int) and not isinstance(point, bool) and 0 <= point < len(self.codes)
        return point if known else None


def nearest(table: Shaped[np.ndarray, "points *shape"], point: int, k: int) -> Integer[np.ndarray, " near"]:
    """The k rows of a table that are nearest to one of its rows, nearest first, without itself."""
    flat = table.reshape(len(table), -1)
    own = flat[point].astype(np.float32)
    parts = (flat[start : start + _CHUNK].astype(np.float32) - own for start in range(0, len(flat), _CHUNK))
    distances = np.concatenate([np.einsum("ij,ij->i", part, part) for part in parts])
    distances[point] = np.inf
    count = min(k, len(flat) - 1)
    near = np.argpartition(distances, count - 1)[:count] if count else np.zeros(0, np.int64)
    return near[np.lexsort((near, distances[near]))].astype(np.uint32)


def main_directions(codes: Float[np.ndarray, "points latent"]) -> tuple[np.ndarray | None, tuple[str, ...]]:
    """The principal components of codes of more than two coordinates, three at most, and their names."""
    if codes.shape[1] <= 2 or len(codes) < 4 or not np.ptp(codes, axis=0).any():
        return None, ()
    main = PCA(min(3, codes.shape[1])).fit(codes)
    shares = main.explained_variance_ratio
    names = (f"component {index + 1} ({share:.0%} of variance)" for index, share in enumerate(shares))
    return main.components.astype(np.float32), tuple(names)


def thumbnails(examples: Shaped[np.ndarray, "points *shape"], data: Data) -> Thumbnails:
    """As many of the first examples as are worth sending before anyone asks for them."""
    size = prod(small(examples[:1], data).shape)
    count = min(len(examples), _SHEET_BYTES // size)
    # A sheet that shows few of them would only delay the first sight of all.
    count = count if 2 * count >= len(examples) else 0
    shown = small(examples[: max(count, 1)], data)
    plain = not images.are_pictures(data) or shown.shape[-1] == 4
    return dataclasses.replace((plain_bytes if plain else picture_sheet)(shown), count=count)


def small(examples: Shaped[np.ndarray, "n *shape"], data: Data) -> UInt8[np.ndarray, "n ..."]:
    """Examples as bytes between the data's limits; pictures with at most about 48 pixels along a side."""
    whole = images.as_bytes(examples, images.bounds(data))
    if not images.are_pictures(data):
        return whole
    step = -(-max(whole.shape[1:3]) // _SIDE)
    return whole[:, ::step, ::step]


def _floats(values: np.ndarray) -> Float[np.ndarray, " values"]:
    return np.ascontiguousarray(values, np.float32).reshape(-1)
