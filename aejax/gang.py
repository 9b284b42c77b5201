"""Processes that train as one: how they find one another, and agree on what each must do at the same step."""

import json
from collections.abc import Callable
from typing import Any, TypeVar

import jax
import numpy as np
from jax.experimental import multihost_utils

from aejax.task import REFUSED, SECONDS_OF_SILENCE, Meeting
from aejax.types import Params

# What is sent at a time: sizes are counted in 32 bits, without a sign or with one.
_PIECE = 1 << 28

T = TypeVar("T")


class GangError(RuntimeError):
    """Processes that did not find one another, or one of which is gone."""


def join(meeting: Meeting) -> None:
    """Meet the other processes; none may have asked JAX for its devices before.

    Raises:
        GangError: If they do not find one another, or are not as many as declared.
    """
    if meeting.processes != 1:
        # Without it, processes on CPUs meet and then train a model each.
        jax.config.update("jax_cpu_collectives_implementation", "gloo")
        _initialise(meeting)
    declared = _declared(meeting)
    if jax.process_count() != declared:
        raise GangError(f"{declared} processes were to train as one, but this one knows of {jax.process_count()}")
    if meeting.devices is not None and jax.device_count() != meeting.devices:
        raise GangError(f"--devices must be the number of devices in all, {jax.device_count()}; got {meeting.devices}")


def _initialise(meeting: Meeting) -> None:
    try:
        jax.distributed.initialize(
            meeting.coordinator,
            meeting.processes,
            meeting.process,
            initialization_timeout=meeting.seconds,
            heartbeat_timeout_seconds=SECONDS_OF_SILENCE,
        )
    except ValueError as error:
        raise GangError(
            "--distributed finds no launcher that says who the processes are (Slurm, Open MPI, Kubernetes): give "
            "--processes, --process and --coordinator, or --processes 1 for all devices of this one alone"
        ) from error
    except RuntimeError as error:
        raise GangError(f"the processes have not met within {meeting.seconds} s: {error}") from error


def _declared(meeting: Meeting) -> int:
    if meeting.processes is not None:
        return meeting.processes
    # JAX says nowhere else what its launcher has told it, and a count of 1 must not pass for all of them.
    from jax._src.distributed import global_state

    return int(global_state.num_processes or 1)


def is_alone() -> bool:
    """Whether no other process trains with this one."""
    return jax.process_count() == 1


def is_first() -> bool:
    """Whether this is the process that speaks, and keeps the run."""
    return jax.process_index() == 0


def agreed(number: int) -> int:
    """The first process's number, in all of them."""
    return number if is_alone() else int(multihost_utils.broadcast_one_to_all(np.int32(number)))


def any_of_all(asked: bool) -> bool:
    """Whether any process says so, in all of them."""
    return asked if is_alone() else bool(np.any(multihost_utils.process_allgather(np.bool_(asked))))


def same_weights(params: Params) -> Params:
    """The first process's weights, in all of them."""
    if is_alone():
        return params
    told: Params = multihost_utils.broadcast_one_to_all(params)
    return told


def _packed(value: Any) -> bytes:
    return json.dumps(value).encode()


def from_first(
    make: Callable[[], T], pack: Callable[[T], bytes] = _packed, unpack: Callable[[bytes], T] = json.loads
) -> T:
    """What `make` gives in the first process, in all of them; in the others it is not called.

    Raises:
        GangError: In the others, if it has failed there.
    """
    if is_alone():
        return make()
    data, failure = b"", None
    if is_first():
        try:
            value = make()
            # One byte more than there is, for nothing at all is a failure.
            data = b"+" + pack(value)
        except Exception as error:  # noqa: BLE001 - it is raised once the others know
            failure = error
    told = _sent(data)
    if failure is not None:
        raise failure
    if not told:
        raise GangError(REFUSED)
    return value if is_first() else unpack(told[1:])


def _sent(data: bytes) -> bytes:
    pieces = agreed(-(-len(data) // _PIECE))
    told = []
    for number in range(pieces):
        piece = np.frombuffer(data[number * _PIECE : (number + 1) * _PIECE], np.uint8)
        size = agreed(len(piece))
        told.append(multihost_utils.broadcast_one_to_all(piece if is_first() else np.zeros(size, np.uint8)))
    return b"".join(np.asarray(piece, np.uint8).tobytes() for piece in told)
