"""What a visitor has set on the canvas, read from what the browser reports: nothing of it is taken on trust."""

import base64
import binascii
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from jaxtyping import Float, Integer

NAMES = ("point", "code", "selection", "pins", "group", "view")
"""States that the canvas keeps, beside a request of each kind."""


@dataclass(frozen=True, eq=False)
class Answer:
    """What a visitor has set; all of it may be absent.

    Attributes:
        point: Position, among the scene's points, of the one that was clicked.
        code: The code under the probe when it last came to rest.
        selection: Positions of the points that are selected.
        pins: Codes that are pinned, by name.
        raw: All that the browser reported, for tools that keep states of their own.
    """

    point: int | None = None
    code: Float[np.ndarray, " latent"] | None = None
    selection: Integer[np.ndarray, " selected"] = field(default_factory=lambda: np.zeros(0, np.int64))
    pins: Mapping[str, Float[np.ndarray, " latent"]] = field(default_factory=dict)
    raw: Mapping[str, Any] = field(default_factory=dict)


def read(state: object, points: int, latent: int) -> Answer:
    """The answer in a component's state; what is malformed counts as absent."""
    raw = dict(state) if isinstance(state, Mapping) else {}
    point = raw.get("point")
    if isinstance(point, bool) or not isinstance(point, int) or not 0 <= point < points:
        point = None
    pins = raw.get("pins")
    read_pins = {str(name): code(value, latent) for name, value in pins.items()} if isinstance(pins, Mapping) else {}
    known = {name: value for name, value in read_pins.items() if value is not None}
    return Answer(point, code(raw.get("code"), latent), selected(raw.get("selection"), points), known, raw)


def code(value: object, latent: int) -> Float[np.ndarray, " latent"] | None:
    """A code of this size from a list of finite numbers; None from anything else."""
    if not isinstance(value, list | tuple) or len(value) != latent:
        return None
    if not all(isinstance(number, int | float) and math.isfinite(number) for number in value):
        return None
    found = np.clip(np.asarray(value, np.float64), -3e38, 3e38)
    return found.astype(np.float32)


def selected(value: object, points: int) -> Integer[np.ndarray, " selected"]:
    """Positions whose bits are set in a base64 mask of a bit a point, the lowest bit of each byte first."""
    nothing = np.zeros(0, np.int64)
    if not isinstance(value, str):
        return nothing
    try:
        mask = np.frombuffer(base64.b64decode(value, validate=True), np.uint8)
    except (binascii.Error, ValueError):
        return nothing
    bits = np.unpackbits(mask, bitorder="little")[:points]
    return np.flatnonzero(bits)
