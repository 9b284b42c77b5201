"""Moments of a training as bytes to a page that shows one, without anything of the page being drawn anew.

The page asks for another moment than it has, or for one by its number, and is answered once there is one: of those
that it was too slow for it hears nothing. What it shows, Streamlit is told of from time to time.

An answer is the number of the request and the length of a description, four bytes each, the lowest first; that
description, as JSON; and the levels of the codes.
"""

import asyncio
import json
from collections.abc import Mapping
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import streamlit as st
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from aejax.folder import UnknownRunError, Workspace
from aejax.frames import FrameError, Frames

PATH = "/aejax/moments"

_LONGEST_REQUEST = 100
_SECONDS_BETWEEN_LOOKS, _MOST_SECONDS_BETWEEN_LOOKS = 0.03, 0.5


class Reel:
    """The frames of a run as messages; each is made once for all who look on."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: int | None = None
        self._frames: Frames | None = None
        self._last: tuple[int | None, bytes | None] = None, None

    def newest(self) -> int | None:
        """Number of the newest frame; None as long as there is none."""
        frames = self._opened()
        return None if frames is None else frames.newest_number

    def nearest(self, number: int) -> int | None:
        """Number of the frame that is nearest to one that may have made room for others."""
        frames = self._opened()
        return None if frames is None else min(frames.steps(), key=lambda kept: abs(kept - number), default=None)

    def message(self, number: int) -> bytes | None:
        """A frame as it is sent, but for the number of the request; None if there is no such frame, or no more."""
        if self._last[0] != number:
            frames = self._opened()
            fields = None if frames is None else frames.read(number)
            self._last = (None, None) if fields is None else (number, _written(number, fields))
        return self._last[1]

    def _opened(self) -> Frames | None:
        """The frames of the file as it is now: another may have been put in its place."""
        try:
            file = self._path.stat().st_ino
            if file != self._file:
                self._frames, self._file, self._last = Frames(self._path), file, (None, None)
        except (OSError, FrameError):
            self._frames = self._file = None
        return self._frames


def _written(number: int, fields: Mapping[str, Any]) -> bytes:
    about = {
        "number": number,
        "epoch": int(fields["epoch"]),
        "step": int(fields["step"]),
        "loss": f"{float(fields['terms'].sum()):.5g}",
        "bounds": fields["bounds"].tolist(),
    }
    told = json.dumps(about).encode()
    return len(told).to_bytes(4, "little") + told + fields["levels"].tobytes()


@lru_cache(maxsize=64)
def _reel(path: Path) -> Reel:
    return Reel(path)


async def moments(socket: WebSocket) -> None:
    """Answer one page, always its last request only.

    `{"serial": 1, "other": 7}` asks for the newest frame once this is not number 7, and `{"serial": 2, "frame": 7}` for
    that frame or the nearest that is kept; what is neither is taken for a page that has none yet.
    """
    reel = _asked_for(socket)
    if reel is None:
        await socket.close()
        return
    await socket.accept()
    answer: asyncio.Task[None] | None = None
    try:
        while (text := (await socket.receive()).get("text")) is not None:
            if answer is not None:
                answer.cancel()
            answer = asyncio.create_task(_answer(socket, reel, _read(text)))
    finally:
        if answer is not None:
            answer.cancel()
    with suppress(RuntimeError):
        await socket.close()


def _asked_for(socket: WebSocket) -> Reel | None:
    """The frames of the run that is named, if it is a page of this server that asks for them."""
    origin, host = socket.headers.get("origin"), socket.headers.get("host")
    with suppress(ValueError, UnknownRunError):
        if origin is None or urlsplit(origin).netloc == host:
            return _reel(Workspace().find(socket.query_params.get("run", "")).frames)
    return None


def _read(text: str) -> dict[str, int]:
    """The numbers that are given; none of what is not understood."""
    with suppress(ValueError):
        wanted = json.loads(text[:_LONGEST_REQUEST])
        if isinstance(wanted, dict):
            return {name: value for name, value in wanted.items() if type(value) is int and 0 <= value < 2**32}
    return {}


async def _answer(socket: WebSocket, reel: Reel, wanted: Mapping[str, int]) -> None:
    message, wait = None, _SECONDS_BETWEEN_LOOKS
    while message is None:
        number = reel.nearest(wanted["frame"]) if "frame" in wanted else reel.newest()
        if number is not None and number != wanted.get("other"):
            message = reel.message(number)
        if message is None:
            await asyncio.sleep(wait)
            # Where nothing happens, one looks ever less often.
            wait = min(1.1 * wait, _MOST_SECONDS_BETWEEN_LOOKS)
    with suppress(WebSocketDisconnect, RuntimeError):
        await socket.send_bytes(wanted.get("serial", 0).to_bytes(4, "little") + message)


def address() -> str:
    """Where the moments are asked for, on the page's own host, below what the server's pages are below."""
    base = str(st.get_option("server.baseUrlPath")).strip("/")
    return f"/{base}{PATH}" if base else PATH


def routes() -> list[WebSocketRoute]:
    """The route, for a server whose settings are known."""
    return [WebSocketRoute(address(), moments)]
