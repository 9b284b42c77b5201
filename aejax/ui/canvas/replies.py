"""What the server works out for the canvas's tools: ways, tiles, the honesty of places, and drawings encoded."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias
from weakref import WeakKeyDictionary

import numpy as np
from jaxtyping import Float, Shaped

from aejax import geometry, latent
from aejax.arrays import DataError, as_values
from aejax.data import Data
from aejax.embedder import Embedder
from aejax.parts.posteriors import GaussianPosterior
from aejax.run import Run
from aejax.ui import images
from aejax.ui.canvas import answer

Arrays: TypeAlias = Mapping[str, np.ndarray]
Responder: TypeAlias = Callable[[Mapping[str, Any]], Arrays | None]

MOST_CODES = 2048
"""Codes that one request may ask for."""
_SAMPLE = 2000
_GEODESIC_SYSTEM = 1024

_known_errors: WeakKeyDictionary[Embedder, tuple[str, np.ndarray]] = WeakKeyDictionary()


@dataclass(frozen=True, eq=False)
class Replies:
    """Answers to requests of the browser, about one model and its data; None to what cannot be answered."""

    embedder: Embedder
    data: Data
    examples: Shaped[np.ndarray, "points *shape"]
    """What the points are codes of."""

    def table(self) -> dict[str, Responder]:
        """What answers each kind of request."""
        kinds: dict[str, Responder] = dict.fromkeys(("strip", "traversal", "centroid"), self.decoded)
        kinds |= {
            "members": self.members,
            "divergence": self.divergence,
            "tiles": self.plane,
            "honesty": self.honesty,
            "encode": self.encoded,
        }
        return kinds | {"geodesic": self.geodesic} if isinstance(self.embedder, Run) else kinds

    def decoded(self, request: Mapping[str, Any]) -> Arrays | None:
        """The examples of a list of codes, one after another."""
        codes = self._codes(request.get("codes"))
        return None if codes is None else {"values": self.embedder.decode(codes)}

    def members(self, request: Mapping[str, Any]) -> Arrays | None:
        """The mean example of a selection, and the mean squared errors of some of its reconstructions."""
        chosen = answer.selected(request.get("selection"), len(self.examples))
        if not len(chosen):
            return None
        some = chosen[np.linspace(0, len(chosen) - 1, min(len(chosen), _SAMPLE)).astype(np.int64)]
        errors = _errors(self.examples[some], self.embedder.reconstruct(self.examples[some]))
        mean = as_values(self.examples[chosen]).mean(axis=0, dtype=np.float64)
        return {"mean": mean.astype(np.float32), "errors": errors}

    def divergence(self, request: Mapping[str, Any]) -> Arrays | None:
        """The mean divergence of the posterior from the prior, in nats, of each coordinate; of a variational run."""
        if not isinstance(self.embedder, Run) or not isinstance(self.embedder.spec.bottleneck, GaussianPosterior):
            return None
        return {"kl": self.embedder.divergence(self.examples[:_SAMPLE])}

    def plane(self, request: Mapping[str, Any]) -> Arrays | None:
        """The examples of the cells of a parallelogram, as bytes between the least and greatest value."""
        codes = self._cells(request)
        if codes is None:
            return None
        return {"values": images.as_bytes(self.embedder.decode(codes), images.bounds(self.data))}

    def honesty(self, request: Mapping[str, Any]) -> Arrays | None:
        """For the cells of a parallelogram the round-trip error and, of a run, the logarithm of the magnification."""
        codes = self._cells(request)
        if codes is None:
            return None
        try:
            found = {"roundTrip": geometry.round_trip_error(self.embedder, codes)}
        except DataError:  # what a linear output decodes to may lie beyond what the encoder reads
            found = {"roundTrip": np.full(len(codes), np.nan, np.float32)}
        if isinstance(self.embedder, Run):
            found["magnification"] = geometry.log_magnification(self.embedder, codes)
        return found

    def geodesic(self, request: Mapping[str, Any]) -> Arrays | None:
        """The codes of the shortest way between two, and its energies."""
        ends = [answer.code(request.get(name), self.embedder.latent) for name in ("a", "b")]
        n = request.get("count")
        if ends[0] is None or ends[1] is None or not isinstance(n, int) or not isinstance(self.embedder, Run):
            return None
        if not 3 <= n <= 32 or n * self.embedder.latent > _GEODESIC_SYSTEM:
            return None
        found = geometry.geodesic(self.embedder, ends[0], ends[1], n)
        return {"codes": found.codes, "energies": np.array([found.energy, found.line_energy, found.length], np.float32)}

    def encoded(self, request: Mapping[str, Any]) -> Arrays | None:
        """A drawing's code and reconstruction, its mean squared error, and those of training examples, sorted."""
        values, shape = request.get("values"), self.data.shape
        if not isinstance(values, list) or len(values) != np.prod(shape):
            return None
        if not all(isinstance(value, int) and 0 <= value <= 255 for value in values):
            return None
        drawn = np.array(values, np.uint8).reshape(1, *shape)
        if self.data.x_train.dtype != np.uint8:
            low, high = self.data.value_range
            drawn = (low + drawn.astype(np.float32) / 255 * (high - low)).astype(np.float32)
        code = self.embedder.encode(drawn)
        rebuilt = self.embedder.decode(code)
        return {
            "code": code,
            "reconstruction": rebuilt,
            "error": _errors(drawn, rebuilt),
            "others": training_errors(self.embedder, self.data),
        }

    def _codes(self, value: object) -> Float[np.ndarray, "codes latent"] | None:
        if not isinstance(value, list) or not 1 <= len(value) <= MOST_CODES:
            return None
        codes = [answer.code(each, self.embedder.latent) for each in value]
        known = [code for code in codes if code is not None]
        return np.stack(known) if len(known) == len(codes) else None

    def _cells(self, request: Mapping[str, Any]) -> Float[np.ndarray, "cells latent"] | None:
        corner, across, down = (
            answer.code(request.get(name), self.embedder.latent) for name in ("corner", "across", "down")
        )
        columns, rows = request.get("columns"), request.get("rows")
        if corner is None or across is None or down is None:
            return None
        if not isinstance(columns, int) or not isinstance(rows, int):
            return None
        if not (columns >= 1 and rows >= 1 and columns * rows <= MOST_CODES):
            return None
        return latent.plane_codes(corner, across, down, columns, rows)


def training_errors(embedder: Embedder, data: Data) -> Float[np.ndarray, " sample"]:
    """Mean squared errors of the reconstructions of a sample of training examples, sorted; worked out once a model."""
    known = _known_errors.get(embedder)
    if known is None or known[0] != data.content_hash:
        _known_errors[embedder] = known = (data.content_hash, _sorted_errors(embedder, data))
    return known[1]


def _sorted_errors(embedder: Embedder, data: Data) -> Float[np.ndarray, " sample"]:
    rows = np.random.default_rng(0).permutation(len(data.x_train))[:_SAMPLE]
    examples = data.x_train[np.sort(rows)]
    return np.sort(_errors(examples, embedder.reconstruct(examples)))


def _errors(examples: np.ndarray, rebuilt: np.ndarray) -> Float[np.ndarray, " n"]:
    squares = np.square(as_values(examples) - rebuilt)
    errors: np.ndarray = squares.reshape(len(squares), -1).mean(axis=1).astype(np.float32)
    return errors
