"""Moments of a training as bytes to a page that shows one, without anything of the page being drawn anew.

The page asks for another moment than it has, or for one by its number, and is answered once there is one: of those
that it was too slow for it hears nothing. What it shows, Streamlit is told of from time to time.
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

    def message(self, number: int) -> bytes | None:
        """A frame as it is sent: the length of its description, that as JSON, and the levels of the codes.

        None if there is no such frame, or no more.
        """
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
    """Answer one page: `{"other": number}` with the newest frame once it is another, `{"frame": number}` with that."""
    if not _from_our_page(socket):
        await socket.close()
        return
    try:
        reel = _reel(Workspace().find(socket.query_params.get("run", "")).frames)
    except UnknownRunError:
        await socket.close()
        return
    await socket.accept()
    answer: asyncio.Task[None] | None = None
    with suppress(WebSocketDisconnect):
        async for text in socket.iter_text():
            if answer is not None:
                answer.cancel()
            answer = asyncio.create_task(_answer(socket, reel, _read(text)))
    if answer is not None:
        answer.cancel()


def _from_our_page(socket: WebSocket) -> bool:
    """Whether it is a page of this server that asks: any other could read along what a visitor's browser may."""
    origin, host = socket.headers.get("origin"), socket.headers.get("host")
    return origin is None or urlsplit(origin).netloc == host


def _read(text: str) -> dict[str, Any]:
    """What is asked for; nothing that is not understood."""
    with suppress(ValueError):
        wanted = json.loads(text[:_LONGEST_REQUEST])
        if isinstance(wanted, dict):
            return wanted
    return {}


async def _answer(socket: WebSocket, reel: Reel, wanted: Mapping[str, Any]) -> None:
    message = reel.message(wanted["frame"]) if isinstance(wanted.get("frame"), int) else None
    wait = _SECONDS_BETWEEN_LOOKS
    while message is None:
        number = reel.newest()
        message = None if number in (None, wanted.get("other")) else reel.message(number or 0)
        if message is None:
            await asyncio.sleep(wait)
            # Where nothing happens, one looks ever less often.
            wait = min(1.1 * wait, _MOST_SECONDS_BETWEEN_LOOKS)
    with suppress(WebSocketDisconnect, RuntimeError):
        await socket.send_bytes(message)


def address() -> str:
    """Where the moments are asked for, on the page's own host."""
    base = str(st.get_option("server.baseUrlPath")).strip("/")
    return f"/{base}{PATH}" if base else PATH


ROUTES = (WebSocketRoute(PATH, moments),)
