"""The moments of a training, as a page is sent them."""

import asyncio
import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import pytest
import uvicorn
from starlette.applications import Starlette
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from aejax.folder import RunFolder
from aejax.frames import FrameWriter, create_frames
from aejax.ui import feed

RUN = "20260101-000000-00000000"
FORM = np.dtype(
    [
        ("epoch", "<u4", ()),
        ("step", "<u8", ()),
        ("terms", "<f8", (2,)),
        ("levels", "<u2", (3, 2)),
        ("bounds", "<f4", (2, 2)),
    ]
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RunFolder:
    monkeypatch.setenv("AEJAX_WORKSPACE", str(tmp_path))
    path = tmp_path / "runs" / RUN
    path.mkdir(parents=True)
    return RunFolder(path)


@pytest.fixture(scope="module")
def server() -> Iterator[uvicorn.Server]:
    server = uvicorn.Server(uvicorn.Config(Starlette(routes=feed.routes()), port=0, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield server
    server.should_exit = True
    thread.join(10)


@pytest.fixture
def address(server: uvicorn.Server) -> str:
    host, port = server.servers[0].sockets[0].getsockname()
    return f"ws://{host}:{port}{feed.PATH}"


def waiting(server: uvicorn.Server) -> int:
    """How many answers the server has still to give."""
    return sum("_answer" in repr(task) for task in asyncio.all_tasks(server.servers[0].get_loop()))


def opened(folder: RunFolder, *steps: int) -> FrameWriter:
    frames = create_frames(folder.frames, FORM, 4, {})
    for step in steps:
        append(frames, step)
    return frames


def append(frames: FrameWriter, step: int) -> None:
    levels = np.arange(6, dtype=np.uint16).reshape(3, 2) + step
    frames.append(
        step, {"epoch": step // 10, "step": step, "terms": [1.5, step], "levels": levels, "bounds": [[0, 1], [-1, 2]]}
    )


def asked(socket: Any, **wanted: Any) -> tuple[dict[str, Any], np.ndarray]:
    socket.send(json.dumps({"serial": 77, **wanted}))
    return read(socket.recv(timeout=20), 77)


def read(message: bytes, serial: int = 0) -> tuple[dict[str, Any], np.ndarray]:
    assert int.from_bytes(message[:4], "little") == serial
    end = 8 + int.from_bytes(message[4:8], "little")
    return json.loads(message[8:end]), np.frombuffer(message[end:], np.uint16).reshape(3, 2)


def connected(address: str, run: str = RUN, **more: Any) -> Any:
    return connect(f"{address}?run={run}", **more)


def test_the_newest_moment_is_sent_with_its_codes(folder: RunFolder, address: str) -> None:
    opened(folder, 0, 10, 25)
    with connected(address) as socket:
        about, levels = asked(socket, other=None)
    assert about == {"number": 2, "epoch": 2, "step": 25, "loss": "26.5", "bounds": [[0, 1], [-1, 2]]}
    assert np.array_equal(levels, np.arange(6).reshape(3, 2) + 25)


def test_one_that_is_asked_for_by_its_number_is_sent_or_the_nearest_to_it(folder: RunFolder, address: str) -> None:
    opened(folder, 0, 10, 20, 30, 40, 50)  # of which four are kept: the first, the last and two between
    with connected(address) as socket:
        told = [asked(socket, frame=number)[0]["number"] for number in range(6)]
        assert told[0] == 0
        assert told[5] == 5
        assert len(set(told)) == 4
        assert all(abs(number - wanted) <= 1 for wanted, number in enumerate(told))
        assert asked(socket, frame=99)[0]["step"] == 50


def test_of_two_requests_only_the_last_is_answered(folder: RunFolder, address: str) -> None:
    frames = opened(folder, 0)
    with connected(address) as socket:
        socket.send('{"serial": 1, "other": 0}')
        socket.send('{"serial": 2, "other": 0}')
        time.sleep(0.1)
        append(frames, 7)
        assert read(socket.recv(timeout=20), 2)[0]["step"] == 7
        with pytest.raises(TimeoutError):
            socket.recv(timeout=0.5)


@pytest.mark.parametrize("leave", ["by bytes", "by going"])
def test_who_is_gone_is_waited_for_no_more(folder: RunFolder, server: uvicorn.Server, address: str, leave: str) -> None:
    opened(folder, 0)
    with connected(address) as socket:
        asked(socket, other=None)
        socket.send('{"other": 0}')
        end = time.monotonic() + 20
        while not waiting(server) and time.monotonic() < end:
            time.sleep(0.01)
        assert waiting(server) == 1
        if leave == "by bytes":
            socket.send(b"x")
            with pytest.raises(ConnectionClosed):
                socket.recv(timeout=20)
    while waiting(server) and time.monotonic() < end:
        time.sleep(0.01)
    assert waiting(server) == 0


def test_who_has_the_newest_is_answered_when_there_is_another(folder: RunFolder, address: str) -> None:
    frames = opened(folder, 0)
    later = threading.Timer(0.3, append, [frames, 7])
    with connected(address) as socket:
        later.start()
        began = time.monotonic()
        assert asked(socket, other=0)[0]["step"] == 7
        assert time.monotonic() - began >= 0.2


def test_before_the_first_moment_one_waits_for_it(folder: RunFolder, address: str) -> None:
    later = threading.Timer(0.3, opened, [folder, 3])
    with connected(address) as socket:
        later.start()
        assert asked(socket, other=None)[0]["step"] == 3


def test_a_training_taken_back_in_time_sends_the_moment_it_went_back_to(folder: RunFolder, address: str) -> None:
    frames = opened(folder, 0, 10, 25)
    with connected(address) as socket:
        assert asked(socket, other=None)[0]["step"] == 25
        frames.forget_after(10)
        assert asked(socket, other=2)[0]["step"] == 10


def test_frames_put_in_place_of_others_are_found(folder: RunFolder, address: str) -> None:
    opened(folder, 0, 10)
    with connected(address) as socket:
        assert asked(socket, other=None)[0]["step"] == 10
        opened(folder, 5)
        assert asked(socket, other=1)[0]["step"] == 5


@pytest.mark.parametrize(
    "text", ["", "null", "[1]", '{"frame": "0"}', '{"frame": -1}', '{"frame": false}', '{"serial": 1e9}', "{" * 1000]
)
def test_what_is_not_understood_is_answered_with_the_newest(folder: RunFolder, address: str, text: str) -> None:
    opened(folder, 0, 10)
    with connected(address) as socket:
        socket.send(text)
        assert read(socket.recv(timeout=20))[0]["step"] == 10


@pytest.mark.parametrize("run", ["../../etc", "20260101-000000-ffffffff", ""])
def test_a_run_that_is_not_here_is_refused(folder: RunFolder, address: str, run: str) -> None:
    with pytest.raises(InvalidStatus), connected(address, run):
        pass


def test_a_page_of_another_site_is_refused(folder: RunFolder, address: str) -> None:
    opened(folder, 0)
    for origin in ("https://elsewhere.example", "null", "http://["):
        with pytest.raises(InvalidStatus), connected(address, origin=origin):
            pass
    with connected(address, origin=f"http://{urlsplit(address).netloc}") as socket:
        assert asked(socket, other=None)[0]["step"] == 0
