"""What a process that trains is told to do: the order, and where it meets the others."""

import json
from dataclasses import asdict, dataclass

SECONDS_OF_SILENCE = 20
"""After so many without a sign of life, a process counts as gone."""
REASON = "reason.txt"
"""The file in which a process says why it has ended."""

GONE = "another process of this training is gone, or out of reach, so it has ended everywhere"
REFUSED = "process 0 could not go on, and says why"
CONSEQUENCES = GONE, REFUSED
"""What a process says that has ended because another one had."""


@dataclass(frozen=True)
class Order:
    """A training to begin, or to go on with.

    Attributes:
        name: The named autoencoder to train.
        data: The data set.
        assignments: Changes of settings, `NAME=VALUE`.
        out: Folder for a new run; empty for none.
        or_resume: Whether to go on with the run in `out`, where there is one already.
        folder: The run to go on with; empty for a new one.
        json: Whether to speak JSON.
    """

    name: str = ""
    data: str = ""
    assignments: tuple[str, ...] = ()
    out: str = ""
    folder: str = ""
    json: bool = False
    or_resume: bool = False


@dataclass(frozen=True)
class Meeting:
    """Where the processes of a training meet, and how many there should be; None for what the launcher says.

    Attributes:
        processes: Processes in all; 1 for this one alone, with all its devices.
        process: Number of this one, from 0.
        coordinator: Address of process 0, `host:port`.
        devices: Devices in all; None for any number.
        seconds: How long to wait for the others.
        model_shards: Devices that share the weights of one copy of the model.
    """

    processes: int | None = None
    process: int | None = None
    coordinator: str | None = None
    devices: int | None = None
    seconds: int = 300
    model_shards: int = 1


def written(order: Order, meeting: Meeting) -> str:
    """Both as a line of JSON, which `read` takes."""
    return json.dumps({"order": asdict(order), "meeting": asdict(meeting)})


def read(line: str) -> tuple[Order, Meeting]:
    """What `written` gave."""
    found = json.loads(line)
    order = found["order"] | {"assignments": tuple(found["order"]["assignments"])}
    return Order(**order), Meeting(**found["meeting"])
