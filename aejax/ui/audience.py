"""How many look on at once, and how often a page may then be drawn anew for each of them."""

import math
import secrets
import threading
import time

import streamlit as st

from aejax.ui import session

_NAME = "this visitor among the onlookers"
_SECONDS_UNTIL_GONE = 12.0
_SECONDS = 1.0
"""Seconds between two drawings of a page that one looks on alone: the map itself moves without being drawn anew."""

_SPREAD = 0.4
_BYTES = 8

_DRAWINGS = 10
"""Onlookers of whom each can still have the page drawn at that pace; of more each has it more seldom."""


class Audience:
    """Who has lately looked at a training in progress."""

    def __init__(self) -> None:
        self._seen: dict[str, float] = {}
        self._lock = threading.Lock()

    def count(self, name: str, now: float) -> int:
        """How many look on, `name` now among them."""
        with self._lock:
            self._seen[name] = now
            self._seen = {one: when for one, when in self._seen.items() if now - when < _SECONDS_UNTIL_GONE}
            return len(self._seen)


def seconds_between(count: int) -> float:
    """Seconds between two drawings where so many look on: doubled with their number, so that it changes seldom."""
    return _SECONDS * float(2 ** max(0, math.ceil(math.log2(count / (_SECONDS * _DRAWINGS)))))


@st.cache_resource(show_spinner=False)
def audience() -> Audience:
    """The onlookers of this server."""
    return Audience()


def pace() -> float:
    """Seconds that this visitor waits between two drawings, in fairness to all others.

    For no two the same, since pages that were drawn at one moment would else be so ever after, each in the others' way.
    """
    name = session.get(_NAME) or secrets.token_hex(_BYTES)
    session.put(_NAME, name)
    share = int(name, 16) / 256**_BYTES
    return seconds_between(audience().count(name, time.monotonic())) * (1 + _SPREAD * (share - 0.5))
