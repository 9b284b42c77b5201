"""What the Latent Canvas shows, as flat arrays that a browser reads without parsing."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

import numpy as np
from jaxtyping import Float, Integer, Shaped, UInt16

from aejax.ui.canvas.decoder import Decoder
from aejax.ui.canvas.sprites import Thumbnails


@dataclass(frozen=True, eq=False)
class Scene:
    """Points of a latent space, what they are codes of, and how codes are decoded.

    Attributes:
        codes: Coordinates, quantised between `bounds` as `quantised` does it.
        bounds: Least and greatest value of each coordinate among the points.
        ranges: Least and greatest value that is worth decoding: the ends of sliders.
        shape: Shape of an example.
        kind: What an example is drawn as.
        value_range: Least and greatest value of an example's numbers, as decoded.
        title: What the points are, in a few words.
        mean: Mean of the codes; the middle of `ranges` if none is given.
        rows: The points' positions in their data set; in order from 0 if none are given.
        labels: Class of each point.
        classes: Names of the classes.
        names: Names of the coordinates; z1, z2 ... if none are given.
        prior: Whether codes have a standard normal prior.
        components: Directions of the code's space worth projecting on, orthonormal, the most important first.
        components_names: A name for each of them.
        thumbnails: Examples of the first points; of the others the server is asked.
        decoder: How the browser decodes; without one the server is asked.
        frame: Number of the moment that is shown; points of one scene's successive frames keep their places.
        space: Name of the model whose codes they are; another name begins with a fresh view.
        extras: Further arrays for tools, by name.
    """

    codes: UInt16[np.ndarray, "points latent"]
    bounds: Float[np.ndarray, "latent 2"]
    ranges: Float[np.ndarray, "latent 2"]
    shape: tuple[int, ...]
    kind: Literal["image", "points", "sequence"] = "image"
    value_range: tuple[float, float] = (0.0, 1.0)
    title: str = "Codes"
    mean: Float[np.ndarray, " latent"] | None = None
    rows: Integer[np.ndarray, " points"] | None = None
    labels: Integer[np.ndarray, " points"] | None = None
    classes: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    prior: bool = False
    components: Float[np.ndarray, "components latent"] | None = None
    components_names: tuple[str, ...] = ()
    thumbnails: Thumbnails | None = None
    decoder: Decoder | None = None
    frame: int = 0
    space: str = ""
    extras: Mapping[str, Shaped[np.ndarray, " values"]] = field(default_factory=dict)

    @property
    def points(self) -> int:
        """Number of points."""
        return len(self.codes)

    @property
    def latent(self) -> int:
        """Size of a code."""
        return self.codes.shape[1]

    @cached_property
    def still(self) -> dict[str, Any]:
        """What stays while a model trains: rows, labels and thumbnails."""
        arrays: dict[str, np.ndarray] = {}
        about: dict[str, Any] = {"classes": self.classes}
        if self.rows is not None:
            arrays["rows"] = self.rows.astype(np.uint32)
        if self.labels is not None:
            arrays["labels"] = self.labels.astype(np.uint8 if len(self.classes) <= 256 else np.uint16)
        if (sheet := self.thumbnails) is None:
            return stamped(arrays, about)
        told = {"shape": sheet.shape, "count": sheet.count, "columns": sheet.columns, "digest": sheet.digest}
        # The sheet is large, and its own digest stands for it.
        return stamped(arrays, about | {"thumbnails": told}) | {"thumbnails": sheet.values}

    @cached_property
    def weights(self) -> dict[str, Any]:
        """What decodes in the browser."""
        if self.decoder is None:
            return stamped({}, {"layout": None})
        values = self.decoder.values
        values = values.view(np.uint16) if values.dtype == np.float16 else values
        return stamped({"values": values}, {"layout": self.decoder.layout})

    @cached_property
    def moment(self) -> dict[str, Any]:
        """What changes from frame to frame, with the stamps of the rest."""
        mean = self.ranges.mean(axis=1) if self.mean is None else self.mean
        about = {
            "points": self.points,
            "latent": self.latent,
            "bounds": self.bounds.tolist(),
            "ranges": self.ranges.tolist(),
            "mean": mean.tolist(),
            "shape": self.shape,
            "kind": self.kind,
            "range": self.value_range,
            "title": self.title,
            "names": self.names or tuple(f"z{index + 1}" for index in range(self.latent)),
            "prior": self.prior,
            "components": [] if self.components is None else self.components.tolist(),
            "componentNames": self.components_names,
            "frame": self.frame,
            "space": self.space,
            "still": self.still["stamp"],
            "weights": self.weights["stamp"],
        }
        return stamped({"codes": self.codes.reshape(-1), **self.extras}, about)


def stamped(arrays: Mapping[str, np.ndarray], about: Mapping[str, Any]) -> dict[str, Any]:
    """Arrays and what is to be known of them as one flat dict, with a stamp that changes whenever they do."""
    told = json.dumps(about)
    digest = hashlib.blake2b(told.encode(), digest_size=12)
    for name, array in arrays.items():
        digest.update(name.encode())
        digest.update(np.ascontiguousarray(array).data)
    return {**arrays, "about": told, "stamp": digest.hexdigest()}
