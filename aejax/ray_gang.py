"""Processes that train as one, placed and started by Ray: each of its actors supervises one, wherever Ray puts it.

Ray Train's own JaxTrainer is not used: without GPUs its workers never meet, and train a model each without a word.
"""

import logging
import os
import socket
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from aejax.settings import SpecError
from aejax.supervisor import Ending, Member
from aejax.task import Meeting, Order, read, written
from aejax.wishes import heeding

_INSTALL = "--ray-workers needs Ray, which is not installed: pip install 'aejax[ray]'"


class _Post:
    """A place where one process of the training runs."""

    def __init__(self) -> None:
        self._member: Member | None = None
        self._is_to_stop = False

    def address(self) -> str:
        """This machine's address, and a port that is free on it."""
        import ray

        host = ray.util.get_node_ip_address()
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as found:
            found.bind(("", 0))
            port = found.getsockname()[1]
        return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"

    def train(self, task: str) -> Iterator[str | Ending]:
        """The lines that the process prints, and how it has ended."""
        member = self._member = Member(*read(task), stdout=-1)
        if self._is_to_stop:
            member.stop()
        # Not `yield from`, by which Ray would send to the file.
        for line in member.output or ():  # noqa: UP028
            yield line
        yield member.ending()

    def stop(self) -> None:
        """Ask the process to stop."""
        self._is_to_stop = True
        if self._member is not None:
            self._member.stop()


def trained(order: Order, meeting: Meeting) -> Ending:
    """How a training by `meeting.processes` processes has ended; what the first of them prints is printed here.

    They are started on the cluster that RAY_ADDRESS names, or on this machine.

    Raises:
        SpecError: If Ray is not installed, or has no room for them in time.
    """
    try:
        import ray
    except ImportError as error:
        raise SpecError(_INSTALL) from error
    count = meeting.processes or 1
    # Elsewhere, a relative path would be another one.
    places = {name: str(Path(path).absolute()) for name in ("out", "folder") if (path := getattr(order, name))}
    order = replace(order, **places)  # type: ignore[arg-type]
    with _connected(count):
        posts = _posts(ray, count, meeting.seconds)
        coordinator = ray.get(posts[0].address.remote())
        streams = [
            post.train.remote(written(order, replace(meeting, process=number, coordinator=coordinator)))
            for number, post in enumerate(posts)
        ]
        with _stopping(posts):
            return _worst([_ending(ray, stream) for stream in streams])


@contextmanager
def _connected(count: int) -> Iterator[None]:
    """Be a client of the cluster, or of one on this machine, for as long as the block lasts."""
    import ray

    local: dict[str, Any] = {"num_cpus": max(count, os.cpu_count() or 1), "include_dashboard": False}
    ray.init(log_to_driver=False, logging_level=logging.ERROR, **({} if os.environ.get("RAY_ADDRESS") else local))
    try:
        yield
    finally:
        ray.shutdown()


def _posts(ray: Any, count: int, seconds: int) -> list[Any]:
    """So many places, all at once: some of a gang are of no use."""
    needs = {"CPU": 1.0} | ({"GPU": 1.0} if ray.cluster_resources().get("GPU", 0) >= count else {})
    group = ray.util.placement_group([needs] * count, strategy="PACK")
    if not group.wait(seconds):
        room = ", ".join(f"{value:g} {name}" for name, value in ray.cluster_resources().items() if name in needs)
        raise SpecError(f"--ray-workers must fit the cluster, which has {room} in all; got {count} within {seconds} s")
    scheduling = ray.util.scheduling_strategies.PlacementGroupSchedulingStrategy(group)
    options = {"num_cpus": 1, "num_gpus": needs.get("GPU", 0), "scheduling_strategy": scheduling}
    # One thread hears the wish to stop while the other trains.
    post = ray.remote(max_concurrency=2)(_Post)
    return [post.options(**options).remote() for _ in range(count)]


def _stopping(posts: list[Any]) -> AbstractContextManager[None]:
    """Pass Ctrl-C and requests to end on as a wish to stop; a second one ends this process."""
    return heeding(lambda: [post.stop.remote() for post in posts])


def _ending(ray: Any, stream: Any) -> Ending:
    """Print what a process prints, to its end."""
    import typer

    try:
        for reference in stream:
            item = ray.get(reference)
            if isinstance(item, Ending):
                return item
            typer.echo(item, nl=False)
    except ray.exceptions.RayError as error:
        cause = type(getattr(error, "cause", None) or error).__name__
        return Ending(1, f"Ray has lost a process of this training ({cause})")
    return Ending(1, "Ray has lost a process of this training")


def _worst(endings: list[Ending]) -> Ending:
    """What to say of them all: why the first one failed, rather than that others then did."""
    bad = [ending for ending in endings if ending.status]
    causes = [ending for ending in bad if not ending.follows]
    return (causes or bad or [Ending(0)])[0]
