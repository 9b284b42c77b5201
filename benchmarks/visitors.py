"""Visitors who watch one training all at once: `python -m benchmarks.visitors [visitors] [seconds]`.

Each is a client without a browser that speaks Streamlit's own protocol, has the page drawn as often as this tells it
to, and measures from its request to the end of the answer; all the while it takes the moments of the map as they come,
each once it has the one before. Prints the median and the 95th percentile over all requests, the moments that a visitor
sees in a second, and the exceptions on any page.
"""

import asyncio
import json
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

import psutil
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect

from aejax.data import load_data
from aejax.folder import Workspace
from aejax.jobs import Jobs
from aejax.run import load_run
from aejax.ui import feed
from aejax.zoo import ZOO
from benchmarks.live_training import pace
from scripts.running import running_app

SETTLING = 15.0
"""Seconds before anything is counted: every page is drawn for the first time, and paces itself by the others."""


class Visitor:
    """One client: its pages' timers, and the seconds that each answer took."""

    def __init__(self) -> None:
        self.timers: dict[str, float] = {}
        self.taken: list[tuple[float, float]] = []
        self.moments: list[float] = []
        self.exceptions = 0

    async def watch(self, address: str, run: str, until: float) -> None:
        """Open the Train page of that run, and look at it until then."""
        host = address.removeprefix("http://")
        stream = f"ws://{host}/_stcore/stream"
        async with connect(stream, subprotocols=["streamlit"], origin=address, max_size=None) as socket:  # type: ignore[list-item, arg-type]
            await self._ask(socket, run, None)
            due: dict[str, float] = {}
            while time.monotonic() < until:
                now = time.monotonic()
                due = {name: due.get(name, now + wait) for name, wait in self.timers.items()}
                name = min(due, key=due.__getitem__, default=None)
                if name is None:
                    await self._ask(socket, run, None)
                    continue
                await asyncio.sleep(max(0.0, due[name] - now))
                began = time.monotonic()
                await self._ask(socket, run, name)
                self.taken.append((began, time.monotonic() - began))
                due[name] = time.monotonic() + self.timers.get(name, 1.0)

    async def follow(self, address: str, run: str, until: float) -> None:
        """Take the moments of the map until then."""
        source = f"ws://{address.removeprefix('http://')}{feed.PATH}?run={run}"
        async with connect(source, origin=address, max_size=None) as socket:  # type: ignore[arg-type]
            number = None
            while time.monotonic() < until:
                await socket.send(json.dumps({"other": number}))
                message = bytes(await socket.recv(decode=False))
                number = json.loads(message[8 : 8 + int.from_bytes(message[4:8], "little")])["number"]
                self.moments.append(time.monotonic())
                await asyncio.sleep(1 / 60)

    async def _ask(self, socket: ClientConnection, run: str, fragment: str | None) -> None:
        message = BackMsg()
        message.rerun_script.query_string = f"run={run}"
        if fragment is not None:
            message.rerun_script.fragment_id = fragment
            message.rerun_script.is_auto_rerun = True
        await socket.send(message.SerializeToString())
        while True:
            answer = ForwardMsg.FromString(await socket.recv())
            kind = answer.WhichOneof("type")
            if kind == "new_session" and fragment is None:
                self.timers = {}
            elif kind == "auto_rerun":
                self.timers[answer.auto_rerun.fragment_id] = answer.auto_rerun.interval
            elif kind == "delta" and answer.delta.new_element.WhichOneof("type") == "exception":
                self.exceptions += 1
            elif kind == "script_finished" and answer.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                return


async def crowd(address: str, run: str, count: int, seconds: float) -> list[Visitor]:
    """So many visitors, for so many seconds after they have settled."""
    visitors, until = [Visitor() for _ in range(count)], time.monotonic() + SETTLING + seconds
    async with asyncio.TaskGroup() as group:
        for visitor in visitors:
            group.create_task(visitor.watch(address, run, until))
            group.create_task(visitor.follow(address, run, until))
            await asyncio.sleep(SETTLING / 2 / count)
    return visitors


def in_turn(count: int = 20) -> None:
    """So many trainings one after another: print how many are whole at the end, and what memory has become."""
    with tempfile.TemporaryDirectory() as folder:
        workspace, data, entry = Workspace(Path(folder)), load_data("digits"), ZOO["map"]
        jobs, process = Jobs(workspace, limit=1), psutil.Process()
        resident, runs = [], []
        for seed in range(count):
            runs.append(jobs.start(data, entry.spec, entry.train.replace(epochs=2, seed=seed)))
            while jobs.standing(runs[-1]).active:
                time.sleep(0.1)
            resident.append(sum(one.memory_info().rss for one in (process, *process.children(recursive=True))) / 1e6)
        whole = sum(jobs.standing(run).status == "done" and bool(load_run(workspace.find(run).path)) for run in runs)
        jobs.close()
    print(f"{count} trainings in turn: {whole} done and readable")
    print(f"server and workers: {resident[1]:.0f} MB after the second, {resident[-1]:.0f} MB after the last")


def main(count: int = 40, seconds: float = 30.0) -> None:
    """Measure and print."""
    in_turn()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["AEJAX_WORKSPACE"] = folder
        workspace = Workspace(Path(folder))
        jobs, entry = Jobs(workspace, limit=1), ZOO["map"]
        run = jobs.start(load_data("mnist-sample"), entry.spec, entry.train.replace(epochs=100_000))
        try:
            pace(workspace, run, 5)
            alone = pace(workspace, run, 10)
            with running_app() as address:
                counted = time.monotonic() + SETTLING
                visitors = asyncio.run(crowd(address, run, count, seconds))
            found = sorted(took for visitor in visitors for began, took in visitor.taken if began > counted)
            middle, late = statistics.median(found), found[int(0.95 * len(found))]
            print(f"{count} visitors, {len(found)} answers in {seconds:.0f} s ({len(found) / seconds:.1f} a second)")
            print(f"request to end of answer: median {1000 * middle:.0f} ms, 95th percentile {1000 * late:.0f} ms")
            seen = sum(when > counted for visitor in visitors for when in visitor.moments)
            print(f"moments of the map: {seen / count / seconds:.1f} a second for each visitor")
            print(f"exceptions: {sum(visitor.exceptions for visitor in visitors)}; {alone:.0f} steps/s alone before")
        finally:
            jobs.stop(run)
            jobs.close()


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
